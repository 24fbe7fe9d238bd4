// SPDX-License-Identifier: MIT
// Changes to a book.
#pragma once

#include "prices/price_table.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

/// A book with changes, and what is wrong with them.
struct MergedPrices {
  PriceData data{};
  MatchLayers layers{};
  std::vector<PriceMistake> mistakes{};
};
[[nodiscard]] MergedPrices merge_prices(PriceTable const& table, PriceData changes);

/// The latest date, "2026-10-09", in a text.
[[nodiscard]] std::optional<std::chrono::sys_days> newest_day(std::string_view text) noexcept;

}  // namespace netrun::llm::detail
