// SPDX-License-Identifier: MIT
// The price book that a command uses.
#include "tool/book.hpp"

#include "tool/context.hpp"
#include <netrun/llm/price_file.hpp>

#include <stdexcept>
#include <string_view>

namespace netrun::llm::tool {

PriceBook book_with(std::vector<std::string> const& files) {
  PriceBook book = PriceBook::builtin();
  for (auto const& file : files) {
    auto const changes = load_prices(file);
    try {
      book = book.with(changes);
    } catch (std::invalid_argument const& error) {
      throw Failure(file + ": " + error.what());
    }
  }
  return book;
}

PriceBook book_of(std::string const& file) {
  constexpr std::string_view laid_over = "builtin+";
  if (file == "builtin") return PriceBook::builtin();
  if (file.starts_with(laid_over)) return book_with({file.substr(laid_over.size())});
  auto const data = load_prices(file);
  try {
    return PriceBook(data);
  } catch (std::invalid_argument const& error) {
    throw Failure(file + ": " + error.what());
  }
}

}  // namespace netrun::llm::tool
