// SPDX-License-Identifier: MIT
// Where the steps of a time series begin.
#include <netrun/llm/detail/time_zone.hpp>
#include <netrun/llm/detail/utf8.hpp>
#include <netrun/llm/time_step.hpp>

#include <chrono>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace netrun::llm {
namespace {

using Limits = std::numeric_limits<std::int64_t>;

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::int64_t ns_per_day = seconds_per_day * ns_per_second;
constexpr std::int64_t ns_per_week = 7 * ns_per_day;
constexpr std::int64_t first_monday = 4;  // 1970-01-05, in days

/// `value` modulo `divisor`, never negative.
constexpr std::int64_t modulo(std::int64_t value, std::int64_t divisor) noexcept {
  auto const rest = value % divisor;
  return rest < 0 ? rest + divisor : rest;
}

constexpr std::int64_t floor_div(std::int64_t value, std::int64_t divisor) noexcept {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

std::int64_t saturated_sum(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b < 0 ? Limits::min() : Limits::max();
}

std::int64_t saturated_ns(std::int64_t seconds) noexcept {
  std::int64_t ns = 0;
  if (!__builtin_mul_overflow(seconds, ns_per_second, &ns)) return ns;
  return seconds < 0 ? Limits::min() : Limits::max();
}

/// How far `at_ns` is from the start of its step of one length.
std::int64_t distance_from_start(std::int64_t at_ns, std::int64_t length_ns) noexcept {
  auto const from_1970 = modulo(at_ns, length_ns);
  if (length_ns % ns_per_week != 0) return from_1970;
  auto const from_monday = from_1970 - first_monday * ns_per_day;
  return from_monday < 0 ? from_monday + length_ns : from_monday;
}

Clock::time_point to_time(std::int64_t ns) noexcept {
  return Clock::time_point{std::chrono::floor<Clock::duration>(std::chrono::nanoseconds(ns))};
}

std::int64_t to_ns(Clock::time_point at) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

std::string quoted(std::string_view text) {
  return '"' + std::string(detail::cut_utf8(text, 80)) + '"';
}

}  // namespace

/// First days, counted from 1970-01-01, of a step of a calendar and of the next, and where that
/// begins.
struct TimeStep::Days {
  std::int64_t first;
  std::int64_t next;
  std::int64_t next_begin_s;
};

TimeStep::TimeStep(Period const& length) : length_(length) {
  if (length.length() < std::chrono::seconds(1)) {
    throw std::invalid_argument("a step must be at least a second, got " + quoted(length.text()));
  }
}

TimeStep::TimeStep(Unit unit, Period const& usual_length, std::string_view time_zone)
    : length_(usual_length), unit_(unit) {
  detail::TimeZone zone(time_zone);
  if (zone.name() != "UTC") zone_ = std::make_shared<detail::TimeZone const>(std::move(zone));
}

TimeStep TimeStep::day(std::string_view time_zone) { return {Unit::day, "1d", time_zone}; }
TimeStep TimeStep::week(std::string_view time_zone) { return {Unit::week, "7d", time_zone}; }
TimeStep TimeStep::month(std::string_view time_zone) { return {Unit::month, "30d", time_zone}; }

TimeStep TimeStep::parse(std::string_view text) {
  if (text == "day") return day();
  if (text == "week") return week();
  if (text == "month") return month();
  auto const length = [&]() -> Period {
    try {
      return text;
    } catch (std::invalid_argument const&) {
      throw std::invalid_argument("not a step: " + quoted(text) +
                                  " (a whole number above zero and one of s, m, h, d, w, such as "
                                  "\"15m\", or day, week or month)");
    }
  }();
  return length;
}

std::string_view TimeStep::text() const noexcept {
  switch (unit_) {
    case Unit::day:
      return "day";
    case Unit::week:
      return "week";
    case Unit::month:
      return "month";
    case Unit::none:
      break;
  }
  return length_.text();
}

std::string_view TimeStep::time_zone() const noexcept {
  return zone_ == nullptr ? std::string_view("UTC") : zone_->name();
}

std::int64_t TimeStep::first_day(std::int64_t day) const noexcept {
  if (unit_ == Unit::day) return day;
  if (unit_ == Unit::week) return day - modulo(day - first_monday, 7);
  std::chrono::year_month_day const date{std::chrono::sys_days{std::chrono::days{day}}};
  return day - static_cast<std::int64_t>(static_cast<unsigned>(date.day())) + 1;
}

std::int64_t TimeStep::next_first_day(std::int64_t first) const noexcept {
  if (unit_ == Unit::day) return first + 1;
  if (unit_ == Unit::week) return first + 7;
  std::chrono::year_month_day const date{std::chrono::sys_days{std::chrono::days{first}}};
  return std::chrono::sys_days{date + std::chrono::months{1}}.time_since_epoch().count();
}

std::int64_t TimeStep::begin_of_day_s(std::int64_t day) const noexcept {
  auto const local_s = day * seconds_per_day;
  return zone_ == nullptr ? local_s : zone_->to_utc(local_s);
}

TimeStep::Days TimeStep::days_around(std::int64_t at_ns) const noexcept {
  auto const at_s = floor_div(at_ns, ns_per_second);
  auto const local_s = zone_ == nullptr ? at_s : at_s + zone_->offset_at(at_s);
  auto const first = first_day(floor_div(local_s, seconds_per_day));
  auto next = next_first_day(first);
  Days days{first, next, begin_of_day_s(next)};
  // The clock may have been put back from a later day, which then has begun already.
  while (days.next_begin_s <= at_s) {
    next = next_first_day(days.next);
    days = {days.next, next, begin_of_day_s(next)};
  }
  return days;
}

std::int64_t TimeStep::start_of_ns(std::int64_t at_ns) const noexcept {
  if (unit_ != Unit::none) return saturated_ns(begin_of_day_s(days_around(at_ns).first));
  return saturated_sum(at_ns, -distance_from_start(at_ns, length_.length().count()));
}

std::int64_t TimeStep::start_of_next_ns(std::int64_t at_ns) const noexcept {
  if (unit_ != Unit::none) return saturated_ns(days_around(at_ns).next_begin_s);
  auto const length_ns = length_.length().count();
  return saturated_sum(at_ns, length_ns - distance_from_start(at_ns, length_ns));
}

Clock::time_point TimeStep::start_of(Clock::time_point at) const noexcept {
  return to_time(start_of_ns(to_ns(at)));
}

Clock::time_point TimeStep::start_of_next(Clock::time_point at) const noexcept {
  return to_time(start_of_next_ns(to_ns(at)));
}

}  // namespace netrun::llm
