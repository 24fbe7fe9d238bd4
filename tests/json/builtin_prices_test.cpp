// SPDX-License-Identifier: MIT
// The built-in price table says what its data file says.
#include "support/catch.hpp"
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/price_file.hpp>
#include <netrun/llm/reprice.hpp>

#include <filesystem>

namespace netrun::llm {
namespace {

std::filesystem::path const data_file =
    std::filesystem::path(NETRUN_LLM_SOURCE_DIR) / "src" / "prices" / "prices.json";

TEST_CASE("built-in prices: are those of the data file (else build netrun_llm_prices)") {
  PriceBook const book(load_prices(data_file));
  for (auto const& change : diff(PriceBook::builtin(), book)) {
    FAIL_CHECK(change.provider << "/" << change.model << " " << change.what << ": " << change.before
                               << " -> " << change.after);
  }
  CHECK((PriceBook::builtin().data() == book.data()));
}

}  // namespace
}  // namespace netrun::llm
