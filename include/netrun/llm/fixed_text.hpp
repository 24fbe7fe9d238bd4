// SPDX-License-Identifier: MIT
// A text in a fixed place: no allocation, whatever comes.
#pragma once

#include <netrun/llm/name_view.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace netrun::llm {

/// A text of at most `capacity` bytes, held in the object itself. What is longer is cut at the edge
/// of a UTF-8 character. Trivially copyable.
///
/// Example:
///   FixedText<8> text("gpt-4o-mini");  // "gpt-4o-m"
template <std::size_t capacity>
class FixedText {
  static_assert(capacity <= 0xFFFF);

 public:
  constexpr FixedText() noexcept = default;
  explicit FixedText(std::string_view text) noexcept { assign(text); }

  void assign(std::string_view text) noexcept {
    clear();
    append(text);
  }
  /// Adds to the end; once a text was cut, nothing more is added.
  void append(std::string_view text) noexcept {
    if (cut_ || text.empty()) return;
    auto size = text.size();
    if (size > capacity - size_) {
      size = capacity - size_;
      cut_ = true;
    }
    std::memcpy(bytes_ + size_, text.data(), size);
    size_ = static_cast<std::uint16_t>(size_ + size);
    if (cut_) drop_half_character();
  }
  void clear() noexcept {
    size_ = 0;
    cut_ = false;
  }

  [[nodiscard]] std::string_view view() const noexcept { return {bytes_, size_}; }
  operator std::string_view() const noexcept { return view(); }  // NOLINT: it is one
  operator NameView() const noexcept { return view(); }          // NOLINT: likewise
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// True when something did not fit.
  [[nodiscard]] bool cut() const noexcept { return cut_; }

  [[nodiscard]] friend bool operator==(FixedText const& a, std::string_view b) noexcept {
    return a.view() == b;
  }
  template <std::size_t other>
  [[nodiscard]] friend bool operator==(FixedText const& a, FixedText<other> const& b) noexcept {
    return a.view() == b.view();
  }

 private:
  /// Takes the bytes of a character back whose end was cut off.
  void drop_half_character() noexcept {
    std::size_t tail = 0;
    while (tail < 4 && tail < size_ &&
           (static_cast<unsigned char>(bytes_[size_ - 1 - tail]) & 0xC0U) == 0x80U) {
      ++tail;
    }
    if (tail == size_) return;
    auto const lead = static_cast<unsigned char>(bytes_[size_ - 1 - tail]);
    std::size_t const wants = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (tail < wants) size_ = static_cast<std::uint16_t>(size_ - 1 - tail);
  }

  std::uint16_t size_ = 0;
  bool cut_ = false;
  char bytes_[capacity] = {};
};

}  // namespace netrun::llm
