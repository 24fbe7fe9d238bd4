// SPDX-License-Identifier: MIT
// get_timeseries of calls that have left the ring: which step they are in, and what exact_from
// says.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/series.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

/// A collector whose calls of "acme" are out of the ring; the clock is at 2026-01-01T00:00Z first.
struct Setting {
  ManualTime time;
  Clock::time_point const midnight = time.now();
  TelemetryCollector collector;

  explicit Setting(TelemetryOptions options = {}) : collector(with_clock(options)) {}
  TelemetryOptions with_clock(TelemetryOptions options) {
    options.max_history = 10;
    options.time_source = &time;
    return options;
  }
  void record(std::chrono::nanoseconds after_midnight) {
    record_at(collector, midnight + after_midnight);
  }
  void pass(std::chrono::nanoseconds length) {
    time.advance(length);
    push_out(collector, time.now());
  }
};

/// The point that holds a time.
TimeSeriesPoint const& point_at(TimeSeries const& series, Clock::time_point when) {
  for (auto const& point : series.points) {
    if (point.start <= when && when < point.end) return point;
  }
  FAIL("no such point");
  return series.points.front();
}

}  // namespace

TEST_CASE("time series of the history: calls of the last hours are known by minute") {
  Setting in;
  for (auto const start : {0s, 59s, 60s, 3599s}) in.record(start);
  in.pass(5h);
  auto const series = in.collector.get_timeseries(
      {.from = in.midnight, .to = in.midnight + 1h, .tenant_id = "acme"}, "1m");
  REQUIRE(series.points.size() == 60);
  CHECK(series.points[0].requests == 2);
  CHECK(series.points[1].requests == 1);
  CHECK(series.points[59].requests == 1);
  CHECK(series.exact_from == in.midnight);
}

TEST_CASE("time series of the history: ring and history make up one step") {
  Setting in;
  in.record(10min);
  in.pass(30min);
  in.record(20min);
  in.record(50min);
  auto const series = in.collector.get_timeseries(
      {.from = in.midnight, .to = in.midnight + 1h, .tenant_id = "acme"}, "15m");
  CHECK(requests_of(series.points) == Counts{1, 1, 0, 1});
  auto const whole = in.collector.get_timeseries(
      {.from = in.midnight, .to = in.midnight + 1h, .tenant_id = "acme"}, "1h",
      {.group_by = GroupBy::model});
  CHECK(requests_of(whole.points) == Counts{3});
  CHECK(adds_up(whole));
}

TEST_CASE(
    "time series of the history: percentiles are within 1 % and say that they are not exact") {
  Setting in;
  std::mt19937_64 random(11);
  std::vector<double> all;
  auto const record = [&](std::chrono::nanoseconds after) {
    double const ms = std::exp(std::uniform_real_distribution<double>(0, 10)(random));
    all.push_back(ms);
    auto call = finished_call("openai", "gpt-4o", "acme", ms);
    call.timestamp = in.midnight + after;
    in.collector.record(call);
  };
  for (int i = 0; i < 501; ++i) record(10min);
  in.pass(30min);
  for (int i = 0; i < 500; ++i) record(20min);
  record(70min);
  auto const latest = all.back();
  all.pop_back();
  std::sort(all.begin(), all.end());
  auto const points =
      in.collector
          .get_timeseries({.from = in.midnight, .to = in.midnight + 2h, .tenant_id = "acme"}, "1h",
                          {.group_by = GroupBy::model})
          .groups.at("gpt-4o");
  CHECK_FALSE(points[0].percentiles_exact);
  CHECK(*points[0].latency_p50 == Approx(all[500]).epsilon(0.01));
  CHECK(*points[0].latency_p95 == Approx(all[950]).epsilon(0.01));
  CHECK(*points[0].latency_p99 == Approx(all[990]).epsilon(0.01));
  CHECK(points[1].percentiles_exact);
  CHECK(points[1].latency_p99 == latest);
}

TEST_CASE("time series of the history: a cell belongs to the step in which it begins") {
  Setting in;
  in.record(10h + 20min);
  in.pass(72h);
  auto const total =
      in.collector.get_timeseries({.from = in.midnight, .to = in.midnight + 24h}, "7m");
  // All calls together are known by quarters of an hour.
  CHECK(sum_of(total.points).requests == 1);
  CHECK(point_at(total, in.midnight + 10h + 15min).requests == 1);
  CHECK(total.exact_from == in.midnight + 10h + 30min);
  // A tenant's are known by the hour.
  auto const tenant = in.collector.get_timeseries(
      {.from = in.midnight, .to = in.midnight + 24h, .tenant_id = "acme"}, "7m");
  CHECK(sum_of(tenant.points).requests == 1);
  CHECK(point_at(tenant, in.midnight + 10h).requests == 1);
  CHECK(tenant.exact_from == in.midnight + 11h);
}

TEST_CASE("time series of the history: steps of whole cells are exact from the start") {
  Setting in;
  in.record(10h + 20min);
  in.record(10h + 44min);
  in.pass(72h);
  StatsQuery query{.from = in.midnight + 10h, .to = in.midnight + 11h};
  auto const total = in.collector.get_timeseries(query, "15m");
  CHECK(requests_of(total.points) == Counts{0, 1, 1, 0});
  CHECK(total.exact_from == query.from);
  query.tenant_id = "acme";
  auto const tenant = in.collector.get_timeseries(query, "1h");
  CHECK(requests_of(tenant.points) == Counts{2});
  CHECK(tenant.exact_from == query.from);
}

TEST_CASE("time series of the history: the first step takes in a cell that began before it") {
  Setting in;
  in.record(10h + 5min);
  in.record(10h + 50min);
  in.pass(72h);
  auto const series = in.collector.get_timeseries(
      {.from = in.midnight + 10h + 30min, .to = in.midnight + 12h, .tenant_id = "acme"}, "30m");
  CHECK(requests_of(series.points) == Counts{2, 0, 0});
  CHECK(series.exact_from == in.midnight + 11h);
}

TEST_CASE(
    "time series of the history: calls in the ring are in their step where cells are coarse") {
  Setting in;
  in.record(10h + 5min);
  in.pass(72h);
  in.record(10h + 50min);
  auto const series = in.collector.get_timeseries(
      {.from = in.midnight + 10h, .to = in.midnight + 11h, .tenant_id = "acme"}, "10m");
  CHECK(requests_of(series.points) == Counts{1, 0, 0, 0, 0, 1});
}

TEST_CASE("time series of the history: coarse old cells leave the newer steps exact") {
  Setting in;
  in.record(10min);
  in.time.advance(72h);
  in.record(72h + 10min);
  in.record(72h + 13min);
  in.pass(1h);
  auto const series = in.collector.get_timeseries({.from = in.midnight, .tenant_id = "acme"}, "1m");
  CHECK(sum_of(series.points).requests == 3);
  CHECK(point_at(series, in.midnight).requests == 1);
  CHECK(series.exact_from == in.midnight + 1h);
  CHECK(point_at(series, in.midnight + 72h + 10min).requests == 1);
  CHECK(point_at(series, in.midnight + 72h + 13min).requests == 1);
}

TEST_CASE("time series of the history: without memory old calls are known by day, new ones finer") {
  Setting in({.history_memory = std::size_t{8} << 20});
  constexpr int days = 30;
  for (int hour = 0; hour < days * 24; ++hour) {
    for (int i = 0; i < 60; ++i) {
      record_at(in.collector, in.midnight + std::chrono::hours(hour) + std::chrono::minutes(i),
                "tenant-" + std::to_string(i), "model-" + std::to_string(i % 7));
    }
    in.time.advance(1h);
  }
  push_out(in.collector, in.time.now() + 1h);
  StatsQuery const query{.from = in.midnight, .to = in.midnight + days * 24h};
  auto const by_tenant =
      in.collector.get_timeseries(query, "1d", {.group_by = GroupBy::tenant, .max_groups = 5});
  CHECK(adds_up(by_tenant));
  CHECK(requests_of(by_tenant.points) == Counts(days, 24 * 60));
  CHECK(by_tenant.exact_from == in.midnight);
  auto const hourly = in.collector.get_timeseries(query, "1h", {.group_by = GroupBy::tenant});
  CHECK(adds_up(hourly));
  CHECK(sum_of(hourly.points).requests == days * 24 * 60);
  CHECK(hourly.exact_from > in.midnight);
  CHECK(hourly.exact_from < query.to);
  for (auto const& point : hourly.points) {
    if (point.start < hourly.exact_from || point.requests == 60) continue;
    FAIL("a point after exact_from has " << point.requests);
  }
}

TEST_CASE("time series of the history: what lay before the retention is gone, and steps stay") {
  Setting in({.history_retention = 48h});
  in.record(1h);
  in.record(49h);
  in.pass(96h);
  auto const series = in.collector.get_timeseries(
      {.from = in.midnight, .to = in.midnight + 72h, .tenant_id = "acme"}, "1d");
  CHECK(requests_of(series.points) == Counts{0, 0, 1});
}

TEST_CASE(
    "time series of the history: a part of an hour can be pruned, the rest stays in its step") {
  Setting in;
  for (auto const start : {10min, 20min, 40min, 70min}) in.record(start);
  in.pass(3h);
  CHECK(in.collector.prune(in.midnight + 30min) == 2);
  auto const series = in.collector.get_timeseries(
      {.from = in.midnight, .to = in.midnight + 2h, .tenant_id = "acme"}, "30m");
  CHECK(requests_of(series.points) == Counts{0, 1, 1, 0});
}

TEST_CASE("time series of the history: a period within an hour is as get_stats has it") {
  Setting in;
  for (auto const start : {10h + 5min, 10h + 20min, 10h + 44min}) in.record(start);
  in.pass(13h);
  for (auto const end : {1min, 6min, 15min, 30min, 45min, 59min}) {
    StatsQuery const query{
        .from = in.midnight + 10h, .to = in.midnight + 10h + end, .tenant_id = "acme"};
    auto const expected = end < 6min ? 0U : end < 30min ? 1U : end < 45min ? 2U : 3U;
    CHECK(in.collector.get_stats(query).total_requests == expected);
    CHECK(sum_of(in.collector.get_timeseries(query, "1m").points).requests == expected);
  }
}
