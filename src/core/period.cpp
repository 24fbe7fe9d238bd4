// SPDX-License-Identifier: MIT
// Reading and writing periods.
#include <netrun/llm/period.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <string>

namespace netrun::llm {
namespace {

struct Unit {
  char letter;
  std::int64_t nanoseconds;
};
constexpr std::int64_t second = 1'000'000'000;
constexpr Unit units[] = {{'s', second},
                          {'m', 60 * second},
                          {'h', 3600 * second},
                          {'d', 86'400 * second},
                          {'w', 604'800 * second}};

[[noreturn]] void reject(std::string_view text) {
  throw std::invalid_argument(
      "not a period: \"" + std::string(text.substr(0, 80)) +
      "\" (a whole number above zero and one of s, m, h, d, w, such as \"24h\")");
}

}  // namespace

void Period::parse(std::string_view text) {
  if (text.size() < 2 || text.size() > text_.size()) reject(text);
  auto const* const unit = std::find_if(std::begin(units), std::end(units),
                                        [&](Unit const& u) { return u.letter == text.back(); });
  if (unit == std::end(units)) reject(text);
  std::string_view const number = text.substr(0, text.size() - 1);
  std::int64_t count = 0;
  auto const [end, error] = std::from_chars(number.data(), number.data() + number.size(), count);
  std::int64_t length = 0;
  if (error != std::errc{} || end != number.data() + number.size() || count <= 0 ||
      __builtin_mul_overflow(count, unit->nanoseconds, &length)) {
    reject(text);
  }
  length_ = std::chrono::nanoseconds(length);
  text_size_ =
      static_cast<std::uint8_t>(std::copy(text.begin(), text.end(), text_.begin()) - text_.begin());
}

void Period::set(std::chrono::nanoseconds length) {
  if (length.count() <= 0) reject_seconds(std::chrono::duration<double>(length).count());
  length_ = length;
  // The largest unit that needs no fraction; weeks only where somebody wrote them.
  auto const* best = std::begin(units);
  for (auto const& unit : units) {
    if (length.count() % unit.nanoseconds == 0 && unit.letter != 'w') best = &unit;
  }
  char* const begin = text_.data();
  char* const limit = begin + text_.size();
  char* end = nullptr;
  if (length.count() % second == 0) {
    end = std::to_chars(begin, limit, length.count() / best->nanoseconds).ptr;
    *end++ = best->letter;
  } else {
    bool const whole_ms = length.count() % 1'000'000 == 0;
    end = std::to_chars(begin, limit, length.count() / (whole_ms ? 1'000'000 : 1)).ptr;
    *end++ = whole_ms ? 'm' : 'n';
    *end++ = 's';
  }
  text_size_ = static_cast<std::uint8_t>(end - begin);
}

void Period::set_seconds(double seconds) {
  double const nanoseconds = seconds * 1e9;
  constexpr double limit = 9.223372036854775e18;
  if (!(nanoseconds >= 1.0) || nanoseconds > limit) reject_seconds(seconds);
  set(std::chrono::nanoseconds(static_cast<std::int64_t>(nanoseconds)));
}

void Period::reject_seconds(double seconds) {
  char text[32];
  auto const end = std::to_chars(text, text + sizeof text, seconds).ptr;
  throw std::invalid_argument("a period must be above zero and below 292 years, got " +
                              std::string(text, end) + " seconds");
}

}  // namespace netrun::llm
