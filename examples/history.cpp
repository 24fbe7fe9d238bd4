// SPDX-License-Identifier: MIT
// A long memory: the collector keeps 10,000 calls and answers about all of 200,000, day by day.
//
// Output:
//   30 days: 149188 requests, 0.72 % failed, $1040.466557
//   latency: p50 ~1.61 s, p95 ~6.69 s, p99 ~8.93 s, to within 1 %
//   Europe/Berlin  requests  errors     cost      p95
//   2026-03-25      6050   0.3 %  $ 42.17   ~6.4 s
//   2026-03-26      6050   0.4 %  $ 41.90   ~6.4 s
//   2026-03-27      6050   0.4 %  $ 43.17   ~6.4 s
//   2026-03-28      2098   0.6 %  $ 14.74   ~6.7 s
//   2026-03-29      1961   0.2 %  $ 13.84   ~6.4 s
//   2026-03-30      5863   0.2 %  $ 41.83   ~6.4 s
//   2026-03-31      6050   8.3 %  $ 33.88  ~30.0 s
//   2026-04-01      6050   0.3 %  $ 41.73   ~6.4 s
//   2026-04-02      6050   0.4 %  $ 42.06   ~6.4 s
//   2026-04-03      5211   0.6 %  $ 36.41   ~6.5 s
//   week of 2026-03-09:  claude-sonnet-4-5 $150.14  gpt-4o $72.43  gemini-2.5-flash $16.14
//   week of 2026-03-16:  claude-sonnet-4-5 $152.53  gpt-4o $71.04  gemini-2.5-flash $16.39
//   week of 2026-03-23:  claude-sonnet-4-5 $149.12  gpt-4o $71.21  gemini-2.5-flash $16.23
//   week of 2026-03-30:  claude-sonnet-4-5 $118.27  gpt-4o $61.37  gemini-2.5-flash $13.99
//   memory: ~14.2 MB now, ~213 MB at most
#include "history/replay.hpp"
#include "history/report.hpp"
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <string>

using namespace netrun::llm;

namespace {

void print_month(TelemetryCollector const& collector) {
  auto const month = collector.get_stats("30d");
  fmt::print("30 days: {} requests, {:.2f} % failed, ${}\n", month.total_requests,
             history::percent(month.failed_requests, month.total_requests),
             month.total_cost.to_string());
  fmt::print("latency: p50 {:.2f} s, p95 {:.2f} s, p99 {:.2f} s{}\n", month.latency_p50 / 1e3,
             month.latency_p95 / 1e3, month.latency_p99 / 1e3,
             month.latency_percentiles_exact ? "" : ", to within 1 %");
}

void print_days(TelemetryCollector const& collector, std::string const& zone) {
  auto const days = collector.get_timeseries({.period = "9d"}, TimeStep::day(zone));
  fmt::print("{:<10}  requests  errors     cost      p95\n", zone);
  for (auto const& day : days.points) {  // nine whole days, and today so far
    fmt::print("{}  {:>8}  {:>4.1f} %  ${:>6.2f}  {:>5.1f} s\n", history::date_of(day),
               day.requests, history::percent(day.failed, day.requests), day.cost,
               day.latency_p95.value_or(0) / 1e3);
  }
}

void print_dearest_models(TelemetryCollector const& collector, std::string const& zone) {
  auto const weeks = collector.get_timeseries({.period = "21d"}, TimeStep::week(zone),
                                              {.group_by = GroupBy::model});
  for (std::size_t i = 0; i < weeks.points.size(); ++i) {
    fmt::print("week of {}:{}\n", history::date_of(weeks.points[i]), history::dearest(weeks, i, 3));
  }
}

}  // namespace

int main() {
  ManualTime time(history::end - history::length);
  TelemetryCollector collector({.time_source = &time});
  history::replay(collector, time);  // in your program: what it has done in the last weeks

  print_month(collector);
  auto const zone = history::zone_or_utc("Europe/Berlin");
  print_days(collector, zone);
  print_dearest_models(collector, zone);
  auto const memory = collector.memory_usage();
  fmt::print("memory: {:.1f} MB now, {:.0f} MB at most\n", static_cast<double>(memory.total) / 1e6,
             static_cast<double>(memory.limit) / 1e6);
}
