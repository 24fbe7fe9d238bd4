// SPDX-License-Identifier: MIT
// The built-in price table is well formed.
#include "support/catch.hpp"
#include <netrun/llm/price_book.hpp>

#include <cstddef>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace netrun::llm {
namespace {

PriceData const& builtin() {
  static PriceData const data = PriceBook::builtin().data();
  return data;
}

TEST_CASE("price table: has the entries of 17 providers", "[unit][price_table]") {
  CHECK(builtin().providers.size() == 17);
  CHECK(builtin().models.size() == PriceBook::builtin().size());
  CHECK(builtin().models.size() >= 1'456);
}

TEST_CASE("price table: has no mistake", "[unit][price_table]") {
  for (auto const& mistake : check_prices(builtin())) {
    FAIL_CHECK(mistake.to_string());
  }
}

TEST_CASE("price table: is sorted by provider and model", "[unit][price_table]") {
  auto const& models = builtin().models;
  for (std::size_t i = 1; i < models.size(); ++i) {
    INFO(models[i].provider << "/" << models[i].model);
    REQUIRE(std::tie(models[i - 1].provider, models[i - 1].model) <
            std::tie(models[i].provider, models[i].model));
  }
}

TEST_CASE("price table: every exact alias finds its own entry", "[unit][price_table]") {
  for (auto const& model : builtin().models) {
    for (auto const& match : model.match) {
      if (match.find_first_of("*#") != std::string::npos) continue;
      INFO(model.provider << " " << match);
      auto const found = PriceBook::builtin().find(model.provider, match);
      CHECK(std::pair(found.provider(), found.model()) ==
            std::pair<std::string_view, std::string_view>(model.provider, model.model));
    }
  }
}

TEST_CASE("price table: every entry names its sources, and each is explained",
          "[unit][price_table]") {
  std::set<std::string> explained;
  for (auto const& [code, meaning] : builtin().sources) explained.insert(code);
  for (auto const& model : builtin().models) {
    INFO(model.provider << "/" << model.model);
    CHECK_FALSE(model.sources.empty());
    for (auto const& source : model.sources) CHECK(explained.count(source) == 1);
  }
}

}  // namespace
}  // namespace netrun::llm
