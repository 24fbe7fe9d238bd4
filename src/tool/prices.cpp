// SPDX-License-Identifier: MIT
// `prices`: what the price book is, and the commands about it.
#include "tool/prices.hpp"

#include "tool/command.hpp"
#include "tool/commands.hpp"
#include "tool/days.hpp"
#include "tool/table.hpp"
#include <netrun/llm/price_book.hpp>

#include <nlohmann/json.hpp>

#include <chrono>

namespace netrun::llm::tool {
namespace {

constexpr auto examples =
    "  netrun-llm prices                      # how old the book is\n"
    "  netrun-llm prices show gpt-4o\n"
    "  netrun-llm prices list --provider mistral\n"
    "  netrun-llm prices check mine.json\n"
    "  netrun-llm prices diff builtin builtin+mine.json --calls calls.jsonl";

int summary(Context& context) {
  auto const& book = PriceBook::builtin();
  auto const data = book.data();
  auto const newest = day_text(book.newest_source());
  auto const age = book.age();
  auto const days = age ? std::to_string(age->count()) : "";
  switch (context.format_or(Format::table)) {
    case Format::json: {
      nlohmann::ordered_json json;
      json["snapshot"] = data.snapshot;
      json["newest_source"] = nullptr;
      json["age_days"] = nullptr;
      if (age) {
        json["newest_source"] = newest;
        json["age_days"] = age->count();
      }
      json["providers"] = data.providers.size();
      json["entries"] = book.size();
      context.out.write(json_text(json, 2) + "\n");
      return exit_done;
    }
    case Format::csv:
      context.out.write(
          csv_line({"snapshot", "newest_source", "age_days", "providers", "entries"}));
      context.out.write(
          csv_line({data.snapshot, newest, days, std::to_string(data.providers.size()),
                    std::to_string(book.size())}));
      return exit_done;
    case Format::table:
      break;
  }
  auto& out = context.out;
  out.write("built-in price book of " + shown(data.snapshot) + "\n");
  if (age) out.write("  newest source   " + newest + ", " + days + " days old\n");
  out.write("  providers       " + std::to_string(data.providers.size()) + "\n");
  out.write("  entries         " + std::to_string(book.size()) + "\n\n");
  out.write("`netrun-llm prices --help` names the commands: show, list, check, diff\n");
  return exit_done;
}

}  // namespace

void add_prices(CLI::App& app, Context& context) {
  auto& command =
      add_command(app, "prices", "The price book: what is in it, and how old.", examples);
  command.require_subcommand(0, 1);
  add_prices_show(command, context);
  add_prices_list(command, context);
  add_prices_check(command, context);
  add_prices_diff(command, context);
  command.final_callback([&context] {
    // Those of the commands below it run before this.
    if (!context.action) context.action = [&context] { return summary(context); };
  });
}

}  // namespace netrun::llm::tool
