// SPDX-License-Identifier: MIT
#include "usage/crc32.hpp"

#include <array>
#include <cstddef>

namespace netrun::llm::detail {
namespace {

/// How many bytes are taken in one step.
constexpr std::size_t step = 16;
constexpr std::uint32_t reflected_polynomial = 0xEDB88320;

/// tables[n][b]: what byte b adds to the checksum when n more bytes come after it in a step. So the
/// bytes of a step are looked up side by side, where byte by byte each would wait for the last.
constexpr auto tables = [] {
  std::array<std::array<std::uint32_t, 256>, step> all{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    auto crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? reflected_polynomial : 0);
    all[0][byte] = crc;
  }
  for (std::size_t n = 1; n < step; ++n) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      auto const crc = all[n - 1][byte];
      all[n][byte] = crc >> 8 ^ all[0][crc & 0xFF];
    }
  }
  return all;
}();

[[nodiscard]] std::uint32_t byte_at(char const* at) noexcept {
  return static_cast<unsigned char>(*at);
}

/// Four bytes, the first of them lowest, on any machine.
[[nodiscard]] std::uint32_t word_at(char const* at) noexcept {
  return byte_at(at) | byte_at(at + 1) << 8 | byte_at(at + 2) << 16 | byte_at(at + 3) << 24;
}

/// What the bytes of `word` add; `n` bytes of the step come after them.
[[nodiscard]] std::uint32_t look_up(std::uint32_t word, std::size_t n) noexcept {
  return tables[n + 3][word & 0xFF] ^ tables[n + 2][word >> 8 & 0xFF] ^
         tables[n + 1][word >> 16 & 0xFF] ^ tables[n][word >> 24];
}

}  // namespace

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) noexcept {
  auto crc = ~before;
  auto const* at = bytes.data();
  auto left = bytes.size();
  for (; left >= step; left -= step, at += step) {
    crc = look_up(crc ^ word_at(at), 12) ^ look_up(word_at(at + 4), 8) ^
          look_up(word_at(at + 8), 4) ^ look_up(word_at(at + 12), 0);
  }
  for (; left > 0; --left, ++at) crc = crc >> 8 ^ tables[0][(crc ^ byte_at(at)) & 0xFF];
  return ~crc;
}

}  // namespace netrun::llm::detail
