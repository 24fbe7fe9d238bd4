// SPDX-License-Identifier: MIT
// Money from and to decimals.
#include <netrun/llm/usd.hpp>

#include <algorithm>
#include <bit>
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
  // Below 1,000 dollars the product is off by less than an eighth of a picodollar, so rounding it
  // finds the decimal; above, only the decimal itself tells.
  if (std::fabs(dollars) < 1000.0) {
    return from_picos(static_cast<Int128>(std::llround(dollars * 1e12)));
  }
  constexpr double range_end = 1.7e26;  // 2^127 picodollars are 1.7014...e26 dollars
  if (dollars >= range_end) return from_picos(highest());
  if (dollars <= -range_end) return from_picos(lowest());
  char text[64];
  char* end = std::to_chars(text, text + sizeof text, dollars, std::chars_format::fixed).ptr;
  // Up to 8,192 dollars the shortest decimal may have a thirteenth place.
  char const* const point = std::find(text, end, '.');
  bool const round_up = end - point > pico_digits + 1 && point[pico_digits + 1] >= '5';
  if (end - point > pico_digits + 1) end = text + (point - text) + pico_digits + 1;
  auto picos = parse_picos({text, static_cast<std::size_t>(end - text)}).value_or(0);
  if (round_up) picos += dollars < 0 ? -1 : 1;
  return from_picos(picos);
}

Usd Usd::parse(std::string_view text) {
  if (auto const picos = parse_picos(text)) return from_picos(*picos);
  throw std::invalid_argument("not an amount of dollars with at most 12 decimals: \"" +
                              std::string(text.substr(0, 80)) + "\"");
}

double Usd::to_double() const noexcept {
  constexpr Int128 exact = Int128{1} << 53;
  if (picos_ >= -exact && picos_ <= exact) return static_cast<double>(picos_) / 1e12;
  // Dividing as integers keeps at least 86 bits; whether anything was left over goes into the last
  // of them, so that the one rounding, to a double, is right.
  UInt128 value = magnitude(picos_);
  auto const high = static_cast<std::uint64_t>(value >> 64);
  int const shift = (high != 0 ? std::countl_zero(high)
                               : 64 + std::countl_zero(static_cast<std::uint64_t>(value))) -
                    1;
  if (shift > 0) value <<= shift;
  UInt128 const quotient = value / picos_per_dollar;
  bool const rest = value % picos_per_dollar != 0;
  double const dollars =
      std::ldexp(static_cast<double>(quotient | (rest ? 1U : 0U)), -std::max(shift, 0));
  return picos_ < 0 ? -dollars : dollars;
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
