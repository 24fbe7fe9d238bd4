// SPDX-License-Identifier: MIT
// Any bytes as an event stream: it is read as the rules say, however it is cut.
//
// After a first "r" comes the stream as it is. Else it is made, so that its checksums are right:
// per frame two bytes for the size of the headers, two for that of the payload, then both. With an
// odd first byte one bit of all that is wrong.
#include "usage/event_stream.hpp"

#include "support/event_stream_frames.hpp"
#include "support/pieces.hpp"
#include "usage/crc32.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string>
#include <string_view>

namespace {

using namespace netrun::llm;

void expect(bool holds, char const* what) {
  if (holds) return;
  std::cerr << "not so: " << what << std::endl;
  std::abort();
}

template <class SizeOfNext>
testing::ReadFrames read(std::string_view bytes, SizeOfNext size_of_next) {
  detail::EventStreamParser parser;
  testing::Frames sink;
  testing::feed_pieces(bytes, size_of_next,
                       [&](std::string_view piece) { parser.feed(piece, sink); });
  expect(!sink.out_of_order, "a frame begins, has a payload and ends");
  return {sink.frames, parser.failure(), parser.offset(), parser.inside_frame()};
}

std::string made_of(std::string_view input) {
  auto const wrong = input.front() % 2 != 0;
  input.remove_prefix(1);
  std::string bytes;
  while (input.size() >= 4) {
    auto const headers = input.substr(4, testing::number_in(input.substr(0, 2)));
    auto const payload =
        input.substr(4 + headers.size()).substr(0, testing::number_in(input.substr(2, 2)));
    bytes += testing::frame(headers, payload);
    input.remove_prefix(4 + headers.size() + payload.size());
  }
  if (wrong && !bytes.empty()) {
    auto const bit = detail::crc32(bytes) % (bytes.size() * 8);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
  }
  return bytes;
}

}  // namespace

// The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* input, std::size_t size) {
  if (size == 0) return 0;
  std::string_view const text(reinterpret_cast<char const*>(input), size);
  auto const bytes = text.front() == 'r' ? std::string(text.substr(1)) : made_of(text);
  auto const whole = read(bytes, [&] { return bytes.size(); });
  expect(whole == testing::frames_by_the_rules(bytes), "it is read as the rules say");
  expect(read(bytes, [] { return 1; }) == whole, "a byte at a time comes to the same");
  std::minstd_rand random(detail::crc32(bytes));
  expect(read(bytes, [&] { return random() % 40; }) == whole, "pieces come to the same");
  return 0;
}
