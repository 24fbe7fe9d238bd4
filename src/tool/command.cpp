// SPDX-License-Identifier: MIT
// Commands and options, by CLI11.
#include "tool/command.hpp"

#include <netrun/llm/timestamp.hpp>

#include <charconv>
#include <string_view>
#include <system_error>

namespace netrun::llm::tool {
namespace {

Format parse_format(std::string const& name) {
  if (name == "table") return Format::table;
  if (name == "json") return Format::json;
  if (name == "csv") return Format::csv;
  throw UsageError("--format: \"" + name + "\" is not one of table, json, csv");
}

Zone parse_zone(std::string const& name) {
  try {
    return Zone(name);
  } catch (std::invalid_argument const& error) {
    throw UsageError(std::string("--tz: ") + error.what());
  }
}

std::uint64_t parse_count(std::string const& option, std::string_view text, std::uint64_t largest) {
  std::uint64_t count = 0;
  auto const* const end = text.data() + text.size();
  auto const [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc{} || stop != end || count > largest) {
    throw UsageError(option + ": \"" + std::string(text) + "\" is not a whole number from 0 to " +
                     std::to_string(largest));
  }
  return count;
}

}  // namespace

CLI::App& add_command(CLI::App& parent, std::string const& name, std::string const& description,
                      std::string const& examples) {
  auto& command = *parent.add_subcommand(name, description);
  command.footer("Examples:\n" + examples);
  return command;
}

void add_common_options(CLI::App& app, Context& context) {
  auto const group = "General";
  app.add_option_function<std::string>(
         "--format", [&](std::string const& name) { context.format = parse_format(name); },
         "table, json or csv")
      ->type_name("FORMAT")
      ->group(group);
  app.add_flag_callback(
         "--json", [&] { context.format = Format::json; }, "The same as --format json")
      ->group(group);
  app.add_option_function<std::string>(
         "--tz", [&](std::string const& name) { context.zone = parse_zone(name); },
         "Zone in which times are shown to people: Europe/Berlin, local; else UTC")
      ->type_name("ZONE")
      ->group(group);
  app.add_flag_callback(
         "--no-color", [&] { context.no_color = true; },
         "No colour on a terminal; NO_COLOR in the environment says the same")
      ->group(group);
  app.set_help_flag("-h,--help", "Print this help and exit")->group(group);
  for (auto* const command : app.get_subcommands({})) add_common_options(*command, context);
}

CLI::Option& add_count(CLI::App& command, std::string const& name,
                       std::optional<std::uint64_t>& target, std::string const& help,
                       std::uint64_t largest) {
  return *command
              .add_option_function<std::string>(
                  name,
                  [&target, name, largest](std::string const& text) {
                    target = parse_count(name, text, largest);
                  },
                  help)
              ->type_name("N");
}

CLI::Option& add_time(CLI::App& command, std::string const& name,
                      std::optional<Clock::time_point>& target, std::string const& help) {
  return *command
              .add_option_function<std::string>(
                  name,
                  [&target, name](std::string const& text) {
                    try {
                      target = parse_iso8601(text);
                    } catch (std::invalid_argument const& error) {
                      throw UsageError(name + ": " + error.what());
                    }
                  },
                  help)
              ->type_name("TIME");
}

CLI::Option& add_text(CLI::App& command, std::string const& name, std::string const& type,
                      std::string& target, std::string const& help) {
  return *command.add_option(name, target, help)->type_name(type);
}

CLI::Option& add_price_files(CLI::App& command, std::vector<std::string>& target) {
  return *command
              .add_option("--prices", target,
                          "A price file whose entries replace built-in ones; may be repeated")
              ->type_name("FILE")
              ->allow_extra_args(false);
}

}  // namespace netrun::llm::tool
