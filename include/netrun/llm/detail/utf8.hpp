// SPDX-License-Identifier: MIT
// Checking, cutting and repairing UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

namespace netrun::llm::detail {

/// True when every byte is part of a well-formed UTF-8 sequence (Unicode 15, table 3-7).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// The longest start of `text` that has at most `limit` bytes and does not end inside a character.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t limit) noexcept;

/// Copies `text` to `out`, each byte that belongs to no character replaced by U+FFFD, stopping
/// before `capacity` would be exceeded. Returns the number of bytes written.
std::size_t repair_utf8(std::string_view text, char* out, std::size_t capacity) noexcept;

}  // namespace netrun::llm::detail
