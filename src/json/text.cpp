// SPDX-License-Identifier: MIT
// Texts of strangers made fit for being written and for being quoted.
#include "json/text.hpp"

#include <netrun/llm/detail/utf8.hpp>

namespace netrun::llm::detail {

std::string utf8_copy(std::string_view text) {
  if (is_utf8(text)) return std::string(text);
  constexpr std::size_t replacement_bytes = 3;
  std::string fixed(text.size() * replacement_bytes, '\0');
  fixed.resize(repair_utf8(text, fixed.data(), fixed.size()));
  return fixed;
}

std::string shortened(std::string_view text, std::size_t limit) {
  std::string shown = utf8_copy(cut_utf8(text, limit));
  for (char& c : shown) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  if (text.size() > limit) shown += "...";
  return shown;
}

}  // namespace netrun::llm::detail
