// SPDX-License-Identifier: MIT
// A fast, seeded hash of short texts.
#pragma once

#include <netrun/llm/detail/short_text.hpp>
#include <netrun/llm/usd.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

/// Folds the 128-bit product of two words; the mixing step of the wyhash family of hashes.
[[nodiscard]] inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  auto const product = static_cast<UInt128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline constexpr std::uint64_t hash_secret_a = 0x9e3779b97f4a7c15U;
inline constexpr std::uint64_t hash_secret_b = 0xd1b54a32d192ed03U;

/// Hash of `text`. The seed is drawn once per process, so that nobody outside can choose names that
/// collide.
[[nodiscard]] inline std::uint64_t hash_text(std::string_view text, std::uint64_t seed) noexcept {
  char const* from = text.data();
  std::size_t size = text.size();
  std::uint64_t state = seed ^ (text.size() * hash_secret_b);
  while (size > 16) {
    state = mix(load_word<std::uint64_t>(from) ^ state,
                load_word<std::uint64_t>(from + 8) ^ hash_secret_a);
    from += 16;
    size -= 16;
  }
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  if (size >= 8) {
    a = load_word<std::uint64_t>(from);
    b = load_word<std::uint64_t>(from + size - 8);
  } else if (size >= 4) {
    a = load_word<std::uint32_t>(from);
    b = load_word<std::uint32_t>(from + size - 4);
  } else if (size > 0) {
    a = load_word<std::uint8_t>(from) |
        std::uint64_t{load_word<std::uint8_t>(from + size / 2)} << 8 |
        std::uint64_t{load_word<std::uint8_t>(from + size - 1)} << 16;
  }
  return mix(a ^ hash_secret_b ^ state, b ^ hash_secret_a ^ state);
}

/// A seed from the system's random numbers, the same for the whole process.
[[nodiscard]] std::uint64_t process_seed() noexcept;

/// For maps with texts as keys; look-up by a view makes no string.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept {
    return hash_text(text, process_seed());
  }
};

}  // namespace netrun::llm::detail
