// SPDX-License-Identifier: MIT
// Texts that come in pieces.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace netrun::llm::testing {

/// Calls `use(std::string_view)` with one piece of `text` after the other, each `size_of_next()`
/// bytes, which may be 0. Each piece is alone in memory of just its size, gone after the call: so a
/// sanitizer sees who reads beyond it, or later.
template <class SizeOfNext, class Use>
void feed_pieces(std::string_view text, SizeOfNext size_of_next, Use use) {
  while (!text.empty()) {
    auto const size = std::min<std::size_t>(size_of_next(), text.size());
    std::vector<char> const piece(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size));
    use(std::string_view(piece.data(), piece.size()));
    text.remove_prefix(size);
  }
}

}  // namespace netrun::llm::testing
