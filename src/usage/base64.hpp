// SPDX-License-Identifier: MIT
// Decodes base64 as it comes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

inline constexpr std::uint8_t not_base64 = 0xFF;

/// The six bits that each byte stands for in the standard alphabet, or `not_base64`.
inline constexpr auto base64_values = [] {
  std::array<std::uint8_t, 256> values{};
  for (auto& value : values) value = not_base64;
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}();

/// Base64 with the standard alphabet (RFC 4648, section 4). Strict: no line ends or other
/// characters, nothing after the padding, no bits set past the last byte. How the text is cut into
/// pieces makes no difference to the bytes that come out.
///
/// A byte comes out as soon as its bits are there. What comes before a wrong character is decoded,
/// and nothing after it.
///
/// Allocates nothing. Thread safety: none.
///
/// Example:
///   Base64Decoder decoder;
///   decoder.feed("aGVs", [&](std::string_view bytes) noexcept { ... });  // "hel"
///   decoder.feed("bG8=", ...);                                           // "lo"
///   decoder.complete();                                                  // true
class Base64Decoder {
 public:
  /// The next characters. `sink(std::string_view)` is given the bytes, in pieces of 1 to 768 that
  /// are valid during the call.
  template <class Sink>
  void feed(std::string_view text, Sink&& sink) noexcept {
    while (!text.empty() && ok_) {
      char buffer[buffer_size];
      std::size_t size = 0;
      while (!text.empty() && ok_ && size + 3 <= buffer_size) {
        if (phase_ == 0 && padding_ == 0 && decode_group(text, buffer + size)) {
          text.remove_prefix(4);
          size += 3;
        } else {
          size += decode_one(text.front(), buffer + size);
          text.remove_prefix(1);
        }
      }
      if (size > 0) sink(std::string_view(buffer, size));
    }
  }

  /// False once a character was met that may not be there.
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// True when the text may end here: after a group of four characters, padding included. An empty
  /// text is complete.
  [[nodiscard]] bool complete() const noexcept { return ok_ && phase_ == 0; }

 private:
  static constexpr std::size_t buffer_size = 768;

  [[nodiscard]] static std::uint32_t value(char c) noexcept {
    return base64_values[static_cast<unsigned char>(c)];
  }

  /// Decodes the first four characters to three bytes, when they are no padding and not wrong.
  [[nodiscard]] static bool decode_group(std::string_view text, char* out) noexcept {
    if (text.size() < 4) return false;
    auto const a = value(text[0]), b = value(text[1]), c = value(text[2]), d = value(text[3]);
    if (((a | b | c | d) & 0x80U) != 0) return false;
    auto const bits = a << 18 | b << 12 | c << 6 | d;
    out[0] = static_cast<char>(bits >> 16);
    out[1] = static_cast<char>(bits >> 8);
    out[2] = static_cast<char>(bits);
    return true;
  }

  /// Decodes one character; returns how many bytes, 0 or 1, were ready with it.
  std::size_t decode_one(char c, char* out) noexcept {
    if (c == '=') {
      take_padding();
      return 0;
    }
    auto const bits = value(c);
    if (bits == not_base64 || padding_ > 0) {
      ok_ = false;
      return 0;
    }
    rest_ = rest_ << 6 | bits;
    auto const ready = phase_ > 0;
    if (ready) {
      auto const rest_bits = 6 - 2 * phase_;  // 4, 2 or 0 of them belong to the next byte
      *out = static_cast<char>(rest_ >> rest_bits);
      rest_ &= (1U << rest_bits) - 1;
    }
    phase_ = (phase_ + 1) % 4;
    return ready ? 1 : 0;
  }

  void take_padding() noexcept {
    // One after three characters, two after two; the bits that are left over are zero.
    ok_ = phase_ >= 2 && rest_ == 0;
    ++padding_;
    phase_ = (phase_ + 1) % 4;
  }

  std::uint32_t rest_ = 0;   // bits of a byte that is not ready
  std::uint32_t phase_ = 0;  // characters of a group of four so far
  std::uint32_t padding_ = 0;
  bool ok_ = true;
};

}  // namespace netrun::llm::detail
