// SPDX-License-Identifier: MIT
// Texts compared without the case of ASCII letters.
#pragma once

#include <algorithm>
#include <string_view>

namespace netrun::llm::detail {

[[nodiscard]] constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] constexpr bool same_letter(char a, char b) noexcept { return lower(a) == lower(b); }

[[nodiscard]] inline bool same_letters(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), same_letter);
}

[[nodiscard]] inline bool starts_with(std::string_view text, std::string_view start) noexcept {
  return same_letters(text.substr(0, start.size()), start);
}

[[nodiscard]] inline bool ends_with(std::string_view text, std::string_view end) noexcept {
  return text.size() >= end.size() && same_letters(text.substr(text.size() - end.size()), end);
}

[[nodiscard]] inline bool contains(std::string_view text, std::string_view part) noexcept {
  return std::search(text.begin(), text.end(), part.begin(), part.end(), same_letter) != text.end();
}

}  // namespace netrun::llm::detail
