// SPDX-License-Identifier: MIT
// `prices diff`: what changed between two books, and what recorded calls cost by each.
#include "tool/book.hpp"
#include "tool/command.hpp"
#include "tool/prices.hpp"
#include "tool/table.hpp"
#include <netrun/llm/json_lines.hpp>
#include <netrun/llm/reprice.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace netrun::llm::tool {
namespace {

using Json = nlohmann::ordered_json;

struct DiffOptions {
  std::string before{}, after{}, calls{};
};

/// Adds up what the calls of a file cost by two books, and says on standard error what was skipped.
RepriceReport reprice_calls(DiffOptions const& options, PriceBook const& before,
                            PriceBook const& after) {
  JsonLinesReader reader(options.calls == "-" ? "/dev/stdin" : options.calls);
  Repricer repricer(after);
  while (auto call = reader.next()) {
    reprice(*call, before);
    repricer.add(*call);
  }
  if (auto const count = reader.malformed(); count > 0) {
    auto const& first = reader.errors().front();
    complain(
        options.calls + ": " + std::to_string(count) +
        (count == 1 ? " line is no call and was skipped" : " lines are no calls and were skipped") +
        "; line " + std::to_string(first.line) + ": " + first.reason);
  }
  if (reader.torn_tail()) complain(options.calls + ": the last line has no end and was skipped");
  return repricer.report();
}

void add_costs(Json& json, RepricedCosts const& costs) {
  json["requests"] = costs.requests;
  json["repriced"] = costs.repriced;
  json["unpriced_before"] = costs.unpriced_before;
  json["unpriced_after"] = costs.unpriced_after;
  json["cost_usd_before"] = costs.cost_before.to_string();
  json["cost_usd_after"] = costs.cost_after.to_string();
  json["difference_usd"] = (costs.cost_after - costs.cost_before).to_string();
}

void print_json(Context& context, std::vector<PriceChange> const& changes,
                std::optional<RepriceReport> const& report) {
  Json json;
  auto& list = json["changes"] = Json::array();
  for (auto const& change : changes) {
    list.push_back({{"provider", change.provider},
                    {"model", change.model},
                    {"what", change.what},
                    {"before", change.before},
                    {"after", change.after}});
  }
  if (report) {
    auto& calls = json["calls"] = Json::object();
    add_costs(calls, report->total);
    // Not key by key: the object searches all of them each time.
    std::map<std::string, Json> by_model;
    for (auto const& [name, costs] : report->by_model) add_costs(by_model[name], costs);
    calls["by_model"] = by_model;
  }
  context.out.write(json_text(json, 2) + "\n");
}

Table table_of(std::vector<PriceChange> const& changes) {
  Table table({{"provider"}, {"model"}, {"what"}, {"before"}, {"after"}});
  for (auto const& change : changes) {
    table.add({change.provider, change.model, change.what, change.before, change.after});
  }
  return table;
}

std::vector<std::string> cells_of(std::string const& name, RepricedCosts const& costs) {
  return {name,
          std::to_string(costs.requests),
          std::to_string(costs.repriced),
          std::to_string(costs.unpriced_before),
          std::to_string(costs.unpriced_after),
          costs.cost_before.to_string(),
          costs.cost_after.to_string(),
          (costs.cost_after - costs.cost_before).to_string()};
}

Table table_of(RepriceReport const& report) {
  Table table({{"model"},
               {"requests", Align::right},
               {"repriced", Align::right},
               {"unpriced_before", Align::right},
               {"unpriced_after", Align::right},
               {"cost_usd_before", Align::right},
               {"cost_usd_after", Align::right},
               {"difference_usd", Align::right}});
  for (auto const& [name, costs] : report.by_model) {
    table.add(cells_of(std::string(name), costs));
  }
  table.add(cells_of("total", report.total));
  return table;
}

int prices_diff(Context& context, DiffOptions const& options) {
  auto const before = book_of(options.before);
  auto const after = book_of(options.after);
  auto const changes = diff(before, after);
  std::optional<RepriceReport> report;
  if (!options.calls.empty()) report = reprice_calls(options, before, after);
  switch (context.format_or(Format::table)) {
    case Format::json:
      print_json(context, changes, report);
      break;
    case Format::csv:  // one table: that which was asked for last
      (report ? table_of(*report) : table_of(changes)).print_csv(context);
      break;
    case Format::table:
      if (changes.empty()) {
        context.out.write("no price differs\n");
      } else {
        table_of(changes).print(context);
      }
      if (!report) break;
      context.out.write("\n");
      table_of(*report).print(context);
  }
  return exit_done;
}

}  // namespace

void add_prices_diff(CLI::App& prices, Context& context) {
  auto& command = add_command(prices, "diff",
                              "What changed between two books: `builtin`, a price file laid over "
                              "it (`builtin+FILE`), or one\n"
                              "that is a book of its own.",
                              "  netrun-llm prices diff builtin builtin+mine.json\n"
                              "  netrun-llm prices diff old.json new.json --calls calls.jsonl\n"
                              "      # and what these calls cost by each; as CSV, that alone");
  auto const options = std::make_shared<DiffOptions>();
  add_text(command, "before", "", options->before, "builtin, builtin+FILE or FILE").required();
  add_text(command, "after", "", options->after, "builtin, builtin+FILE or FILE").required();
  add_text(command, "--calls", "FILE", options->calls,
           "Recorded calls, one JSON object a line, to be priced by both; - is standard input");
  command.final_callback([&context, options] {
    context.action = [&context, options] { return prices_diff(context, *options); };
  });
}

}  // namespace netrun::llm::tool
