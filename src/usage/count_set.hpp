// SPDX-License-Identifier: MIT
// A set of counts. std::bitset cannot be made by the compiler in C++20.
#pragma once

#include "usage/field.hpp"

#include <cstddef>
#include <cstdint>

namespace netrun::llm::detail {

class CountSet {
  static_assert(count_fields <= 128);

 public:
  constexpr CountSet() noexcept = default;
  /// The counts from one to another, both included.
  constexpr CountSet(Field first, Field last) noexcept {
    for (auto i = index_of(first); i <= index_of(last); ++i) set(static_cast<Field>(i));
  }

  constexpr void set(Field field) noexcept { word(field) |= bit(field); }
  constexpr void reset(Field field) noexcept { word(field) &= ~bit(field); }
  [[nodiscard]] constexpr bool has(Field field) const noexcept {
    return (words_[index_of(field) / 64] & bit(field)) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return (words_[0] | words_[1]) == 0; }

  [[nodiscard]] friend constexpr CountSet operator&(CountSet a, CountSet b) noexcept {
    a.words_[0] &= b.words_[0];
    a.words_[1] &= b.words_[1];
    return a;
  }
  [[nodiscard]] friend constexpr CountSet operator|(CountSet a, CountSet b) noexcept {
    a.words_[0] |= b.words_[0];
    a.words_[1] |= b.words_[1];
    return a;
  }
  /// Those of `a` that are not in `b`.
  [[nodiscard]] friend constexpr CountSet operator-(CountSet a, CountSet b) noexcept {
    a.words_[0] &= ~b.words_[0];
    a.words_[1] &= ~b.words_[1];
    return a;
  }

 private:
  [[nodiscard]] static constexpr std::uint64_t bit(Field field) noexcept {
    return std::uint64_t{1} << index_of(field) % 64;
  }
  [[nodiscard]] constexpr std::uint64_t& word(Field field) noexcept {
    return words_[index_of(field) / 64];
  }

  std::uint64_t words_[2]{};
};

}  // namespace netrun::llm::detail
