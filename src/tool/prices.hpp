// SPDX-License-Identifier: MIT
// The commands below `prices`; each is a file of its own.
#pragma once

namespace CLI {
class App;
}

namespace netrun::llm::tool {

struct Context;

void add_prices_show(CLI::App& prices, Context& context);
void add_prices_list(CLI::App& prices, Context& context);
void add_prices_check(CLI::App& prices, Context& context);
void add_prices_diff(CLI::App& prices, Context& context);

}  // namespace netrun::llm::tool
