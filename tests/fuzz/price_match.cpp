// SPDX-License-Identifier: MIT
// Any names against a book: an entry is found exactly when the rules say so.
//
// The first line is a provider, the second a model. With two lines the book is the built-in one;
// further lines make one: "s" and a prefix, "g" and the prefix of a region, else a pattern, each of
// an entry of its own.
#include "support/price_oracle.hpp"
#include <netrun/llm/price_book.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace netrun::llm;

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines(1);
  for (char const c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  return lines;
}

PriceData data_of(std::vector<std::string> const& lines) {
  PriceData data;
  auto& provider = data.providers.emplace_back();
  provider.name = "p";
  for (std::size_t i = 2; i < lines.size(); ++i) {
    auto const& line = lines[i];
    if (line.starts_with("s ")) {
      provider.strip.push_back(line.substr(2));
    } else if (line.starts_with("g ")) {
      provider.geo_prefixes.push_back(line.substr(2));
    } else {
      data.models.push_back({.provider = "p",
                             .model = "m" + std::to_string(10 + i),
                             .match = {line},
                             .periods = {{.rates = {.input = Usd::parse("1")}}}});
    }
  }
  return data;
}

void compare(PriceBook const& book, PriceData const& data, std::string const& provider,
             std::string const& model) {
  auto const entry = book.find(provider, model);
  auto const found = entry.empty()
                         ? std::string("none")
                         : std::string(entry.provider()) + "/" + std::string(entry.model());
  auto const expected = testing::entry_by_the_rules(data, provider, model);
  if (found == expected) return;
  std::cerr << "found " << found << ", the rules say " << expected << std::endl;
  std::abort();
}

}  // namespace

// The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  // Past a few short lines the rules as written take too long, and say nothing new.
  if (size > 600) return 0;
  auto lines = lines_of({reinterpret_cast<char const*>(bytes), size});
  lines.resize(lines.size() < 2 ? 2 : lines.size());
  if (lines.size() == 2) {
    static PriceData const builtin = PriceBook::builtin().data();
    compare(PriceBook::builtin(), builtin, lines[0], lines[1]);
    return 0;
  }
  auto const data = data_of(lines);
  if (!check_prices(data).empty()) return 0;
  compare(PriceBook(data), data, lines[0], lines[1]);
  return 0;
}
