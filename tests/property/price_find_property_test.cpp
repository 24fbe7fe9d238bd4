// SPDX-License-Identifier: MIT
// PriceBook::find against the rules as they are written down.
#include "support/catch.hpp"
#include "support/price_oracle.hpp"
#include <netrun/llm/price_book.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace netrun::llm {
namespace {

using Random = std::mt19937_64;

std::string found(PriceBook const& book, std::string const& provider, std::string const& model) {
  auto const entry = book.find(provider, model);
  if (entry.empty()) return "none";
  return std::string(entry.provider()) + "/" + std::string(entry.model());
}

/// Something like a name that the book knows: an alias or a pattern with its stars filled, with or
/// without a prefix, sometimes spoilt.
std::string random_id(Random& random, PriceData const& data, ModelPrices const& model) {
  std::string id;
  for (char const c : model.match[random() % model.match.size()]) {
    if (c == '*') {
      id.append(random() % 4, "-0.a/"[random() % 5]);
    } else if (c == '#') {
      id += static_cast<char>('0' + random() % 10);
    } else {
      id += random() % 20 == 0 && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  auto const& provider = data.providers[random() % data.providers.size()];
  for (auto const* const prefixes : {&provider.geo_prefixes, &provider.strip}) {
    if (prefixes->empty() || random() % 3 != 0) continue;
    auto prefix = (*prefixes)[random() % prefixes->size()];
    for (auto star = prefix.find('*'); star != std::string::npos; star = prefix.find('*')) {
      prefix.replace(star, 1, "us-east-1");
    }
    id.insert(0, prefix);
  }
  if (random() % 6 == 0 && !id.empty()) id.erase(random() % id.size(), 1 + random() % 3);
  if (random() % 6 == 0) id.insert(random() % (id.size() + 1), 1, "-0x.:"[random() % 5]);
  return id;
}

TEST_CASE("find: is what the rules say, for names of every kind", "[property][price_find]") {
  constexpr std::uint64_t seed = 107;
  Random random(seed);
  auto const& book = PriceBook::builtin();
  auto const data = book.data();
  std::size_t known = 0;
  for (int i = 0; i < 600; ++i) {
    auto const& model = data.models[random() % data.models.size()];
    auto const& provider =
        random() % 4 == 0 ? data.providers[random() % data.providers.size()]
                          : *std::find_if(data.providers.begin(), data.providers.end(),
                                          [&](auto const& p) { return p.name == model.provider; });
    bool const other_spelling = !provider.ids.empty() && random() % 2 == 0;
    auto const& name =
        other_spelling ? provider.ids[random() % provider.ids.size()] : provider.name;
    auto const id = random_id(random, data, model);
    INFO("seed " << seed << " round " << i << ": " << name << " " << id);
    auto const expected = testing::entry_by_the_rules(data, name, id);
    REQUIRE(found(book, name, id) == expected);
    REQUIRE(found(book, name, id) == expected);  // remembered
    known += static_cast<std::size_t>(expected != "none");
  }
  CHECK(known > 200);
}

TEST_CASE("find: every alias of every provider is found by the rules", "[property][price_find]") {
  auto const& book = PriceBook::builtin();
  auto const data = book.data();
  for (auto const& model : data.models) {
    for (auto const& match : model.match) {
      if (match.find_first_of("*#") != std::string::npos) continue;
      INFO(model.provider << " " << match);
      REQUIRE(found(book, model.provider, match) == model.provider + "/" + model.model);
    }
  }
}

}  // namespace
}  // namespace netrun::llm
