// SPDX-License-Identifier: MIT
// A quote with every step that led to it.
#pragma once

#include "prices/price_table.hpp"
#include <netrun/llm/detail/price_plan.hpp>

#include <cstdint>
#include <span>

namespace netrun::llm::detail {

/// Adds to a bill what led to its quote. Throws std::bad_alloc.
void add_details(PriceBill& bill, PricePlan const& plan, PriceTable const& table,
                 TokenUsage const& usage, std::int64_t wall_ns, std::span<Tag const> attributes);

}  // namespace netrun::llm::detail
