// SPDX-License-Identifier: MIT
// Which entry a model id means, by the rules as they are written down: slow, and without any of the
// short cuts of PriceBook::find.
#pragma once

#include <netrun/llm/price_data.hpp>

#include <string>
#include <string_view>

namespace netrun::llm::testing {

/// "provider/model" of the entry, or "none". `data` is a whole book, all of one layer.
[[nodiscard]] std::string entry_by_the_rules(PriceData const& data, std::string_view provider,
                                             std::string_view model);

}  // namespace netrun::llm::testing
