// SPDX-License-Identifier: MIT
// Texts of strangers made fit for being written and for being quoted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace netrun::llm::detail {

/// `text` with every byte that is not UTF-8 replaced by U+FFFD.
[[nodiscard]] std::string utf8_copy(std::string_view text);

/// At most `limit` bytes of `text`, as UTF-8 with blanks for what a terminal would obey (controls,
/// marks that turn the direction), "..." where something was left out: for messages.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t limit = 80);

}  // namespace netrun::llm::detail
