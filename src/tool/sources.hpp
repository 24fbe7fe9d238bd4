// SPDX-License-Identifier: MIT
// Where prices come from, spelled out.
#pragma once

#include "tool/context.hpp"
#include <netrun/llm/price_data.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::tool {

/// A line for each of `codes`, with what `data` says it stands for.
void print_sources(Context& context, PriceData const& data, std::vector<std::string> const& codes,
                   std::string_view indent);

}  // namespace netrun::llm::tool
