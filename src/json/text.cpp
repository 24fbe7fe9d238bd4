// SPDX-License-Identifier: MIT
// Texts of strangers made fit for being written and for being quoted.
#include "json/text.hpp"

#include <netrun/llm/detail/utf8.hpp>

namespace netrun::llm::detail {
namespace {

/// Bytes of the character at the start of `text` that a terminal would obey or lay out differently
/// from what is there: controls, line separators, marks that turn the direction; 0 for others.
std::size_t unfit_for_terminal(std::string_view text) noexcept {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  auto const between = [](unsigned char c, unsigned char first, unsigned char last) {
    return c >= first && c <= last;
  };
  if (byte(0) < 0x20 || byte(0) == 0x7f) return 1;
  if (byte(0) == 0xc2 && text.size() >= 2) return between(byte(1), 0x80, 0x9f) ? 2 : 0;
  if (byte(0) != 0xe2 || text.size() < 3) return 0;
  bool const is_separator_or_embedding = byte(1) == 0x80 && between(byte(2), 0xa8, 0xae);
  bool const is_isolate = byte(1) == 0x81 && between(byte(2), 0xa6, 0xa9);
  return is_separator_or_embedding || is_isolate ? 3 : 0;
}

}  // namespace

std::string utf8_copy(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  constexpr std::size_t replacement_bytes = 3;
  std::string fixed(text.size() * replacement_bytes, '\0');
  fixed.resize(repair_utf8(text, fixed.data(), fixed.size()));
  return fixed;
}

std::string shortened(std::string_view text, std::size_t limit) {
  std::string const start = utf8_copy(cut_utf8(text, limit));
  std::string shown;
  for (std::size_t i = 0; i < start.size();) {
    auto const unfit = unfit_for_terminal(std::string_view(start).substr(i));
    shown += unfit == 0 ? start[i] : ' ';
    i += unfit == 0 ? 1 : unfit;
  }
  if (text.size() > limit) shown += "...";
  return shown;
}

}  // namespace netrun::llm::detail
