// SPDX-License-Identifier: MIT
// Money from and to decimals.
#include <netrun/llm/usd.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>

namespace netrun::llm {
namespace {

constexpr int pico_digits = 12;

std::string digits_of(UInt128 value) {
  std::string text;
  do {
    text.push_back(static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  std::reverse(text.begin(), text.end());
  return text;
}

UInt128 magnitude(Int128 value) noexcept {
  return value < 0 ? UInt128{0} - static_cast<UInt128>(value) : static_cast<UInt128>(value);
}

/// Picodollars of a decimal; empty when it is none, is finer than a picodollar or does not fit.
std::optional<Int128> parse_picos(std::string_view text) noexcept {
  bool const negative = !text.empty() && text.front() == '-';
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  UInt128 picos = 0;
  int decimals = -1;  // -1: before the point
  bool any = false;
  UInt128 const limit = (~UInt128{0} >> 1) + (negative ? 1 : 0);
  auto const push = [&](unsigned digit) {
    if (picos > (limit - digit) / 10) return false;
    picos = picos * 10 + digit;
    return true;
  };
  for (char const c : text) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
    } else if (c >= '0' && c <= '9') {
      any = true;
      auto const digit = static_cast<unsigned>(c - '0');
      if (decimals >= pico_digits) {
        if (digit != 0) return std::nullopt;
        continue;
      }
      if (!push(digit)) return std::nullopt;
      if (decimals >= 0) ++decimals;
    } else {
      return std::nullopt;
    }
  }
  if (!any) return std::nullopt;
  for (int i = std::max(decimals, 0); i < pico_digits; ++i) {
    if (!push(0)) return std::nullopt;
  }
  return negative ? static_cast<Int128>(UInt128{0} - picos) : static_cast<Int128>(picos);
}

}  // namespace

Usd Usd::from_double(double dollars) noexcept {
  if (!std::isfinite(dollars)) return {};
  // Below 4,503 dollars a picodollar is at least two steps of a double, so rounding the product
  // finds it.
  if (std::fabs(dollars) < 4503.0) {
    return from_picos(static_cast<Int128>(std::llround(dollars * 1e12)));
  }
  constexpr double range_end = 1.7e26;  // 2^127 picodollars are 1.7014...e26 dollars
  if (dollars >= range_end) return from_picos(highest());
  if (dollars <= -range_end) return from_picos(lowest());
  char text[64];
  auto const written = std::to_chars(text, text + sizeof text, dollars, std::chars_format::fixed);
  auto const picos = parse_picos({text, static_cast<std::size_t>(written.ptr - text)});
  return from_picos(picos.value_or(dollars > 0 ? highest() : lowest()));
}

Usd Usd::parse(std::string_view text) {
  if (auto const picos = parse_picos(text)) return from_picos(*picos);
  throw std::invalid_argument("not an amount of dollars with at most 12 decimals: \"" +
                              std::string(text.substr(0, 80)) + "\"");
}

double Usd::to_double() const noexcept {
  constexpr Int128 exact = Int128{1} << 53;
  if (picos_ >= -exact && picos_ <= exact) return static_cast<double>(picos_) / 1e12;
  return static_cast<double>(static_cast<long double>(picos_) / 1e12L);
}

std::string Usd::to_string() const {
  std::string digits = digits_of(magnitude(picos_));
  if (digits.size() <= pico_digits) digits.insert(0, pico_digits + 1 - digits.size(), '0');
  digits.insert(digits.size() - pico_digits, 1, '.');
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return picos_ < 0 ? "-" + digits : digits;
}

std::string Usd::to_pico_string() const {
  return (picos_ < 0 ? "-" : "") + digits_of(magnitude(picos_));
}

}  // namespace netrun::llm
