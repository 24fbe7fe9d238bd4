// SPDX-License-Identifier: MIT
// Access to the built-in price rows.
#pragma once

#include <netrun/llm/price_book.hpp>

#include <span>

namespace netrun::llm::detail {

/// All rows, those of one model together and in order of from_day.
[[nodiscard]] std::span<PriceRow const> price_table() noexcept;

}  // namespace netrun::llm::detail
