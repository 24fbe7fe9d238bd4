// SPDX-License-Identifier: MIT
// Reading the rule at the end of a TZif file, and working it out for a year.
#include "core/tz_rule.hpp"

#include <netrun/llm/detail/utf8.hpp>

#include <array>
#include <stdexcept>
#include <string>

namespace netrun::llm::detail {
namespace {

constexpr std::int64_t seconds_per_day = 86'400;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

/// Takes a rule apart from the left.
class RuleText {
 public:
  explicit RuleText(std::string_view text) noexcept : whole_(text), rest_(text) {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  [[nodiscard]] char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }

  bool skip(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!skip(c)) fail();
  }
  /// "CET" or "<+0330>".
  void skip_name() {
    bool const quoted = skip('<');
    std::size_t size = 0;
    while (size < rest_.size() && is_of_name(rest_[size], quoted)) ++size;
    if (size < 3) fail();
    rest_.remove_prefix(size);
    if (quoted) expect('>');
  }
  int number(int least, int most) {
    int value = 0;
    std::size_t digits = 0;
    for (; is_digit(peek()); ++digits) {
      if (digits == 3) fail();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    if (digits == 0 || value < least || value > most) fail();
    return value;
  }
  /// "-3:30", "2" or "00:00:01", in seconds.
  std::int64_t time(int most_hours) {
    bool const negative = peek() == '-';
    if (!skip('-')) skip('+');
    std::int64_t value = std::int64_t{3600} * number(0, most_hours);
    if (skip(':')) {
      value += std::int64_t{60} * number(0, 59);
      if (skip(':')) value += number(0, 59);
    }
    return negative ? -value : value;
  }
  YearlyChange change() {
    YearlyChange change;
    if (skip('M')) {
      change.form = YearlyChange::Form::weekday_of_month;
      change.month = number(1, 12);
      expect('.');
      change.week = number(1, 5);
      expect('.');
      change.day = number(0, 6);
    } else if (skip('J')) {
      change.form = YearlyChange::Form::day_without_leap_day;
      change.day = number(1, 365);
    } else {
      change.form = YearlyChange::Form::day_of_year;
      change.day = number(0, 365);
    }
    if (skip('/')) change.time_s = time(167);
    return change;
  }
  [[noreturn]] void fail() const {
    throw std::invalid_argument("not a rule for changing clocks: \"" +
                                std::string(cut_utf8(whole_, 80)) + '"');
  }

 private:
  static bool is_of_name(char c, bool quoted) noexcept {
    return is_letter(c) || (quoted && (is_digit(c) || c == '+' || c == '-'));
  }

  std::string_view whole_;
  std::string_view rest_;
};

bool is_leap_year(std::int64_t year) noexcept {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Days since 1970-01-01 of January 1. Not std::chrono's, whose years end with 32,767.
std::int64_t first_of_year(std::int64_t year) noexcept {
  constexpr std::int64_t days_before_1970 = 719'162;  // since January 1 of the year 1
  std::int64_t const before = year - 1;
  return before * 365 + before / 4 - before / 100 + before / 400 - days_before_1970;
}

std::int64_t first_of_month(std::int64_t year, int month) noexcept {
  constexpr std::array<int, 13> days_before{0,   31,  59,  90,  120, 151, 181,
                                            212, 243, 273, 304, 334, 365};
  return first_of_year(year) + days_before[static_cast<std::size_t>(month - 1)] +
         (month > 2 && is_leap_year(year) ? 1 : 0);
}

/// Days from `day` to the next `weekday`, which may be the same.
std::int64_t days_to_weekday(std::int64_t day, int weekday) noexcept {
  constexpr std::int64_t thursday = 4;  // 1970-01-01
  std::int64_t const distance = (weekday - thursday - day) % 7;
  return distance < 0 ? distance + 7 : distance;
}

}  // namespace

std::int64_t YearlyChange::day_in(std::int64_t year) const noexcept {
  if (form == Form::day_of_year) return first_of_year(year) + day;
  if (form == Form::day_without_leap_day) {
    constexpr int last_of_february = 59;
    return first_of_year(year) + day - 1 + (day > last_of_february && is_leap_year(year) ? 1 : 0);
  }
  std::int64_t const first = first_of_month(year, month);
  std::int64_t const end = month == 12 ? first_of_year(year + 1) : first_of_month(year, month + 1);
  std::int64_t found = first + days_to_weekday(first, day) + std::int64_t{7} * (week - 1);
  if (found >= end) found -= 7;  // the fifth is the last, which may be the fourth
  return found;
}

std::int64_t TzRule::daylight_begins(std::int64_t year) const noexcept {
  return to_daylight.day_in(year) * seconds_per_day + to_daylight.time_s - standard_s;
}

std::int64_t TzRule::daylight_ends(std::int64_t year) const noexcept {
  return to_standard.day_in(year) * seconds_per_day + to_standard.time_s - daylight_s;
}

TzRule parse_tz_rule(std::string_view text) {
  constexpr int most_hours = 24;
  RuleText in(text);
  TzRule rule;
  in.skip_name();
  rule.standard_s = -in.time(most_hours);  // the text counts to the west
  if (in.done()) return rule;
  rule.has_daylight = true;
  in.skip_name();
  rule.daylight_s = in.peek() == ',' ? rule.standard_s + 3600 : -in.time(most_hours);
  in.expect(',');
  rule.to_daylight = in.change();
  in.expect(',');
  rule.to_standard = in.change();
  if (!in.done()) in.fail();
  return rule;
}

}  // namespace netrun::llm::detail
