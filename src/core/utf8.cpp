// SPDX-License-Identifier: MIT
// Checking, cutting and repairing UTF-8.
#include <netrun/llm/detail/utf8.hpp>

#include <cstdint>
#include <cstring>

namespace netrun::llm::detail {
namespace {

constexpr bool is_continuation(unsigned char byte) noexcept { return (byte & 0xc0U) == 0x80U; }

/// Length of the well-formed sequence at the start of `text`; 0 when there is none.
std::size_t sequence_length(std::string_view text) noexcept {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char const lead = byte(0);
  if (lead < 0x80) return 1;
  std::size_t const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  // The second byte's range excludes overlong forms, surrogates and what lies past U+10FFFF.
  unsigned char const low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned char const high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < low || byte(1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i) {
    if (!is_continuation(byte(i))) return 0;
  }
  return length;
}

}  // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    std::uint64_t word = 0;
    if (text.size() >= sizeof word) {
      std::memcpy(&word, text.data(), sizeof word);
      if ((word & 0x8080808080808080U) == 0) {
        text.remove_prefix(sizeof word);
        continue;
      }
    }
    auto const length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string_view cut_utf8(std::string_view text, std::size_t limit) noexcept {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  for (int back = 0; back < 4 && end > 0 && is_continuation(static_cast<unsigned char>(text[end]));
       ++back) {
    --end;
  }
  // Four continuation bytes in a row belong to no character: cut anywhere.
  if (is_continuation(static_cast<unsigned char>(text[end]))) end = limit;
  return text.substr(0, end);
}

std::size_t repair_utf8(std::string_view text, char* out, std::size_t capacity) noexcept {
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  std::size_t written = 0;
  while (!text.empty()) {
    auto const length = sequence_length(text);
    std::string_view const piece = length == 0 ? replacement : text.substr(0, length);
    if (written + piece.size() > capacity) break;
    std::memcpy(out + written, piece.data(), piece.size());
    written += piece.size();
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return written;
}

}  // namespace netrun::llm::detail
