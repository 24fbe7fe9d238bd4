// SPDX-License-Identifier: MIT
// `prices check`: what is wrong in a price file, and what it would change.
#include "tool/command.hpp"
#include "tool/prices.hpp"
#include "tool/table.hpp"
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/price_file.hpp>

#include <nlohmann/json.hpp>

#include <memory>
#include <set>
#include <stdexcept>
#include <utility>

namespace netrun::llm::tool {
namespace {

using Json = nlohmann::ordered_json;

struct Checked {
  std::vector<PriceMistake> mistakes{};
  std::size_t entries = 0;
  std::vector<std::string> replaced{}, added{};  ///< "openai/gpt-4o"
  std::vector<std::string> providers{};          ///< Whose facts change or are new.
  std::vector<std::string> unused{};             ///< Facts that prices do not use.
  bool only_alone = false;                       ///< It cannot be laid over the built-in book.
};

/// What the file would do to the built-in book.
void compare(PriceData const& data, Checked& checked) {
  auto const& builtin = PriceBook::builtin();
  std::set<std::string> known;
  for (std::size_t i = 0; i < builtin.size(); ++i) {
    auto const entry = builtin.entry(i);
    known.insert(std::string(entry.provider()) + "/" + std::string(entry.model()));
  }
  for (auto const& model : data.models) {
    auto name = model.provider + "/" + model.model;
    (known.contains(name) ? checked.replaced : checked.added).push_back(std::move(name));
  }
  for (auto const& provider : data.providers) {
    checked.providers.push_back(provider.name);
    for (auto const& [fact, value] : provider.facts) {
      checked.unused.push_back("provider " + provider.name + ": " + fact);
    }
  }
}

Checked check(std::string const& file) {
  Checked checked;
  try {
    auto const data = load_prices(file);
    checked.entries = data.models.size();
    compare(data, checked);
    // Most files are laid over the built-in book; what is wrong then does not matter for a file
    // that is a book of its own.
    auto mistakes = PriceBook::builtin().check(data);
    checked.only_alone = !mistakes.empty();
    if (checked.only_alone && !check_prices(data).empty()) checked.mistakes = std::move(mistakes);
  } catch (PriceFileError const& error) {
    checked.mistakes = error.mistakes();
  }
  return checked;
}

void print_json(Context& context, std::string const& file, Checked const& checked) {
  Json json;
  json["file"] = file;
  json["valid"] = checked.mistakes.empty();
  auto& mistakes = json["mistakes"] = Json::array();
  for (auto const& mistake : checked.mistakes) {
    mistakes.push_back({{"line", mistake.line == 0 ? Json(nullptr) : Json(mistake.line)},
                        {"where", mistake.where},
                        {"path", mistake.path},
                        {"reason", mistake.reason}});
  }
  if (checked.mistakes.empty()) {
    json["entries"] = checked.entries;
    json["replaces"] = checked.replaced;
    json["adds"] = checked.added;
    json["providers"] = checked.providers;
    json["unused"] = checked.unused;
    json["only_alone"] = checked.only_alone;
  }
  context.out.write(json_text(json, 2) + "\n");
}

Table table_of(std::vector<PriceMistake> const& mistakes) {
  Table table({{"line", Align::right}, {"where"}, {"path"}, {"reason"}});
  for (auto const& mistake : mistakes) {
    table.add({mistake.line == 0 ? "" : std::to_string(mistake.line), mistake.where, mistake.path,
               mistake.reason});
  }
  return table;
}

/// The first names, and how many there are.
void print_names(Context& context, char const* title, std::vector<std::string> const& names) {
  constexpr std::size_t most_shown = 20;
  if (names.empty()) return;
  context.out.write(std::string("  ") + title + " " + std::to_string(names.size()) + ":\n");
  for (std::size_t i = 0; i < names.size() && i < most_shown; ++i) {
    context.out.write("    " + shown(names[i]) + "\n");
  }
  if (names.size() > most_shown) {
    context.out.write("    and " + std::to_string(names.size() - most_shown) + " more\n");
  }
}

int prices_check(Context& context, std::string const& file) {
  auto const checked = check(file);
  bool const valid = checked.mistakes.empty();
  switch (context.format_or(Format::table)) {
    case Format::json:
      print_json(context, file, checked);
      break;
    case Format::csv:
      table_of(checked.mistakes).print_csv(context);
      break;
    case Format::table:
      if (!valid) {
        table_of(checked.mistakes).print(context);
        break;
      }
      context.out.write(shown(file) + ": no mistakes, " + std::to_string(checked.entries) +
                        (checked.entries == 1 ? " entry\n" : " entries\n"));
      print_names(context, "replaces in the built-in book", checked.replaced);
      print_names(context, "adds to the built-in book", checked.added);
      print_names(context, "changes of providers", checked.providers);
      print_names(context, "kept, but not used by prices", checked.unused);
      if (checked.only_alone) {
        context.out.write("  a book of its own: it cannot be laid over the built-in one\n");
      }
  }
  if (valid) return exit_done;
  auto const count = checked.mistakes.size();
  throw Failure(file + ": " + std::to_string(count) + (count == 1 ? " mistake" : " mistakes"));
}

}  // namespace

void add_prices_check(CLI::App& prices, Context& context) {
  auto& command =
      add_command(prices, "check", "Every mistake in a price file, and what it would change.",
                  "  netrun-llm prices check mine.json");
  auto const file = std::make_shared<std::string>();
  add_text(command, "file", "", *file, "The price file").required();
  command.final_callback([&context, file] {
    context.action = [&context, file] { return prices_check(context, *file); };
  });
}

}  // namespace netrun::llm::tool
