// SPDX-License-Identifier: MIT
// Entries and providers in the form of a price file.
#pragma once

#include "json/text_buffer.hpp"
#include <netrun/llm/price_data.hpp>

namespace netrun::llm::detail {

// Each writes one JSON object, without a line break.
void put(TextBuffer& out, ModelPrices const& entry);
/// Without its name, which is its key.
void put(TextBuffer& out, ProviderPrices const& provider);

}  // namespace netrun::llm::detail
