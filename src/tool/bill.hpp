// SPDX-License-Identifier: MIT
// What a call costs, as JSON, as CSV and for people.
#pragma once

#include "tool/context.hpp"
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/usd.hpp>

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace netrun::llm::tool {

/// An amount of attodollars (10^-18 USD) in US dollars: the exact decimal.
[[nodiscard]] std::string attos_to_string(Int128 attos);

/// What tokens cost before multipliers.
[[nodiscard]] Int128 attos_of(PricedTokens const& tokens) noexcept;

/// "openai/gpt-4o": the entry that was used; empty when none was.
[[nodiscard]] std::string entry_name(PriceQuote const& quote);

/// What is said about a quote beside its cost, each a word: "fee_undecided", "tier_unknown".
[[nodiscard]] std::vector<std::string> note_names(PriceQuote const& quote);

/// Adds the keys of an answer to `json`, "cost_usd" first. docs/tool.md shows them.
void add_bill(nlohmann::ordered_json& json, PriceBill const& bill);

/// The same flat: the names of the columns, and a row of them.
[[nodiscard]] std::vector<std::string> bill_columns();
[[nodiscard]] std::vector<std::string> bill_cells(PriceBill const& bill);

/// All of it for people. `entry` is that of the bill, in `book`.
void print_bill(Context& context, PriceBook const& book, PriceEntry entry, PriceBill const& bill,
                Clock::time_point at);

}  // namespace netrun::llm::tool
