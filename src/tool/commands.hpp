// SPDX-License-Identifier: MIT
// The commands. A new one is a file of its own, a line here and a line in main.cpp.
#pragma once

namespace CLI {
class App;
}

namespace netrun::llm::tool {

struct Context;

// Each adds a command to the program. What the command line says about it is kept as long as `app`;
// when it was chosen, it sets Context::action.
void add_cost(CLI::App& app, Context& context);
void add_prices(CLI::App& app, Context& context);
void add_usage(CLI::App& app, Context& context);

}  // namespace netrun::llm::tool
