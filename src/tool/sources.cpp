// SPDX-License-Identifier: MIT
// Where prices come from, spelled out.
#include "tool/sources.hpp"

#include "tool/table.hpp"

#include <algorithm>

namespace netrun::llm::tool {

void print_sources(Context& context, PriceData const& data, std::vector<std::string> const& codes,
                   std::string_view indent) {
  for (auto const& code : codes) {
    auto const source =
        std::find_if(data.sources.begin(), data.sources.end(),
                     [&code](auto const& candidate) { return candidate.first == code; });
    auto const text = source == data.sources.end() ? code : code + ": " + source->second;
    context.out.write(std::string(indent) + "source    " + shown(text) + "\n");
  }
}

}  // namespace netrun::llm::tool
