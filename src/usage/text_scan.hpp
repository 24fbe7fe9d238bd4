// SPDX-License-Identifier: MIT
// Finding the end of a JSON text fast.
#pragma once

#include <netrun/llm/detail/short_text.hpp>

#include <bit>
#include <cstdint>

namespace netrun::llm::detail {

/// The first quote, backslash or control character from `at` on; `end` when there is none. Eight
/// bytes at a time: content is most of what a response consists of, and all of it is skipped.
[[nodiscard]] inline char const* find_text_end(char const* at, char const* end) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U, highs = 0x8080808080808080U;
  if constexpr (std::endian::native == std::endian::little) {
    while (end - at >= 8) {
      auto const word = load_word<std::uint64_t>(at);
      auto const quote = word ^ (ones * '"');
      auto const backslash = word ^ (ones * '\\');
      // The lowest bit that is set is right; above it there may be false ones.
      auto const found = (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                          ((word - ones * 0x20U) & ~word)) &
                         highs;
      if (found != 0) return at + std::countr_zero(found) / 8;
      at += 8;
    }
  }
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

}  // namespace netrun::llm::detail
