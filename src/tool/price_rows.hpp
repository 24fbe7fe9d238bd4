// SPDX-License-Identifier: MIT
// The prices of an entry: which hold when, and as rows, one for each condition.
#pragma once

#include <netrun/llm/price_data.hpp>
#include <netrun/llm/time.hpp>

#include <string>
#include <vector>

namespace netrun::llm::tool {

/// The period in which `at` lies; null when it is before the first.
[[nodiscard]] PricePeriod const* period_at(ModelPrices const& model, Clock::time_point at) noexcept;

/// "from 2026-03-01 until 2026-09-01", "at all times"; `period` is one of the model's.
[[nodiscard]] std::string span_text(ModelPrices const& model, PricePeriod const& period);

/// Prices per million tokens under one condition.
struct RateRow {
  std::string condition{};  ///< "standard", "above 200000 input tokens", "flex" ...
  TokenRates rates{};
};

/// All of a period. `provider` says where a tier begins.
[[nodiscard]] std::vector<RateRow> rate_rows(PricePeriod const& period,
                                             ProviderPrices const& provider);

/// A fee per thousand.
struct FeeRow {
  std::string name{};  ///< "web_search", "request (low)", "file_search (not counted)"
  Usd price{};
};

/// Fees of a period, with those of the provider where it names none.
[[nodiscard]] std::vector<FeeRow> fee_rows(PricePeriod const& period,
                                           ProviderPrices const& provider);

/// "01:00-04:00, 06:00-10:00 UTC, mon-fri by Beijing"
[[nodiscard]] std::string window_text(PriceWindow const& window);

}  // namespace netrun::llm::tool
