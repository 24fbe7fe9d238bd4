// SPDX-License-Identifier: MIT
// Moments of the wall clock as text, ISO 8601, and back.
#pragma once

#include <netrun/llm/time.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace netrun::llm {

/// Most characters that write_iso8601 writes: "2026-01-01T00:00:00.123456789Z".
inline constexpr std::size_t max_iso8601_bytes = 30;

/// Writes `at` to `out`, which must have room for max_iso8601_bytes, and returns the end of what
/// was written. No terminating zero. About 20 ns.
///
/// The form is "2026-01-01T00:00:00.000000Z", UTC: six decimals when `at` is a whole number of
/// microseconds, else nine. Every moment of a clock that counts nanoseconds (1677-09-21 to
/// 2262-04-11) is written exactly; stamps with the same number of decimals sort as text.
///
/// Thread safety: any number of threads.
///
/// Example:
///   char text[max_iso8601_bytes];
///   std::string_view stamp(text, write_iso8601(call.timestamp, text) - text);
char* write_iso8601(Clock::time_point at, char* out) noexcept;

/// As write_iso8601, at the end of `out`. Throws std::bad_alloc.
void append_iso8601(std::string& out, Clock::time_point at);

/// As write_iso8601, as a new string. Throws std::bad_alloc.
///
/// Example:
///   to_iso8601(Clock::time_point{});  // "1970-01-01T00:00:00.000000Z"
[[nodiscard]] std::string to_iso8601(Clock::time_point at);

/// Reads a moment: "YYYY-MM-DD", which is its midnight, or that, a 'T', 't' or one space, "hh:mm",
/// optionally ":ss", and then optionally a point or comma and any number of digits. After the time
/// a zone may follow: 'Z', 'z' or a distance to UTC as "+hh:mm", "+hhmm" or "+hh", with either
/// sign. Without a zone it is UTC. Digits below the clock's resolution are cut off.
///
/// Throws std::invalid_argument, which quotes `text` and says why, when it is anything else: a
/// month 13, February 30, hour 24, second 60 (the clock knows no leap seconds), text before or
/// after it, or a moment that the clock cannot hold.
///
/// Thread safety: any number of threads.
///
/// Example:
///   parse_iso8601("2026-01-01 01:30+01:30") == parse_iso8601("2026-01-01");  // true
[[nodiscard]] Clock::time_point parse_iso8601(std::string_view text);

}  // namespace netrun::llm
