// SPDX-License-Identifier: MIT
// Any bytes as server-sent events: the events are those that the rules say, however they are cut.
#include "usage/sse.hpp"

#include "support/pieces.hpp"
#include "support/sse_oracle.hpp"
#include "usage/crc32.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string_view>
#include <vector>

namespace {

using namespace netrun::llm;
using Events = std::vector<testing::SseEvent>;

void expect(bool holds, char const* what) {
  if (holds) return;
  std::cerr << "not so: " << what << std::endl;
  std::abort();
}

template <class SizeOfNext>
Events parse(std::string_view text, SizeOfNext size_of_next) {
  detail::SseParser parser;
  testing::SseEvents sink;
  testing::feed_pieces(text, size_of_next, [&](std::string_view piece) {
    parser.feed(piece, sink);
    expect(parser.inside_event() || sink.pending.empty(), "data is inside of an event");
  });
  parser.end(sink);
  expect(!sink.empty_piece, "a piece of data is not empty");
  expect(sink.pending.empty() && !parser.inside_event(), "nothing is open after the end");
  return sink.events;
}

}  // namespace

// The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  std::string_view const text(reinterpret_cast<char const*>(bytes), size);
  auto const whole = parse(text, [&] { return size; });
  expect(whole == testing::events_by_the_rules(text), "the events are those of the rules");
  expect(parse(text, [] { return 1; }) == whole, "a byte at a time comes to the same");
  std::minstd_rand random(detail::crc32(text));
  expect(parse(text, [&] { return random() % 16; }) == whole, "pieces come to the same");
  return 0;
}
