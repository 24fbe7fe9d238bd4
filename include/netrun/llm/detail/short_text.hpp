// SPDX-License-Identifier: MIT
// Copying and comparing names: mostly short, so without a call into the C library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace netrun::llm::detail {

template <std::size_t n>
struct Block {
  unsigned char bytes[n];
};

/// Copies `size` bytes, `n` to 2n of them, as two blocks that may overlap.
template <std::size_t n>
inline void copy_two(char* to, char const* from, std::size_t size) noexcept {
  Block<n> first;
  Block<n> last;
  std::memcpy(&first, from, n);
  std::memcpy(&last, from + size - n, n);
  std::memcpy(to, &first, n);
  std::memcpy(to + size - n, &last, n);
}

/// As memcpy, which it calls past 64 bytes; nothing to copy may be null.
inline void copy_short(char* to, char const* from, std::size_t size) noexcept {
  if (size > 64) {
    std::memcpy(to, from, size);
  } else if (size >= 32) {
    copy_two<32>(to, from, size);
  } else if (size >= 16) {
    copy_two<16>(to, from, size);
  } else if (size >= 8) {
    copy_two<8>(to, from, size);
  } else if (size >= 4) {
    copy_two<4>(to, from, size);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

template <class Word>
[[nodiscard]] inline Word load_word(char const* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

/// As operator==, without a call for names of up to 32 bytes.
[[nodiscard]] inline bool equal_short(std::string_view a, std::string_view b) noexcept {
  auto const size = a.size();
  if (size != b.size()) return false;
  char const* const x = a.data();
  char const* const y = b.data();
  if (size > 32) return std::memcmp(x, y, size) == 0;
  auto const differ = [&](std::size_t at) {
    return load_word<std::uint64_t>(x + at) ^ load_word<std::uint64_t>(y + at);
  };
  if (size >= 16) return (differ(0) | differ(8) | differ(size - 16) | differ(size - 8)) == 0;
  if (size >= 8) return (differ(0) | differ(size - 8)) == 0;
  if (size >= 4) {
    return ((load_word<std::uint32_t>(x) ^ load_word<std::uint32_t>(y)) |
            (load_word<std::uint32_t>(x + size - 4) ^ load_word<std::uint32_t>(y + size - 4))) == 0;
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (x[i] != y[i]) return false;
  }
  return true;
}

}  // namespace netrun::llm::detail
