// SPDX-License-Identifier: MIT
// Words of a price file that its reader and its writer share.
#pragma once

#include <array>
#include <string_view>

namespace netrun::llm::detail {

inline constexpr int price_schema = 1;
inline constexpr std::string_view price_currency = "USD";
/// What may follow it is for people.
inline constexpr std::string_view price_unit = "per 1M tokens";

inline constexpr std::array<std::string_view, 7> weekdays{"mon", "tue", "wed", "thu",
                                                          "fri", "sat", "sun"};
inline constexpr unsigned all_weekdays = 127;

/// Facts of a provider that stand in an object of its own: "tier.on" is `on` in `tier`.
inline constexpr std::string_view tier_facts = "tier.";
inline constexpr std::string_view multiplier_facts = "multipliers.";

}  // namespace netrun::llm::detail
