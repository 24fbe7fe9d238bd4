// SPDX-License-Identifier: MIT
// What the clocks of a zone do every year, in the form of POSIX's variable TZ.
#pragma once

#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

/// One of the two changes of a year.
struct YearlyChange {
  enum class Form : std::uint8_t {
    day_without_leap_day,  ///< "J60": March 1 in every year.
    day_of_year,           ///< "59": the sixtieth day of the year.
    weekday_of_month,      ///< "M10.5.0": the last Sunday of October.
  };
  Form form{};
  int day = 0;  ///< Of the year, or of the week from Sunday = 0.
  int week = 0;
  int month = 0;
  std::int64_t time_s = 7200;  ///< After the midnight of that day, -167 to 167 hours.

  /// Days since 1970-01-01; the time is not in it. Years from 1 on.
  [[nodiscard]] std::int64_t day_in(std::int64_t year) const noexcept;
};

/// "CET-1CEST,M3.5.0,M10.5.0/3" without its names. Offsets are seconds east of UTC.
struct TzRule {
  std::int64_t standard_s = 0;
  std::int64_t daylight_s = 0;
  bool has_daylight = false;
  YearlyChange to_daylight;
  YearlyChange to_standard;

  /// Seconds since 1970, in UTC, of the changes of a year from 1 on; only with has_daylight.
  [[nodiscard]] std::int64_t daylight_begins(std::int64_t year) const noexcept;
  [[nodiscard]] std::int64_t daylight_ends(std::int64_t year) const noexcept;
};

/// Reads a rule in the extended form of RFC 9636, section 3.3.1. Throws std::invalid_argument,
/// which quotes it, when it is anything else.
[[nodiscard]] TzRule parse_tz_rule(std::string_view text);

}  // namespace netrun::llm::detail
