// SPDX-License-Identifier: MIT
// `cost`: what a call costs, or each call of a file.
#include "tool/bill.hpp"
#include "tool/book.hpp"
#include "tool/command.hpp"
#include "tool/commands.hpp"
#include "tool/cost_case.hpp"
#include "tool/cost_cases.hpp"
#include "tool/table.hpp"
#include "tool/token_fields.hpp"
#include <netrun/llm/price_book.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

namespace netrun::llm::tool {
namespace {

constexpr auto examples =
    "  netrun-llm cost --provider openai --model gpt-4o --input 1000 --output 500\n"
    "  netrun-llm cost --provider anthropic --model claude-sonnet-4-5 --input 50000 \\\n"
    "      --cache-read 40000 --output 700 --batch --format json\n"
    "  netrun-llm cost --cases calls.jsonl   # one JSON object a line, answered by one\n"
    "  jq -c .call log.json | netrun-llm cost --cases -";

struct CostOptions {
  std::string cases{}, provider{}, model{}, search_context_size{}, service_tier{};
  std::array<std::optional<std::uint64_t>, token_fields.size()> counts{};
  std::optional<std::uint64_t> web_searches{};
  std::optional<Clock::time_point> at{};
  bool batch = false;
  std::vector<std::string> attributes{}, prices{};
  /// Those that tell one call, and so do not go with `cases`.
  std::vector<CLI::Option*> of_one_call{};
};

TokenUsage usage_of(CostOptions const& options) {
  TokenUsage usage{.source = UsageSource::absent};
  for (std::size_t i = 0; i < token_fields.size(); ++i) {
    if (!options.counts[i]) continue;
    usage.*token_fields[i].count = *options.counts[i];
    usage.source = UsageSource::reported;
  }
  if (options.web_searches) {
    usage.web_search_requests = static_cast<std::uint32_t>(*options.web_searches);
    usage.source = UsageSource::reported;
  }
  if (usage.source == UsageSource::absent) {
    throw UsageError("cost: no tokens are named; --input and --output tell them");
  }
  return usage;
}

Attributes attributes_of(CostOptions const& options) {
  Attributes attributes;
  if (!options.service_tier.empty()) attributes.set("service_tier", options.service_tier);
  if (options.batch) attributes.set("batch", "true");
  if (!options.search_context_size.empty()) {
    attributes.set("search_context_size", options.search_context_size);
  }
  for (auto const& text : options.attributes) {
    auto const equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      throw UsageError("--attribute: \"" + text + "\" is not KEY=VALUE");
    }
    attributes.set(text.substr(0, equals), text.substr(equals + 1));
  }
  return attributes;
}

/// The keys that both formats put before the bill's.
std::array<std::pair<char const*, std::string const*>, 2> asked(CostOptions const& options) {
  return {{{"provider", &options.provider}, {"model", &options.model}}};
}

void print(Context& context, PriceBook const& book, CostOptions const& options,
           PriceBill const& bill, Clock::time_point at) {
  switch (context.format_or(Format::table)) {
    case Format::json: {
      nlohmann::ordered_json json;
      for (auto const& [key, text] : asked(options)) json[key] = *text;
      add_bill(json, bill);
      context.out.write(json_text(json, 2) + "\n");
      return;
    }
    case Format::csv: {
      auto columns = bill_columns();
      auto cells = bill_cells(bill);
      cells.resize(columns.size());
      columns.insert(columns.begin(), {"provider", "model"});
      cells.insert(cells.begin(), {options.provider, options.model});
      context.out.write(csv_line(columns) + csv_line(cells));
      return;
    }
    case Format::table:
      if (!bill.quote.priced) return;
      print_bill(context, book, book.find(options.provider, options.model), bill, at);
  }
}

int price_one(Context& context, CostOptions const& options) {
  if (options.provider.empty() || options.model.empty()) {
    throw UsageError(
        "cost: --provider and --model are required, or --cases; see `netrun-llm cost "
        "--help`");
  }
  auto const usage = usage_of(options);
  auto const attributes = attributes_of(options);
  auto const tags = attributes.tags();
  auto const book = book_with(options.prices);
  auto const at = options.at.value_or(Clock::now());
  auto const bill = book.itemize(options.provider, options.model, usage, at, tags);
  print(context, book, options, bill, at);
  if (bill.quote.priced) return exit_done;
  throw Failure("no price for \"" + options.model + "\" of \"" + options.provider +
                "\": " + std::string(to_string(bill.quote.problem)) + ": " +
                std::string(bill.quote.explanation));
}

int cost(Context& context, CostOptions const& options) {
  if (options.cases.empty()) return price_one(context, options);
  for (auto const* const option : options.of_one_call) {
    if (option->count() > 0) {
      throw UsageError(option->get_name() + " does not go with --cases: each case tells its own");
    }
  }
  return price_cases(context, book_with(options.prices), options.cases, options.at);
}

void add_call_options(CLI::App& command, CostOptions& options) {
  auto const one = [&options](CLI::Option& option, char const* group) {
    option.group(group);
    options.of_one_call.push_back(&option);
  };
  one(add_text(command, "--provider", "NAME", options.provider, "Who was called: openai"), "Call");
  one(add_text(command, "--model", "NAME", options.model, "The model, as the provider names it"),
      "Call");
  one(add_text(command, "--service-tier", "TIER", options.service_tier,
               "The tier that served the call: flex, priority, batch; others are standard"),
      "Call");
  one(*command.add_flag("--batch", options.batch, "The call was part of a batch job"), "Call");
  one(*add_text(command, "--search-context-size", "SIZE", options.search_context_size,
                "low, medium or high: some fees depend on the size of the search context")
           .check([](std::string const& size) {
             bool const known = size == "low" || size == "medium" || size == "high";
             return known ? std::string() : "\"" + size + "\" is not one of low, medium, high";
           }),
      "Call");
  one(*command
           .add_option("--attribute", options.attributes,
                       "What else prices depend on: inference_geo=us; may be repeated")
           ->type_name("KEY=VALUE")
           ->allow_extra_args(false),
      "Call");
  for (std::size_t i = 0; i < token_fields.size(); ++i) {
    auto const& field = token_fields[i];
    one(add_count(command, field.option, options.counts[i], field.help), "Usage");
  }
  one(add_count(command, "--web-search", options.web_searches,
                "Searches that the provider made and bills one by one",
                std::numeric_limits<std::uint32_t>::max()),
      "Usage");
}

}  // namespace

void add_cost(CLI::App& app, Context& context) {
  auto& command =
      add_command(app, "cost", "What a call costs, exactly, or each call of a file.", examples);
  auto const options = std::make_shared<CostOptions>();
  add_text(command, "--cases", "FILE", options->cases,
           "Price every call in FILE, one JSON object a line; - is standard input")
      .group("Cases");
  add_call_options(command, *options);
  add_time(command, "--at", options->at,
           "Start of the call, ISO 8601, UTC if no zone is named; else now. With --cases, of those "
           "that do not say")
      .group("Call");
  add_price_files(command, options->prices).group("Prices");
  command.final_callback([&context, options] {
    context.action = [&context, options] { return cost(context, *options); };
  });
}

}  // namespace netrun::llm::tool
