// SPDX-License-Identifier: MIT
// Frames of event streams: headers, limits, checksums, in one piece and in many.
#include "support/catch.hpp"
#include "support/event_stream_frames.hpp"
#include "support/pieces.hpp"
#include "usage/event_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace netrun::llm::detail {
namespace {

using testing::frame;
using testing::Frame;
using testing::FrameEnd;
using testing::Frames;
using testing::header;
using testing::prelude;
using testing::ReadFrames;
using testing::sized_header;
using Failure = EventStreamParser::Failure;

static_assert(std::is_trivially_copyable_v<EventStreamParser>);
static_assert(sizeof(EventStreamParser) <= 1024);
static_assert(noexcept(std::declval<EventStreamParser&>().feed("", std::declval<Frames&>())));

ReadFrames read_pieces(std::string_view bytes, std::function<std::size_t()> const& size_of_next) {
  EventStreamParser parser;
  Frames sink;
  testing::feed_pieces(bytes, size_of_next,
                       [&](std::string_view piece) { parser.feed(piece, sink); });
  CHECK_FALSE(sink.out_of_order);
  return {sink.frames, parser.failure(), parser.offset(), parser.inside_frame()};
}

/// Read in one piece, after comparing with a byte at a time and with the rules.
ReadFrames read(std::string_view bytes) {
  auto whole = read_pieces(bytes, [&] { return bytes.size(); });
  CHECK(read_pieces(bytes, [] { return 1; }) == whole);
  CHECK(testing::frames_by_the_rules(bytes) == whole);
  return whole;
}

/// One frame with such headers.
Frame read_headers(std::string_view headers) {
  auto const all = read(frame(headers, "{}"));
  REQUIRE(all.frames.size() == 1);
  CHECK(all.frames[0].end == FrameEnd::good);
  return all.frames[0];
}

Failure failure_of_headers(std::string_view headers) {
  auto const bytes = frame(headers, "{}");
  auto const all = read(bytes + frame("", "next"));
  CHECK(all.frames.empty());
  CHECK(all.offset == bytes.size());
  CHECK_FALSE(all.inside_frame);
  return all.failure;
}

std::string delta(std::string_view payload) {
  return frame(sized_header(":event-type", "contentBlockDelta") +
                   sized_header(":content-type", "application/json") +
                   sized_header(":message-type", "event"),
               payload);
}

TEST_CASE("event stream: a frame has headers and a payload", "[unit][usage_event_stream]") {
  auto const all = read(delta("{\"p\":1}"));
  CHECK(all.frames == std::vector<Frame>{{.message_type = "event",
                                          .event_type = "contentBlockDelta",
                                          .content_type = "application/json",
                                          .payload = "{\"p\":1}",
                                          .end = FrameEnd::good}});
  CHECK(all.failure == Failure::none);
  CHECK(all.offset == delta("{\"p\":1}").size());
  CHECK_FALSE(all.inside_frame);
}

TEST_CASE("event stream: an exception names its kind, an error its code and message",
          "[unit][usage_event_stream]") {
  CHECK(read_headers(sized_header(":exception-type", "throttlingException")).exception_type ==
        "throttlingException");
  auto const error = read_headers(sized_header(":error-code", "InternalError") +
                                  sized_header(":error-message", "try again"));
  CHECK(error.error_code == "InternalError");
  CHECK(error.error_message == "try again");
}

TEST_CASE("event stream: headers are of one frame only", "[unit][usage_event_stream]") {
  auto const all = read(delta("1") + frame(sized_header(":exception-type", "x"), "2"));
  REQUIRE(all.frames.size() == 2);
  CHECK(all.frames[1] == Frame{.exception_type = "x", .payload = "2", .end = FrameEnd::good});
}

TEST_CASE("event stream: headers of every type are passed over", "[unit][usage_event_stream]") {
  auto const other = GENERATE(
      as<std::string>{}, header("a", 0), header("a", 1), header("a", 2, "1"), header("a", 3, "12"),
      header("a", 4, "1234"), header("a", 5, "12345678"), sized_header("a", "bytes", 6),
      sized_header("a", "", 6), sized_header("a", "text"), sized_header("a", ""),
      header("a", 8, "12345678"), header("a", 9, "1234567890123456"), sized_header("", "no name"),
      sized_header(std::string(255, 'n'), "x"), sized_header(":event-type:event-type", "x"),
      sized_header(":event-typ", "x"), sized_header(":Event-Type", "x"));
  auto const headers =
      sized_header(":event-type", "chunk") + other + sized_header(":message-type", "event");
  auto const all = read(frame(headers, "{}"));
  CHECK(all.frames == std::vector<Frame>{{.message_type = "event",
                                          .event_type = "chunk",
                                          .payload = "{}",
                                          .end = FrameEnd::good}});
}

TEST_CASE("event stream: the last text of a header counts", "[unit][usage_event_stream]") {
  CHECK(read_headers(sized_header(":event-type", "first") + sized_header(":event-type", "second") +
                     sized_header(":event-type", "bytes", 6) + header(":event-type", 4, "1234"))
            .event_type == "second");
  CHECK(read_headers(sized_header(":event-type", "first") + sized_header(":event-type", ""))
            .event_type.empty());
}

TEST_CASE("event stream: a name that is longer than a known one is another",
          "[unit][usage_event_stream]") {
  auto const more = GENERATE(as<std::string>{}, "x", "xx", "\xC3\xA9", "\xE2\x82\xAC");
  CHECK(read_headers(sized_header(":exception-type" + more, "x")).exception_type.empty());
}

TEST_CASE("event stream: long texts of headers are cut", "[unit][usage_event_stream]") {
  std::string const text(70, 'e');
  CHECK(read_headers(sized_header(":event-type", text)).event_type == text.substr(0, 64));
  std::string const message(60'000, 'm');
  CHECK(read_headers(sized_header(":error-message", message)).error_message ==
        message.substr(0, 255));
}

TEST_CASE("event stream: 100,000 bytes of headers", "[unit][usage_event_stream]") {
  std::string headers;
  while (headers.size() < 100'000) headers += sized_header("x", std::string(997, 'v'), 6);
  headers += sized_header(":event-type", "chunk");
  CHECK(read_headers(headers).event_type == "chunk");
}

TEST_CASE("event stream: headers and payload may be empty", "[unit][usage_event_stream]") {
  CHECK(read(frame("", "")).frames == std::vector<Frame>{{.end = FrameEnd::good}});
  CHECK(read(frame("", "{}")).frames[0].payload == "{}");
  auto const all = read(frame(sized_header(":event-type", "ping"), "") + frame("", ""));
  REQUIRE(all.frames.size() == 2);
  CHECK(all.frames[0] == Frame{.event_type = "ping", .end = FrameEnd::good});
  CHECK(read("") == ReadFrames{});
}

TEST_CASE("event stream: headers that end in the middle of one are malformed",
          "[unit][usage_event_stream]") {
  auto const whole = GENERATE(as<std::string>{}, header("name", 0), header("a", 4, "1234"),
                              header("a", 9, "1234567890123456"), sized_header("a", "bytes", 6),
                              sized_header(":event-type", "text"));
  for (std::size_t size = 1; size < whole.size(); ++size) {
    INFO(size << " bytes");
    CHECK(failure_of_headers(header("first", 1) + whole.substr(0, size)) == Failure::malformed);
  }
}

TEST_CASE("event stream: a header of a type that there is not is malformed",
          "[unit][usage_event_stream]") {
  auto const type = GENERATE(10U, 11U, 127U, 128U, 255U);
  CHECK(failure_of_headers(header("a", type)) == Failure::malformed);
}

TEST_CASE("event stream: malformed headers with a wrong checksum cost their frame only",
          "[unit][usage_event_stream]") {
  auto bytes = frame(sized_header(":event-type", "chunk") + header("a", 10), "{}");
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  auto const all = read(bytes + frame("", "next"));
  CHECK(all.failure == Failure::none);
  CHECK(all.frames == std::vector<Frame>{{.end = FrameEnd::wrong_checksum},
                                         {.payload = "next", .end = FrameEnd::good}});
}

TEST_CASE("event stream: lengths up to the limits are taken", "[unit][usage_event_stream]") {
  constexpr std::uint32_t largest = (16U << 20) + (128U << 10) + 16;
  auto const inside = [](std::uint32_t total, std::uint32_t headers) {
    auto const all = read(prelude(total, headers) + "\x01");
    CHECK(all.failure == (all.inside_frame ? Failure::none : Failure::malformed));
    CHECK(all.offset == (all.inside_frame ? 13 : 12));
    return all.inside_frame;
  };
  CHECK(inside(largest, 128U << 10));
  CHECK(inside(largest, 1));
  CHECK_FALSE(inside(largest + 1, 128U << 10));
  CHECK_FALSE(inside(0xFFFFFFFF, 0));
  CHECK_FALSE(inside(largest, (128U << 10) + 1));
  CHECK_FALSE(inside(largest, 0xFFFFFFFF));
  CHECK(inside(16 + 100, 100));
  CHECK_FALSE(inside(15 + 100, 100));
  CHECK_FALSE(inside(15, 0));
  CHECK_FALSE(inside(0, 0));
}

TEST_CASE("event stream: a payload of 16 MiB", "[unit][usage_event_stream]") {
  std::string const payload(16U << 20, 'p');
  auto const bytes = frame(sized_header(":event-type", "big"), payload);
  auto const all = read_pieces(bytes, [] { return 16'384; });
  REQUIRE(all.frames.size() == 1);
  CHECK(all.frames[0].end == FrameEnd::good);
  CHECK(all.frames[0].payload == payload);
}

TEST_CASE("event stream: after lengths with a wrong checksum nothing is read",
          "[unit][usage_event_stream]") {
  auto bad = delta("2");
  bad[11] = static_cast<char>(bad[11] ^ 0x10);
  auto const all = read(delta("1") + bad + delta("3"));
  CHECK(all.frames.size() == 1);
  CHECK(all.failure == Failure::wrong_checksum);
  CHECK(all.offset == delta("1").size() + 12);
  CHECK_FALSE(all.inside_frame);
}

TEST_CASE("event stream: bytes that are no frames are malformed", "[unit][usage_event_stream]") {
  auto const text =
      GENERATE(as<std::string>{}, R"({"message": "Not authorized"})", "data: {\"a\":1}\n\n",
               "<html><body></body></html>", std::string(12, '\0'), std::string(40, '\xff'));
  auto const all = read(text);
  CHECK(all.failure == Failure::malformed);
  CHECK(all.offset == 12);
  CHECK(all.frames.empty());
}

TEST_CASE("event stream: a wrong bit anywhere is seen", "[unit][usage_event_stream]") {
  auto const bytes = delta("{\"usage\":{\"inputTokens\":12}}");
  Frame const next{.payload = "next", .end = FrameEnd::good};
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    INFO("bit " << bit);
    auto wrong = bytes;
    wrong[bit / 8] = static_cast<char>(wrong[bit / 8] ^ 1 << bit % 8);
    auto const all = read(wrong + frame("", "next"));
    if (bit < std::size_t{12 * 8}) {
      REQUIRE(all.failure != Failure::none);
      REQUIRE(all.frames.empty());
      continue;
    }
    REQUIRE(all.failure == Failure::none);
    REQUIRE(all.frames.size() == 2);
    REQUIRE(all.frames[0].end == FrameEnd::wrong_checksum);
    REQUIRE(all.frames[1] == next);
  }
}

TEST_CASE("event stream: a stream that is cut is inside a frame", "[unit][usage_event_stream]") {
  auto const first = delta("{\"a\":1}");
  auto const bytes = first + delta("{\"b\":2}");
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    INFO(size << " bytes");
    auto const all = read(std::string_view(bytes).substr(0, size));
    REQUIRE(all.failure == Failure::none);
    REQUIRE(all.offset == size);
    REQUIRE(all.inside_frame == (size % first.size() != 0));
    std::size_t good = 0;
    for (auto const& frame : all.frames) good += frame.end == FrameEnd::good ? 1 : 0;
    REQUIRE(good == size / first.size());
    REQUIRE(all.frames.size() <= good + 1);
  }
}

TEST_CASE("event stream: a copy goes on by itself", "[unit][usage_event_stream]") {
  auto const bytes = delta("{}");
  auto const rest = std::string_view(bytes).substr(20);
  EventStreamParser parser;
  Frames sink, copy_sink;
  parser.feed(std::string_view(bytes).substr(0, 20), sink);
  auto copy = parser;
  parser.feed(std::string(30, 'x'), sink);
  copy.feed(rest, copy_sink);
  REQUIRE(copy_sink.frames.size() == 1);
  CHECK(copy_sink.frames[0].event_type == "contentBlockDelta");
  CHECK(copy_sink.frames[0].end == FrameEnd::good);
}

/// A stream of a few frames, most of them right.
std::string random_stream(std::mt19937_64& random) {
  std::string bytes;
  for (auto frames = random() % 5; frames > 0; --frames) {
    std::string headers;
    for (auto count = random() % 5; count > 0; --count) {
      static constexpr std::string_view names[] = {":event-type", ":message-type", ":error-message",
                                                   "x", ""};
      std::string const value(random() % 100, 'v');
      headers += random() % 8 == 0
                     ? header("n", static_cast<unsigned>(random() % 11), value)
                     : sized_header(names[random() % 5], value, random() % 4 == 0 ? 6 : 7);
    }
    auto next = frame(headers, std::string(random() % 50, 'p'));
    auto const wrong = random() % 8;
    if (wrong == 0) next[random() % next.size()] = static_cast<char>(random());
    if (wrong == 1) next.resize(random() % next.size());
    bytes += next;
  }
  return bytes;
}

TEST_CASE("event stream: any stream is read as the rules say, however it is cut",
          "[unit][usage_event_stream]") {
  constexpr std::uint64_t seed = 5041;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::size_t good = 0, failed = 0, cut = 0;
  for (int round = 0; round < 5'000; ++round) {
    auto const bytes = random_stream(random);
    INFO("round " << round);
    auto const whole = read(bytes);
    REQUIRE(read_pieces(bytes, [&] { return random() % 40; }) == whole);
    for (auto const& frame : whole.frames) good += frame.end == FrameEnd::good ? 1 : 0;
    failed += whole.failure != Failure::none ? 1 : 0;
    cut += whole.inside_frame ? 1 : 0;
  }
  CHECK(good > 2'000);
  CHECK(failed > 500);
  CHECK(cut > 200);
}

}  // namespace
}  // namespace netrun::llm::detail
