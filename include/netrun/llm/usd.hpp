// SPDX-License-Identifier: MIT
// Exact money: a signed number of picodollars, 128 bits wide.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace netrun::llm {

/// 128-bit signed integer of g++ and clang; `__extension__` keeps -Wpedantic quiet.
__extension__ using Int128 = __int128;
/// 128-bit unsigned integer of g++ and clang.
__extension__ using UInt128 = unsigned __int128;

/// An amount of US dollars, exact to a picodollar (10^-12 USD).
///
/// Why picodollars: prices are published with at most six decimals per million tokens, so the price
/// of one token is a whole number of picodollars and a sum never depends on its order. Why 128
/// bits: 64 hold 9.2 million dollars and then wrap; 128 hold 1.7 * 10^26 dollars. Arithmetic that
/// would leave even that range stops at its end instead of wrapping.
///
/// Thread safety: a plain value.
///
/// Example:
///   Usd total = Usd::parse("0.0075") * 3;
///   total.to_string();  // "0.0225"
class Usd {
 public:
  static constexpr std::int64_t picos_per_dollar = 1'000'000'000'000;

  /// Zero dollars.
  constexpr Usd() noexcept = default;

  /// `picos` * 10^-12 USD.
  [[nodiscard]] static constexpr Usd from_picos(Int128 picos) noexcept {
    Usd amount;
    amount.picos_ = picos;
    return amount;
  }

  /// The amount that is nearest to the shortest decimal which reads back as `dollars`: 0.1 gives
  /// exactly "0.1". Not finite gives zero; beyond the range gives its end.
  [[nodiscard]] static Usd from_double(double dollars) noexcept;

  /// Reads an exact decimal: optional sign, digits, optional point and digits ("12", "-0.0075",
  /// ".5"). Throws std::invalid_argument, quoting `text`, when it is anything else (spaces,
  /// exponents, a dollar sign), has more than twelve decimals that are not zero, or does not fit.
  [[nodiscard]] static Usd parse(std::string_view text);

  [[nodiscard]] constexpr Int128 picos() const noexcept { return picos_; }

  /// The nearest double: for display and for fields that end in `_usd`; never for sums.
  [[nodiscard]] double to_double() const noexcept;

  /// The exact decimal without trailing zeros: "0", "0.0075", "-12.5". parse() reads it back.
  [[nodiscard]] std::string to_string() const;

  /// The picodollars as a decimal integer ("7500000000"): the form for JSON, where numbers lose
  /// digits.
  [[nodiscard]] std::string to_pico_string() const;

  constexpr Usd& operator+=(Usd other) noexcept {
    picos_ = add(picos_, other.picos_);
    return *this;
  }
  constexpr Usd& operator-=(Usd other) noexcept {
    picos_ = subtract(picos_, other.picos_);
    return *this;
  }
  [[nodiscard]] friend constexpr Usd operator+(Usd a, Usd b) noexcept { return a += b; }
  [[nodiscard]] friend constexpr Usd operator-(Usd a, Usd b) noexcept { return a -= b; }
  [[nodiscard]] friend constexpr Usd operator-(Usd a) noexcept { return Usd{} - a; }
  /// A multiple; stops at the end of the range.
  [[nodiscard]] friend constexpr Usd operator*(Usd a, std::int64_t times) noexcept {
    Int128 product = 0;
    if (!__builtin_mul_overflow(a.picos_, static_cast<Int128>(times), &product)) {
      return from_picos(product);
    }
    return from_picos((a.picos_ < 0) == (times < 0) ? highest() : lowest());
  }
  [[nodiscard]] friend constexpr auto operator<=>(Usd const&, Usd const&) noexcept = default;

 private:
  static constexpr Int128 highest() noexcept { return static_cast<Int128>(~UInt128{0} >> 1); }
  static constexpr Int128 lowest() noexcept { return -highest() - 1; }
  static constexpr Int128 add(Int128 a, Int128 b) noexcept {
    Int128 sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? (b < 0 ? lowest() : highest()) : sum;
  }
  static constexpr Int128 subtract(Int128 a, Int128 b) noexcept {
    Int128 difference = 0;
    return __builtin_sub_overflow(a, b, &difference) ? (b < 0 ? highest() : lowest()) : difference;
  }

  Int128 picos_ = 0;
};

}  // namespace netrun::llm
