// SPDX-License-Identifier: MIT
// Time stamps as text: the whole range of the clock, every spelling, and what is refused.
#include "support/catch.hpp"
#include <netrun/llm/diagnostics.hpp>
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

namespace netrun::llm {
namespace {

Clock::time_point at_ns(std::int64_t ns) {
  return Clock::time_point{
      std::chrono::duration_cast<Clock::duration>(std::chrono::nanoseconds(ns))};
}

std::string refusal(std::string_view text) {
  try {
    return "taken as " + to_iso8601(parse_iso8601(text));
  } catch (std::invalid_argument const& error) {
    return error.what();
  }
}

TEST_CASE("to_iso8601: has six decimals for whole microseconds, else nine", "[unit][timestamp]") {
  CHECK(to_iso8601(at_ns(0)) == "1970-01-01T00:00:00.000000Z");
  CHECK(to_iso8601(at_ns(1'767'225'600'123'456'000)) == "2026-01-01T00:00:00.123456Z");
  CHECK(to_iso8601(at_ns(1'767'225'600'123'456'789)) == "2026-01-01T00:00:00.123456789Z");
  CHECK(to_iso8601(at_ns(1)) == "1970-01-01T00:00:00.000000001Z");
}

TEST_CASE("to_iso8601: writes what lies before 1970 and both ends of the range",
          "[unit][timestamp]") {
  CHECK(to_iso8601(at_ns(-1)) == "1969-12-31T23:59:59.999999999Z");
  CHECK(to_iso8601(at_ns(-86'400'000'000'000)) == "1969-12-31T00:00:00.000000Z");
  CHECK(to_iso8601(at_ns(std::numeric_limits<std::int64_t>::min())) ==
        "1677-09-21T00:12:43.145224192Z");
  CHECK(to_iso8601(at_ns(std::numeric_limits<std::int64_t>::max())) ==
        "2262-04-11T23:47:16.854775807Z");
}

TEST_CASE("append_iso8601: leaves what is there", "[unit][timestamp]") {
  std::string text = "at ";
  append_iso8601(text, at_ns(0));
  CHECK(text == "at 1970-01-01T00:00:00.000000Z");
}

TEST_CASE("parse_iso8601: reads back every moment of the clock", "[unit][timestamp]") {
  constexpr std::uint64_t seed = 301;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    auto const at = at_ns(static_cast<std::int64_t>(random()));
    REQUIRE(parse_iso8601(to_iso8601(at)) == at);
  }
  for (auto const ns :
       {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    CHECK(parse_iso8601(to_iso8601(at_ns(ns))) == at_ns(ns));
  }
}

TEST_CASE("parse_iso8601: takes every spelling of one moment", "[unit][timestamp]") {
  auto const* text =
      GENERATE("2026-03-01", "2026-03-01T00:00", "2026-03-01 00:00", "2026-03-01T00:00:00",
               "2026-03-01t00:00:00z", "2026-03-01T00:00:00.0Z", "2026-03-01T00:00:00,000Z",
               "2026-03-01T00:00:00.00000000000000000000000000009Z", "2026-03-01T02:00:00+02:00",
               "2026-03-01T02:00+0200", "2026-02-28 19:00:00-05", "2026-02-28T18:30-05:30",
               "2026-03-01T00:00:00-00:00");
  CHECK(to_iso8601(parse_iso8601(text)) == "2026-03-01T00:00:00.000000Z");
}

TEST_CASE("parse_iso8601: knows leap years", "[unit][timestamp]") {
  CHECK_NOTHROW(parse_iso8601("2024-02-29"));
  CHECK_NOTHROW(parse_iso8601("2000-02-29"));
  CHECK_THROWS_AS(parse_iso8601("2023-02-29"), std::invalid_argument);
  CHECK_THROWS_AS(parse_iso8601("2100-02-29"), std::invalid_argument);
}

TEST_CASE("parse_iso8601: refuses with the reason and the input", "[unit][timestamp]") {
  using Catch::Matchers::ContainsSubstring;
  struct Case {
    char const* text;
    char const* reason;
  };
  auto const given = GENERATE(
      Case{"", "a date is YYYY-MM-DD"}, Case{"2026", "a date is"}, Case{"2026-1-01", "a date is"},
      Case{"20260101", "a date is"}, Case{" 2026-01-01", "a date is"},
      Case{"-026-01-01", "a date is"}, Case{"2026-13-01", "no such month"},
      Case{"2026-00-01", "no such month"}, Case{"2026-02-30", "no such day"},
      Case{"2026-01-00", "no such day"}, Case{"2026-01-01T25:00", "the hour is 00 to 23"},
      Case{"2026-01-01T24:00", "the hour is 00 to 23"}, Case{"2026-01-01T00:60", "the minute is"},
      Case{"2026-01-01T23:59:60Z", "the second is"}, Case{"2026-01-01T", "the hour is"},
      Case{"2026-01-01T12", "a time is hh:mm"}, Case{"2026-01-01T00:00:00.Z", "no digit after"},
      Case{"2026-01-01T00:00:00+24:00", "the hours of a zone"},
      Case{"2026-01-01T00:00:00+01:60", "the minutes of a zone"},
      Case{"2026-01-01T00:00:00+1", "the hours of a zone"},
      Case{"2026-01-01T00:00:00 UTC", "no zone"}, Case{"2026-01-01T00:00:00ZZ", "text after"},
      Case{"2026-01-01Z", "text after"}, Case{"2026-01-01  00:00", "the hour is"},
      Case{"0000-01-01", "outside of what the clock can hold"},
      Case{"9999-12-31T23:59:59Z", "outside of what"},
      Case{"1677-09-21T00:12:43.145224191Z", "outside of what"},
      Case{"2262-04-11T23:47:16.854775808Z", "outside of what"});
  CHECK_THAT(refusal(given.text), ContainsSubstring(given.reason));
  CHECK_THAT(refusal(given.text), ContainsSubstring("\"" + std::string(given.text) + "\""));
}

TEST_CASE("parse_iso8601: shortens a long input in its message", "[unit][timestamp]") {
  CHECK(refusal(std::string(1'000'000, 'x')).size() < 200);
}

TEST_CASE("to_string: names of enumerators are read back", "[unit][metrics]") {
  for (auto const source :
       {CostSource::automatic, CostSource::price_book, CostSource::manual,
        CostSource::provider_reported, CostSource::estimated, CostSource::unpriced}) {
    CHECK(parse_cost_source(to_string(source)) == source);
  }
  for (auto const source : {UsageSource::absent, UsageSource::reported, UsageSource::estimated}) {
    CHECK(parse_usage_source(to_string(source)) == source);
  }
  for (auto const state : {CircuitState::closed, CircuitState::open, CircuitState::half_open}) {
    CHECK(parse_circuit_state(to_string(state)) == state);
  }
}

TEST_CASE("to_string: what is no enumerator has no name that is read back", "[unit][metrics]") {
  CHECK(to_string(static_cast<CostSource>(77)) == "unknown");
  CHECK_FALSE(parse_cost_source("unknown"));
  CHECK_FALSE(parse_cost_source("Manual"));
  CHECK_FALSE(parse_usage_source(""));
  CHECK_FALSE(parse_circuit_state("half-open"));
}

}  // namespace
}  // namespace netrun::llm
