// SPDX-License-Identifier: MIT
// Commands and options, by CLI11. A command is a file with a function that adds it: see
// commands.hpp.
#pragma once

#include "tool/context.hpp"
#include <netrun/llm/time.hpp>

#include <CLI/CLI.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace netrun::llm::tool {

/// A command below `parent`. `examples` end its help.
CLI::App& add_command(CLI::App& parent, std::string const& name, std::string const& description,
                      std::string const& examples);

/// --format, --json, --tz, --no-color and --help, for `app` and all commands below it: they may
/// stand before a command or after it, where the last one counts. To be called when all commands
/// are there, so that their help shows their own options first.
void add_common_options(CLI::App& app, Context& context);

/// An option that takes a whole number; `target` must outlive the command.
CLI::Option& add_count(CLI::App& command, std::string const& name,
                       std::optional<std::uint64_t>& target, std::string const& help,
                       std::uint64_t largest = std::numeric_limits<std::uint64_t>::max());

/// An option that takes a moment; `target` must outlive the command.
CLI::Option& add_time(CLI::App& command, std::string const& name,
                      std::optional<Clock::time_point>& target, std::string const& help);

/// An option that takes a text; `target` must outlive the command.
CLI::Option& add_text(CLI::App& command, std::string const& name, std::string const& type,
                      std::string& target, std::string const& help);

/// --prices: price files to lay over the built-in book; `target` must outlive the command.
CLI::Option& add_price_files(CLI::App& command, std::vector<std::string>& target);

}  // namespace netrun::llm::tool
