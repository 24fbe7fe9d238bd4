// SPDX-License-Identifier: MIT
// Writing and reading ISO 8601.
#include <netrun/llm/detail/utf8.hpp>
#include <netrun/llm/timestamp.hpp>
#include <netrun/llm/usd.hpp>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>

namespace netrun::llm {
namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t seconds_per_day = 86'400;
constexpr std::int64_t ns_per_day = seconds_per_day * ns_per_second;

struct DigitPairs {
  char text[200];
};
constexpr DigitPairs digit_pairs = [] {
  DigitPairs all{};
  for (int i = 0; i < 100; ++i) {
    all.text[2 * i] = static_cast<char>('0' + i / 10);
    all.text[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return all;
}();

/// Two digits and what follows them.
char* put_pair(char* out, unsigned value, char after) noexcept {
  std::memcpy(out, digit_pairs.text + std::size_t{2} * value, 2);
  out[2] = after;
  return out + 3;
}

[[noreturn]] void reject(std::string_view text, std::string_view reason) {
  constexpr std::size_t most_quoted = 80;
  std::string message = "not a time stamp: \"";
  message += detail::cut_utf8(text, most_quoted);
  message += text.size() > most_quoted ? "...\" (" : "\" (";
  message += reason;
  message += ')';
  throw std::invalid_argument(message);
}

/// Takes a text apart from the left and knows the whole for messages.
class Scanner {
 public:
  explicit Scanner(std::string_view text) noexcept : whole_(text), rest_(text) {}

  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  [[nodiscard]] char peek() const noexcept { return rest_.empty() ? '\0' : rest_.front(); }
  [[nodiscard]] bool at_digit() const noexcept { return peek() >= '0' && peek() <= '9'; }

  bool skip(char c) noexcept {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c, std::string_view reason) {
    if (!skip(c)) fail(reason);
  }
  unsigned digit() noexcept {
    auto const value = static_cast<unsigned>(rest_.front() - '0');
    rest_.remove_prefix(1);
    return value;
  }
  /// Exactly `count` digits.
  unsigned number(int count, std::string_view reason) {
    unsigned value = 0;
    for (int i = 0; i < count; ++i) {
      if (!at_digit()) fail(reason);
      value = value * 10 + digit();
    }
    return value;
  }
  unsigned number_up_to(unsigned most, std::string_view reason) {
    unsigned const value = number(2, reason);
    if (value > most) fail(reason);
    return value;
  }
  [[noreturn]] void fail(std::string_view reason) const { reject(whole_, reason); }

 private:
  std::string_view whole_;
  std::string_view rest_;
};

std::int64_t read_days(Scanner& in) {
  constexpr std::string_view form = "a date is YYYY-MM-DD";
  unsigned const year = in.number(4, form);
  in.expect('-', form);
  unsigned const month = in.number(2, form);
  in.expect('-', form);
  unsigned const day = in.number(2, form);
  if (month < 1 || month > 12) in.fail("there is no such month");
  auto const date =
      std::chrono::year{static_cast<int>(year)} / static_cast<int>(month) / static_cast<int>(day);
  if (!date.ok()) in.fail("the month has no such day");
  return std::chrono::sys_days{date}.time_since_epoch().count();
}

/// Nanoseconds of a fraction of a second; what is finer is cut off.
std::int64_t read_fraction(Scanner& in) {
  if (!in.at_digit()) in.fail("no digit after the decimal point");
  std::int64_t ns = 0;
  for (std::int64_t place = ns_per_second / 10; in.at_digit(); place /= 10) {
    ns += in.digit() * place;
  }
  return ns;
}

/// Seconds that the zone is ahead of UTC.
std::int64_t read_zone(Scanner& in) {
  if (in.done() || in.skip('Z') || in.skip('z')) return 0;
  bool const behind = in.peek() == '-';
  if (!in.skip('+') && !in.skip('-')) in.fail("text after the time that is no zone");
  std::int64_t const hours = in.number_up_to(23, "the hours of a zone are 00 to 23");
  std::int64_t minutes = 0;
  if (in.skip(':') || in.at_digit()) {
    minutes = in.number_up_to(59, "the minutes of a zone are 00 to 59");
  }
  std::int64_t const ahead = hours * 3600 + minutes * 60;
  return behind ? -ahead : ahead;
}

}  // namespace

char* write_iso8601(Clock::time_point at, char* out) noexcept {
  std::int64_t const ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
  // Not chrono::floor: the start of the first day of the range is outside of it.
  std::int64_t days = ns / ns_per_day;
  std::int64_t rest = ns % ns_per_day;
  if (rest < 0) {
    rest += ns_per_day;
    --days;
  }
  std::chrono::year_month_day const date{std::chrono::sys_days{std::chrono::days{days}}};
  auto const year = static_cast<unsigned>(static_cast<int>(date.year()));
  std::memcpy(out, digit_pairs.text + std::size_t{2} * (year / 100), 2);
  out = put_pair(out + 2, year % 100, '-');
  out = put_pair(out, static_cast<unsigned>(date.month()), '-');
  out = put_pair(out, static_cast<unsigned>(date.day()), 'T');
  auto const second = static_cast<unsigned>(rest / ns_per_second);
  auto fraction = static_cast<unsigned>(rest % ns_per_second);
  out = put_pair(out, second / 3600, ':');
  out = put_pair(out, second / 60 % 60, ':');
  out = put_pair(out, second % 60, '.');
  bool const whole_microseconds = fraction % 1000 == 0;
  int const digits = whole_microseconds ? 6 : 9;
  if (whole_microseconds) fraction /= 1000;
  for (int i = digits - 1; i >= 0; --i) {
    out[i] = static_cast<char>('0' + fraction % 10);
    fraction /= 10;
  }
  out[digits] = 'Z';
  return out + digits + 1;
}

void append_iso8601(std::string& out, Clock::time_point at) {
  char text[max_iso8601_bytes];
  out.append(text, static_cast<std::size_t>(write_iso8601(at, text) - text));
}

std::string to_iso8601(Clock::time_point at) {
  std::string text;
  append_iso8601(text, at);
  return text;
}

Clock::time_point parse_iso8601(std::string_view text) {
  Scanner in(text);
  std::int64_t seconds = read_days(in) * seconds_per_day;
  std::int64_t fraction = 0;
  if (in.skip('T') || in.skip('t') || in.skip(' ')) {
    constexpr std::string_view form = "a time is hh:mm or hh:mm:ss";
    seconds += std::int64_t{3600} * in.number_up_to(23, "the hour is 00 to 23");
    in.expect(':', form);
    seconds += std::int64_t{60} * in.number_up_to(59, "the minute is 00 to 59");
    if (in.skip(':')) {
      seconds += in.number_up_to(59, "the second is 00 to 59");
      if (in.skip('.') || in.skip(',')) fraction = read_fraction(in);
    }
    seconds -= read_zone(in);
  }
  if (!in.done()) in.fail("text after its end");

  using Ticks = Clock::duration;
  constexpr Int128 ticks_per_second = Ticks::period::den / Ticks::period::num;
  Int128 const ticks = seconds * ticks_per_second + fraction / (ns_per_second / ticks_per_second);
  if (ticks < std::numeric_limits<Ticks::rep>::min() ||
      ticks > std::numeric_limits<Ticks::rep>::max()) {
    in.fail("outside of what the clock can hold, which is 1677-09-21 to 2262-04-11");
  }
  return Clock::time_point{Ticks{static_cast<Ticks::rep>(ticks)}};
}

}  // namespace netrun::llm
