// SPDX-License-Identifier: MIT
// Steps of a time series: of one length, or days, weeks and months of a calendar.
#pragma once

#include <netrun/llm/period.hpp>
#include <netrun/llm/time.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

namespace netrun::llm {

namespace detail {
class TimeZone;
}

/// How a time series is cut: see TelemetryCollector::get_timeseries.
///
/// A step of one length ("15m", "1h", any duration of at least a second) begins at whole multiples
/// of it since 1970-01-01T00:00Z; one of whole weeks ("1w", "14d") on Mondays. A calendar step
/// ("day", "week", "month", in UTC) begins at the first moment of a day, of a Monday or of the
/// first of a month in a time zone, so it is as long as that zone's clocks make it: a day has 23 or
/// 25 hours when they are changed.
///
/// Steps leave no gap and do not overlap. A day that begins when clocks are put forward over its
/// midnight begins at that moment; a day that a zone skipped has no step. Where clocks that are put
/// back show the end of a day once more after its midnight, the day after has begun already.
///
/// Errors: std::invalid_argument that quotes the input, for what is neither, shorter than a second,
/// or an unknown time zone. Zones come from the system's database in $TZDIR or /usr/share/zoneinfo
/// (package tzdata); UTC needs none. To name a zone reads its file and the environment, some 20
/// microseconds; copies share what was read.
///
/// Thread safety: a plain value.
///
/// Example:
///   collector.get_timeseries({.period = "24h"}, "1h");
///   collector.get_timeseries({.period = "30d"}, TimeStep::day("Europe/Berlin"));
class TimeStep {
 public:
  template <class T>
  requires std::convertible_to<T const&, std::string_view> TimeStep(T const& text)
      : TimeStep(parse(view_of(text))) {}
  template <class R, class P>
  TimeStep(std::chrono::duration<R, P> length) : TimeStep(Period(length)) {}
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

  /// "15m", as Period::text; "day", "week" or "month". The view lives as long as this object.
  [[nodiscard]] std::string_view text() const noexcept;
  /// "Europe/Berlin"; "UTC" of a step of one length. The view lives as long as this object or a
  /// copy of it.
  [[nodiscard]] std::string_view time_zone() const noexcept;

  /// Equal when both have the same length, however it was written, or are the same step of a
  /// calendar in a time zone of the same name. "24h" and "day" are not equal.
  [[nodiscard]] friend bool operator==(TimeStep const& a, TimeStep const& b) noexcept {
    return a.unit_ == b.unit_ && a.length_ == b.length_ && a.time_zone() == b.time_zone();
  }

 private:
  enum class Unit : std::uint8_t { none, day, week, month };

  TimeStep(Unit unit, Period const& usual_length, std::string_view time_zone);
  static TimeStep parse(std::string_view text);
  template <class T>
  static std::string_view view_of(T const& text) {
    if constexpr (std::is_convertible_v<T const&, char const*>) {
      char const* const pointer = text;
      return pointer == nullptr ? std::string_view{} : std::string_view(pointer);
    } else {
      return static_cast<std::string_view>(text);
    }
  }

  struct Days;
  [[nodiscard]] Days days_around(std::int64_t at_ns) const noexcept;
  [[nodiscard]] std::int64_t begin_of_day_s(std::int64_t day) const noexcept;
  [[nodiscard]] std::int64_t first_day(std::int64_t day) const noexcept;
  [[nodiscard]] std::int64_t next_first_day(std::int64_t first) const noexcept;

  Period length_;                                 // of a calendar step a usual one
  std::shared_ptr<detail::TimeZone const> zone_;  // null: UTC
  Unit unit_ = Unit::none;
};

}  // namespace netrun::llm
