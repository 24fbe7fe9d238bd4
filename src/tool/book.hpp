// SPDX-License-Identifier: MIT
// The price book that a command uses.
#pragma once

#include <netrun/llm/price_book.hpp>

#include <string>
#include <vector>

namespace netrun::llm::tool {

/// The built-in book with each of the price files laid over it, in order. Throws what load_prices
/// and PriceBook::with throw; the file is named.
[[nodiscard]] PriceBook book_with(std::vector<std::string> const& files);

/// The book of one price file alone, or for "builtin" the built-in one, or for "builtin+FILE" that
/// with the file laid over it.
[[nodiscard]] PriceBook book_of(std::string const& file);

}  // namespace netrun::llm::tool
