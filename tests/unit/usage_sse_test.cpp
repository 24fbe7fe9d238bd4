// SPDX-License-Identifier: MIT
// Server-sent events: every rule, in one piece and in many.
#include "support/catch.hpp"
#include "support/pieces.hpp"
#include "support/sse_oracle.hpp"
#include "usage/sse.hpp"

#include <array>
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

using testing::SseEvent;
using testing::SseEvents;
using Events = std::vector<SseEvent>;

Events parse(std::string_view text) {
  SseParser parser;
  SseEvents sink;
  parser.feed(text, sink);
  parser.end(sink);
  CHECK_FALSE(sink.empty_piece);
  CHECK(sink.pending.empty());
  return sink.events;
}

Events parse_pieces(std::string_view text, std::function<std::size_t()> const& size_of_next) {
  SseParser parser;
  SseEvents sink;
  testing::feed_pieces(text, size_of_next,
                       [&](std::string_view piece) { parser.feed(piece, sink); });
  parser.end(sink);
  CHECK_FALSE(sink.empty_piece);
  return sink.events;
}

/// Events in one piece, after comparing with a byte at a time.
Events events(std::string_view text) {
  auto whole = parse(text);
  CHECK(parse_pieces(text, [] { return 1; }) == whole);
  return whole;
}

/// Counts instead of keeping, and looks whether pieces are part of what was fed.
struct Counter {
  std::string_view fed;
  std::size_t bytes = 0;
  std::size_t events = 0;
  std::size_t elsewhere = 0;  // pieces that are no part of what was fed

  void data(std::string_view piece) noexcept {
    std::less_equal<char const*> const up_to;
    bytes += piece.size();
    if (!up_to(fed.data(), piece.data()) ||
        !up_to(piece.data() + piece.size(), fed.data() + fed.size())) {
      ++elsewhere;
    }
  }
  void event(std::string_view) noexcept { ++events; }
};

static_assert(std::is_trivially_copyable_v<SseParser>);
static_assert(sizeof(SseParser) <= 96);
static_assert(noexcept(std::declval<SseParser&>().feed("", std::declval<Counter&>())));
static_assert(noexcept(std::declval<SseParser&>().end(std::declval<Counter&>())));

TEST_CASE("sse: an event has a name and data", "[unit][usage_sse]") {
  CHECK(events("event: ping\ndata: {}\n\n") == Events{{"ping", "{}"}});
  CHECK(events("data: {}\nevent: ping\n\n") == Events{{"ping", "{}"}});
  CHECK(events("data: {}\n\n") == Events{{"", "{}"}});
}

TEST_CASE("sse: a name is of one event only", "[unit][usage_sse]") {
  CHECK(events("event: a\ndata: 1\n\ndata: 2\n\n") == Events{{"a", "1"}, {"", "2"}});
  CHECK(events("event: a\n\ndata: 2\n\n") == Events{{"", "2"}});
}

TEST_CASE("sse: the last of several names counts", "[unit][usage_sse]") {
  CHECK(events("event: a\nevent: b\ndata: 1\n\n") == Events{{"b", "1"}});
  CHECK(events("event: a\nevent\ndata: 1\n\n") == Events{{"", "1"}});
}

TEST_CASE("sse: lines end with LF, CRLF or CR", "[unit][usage_sse]") {
  Events const expected{{"a", "1\n2"}, {"", "3"}};
  CHECK(events("event: a\ndata: 1\ndata: 2\n\ndata: 3\n\n") == expected);
  CHECK(events("event: a\r\ndata: 1\r\ndata: 2\r\n\r\ndata: 3\r\n\r\n") == expected);
  CHECK(events("event: a\rdata: 1\rdata: 2\r\rdata: 3\r\r") == expected);
  CHECK(events("event: a\r\ndata: 1\rdata: 2\n\rdata: 3\r\n\n") == expected);
}

TEST_CASE("sse: an event is told of at the first byte of its blank line", "[unit][usage_sse]") {
  SseParser parser;
  SseEvents sink;
  parser.feed("data: 1\r\n\r", sink);
  CHECK(sink.events.size() == 1);
  parser.feed("", sink);
  parser.feed("\n", sink);
  parser.feed("data: 2\n\n", sink);
  CHECK(sink.events == Events{{"", "1"}, {"", "2"}});
}

TEST_CASE("sse: a byte order mark at the start is no part of a line", "[unit][usage_sse]") {
  CHECK(events("\xEF\xBB\xBF"
               "data: 1\n\n") == Events{{"", "1"}});
  CHECK(events("\xEF\xBB\xBF\n\n").empty());
  // Elsewhere, twice or in part it belongs to a field that nobody knows.
  CHECK(events("\n\xEF\xBB\xBF"
               "data: 1\n\n")
            .empty());
  CHECK(events("\xEF\xBB\xBF\xEF\xBB\xBF"
               "data: 1\n\n")
            .empty());
  CHECK(events("\xEF\xBB"
               "data: 1\n\n")
            .empty());
  CHECK(events("\xEF\ndata: 1\n\n") == Events{{"", "1"}});
}

TEST_CASE("sse: comments and fields without meaning are passed over", "[unit][usage_sse]") {
  CHECK(events(": keep-alive\n\n:\n\n").empty());
  CHECK(events(":data: 0\nid: 7\nretry: 10\nfoo: bar\nfoo\ndata: 1\n: x\n\n") == Events{{"", "1"}});
  CHECK(events("dat: 0\ndatab: 0\nData: 0\n data: 0\ndata : 0\neventually: 0\nevents: 0\n\n")
            .empty());
}

TEST_CASE("sse: a blank line without data ends nothing", "[unit][usage_sse]") {
  CHECK(events("").empty());
  CHECK(events("\n\n\r\n\r\r").empty());
  CHECK(events("event: ping\n\n\n").empty());
}

TEST_CASE("sse: one space after the colon is no part of the value", "[unit][usage_sse]") {
  CHECK(events("data:1\n\n") == Events{{"", "1"}});
  CHECK(events("data:  1 \n\n") == Events{{"", " 1 "}});
  CHECK(events("data:\t1\n\n") == Events{{"", "\t1"}});
  CHECK(events("event:  a\ndata: : 1\n\n") == Events{{" a", ": 1"}});
}

TEST_CASE("sse: data may be empty, with a colon or without", "[unit][usage_sse]") {
  CHECK(events("data\n\n") == Events{{"", ""}});
  CHECK(events("data:\n\n") == Events{{"", ""}});
  CHECK(events("data: \n\n") == Events{{"", ""}});
  CHECK(events("data\ndata\n\n") == Events{{"", "\n"}});
  CHECK(events("data: 1\ndata\ndata:2\n\n") == Events{{"", "1\n\n2"}});
}

TEST_CASE("sse: lines of data are joined by a line feed", "[unit][usage_sse]") {
  CHECK(events("data: {\ndata:  \"a\": 1\r\n:\ndata: }\n\n") == Events{{"", "{\n \"a\": 1\n}"}});
}

TEST_CASE("sse: bytes that are no text are data", "[unit][usage_sse]") {
  std::string const junk("\0\x01\xff\x80\xC3", 5);
  CHECK(events("data: " + junk + "\n\n") == Events{{"", junk}});
}

TEST_CASE("sse: a name is cut at 63 bytes, between characters", "[unit][usage_sse]") {
  std::string const exact(63, 'n');
  CHECK(events("event: " + exact + "\ndata\n\n") == Events{{exact, ""}});
  CHECK(events("event: " + exact + "more\ndata\n\n") == Events{{exact, ""}});
  auto const accented = exact.substr(1) + "\xC3\xA9";
  CHECK(events("event: " + accented + "\ndata\n\n") == Events{{exact.substr(1), ""}});
}

TEST_CASE("sse: at the end of the body an event needs no blank line", "[unit][usage_sse]") {
  CHECK(events("data: 1\n\nevent: a\ndata: 2\n") == Events{{"", "1"}, {"a", "2"}});
  CHECK(events("data: 2\nevent: a") == Events{{"a", "2"}});
  CHECK(events("data: {\"cut") == Events{{"", "{\"cut"}});
  CHECK(events("data:") == Events{{"", ""}});
  CHECK(events("data") == Events{{"", ""}});
  CHECK(events("data: 1\ndata") == Events{{"", "1\n"}});
  CHECK(events("dat").empty());
  CHECK(events("event: a\n").empty());
  CHECK(events("data: 1\r\n\r") == Events{{"", "1"}});
}

TEST_CASE("sse: after the end another body can be read", "[unit][usage_sse]") {
  SseParser parser;
  SseEvents sink;
  parser.feed("event: a\nevent: b\r", sink);
  parser.end(sink);
  parser.feed(
      "\xEF\xBB\xBF"
      "data: 1\n\n",
      sink);
  parser.feed("data: 2", sink);
  parser.end(sink);
  parser.end(sink);
  CHECK(sink.events == Events{{"", "1"}, {"", "2"}});
}

TEST_CASE("sse: an event is open from its data to its blank line", "[unit][usage_sse]") {
  SseParser parser;
  SseEvents sink;
  auto const inside_after = [&](std::string_view text) {
    parser.feed(text, sink);
    return parser.inside_event();
  };
  CHECK_FALSE(inside_after(": x\nevent: a\nid: 1\ndat"));
  CHECK_FALSE(inside_after("a"));
  CHECK(inside_after(":"));
  CHECK(inside_after("1\r"));
  CHECK(inside_after("\n"));
  CHECK(inside_after("event: a\n"));
  CHECK_FALSE(inside_after("\n"));
  CHECK(inside_after("data\n"));
  parser.end(sink);
  CHECK_FALSE(parser.inside_event());
}

TEST_CASE("sse: pieces of data are views into what was fed", "[unit][usage_sse]") {
  std::string_view const text = "event: a\ndata: 12345\n\ndata:\ndata: 6\r\n\r\n";
  Counter counter{.fed = text};
  SseParser parser;
  parser.feed(text, counter);
  CHECK(counter.events == 2);
  CHECK(counter.bytes == 7);
  CHECK(counter.elsewhere == 1);  // the line feed between the two lines
}

TEST_CASE("sse: lines of 100 MB are no burden", "[unit][usage_sse]") {
  std::string const megabyte(1'000'000, 'x');
  auto const [begin, data_bytes] = GENERATE(table<std::string, std::size_t>(
      {{":", 0}, {"", 0}, {"id: ", 0}, {"event: ", 0}, {"data: ", 100'000'000}}));
  INFO(begin);
  Counter counter{.fed = megabyte};
  SseParser parser;
  parser.feed(begin, counter);
  for (int i = 0; i < 100; ++i) parser.feed(megabyte, counter);
  CHECK(counter.bytes == data_bytes);
  CHECK(counter.elsewhere == 0);
  counter.bytes = 0;
  parser.feed("\n\ndata: 1\n\n", counter);
  CHECK(counter.bytes == 1);
  CHECK(counter.events == (data_bytes == 0 ? 1 : 2));
}

TEST_CASE("sse: a piece of many short lines is not searched once a line", "[unit][usage_sse]") {
  // With a search for the other kind of line end in every line this takes minutes.
  auto const line_end = GENERATE('\n', '\r');
  std::string text;
  while (text.size() < 12'000'000) (text += "data: ") += line_end;
  Counter counter{.fed = text};
  SseParser parser;
  parser.feed(text, counter);
  parser.end(counter);
  CHECK(counter.events == 1);
  CHECK(counter.bytes == text.size() / 7 - 1);
}

/// A text of the pieces from which the rules are made.
std::string random_text(std::mt19937_64& random) {
  static constexpr std::array<std::string_view, 24> parts{
      "\n",     "\r",    "\r\n",   "\n\n",         "\r\r", "\r\n\r\n", "data",    "data:",
      "data: ", "event", "event:", "event: ping",  ":",    " ",        "id: 1",   "retry:",
      "x",      "dat",   "{\"a\"", "\xEF\xBB\xBF", "\xEF", "\xC3\xA9", "\n:ping", "events:",
  };
  std::string text;
  for (auto count = random() % 40; count > 0; --count) {
    text += parts[random() % parts.size()];
    if (random() % 16 == 0) text += std::string(random() % 80, 'n');
  }
  return text;
}

TEST_CASE("sse: any text has the events that the rules say", "[unit][usage_sse]") {
  constexpr std::uint64_t seed = 5011;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::size_t found = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto const text = random_text(random);
    auto const expected = testing::events_by_the_rules(text);
    INFO(text);
    REQUIRE(parse(text) == expected);
    REQUIRE(parse_pieces(text, [] { return 1; }) == expected);
    REQUIRE(parse_pieces(text, [&] { return random() % 9; }) == expected);
    found += expected.size();
  }
  CHECK(found > 5'000);
}

TEST_CASE("sse: wherever a stream is cut in two, its events are the same", "[unit][usage_sse]") {
  std::string_view const text =
      "\xEF\xBB\xBF: hello\r\nevent: message_start\r\ndata: {\"a\":1}\r\ndata\r\ndata:2\r\n\r\n"
      "id: 1\rdata: [DONE]\r\revent: x\n\ndata: y\n\n";
  auto const expected = testing::events_by_the_rules(text);
  REQUIRE(expected.size() == 3);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    INFO("cut at " << cut);
    SseParser parser;
    SseEvents sink;
    parser.feed(text.substr(0, cut), sink);
    parser.feed(text.substr(cut), sink);
    parser.end(sink);
    CHECK(sink.events == expected);
  }
}

}  // namespace
}  // namespace netrun::llm::detail
