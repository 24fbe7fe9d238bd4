// SPDX-License-Identifier: MIT
// Steps of a time series: of one length, or days, weeks and months of a calendar.
#pragma once

#include <netrun/llm/detail/time_zone.hpp>
#include <netrun/llm/period.hpp>
#include <netrun/llm/time.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string_view>

namespace netrun::llm {

/// How a time series is cut: see TelemetryCollector::get_timeseries.
///
/// A step of one length ("15m", "1h", any duration of at least a second) begins at whole multiples
/// of it since 1970-01-01T00:00Z; weeks ("1w") on Mondays. A calendar step ("day", "week", "month")
/// begins at the first moment of a day, of a Monday or of the first of a month in a time zone, so
/// it is as long as that zone's clocks make it: a day has 23 or 25 hours when they are changed.
///
/// Errors: std::invalid_argument that quotes the input, for what is neither, shorter than a second,
/// or an unknown time zone.
///
/// Thread safety: a plain value.
///
/// Example:
///   collector.get_timeseries({.period = "24h"}, "1h");
///   collector.get_timeseries({.period = "30d"}, TimeStep::day("Europe/Berlin"));
class TimeStep {
 public:
  template <class T>
  requires std::convertible_to<T const&, std::string_view> TimeStep(T const& text);
  template <class R, class P>
  TimeStep(std::chrono::duration<R, P> length);
  TimeStep(Period const& length);

  [[nodiscard]] static TimeStep day(std::string_view time_zone = "UTC");
  [[nodiscard]] static TimeStep week(std::string_view time_zone = "UTC");
  [[nodiscard]] static TimeStep month(std::string_view time_zone = "UTC");

  /// The start of the step that holds `at`.
  [[nodiscard]] Clock::time_point start_of(Clock::time_point at) const noexcept;
  /// The start of the step after the one that holds `at`.
  [[nodiscard]] Clock::time_point start_of_next(Clock::time_point at) const noexcept;
  /// The same in nanoseconds since 1970; at the ends of the range they stay within it.
  [[nodiscard]] std::int64_t start_of_ns(std::int64_t at_ns) const noexcept;
  [[nodiscard]] std::int64_t start_of_next_ns(std::int64_t at_ns) const noexcept;
};

}  // namespace netrun::llm
