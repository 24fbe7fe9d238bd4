// SPDX-License-Identifier: MIT
// `cost --cases`: the price of every call in a file.
#pragma once

#include "tool/context.hpp"
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/time.hpp>

#include <optional>
#include <string>

namespace netrun::llm::tool {

/// Answers the cases of `file` one by one, in order; what is a case at `at` (else now) does not say
/// when it was. Returns the exit status, which is 0 whatever the cases are like.
int price_cases(Context& context, PriceBook const& book, std::string const& file,
                std::optional<Clock::time_point> at);

}  // namespace netrun::llm::tool
