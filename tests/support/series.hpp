// SPDX-License-Identifier: MIT
// Calls at chosen times, and what a time series says of them.
#pragma once

#include <netrun/llm/telemetry.hpp>
#include <netrun/llm/timestamp.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::testing {

using Counts = std::vector<std::uint64_t>;

/// "2026-03-29T01:00Z" as a time.
[[nodiscard]] Clock::time_point at(std::string_view text);

/// Records a call of tenant "acme" to "openai" and "gpt-4o" that costs a dollar.
void record_at(TelemetryCollector& collector, Clock::time_point start);
void record_at(TelemetryCollector& collector, Clock::time_point start, std::string const& tenant,
               std::string const& model = "gpt-4o", double cost_usd = 1);

/// Records calls of tenant "filler" that start at `start` until all earlier calls have left the
/// ring; gives up after a million. Returns how many it took. For calls of one thread.
std::uint64_t push_out(TelemetryCollector& collector, Clock::time_point start);

/// The requests of each point.
[[nodiscard]] Counts requests_of(std::vector<TimeSeriesPoint> const& points);
/// The sum of all points; start and end are those of the first and the last.
[[nodiscard]] TimeSeriesPoint sum_of(std::vector<TimeSeriesPoint> const& points);
/// Whether counts, tokens and money are the same; percentiles and times may differ.
[[nodiscard]] bool same_sums(TimeSeriesPoint const& a, TimeSeriesPoint const& b);
/// Whether points are without gap, of the series' period, and their groups add up to them.
[[nodiscard]] bool adds_up(TimeSeries const& series);

}  // namespace netrun::llm::testing
