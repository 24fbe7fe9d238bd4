// SPDX-License-Identifier: MIT
// Calls at chosen times, and what a time series says of them.
#include "support/series.hpp"

#include "support/calls.hpp"

namespace netrun::llm::testing {

Clock::time_point at(std::string_view text) { return parse_iso8601(text); }

void record_at(TelemetryCollector& collector, Clock::time_point start) {
  record_at(collector, start, "acme");
}

void record_at(TelemetryCollector& collector, Clock::time_point start, std::string const& tenant,
               std::string const& model, double cost_usd) {
  auto call = finished_call("openai", model, tenant, 100, cost_usd);
  call.timestamp = start;
  collector.record(call);
}

std::uint64_t push_out(TelemetryCollector& collector, Clock::time_point start) {
  auto const before = collector.diagnostics();
  auto const fold_until = before.recorded;
  std::uint64_t count = 0;
  while (count < 1'000'000 && collector.diagnostics().folded < fold_until) {
    for (int i = 0; i < 1'000; ++i) record_at(collector, start, "filler", "filler", 0);
    count += 1'000;
  }
  return count;
}

Counts requests_of(std::vector<TimeSeriesPoint> const& points) {
  Counts counts;
  for (auto const& point : points) counts.push_back(point.requests);
  return counts;
}

TimeSeriesPoint sum_of(std::vector<TimeSeriesPoint> const& points) {
  TimeSeriesPoint sum;
  if (points.empty()) return sum;
  sum.start = points.front().start;
  sum.end = points.back().end;
  for (auto const& point : points) {
    sum.requests += point.requests;
    sum.failed += point.failed;
    sum.cached += point.cached;
    sum.streaming += point.streaming;
    sum.unpriced += point.unpriced;
    sum.input_tokens += point.input_tokens;
    sum.output_tokens += point.output_tokens;
    sum.cache_read_tokens += point.cache_read_tokens;
    sum.cache_write_tokens += point.cache_write_tokens;
    sum.reasoning_tokens += point.reasoning_tokens;
    sum.tokens += point.tokens;
    sum.exact_cost += point.exact_cost;
  }
  sum.cost = sum.exact_cost.to_double();
  return sum;
}

bool same_sums(TimeSeriesPoint const& a, TimeSeriesPoint const& b) {
  return a.requests == b.requests && a.failed == b.failed && a.cached == b.cached &&
         a.streaming == b.streaming && a.unpriced == b.unpriced &&
         a.input_tokens == b.input_tokens && a.output_tokens == b.output_tokens &&
         a.cache_read_tokens == b.cache_read_tokens &&
         a.cache_write_tokens == b.cache_write_tokens && a.reasoning_tokens == b.reasoning_tokens &&
         a.tokens == b.tokens && a.exact_cost == b.exact_cost && a.cost == b.cost;
}

bool adds_up(TimeSeries const& series) {
  auto const& points = series.points;
  if (points.empty()) return series.period_start == series.period_end && series.groups.empty();
  if (points.front().start != series.period_start || points.back().end != series.period_end)
    return false;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points[i].start >= points[i].end) return false;
    if (i != 0 && points[i].start != points[i - 1].end) return false;
    if (series.groups.empty()) continue;
    std::vector<TimeSeriesPoint> parts;
    for (auto const& [name, of_group] : series.groups) {
      if (of_group.size() != points.size() || of_group[i].start != points[i].start ||
          of_group[i].end != points[i].end)
        return false;
      parts.push_back(of_group[i]);
    }
    if (!same_sums(sum_of(parts), points[i])) return false;
  }
  return true;
}

}  // namespace netrun::llm::testing
