// SPDX-License-Identifier: MIT
// get_timeseries: which steps there are, and what each says of the calls in the ring.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/series.hpp"

#include <stdexcept>
#include <string>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

/// A collector on a clock of its own, at 2026-01-01T00:00Z.
struct Setting {
  ManualTime time;
  TelemetryCollector collector{{.max_history = 10, .time_source = &time}};
  Clock::time_point const midnight = time.now();

  void record(std::chrono::nanoseconds after_midnight) {
    record_at(collector, midnight + after_midnight);
  }
};

}  // namespace

TEST_CASE("get_timeseries: a call is in the step in which it started") {
  Setting in;
  in.time.advance(4h + 30min);
  for (auto const start : {0min, 59min, 60min, 240min}) in.record(start);
  auto const series = in.collector.get_timeseries({.from = in.midnight}, "1h");
  CHECK(requests_of(series.points) == Counts{2, 1, 0, 0, 1});
  CHECK(series.points[0].exact_cost == Usd::parse("2"));
  CHECK(adds_up(series));
}

TEST_CASE("get_timeseries: an empty step is present with sums 0 and without percentiles") {
  Setting in;
  in.time.advance(2h + 30min);
  in.record(10min);
  auto const series = in.collector.get_timeseries({.from = in.midnight}, "1h");
  REQUIRE(series.points.size() == 3);
  CHECK(series.points[1] == TimeSeriesPoint{.start = in.midnight + 1h, .end = in.midnight + 2h});
  CHECK(series.points[0].latency_p50.has_value());
}

TEST_CASE("get_timeseries: an empty collector has the steps of a period, and none without one") {
  Setting in;
  in.time.advance(30min);
  auto const of_period = in.collector.get_timeseries({.period = "2h"}, "1h");
  CHECK(requests_of(of_period.points) == Counts{0, 0, 0});
  CHECK(of_period.exact_from == of_period.period_start);
  auto const open = in.collector.get_timeseries({}, "1h");
  CHECK(open.points.empty());
  CHECK(open.period_start == open.period_end);
}

TEST_CASE("get_timeseries: a period is widened to whole steps") {
  Setting in;
  in.time.advance(10h + 30min);
  in.record(7h + 5min);
  auto const series = in.collector.get_timeseries({.period = "3h"}, "1h");
  CHECK(series.period_start == in.midnight + 7h);
  CHECK(series.period_end == in.midnight + 11h);
  CHECK(requests_of(series.points) == Counts{1, 0, 0, 0});
  CHECK(adds_up(series));
}

TEST_CASE("get_timeseries: the last step holds now, also when a step begins now") {
  Setting in;
  in.time.advance(2h);
  in.record(2h);
  auto const series = in.collector.get_timeseries({.period = "1h"}, "1h");
  CHECK(series.period_end == in.midnight + 3h);
  CHECK(requests_of(series.points) == Counts{0, 1});
  CHECK(in.collector.get_stats("1h").total_requests == 1);
  CHECK(requests_of(in.collector.get_timeseries({}, "1h").points) == Counts{1});
  CHECK(requests_of(in.collector.get_timeseries({.from = in.time.now()}, "1h").points) ==
        Counts{1});
}

TEST_CASE("get_timeseries: without a period it begins with the oldest call that is known") {
  Setting in;
  in.time.advance(9h);
  in.record(5h + 20min);
  in.record(7h);
  in.time.advance(1min);
  auto const series = in.collector.get_timeseries({}, "1h");
  CHECK(series.period_start == in.midnight + 5h);
  CHECK(requests_of(series.points) == Counts{1, 0, 1, 0, 0});
  push_out(in.collector, in.midnight + 8h);
  auto const folded = in.collector.get_timeseries({.tenant_id = "acme"}, "1h");
  CHECK(requests_of(folded.points) == Counts{1, 0, 1, 0, 0});
}

TEST_CASE("get_timeseries: without a start it goes back to the oldest call, and stops at the end") {
  Setting in;
  in.time.advance(9h);
  in.record(5h);
  in.record(6h + 1min);
  auto const series = in.collector.get_timeseries({.to = in.midnight + 6h}, "1h");
  CHECK(requests_of(series.points) == Counts{1});
}

TEST_CASE("get_timeseries: edges that are no steps are widened on both sides") {
  Setting in;
  in.time.advance(9h);
  for (auto const start : {1h, 2h, 3h, 4h}) in.record(start + 5min);
  auto const series = in.collector.get_timeseries(
      {.from = in.midnight + 2h + 30min, .to = in.midnight + 3h + 1min}, "1h");
  CHECK(series.period_start == in.midnight + 2h);
  CHECK(series.period_end == in.midnight + 4h);
  CHECK(requests_of(series.points) == Counts{1, 1});
}

TEST_CASE("get_timeseries: a period and edges limit each other") {
  Setting in;
  in.time.advance(9h + 1min);
  for (auto const start : {6h, 7h, 8h}) in.record(start);
  auto const series = in.collector.get_timeseries({.period = "3h", .to = in.midnight + 8h}, "1h");
  CHECK(requests_of(series.points) == Counts{1, 1});
}

TEST_CASE("get_timeseries: an end that is not after the start gives no steps") {
  Setting in;
  in.time.advance(9h);
  in.record(2h);
  for (auto const end : {in.midnight + 2h, in.midnight + 1h}) {
    auto const series =
        in.collector.get_timeseries({.from = in.midnight + 2h, .to = end}, "1h", {GroupBy::model});
    CHECK(series.points.empty());
    CHECK(adds_up(series));
  }
  auto const future = in.collector.get_timeseries({.from = in.time.now() + 1h}, "1h");
  CHECK(future.points.empty());
}

TEST_CASE("get_timeseries: a step longer than the period holds all of it") {
  Setting in;
  in.time.advance(9h);
  in.record(0h);
  in.record(8h + 30min);
  auto const series = in.collector.get_timeseries({.period = "1h"}, "1d");
  CHECK(series.period_start == in.midnight);
  CHECK(series.period_end == in.midnight + 24h);
  CHECK(requests_of(series.points) == Counts{2});
}

TEST_CASE("get_timeseries: refuses more steps than max_time_series_steps and names the number") {
  Setting in;
  auto const steps = [&](std::int64_t count) {
    StatsQuery const query{.from = in.midnight, .to = in.midnight + std::chrono::seconds(count)};
    return in.collector.get_timeseries(query, "1s").points.size();
  };
  CHECK(steps(max_time_series_steps) == max_time_series_steps);
  CHECK_THROWS_WITH(steps(max_time_series_steps + 1), ContainsSubstring("100000"));
  CHECK_THROWS_AS(in.collector.get_timeseries({.period = "5000w"}, "1m"), std::invalid_argument);
  StatsQuery const ever{.from = Clock::time_point::min() + 1ns, .to = Clock::time_point::max()};
  CHECK_THROWS_AS(in.collector.get_timeseries(ever, "1s"), std::invalid_argument);
}

TEST_CASE("get_timeseries: all of time in long steps ends where the clock's range ends") {
  Setting in;
  in.record(1h);
  StatsQuery const ever{.from = Clock::time_point::min() + 1ns, .to = Clock::time_point::max()};
  for (TimeStep const& step : {TimeStep("52w"), TimeStep::month()}) {
    auto const series = in.collector.get_timeseries(ever, step);
    CHECK(sum_of(series.points).requests == 1);
    CHECK(adds_up(series));
  }
}

TEST_CASE("get_timeseries: calls ahead of the clock count in their step when it is asked for") {
  Setting in;
  in.time.advance(30min);
  for (auto const start : {45min, 61min, 125min}) in.record(start);
  // The step that holds now is whole; later ones are not in a period that ends now.
  CHECK(requests_of(in.collector.get_timeseries({.period = "10m"}, "1h").points) == Counts{1});
  StatsQuery const query{.from = in.midnight, .to = in.midnight + 3h, .tenant_id = "acme"};
  CHECK(requests_of(in.collector.get_timeseries(query, "1h").points) == Counts{1, 1, 1});
  push_out(in.collector, in.midnight + 4h);
  CHECK(requests_of(in.collector.get_timeseries(query, "1h").points) == Counts{1, 1, 1});
}

TEST_CASE("get_timeseries: without a period it ends with the step of now, whatever is ahead") {
  Setting in;
  in.record(2h);
  CHECK(requests_of(in.collector.get_timeseries({}, "1h").points) == Counts{0});
}

TEST_CASE("get_timeseries: a point has all sums of its calls") {
  Setting in;
  in.time.advance(1min);
  LLMRequestMetrics call;
  call.provider = "openai";
  call.model = "gpt-4o";
  call.timestamp = in.midnight;
  call.input_tokens = 1000;
  call.output_tokens = 100;
  call.cache_read_tokens = 300;
  call.cache_write_tokens = 200;
  call.reasoning_tokens = 50;
  call.exact_cost = Usd::parse("0.000000000001");
  call.cost_usd = 1e-12;
  call.cost_source = CostSource::manual;
  call.streaming = call.cached = true;
  in.collector.record(call);
  call = finished_call("nobody", "unheard-of", "acme");
  call.timestamp = in.midnight;
  call.cost_source = CostSource::automatic;
  call.input_tokens = 7;
  call.success = false;
  in.collector.record(call);
  auto const point = in.collector.get_timeseries({.from = in.midnight}, "1h").points.at(0);
  TimeSeriesPoint expected{.requests = 2, .failed = 1, .cached = 1, .streaming = 1, .unpriced = 1};
  expected.input_tokens = 1007;
  expected.output_tokens = 100;
  expected.cache_read_tokens = 300;
  expected.cache_write_tokens = 200;
  expected.reasoning_tokens = 50;
  expected.tokens = 1107;
  expected.cost = 1e-12;
  expected.exact_cost = Usd::parse("0.000000000001");
  CHECK(same_sums(point, expected));
}

TEST_CASE("get_timeseries: percentiles of calls in the ring are exact and interpolated") {
  Setting in;
  in.time.advance(1min);
  for (double const ms : {40.0, 10.0, 30.0, 20.0}) {
    auto call = finished_call("openai", "gpt-4o", "acme", ms);
    call.timestamp = in.midnight;
    in.collector.record(call);
  }
  auto const point = in.collector.get_timeseries({.from = in.midnight}, "1h").points.at(0);
  CHECK(point.percentiles_exact);
  CHECK(point.latency_p50 == 25.0);
  CHECK(point.latency_p95 == Approx(38.5));
  CHECK(point.latency_p99 == Approx(39.7));
  CHECK(point.latency_avg == 25.0);
}

TEST_CASE("get_timeseries: time to first token is absent where no call has one") {
  Setting in;
  in.time.advance(2h);
  auto call = finished_call("openai", "gpt-4o", "acme", 500);
  call.timestamp = in.midnight;
  in.collector.record(call);
  call.streaming = true;
  call.timestamp = in.midnight + 1h;
  for (double const ms : {50.0, 150.0}) {
    call.time_to_first_token_ms = ms;
    in.collector.record(call);
  }
  for (bool const folded : {false, true}) {
    if (folded) push_out(in.collector, in.midnight + 3h);
    auto const points =
        in.collector.get_timeseries({.from = in.midnight, .to = in.midnight + 2h}, "1h").points;
    CHECK(points.at(0).requests == 1);
    CHECK_FALSE(points[0].ttft_p50.has_value());
    CHECK_FALSE(points[0].ttft_p95.has_value());
    CHECK_FALSE(points[0].ttft_p99.has_value());
    CHECK_FALSE(points[0].ttft_avg.has_value());
    CHECK(points[1].ttft_p50 == Approx(100).epsilon(0.01));
    CHECK(points[1].ttft_avg == 100.0);
    CHECK(points[1].percentiles_exact == !folded);
  }
}

TEST_CASE("get_timeseries: after clear there is nothing, and later calls count again") {
  Setting in;
  in.time.advance(3h);
  in.record(1h);
  push_out(in.collector, in.midnight + 2h);
  in.collector.clear();
  CHECK(in.collector.get_timeseries({}, "1h").points.empty());
  in.record(2h + 30min);
  auto const series = in.collector.get_timeseries({.from = in.midnight}, "1h");
  CHECK(sum_of(series.points).requests == 1);
  CHECK(series.exact_from == in.midnight);
}

TEST_CASE("get_timeseries: what was pruned is gone, in the ring and out of it") {
  Setting in;
  in.time.advance(5h);
  for (auto const start : {1h, 2h, 3h}) in.record(start);
  for (bool const folded : {false, true}) {
    if (folded) {
      push_out(in.collector, in.midnight + 4h);
      in.collector.prune(in.midnight + 3h);
    } else {
      in.collector.prune(in.midnight + 2h);
    }
    StatsQuery const query{.from = in.midnight, .to = in.midnight + 4h, .tenant_id = "acme"};
    auto const counts = requests_of(in.collector.get_timeseries(query, "1h").points);
    CHECK(counts == (folded ? Counts{0, 0, 0, 1} : Counts{0, 0, 1, 1}));
  }
}
