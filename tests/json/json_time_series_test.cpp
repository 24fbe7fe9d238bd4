// SPDX-License-Identifier: MIT
// Figures over time, and of memory, as JSON.
#include "support.hpp"
#include "support/calls.hpp"
#include "support/catch.hpp"
#include <netrun/llm/collector.hpp>
#include <netrun/llm/json.hpp>

#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using nlohmann::json;
using testing::Random;

TimeSeriesPoint random_point(Random& random) {
  TimeSeriesPoint point;
  point.start = testing::random_time(random);
  point.end = testing::random_time(random);
  for (auto* field :
       {&point.requests, &point.failed, &point.cached, &point.streaming, &point.unpriced,
        &point.input_tokens, &point.output_tokens, &point.cache_read_tokens,
        &point.cache_write_tokens, &point.reasoning_tokens, &point.tokens}) {
    *field = testing::random_count(random);
  }
  point.cost = testing::random_double(random);
  point.exact_cost = testing::random_amount(random);
  for (auto* field :
       {&point.latency_p50, &point.latency_p95, &point.latency_p99, &point.latency_avg,
        &point.ttft_p50, &point.ttft_p95, &point.ttft_p99, &point.ttft_avg}) {
    if (random() % 2 == 0) *field = testing::random_double(random);
  }
  point.percentiles_exact = random() % 2 == 0;
  return point;
}

std::vector<TimeSeriesPoint> random_points(Random& random) {
  std::vector<TimeSeriesPoint> points;
  for (auto i = random() % 4; i > 0; --i) points.push_back(random_point(random));
  return points;
}

TEST_CASE("JSON: time series read back equal, to the last bit", "[json]") {
  constexpr std::uint64_t seed = 711;
  INFO("seed " << seed);
  Random random(seed);
  for (int i = 0; i < 300; ++i) {
    TimeSeries series{.period_start = testing::random_time(random),
                      .period_end = testing::random_time(random),
                      .exact_from = testing::random_time(random),
                      .points = random_points(random)};
    for (auto k = random() % 4; k > 0; --k) {
      series.groups[testing::random_text(random, testing::Texts::utf8)] = random_points(random);
    }
    REQUIRE(json::parse(json(series).dump()).get<TimeSeries>() == series);
  }
}

TEST_CASE("JSON: keys of a point are the names of its fields", "[json]") {
  json const j = TimeSeriesPoint{.end = Clock::time_point{std::chrono::hours(1)},
                                 .requests = 2,
                                 .cost = 0.015,
                                 .exact_cost = Usd::parse("0.015"),
                                 .latency_p95 = 12.5};
  CHECK(j.at("start") == "1970-01-01T00:00:00.000000Z");
  CHECK(j.at("end") == "1970-01-01T01:00:00.000000Z");
  CHECK(j.at("requests") == 2);
  CHECK(j.at("cost") == 0.015);
  CHECK(j.at("cost_picousd") == "15000000000");
  CHECK(j.at("latency_p95") == 12.5);
  CHECK(j.at("ttft_p95").is_null());
}

TEST_CASE("JSON: the answer of a collector over time is one array a group", "[json]") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  testing::track_call(collector, time, "openai", "gpt-4o", "acme", std::chrono::milliseconds(250),
                      1'000, 500);
  time.advance(std::chrono::hours(2));
  testing::track_call(collector, time, "anthropic", "claude-sonnet-4-5", "acme",
                      std::chrono::milliseconds(400), 1'000, 500);
  auto const series =
      collector.get_timeseries({.period = "3h"}, "1h", {.group_by = GroupBy::provider});
  json const j = series;
  REQUIRE(j.at("points").size() == series.points.size());
  REQUIRE(j.at("groups").size() == 2);
  CHECK(j.at("groups").at("openai").size() == series.points.size());
  CHECK(j.get<TimeSeries>() == series);
}

TEST_CASE("JSON: the path to a refused value of a time series is named", "[json]") {
  auto const refusal = [](char const* text) {
    auto const j = json::parse(text);
    TimeSeries series{.points = {{.requests = 7}}};
    CHECK_THROWS_AS(j.get_to(series), std::invalid_argument);
    CHECK(series.points.at(0).requests == 7);
    try {
      (void)j.get<TimeSeries>();
    } catch (std::invalid_argument const& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  CHECK_THAT(
      refusal(R"({"groups": {"gpt-4o": [{}, {"requests": -5}]}})"),
      ContainsSubstring("groups.gpt-4o[1].requests: expected") && ContainsSubstring("got -5"));
  CHECK_THAT(refusal(R"({"points": [{"latency_p50": "fast"}]})"),
             ContainsSubstring("points[0].latency_p50: expected a number, got \"fast\""));
  CHECK_THAT(refusal(R"({"points": {}})"), ContainsSubstring("points: expected an array"));
}

TEST_CASE("JSON: groups whose names are not UTF-8 can be written", "[json]") {
  TimeSeries series;
  series.groups["a\xff"] = {{}};
  CHECK_NOTHROW(json(series).dump());
  CHECK(json(series).at("groups").contains("a\xef\xbf\xbd"));
}

TEST_CASE("JSON: memory in use reads back equal", "[json]") {
  MemoryUsage const memory{
      .ring = 1, .texts = 2, .names = 3, .history = 4, .total = 10, .limit = 99};
  json const j = memory;
  CHECK(j.at("history") == 4);
  CHECK(j.at("limit") == 99);
  CHECK(j.get<MemoryUsage>() == memory);
  auto const in_use = TelemetryCollector().memory_usage();
  CHECK(json(in_use).get<MemoryUsage>() == in_use);
}

}  // namespace
}  // namespace netrun::llm
