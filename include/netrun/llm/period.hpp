// SPDX-License-Identifier: MIT
// A length of time that a question is asked about: "90m", "24h", "30d" or any duration.
#pragma once

#include <array>
#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace netrun::llm {

/// A positive length of time, implicit from text and from every std::chrono duration.
///
/// Text is a whole number and one unit, nothing around it: `s` seconds, `m` minutes, `h` hours, `d`
/// days of 24 hours, `w` weeks. Anything else (empty, zero, a sign, a fraction, an unknown unit,
/// more than 292 years) throws std::invalid_argument that quotes the input; so does a duration that
/// is not positive or not finite.
///
/// Thread safety: a plain value.
///
/// Example:
///   collector.get_stats("24h");
///   collector.get_stats(std::chrono::minutes(90));
class Period {
 public:
  template <class T>
  requires std::convertible_to<T const&, std::string_view> Period(T const& text) {
    if constexpr (std::is_convertible_v<T const&, char const*>) {
      char const* const pointer = text;
      parse(pointer == nullptr ? std::string_view{} : std::string_view(pointer));
    } else {
      parse(static_cast<std::string_view>(text));
    }
  }

  template <class R, class P>
  Period(std::chrono::duration<R, P> length) {
    if constexpr (std::is_floating_point_v<R>) {
      set_seconds(std::chrono::duration_cast<std::chrono::duration<double>>(length).count());
    } else {
      using Wide = std::chrono::duration<long double, std::nano>;
      auto const nanoseconds = std::chrono::duration_cast<Wide>(length).count();
      constexpr auto most = static_cast<long double>(std::numeric_limits<std::int64_t>::max());
      if (nanoseconds > most || nanoseconds < -most) {
        reject_seconds(static_cast<double>(nanoseconds / 1e9L));
      }
      set(std::chrono::duration_cast<std::chrono::nanoseconds>(length));
    }
  }

  [[nodiscard]] std::chrono::nanoseconds length() const noexcept { return length_; }

  /// The text it was made from; of a duration the shortest form, such as "90m" or "1500ms". The
  /// view lives as long as this object.
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), text_size_}; }

  /// Equal when the lengths are, however they were written: "24h" == "1d".
  [[nodiscard]] friend bool operator==(Period const& a, Period const& b) noexcept {
    return a.length_ == b.length_;
  }

 private:
  void parse(std::string_view text);
  void set(std::chrono::nanoseconds length);
  void set_seconds(double seconds);
  [[noreturn]] static void reject_seconds(double seconds);

  std::chrono::nanoseconds length_{};
  std::array<char, 31> text_{};
  std::uint8_t text_size_ = 0;
};

}  // namespace netrun::llm
