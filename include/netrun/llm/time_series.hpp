// SPDX-License-Identifier: MIT
// Figures over time: the answer of TelemetryCollector::get_timeseries.
#pragma once

#include <netrun/llm/stats.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/time_step.hpp>
#include <netrun/llm/usd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace netrun::llm {

/// Most steps of one series: ten years by the hour.
inline constexpr std::size_t max_time_series_steps = 100'000;

/// Most points of one series, those of its groups included.
inline constexpr std::size_t max_time_series_points = 500'000;

/// Whether a series is told apart.
enum class GroupBy : std::uint8_t { none, provider, model, tenant };

struct TimeSeriesOptions {
  GroupBy group_by = GroupBy::none;
  /// Most groups; the dearest are kept (then those with most requests), the rest is "other".
  std::size_t max_groups = 50;
};

/// The figures of one step. Percentiles are absent when there is nothing to take them of.
struct TimeSeriesPoint {
  Clock::time_point start{}, end{};  ///< [start, end)
  std::uint64_t requests = 0, failed = 0;
  std::uint64_t cached = 0, streaming = 0;
  std::uint64_t unpriced = 0;  ///< Calls whose cost nobody knows; they add nothing to cost.
  std::uint64_t input_tokens = 0, output_tokens = 0;
  std::uint64_t cache_read_tokens = 0, cache_write_tokens = 0, reasoning_tokens = 0;
  std::uint64_t tokens = 0;  ///< input + output
  double cost = 0;           ///< USD, the nearest double to exact_cost.
  Usd exact_cost{};
  std::optional<double> latency_p50{}, latency_p95{}, latency_p99{}, latency_avg{};  ///< ms
  std::optional<double> ttft_p50{}, ttft_p95{}, ttft_p99{}, ttft_avg{};  ///< ms, of streaming calls
  bool percentiles_exact =
      true;  ///< False: some of the calls have left the ring; off by 1 % at most.

  [[nodiscard]] friend bool operator==(TimeSeriesPoint const&, TimeSeriesPoint const&) = default;
};

/// Points in the order of time, each beginning where the one before it ends.
///
/// A call belongs to the step in which it started. What has left the ring is known by cell (a
/// minute, later a quarter of an hour, an hour, a day); a cell belongs to the step in which it
/// begins, so where steps cut cells in two, and only there, calls may be counted a step too early.
/// What AggregatedMetrics::unattributed_requests says of some questions is not told here.
struct TimeSeries {
  Clock::time_point period_start{}, period_end{};  ///< whole steps
  /// From here on no cell was cut in two, and every call is in its own step. Where a condition on
  /// user, endpoint or tag can be answered from the ring alone: from here on all calls are known.
  Clock::time_point exact_from{};
  std::vector<TimeSeriesPoint> points{};          ///< of all calls that the query wants
  ByName<std::vector<TimeSeriesPoint>> groups{};  ///< as many points each; empty unless grouped

  [[nodiscard]] friend bool operator==(TimeSeries const&, TimeSeries const&) = default;
};

}  // namespace netrun::llm
