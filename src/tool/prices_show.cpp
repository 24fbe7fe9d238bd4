// SPDX-License-Identifier: MIT
// `prices show`: all that the book says about a model.
#include "tool/book.hpp"
#include "tool/command.hpp"
#include "tool/days.hpp"
#include "tool/price_rows.hpp"
#include "tool/prices.hpp"
#include "tool/sources.hpp"
#include "tool/table.hpp"
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/price_file.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace netrun::llm::tool {
namespace {

struct ShowOptions {
  std::string model{}, provider{};
  std::optional<Clock::time_point> at{};
  std::vector<std::string> prices{};
};

std::string lower(std::string text) {
  for (auto& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// True when it prices whatever is asked for (Ollama), and so says nothing about a model.
bool is_for_all(PriceEntry entry) {
  auto const match = entry.describe().match;
  return std::find(match.begin(), match.end(), "*") != match.end();
}

/// The entry that prices the model at each provider, and those that have its name; each once, in
/// the order of the book.
std::vector<PriceEntry> entries_of(PriceBook const& book, PriceData const& data,
                                   ShowOptions const& options) {
  std::vector<PriceEntry> found;
  auto const add = [&found](PriceEntry entry) {
    if (entry.empty()) return;
    if (std::find(found.begin(), found.end(), entry) == found.end()) found.push_back(entry);
  };
  if (!options.provider.empty()) {
    add(book.find(options.provider, options.model));
    return found;
  }
  for (auto const& provider : data.providers) {
    auto const entry = book.find(provider.name, options.model);
    if (!entry.empty() && !is_for_all(entry)) add(entry);
  }
  auto const name = lower(options.model);
  for (std::size_t i = 0; i < book.size(); ++i) {
    auto const entry = book.entry(i);
    if (entry.model() == name) add(entry);
  }
  std::sort(found.begin(), found.end(), [](PriceEntry a, PriceEntry b) {
    return std::pair(a.provider(), a.model()) < std::pair(b.provider(), b.model());
  });
  return found;
}

/// Names that the one which was not found is part of, as an end of the message.
std::string similar_to(PriceBook const& book, std::string const& model) {
  constexpr std::size_t most_shown = 5;
  std::string names;
  std::size_t count = 0;
  auto const part = lower(model);
  for (std::size_t i = 0; i < book.size() && count < most_shown; ++i) {
    auto const entry = book.entry(i);
    if (entry.model().find(part) == std::string_view::npos) continue;
    (names += count++ == 0 ? "; there are " : ", ") += entry.provider();
    (names += '/') += entry.model();
  }
  return names;
}

ProviderPrices provider_of(PriceData const& data, std::string_view name) {
  auto const found =
      std::find_if(data.providers.begin(), data.providers.end(),
                   [name](ProviderPrices const& provider) { return provider.name == name; });
  return found == data.providers.end() ? ProviderPrices{} : *found;
}

constexpr TokenKind kind_at(std::size_t index) { return static_cast<TokenKind>(index); }

void print_rates(Context& context, std::vector<RateRow> const& rows) {
  std::vector<TokenKind> kinds;  // those that have a price
  std::vector<Column> columns{{"USD per million tokens"}};
  for (std::size_t i = 0; i < token_kind_count; ++i) {
    auto const has_price = [kind = kind_at(i)](RateRow const& row) {
      return row.rates[kind].has_value();
    };
    if (std::none_of(rows.begin(), rows.end(), has_price)) continue;
    kinds.push_back(kind_at(i));
    columns.push_back({std::string(to_string(kind_at(i))), Align::right});
  }
  Table table(std::move(columns));
  for (auto const& row : rows) {
    std::vector<std::string> cells{row.condition};
    for (auto const kind : kinds) {
      auto const& price = row.rates[kind];
      cells.push_back(price ? price->to_string() : "");
    }
    table.add(std::move(cells));
  }
  table.print(context, 4);
}

void print_period(Context& context, ModelPrices const& model, PricePeriod const& period,
                  ProviderPrices const& provider, Clock::time_point at) {
  auto& out = context.out;
  out.write("\n  prices " + span_text(model, period));
  out.write(&period == period_at(model, at) ? ", in force\n" : "\n");
  print_rates(context, rate_rows(period, provider));
  if (provider.batch && period.batch == TokenRates{}) {
    out.write("    batch jobs: times " + provider.batch->to_string() + "\n");
  }
  for (auto const& fee : fee_rows(period, provider)) {
    out.write("    per thousand: " + shown(fee.name) + " " + fee.price.to_string() + "\n");
  }
}

/// "  name      text", unless there is none.
void print_fact(Context& context, std::string name, std::string const& text) {
  constexpr std::size_t name_width = 10;
  if (text.empty()) return;
  name.resize(name_width, ' ');
  context.out.write("  " + name + shown(text) + "\n");
}

std::string limits_of(ModelPrices const& model) {
  std::string text = model.mode;
  auto const add = [&text](char const* what, std::uint32_t tokens) {
    if (tokens == 0) return;
    (text += text.empty() ? "" : ", ") += what;
    text += " " + std::to_string(tokens);
  };
  add("context", model.context_tokens);
  add("input at most", model.max_input_tokens);
  add("output at most", model.max_output_tokens);
  return text;
}

std::string matches_of(ModelPrices const& model) {
  std::string text;
  for (auto const& pattern : model.match) (text += text.empty() ? "" : "  ") += pattern;
  return text;
}

void print_entry(Context& context, PriceData const& data, ModelPrices const& model,
                 Clock::time_point at) {
  auto const provider = provider_of(data, model.provider);
  context.out.write(bold(context, shown(model.provider + "/" + model.model)) + "\n");
  print_fact(context, "model", limits_of(model));
  print_fact(context, "matches", matches_of(model));
  print_fact(context, "released", day_text(model.released));
  print_fact(context, "deprecated", day_text(model.deprecated));
  print_fact(context, "retired",
             model.is_retired ? "on a day that is not known" : day_text(model.retired));
  print_fact(context, "checked", day_text(model.checked));
  print_sources(context, data, model.sources, "  ");
  print_fact(context, "note", model.note);
  for (auto const& period : model.periods) print_period(context, model, period, provider, at);
  for (auto const& multiplier : model.multipliers) {
    context.out.write("  times " + multiplier.factor.to_string() + " for " +
                      shown(multiplier.attribute + "=" + multiplier.value) + "\n");
  }
}

/// One row for each condition and each fee.
void print_csv(Context& context, PriceData const& data, std::vector<PriceEntry> const& entries) {
  std::vector<Column> columns{{"provider"}, {"model"}, {"from"}, {"condition"}};
  for (std::size_t i = 0; i < token_kind_count; ++i) {
    columns.push_back({std::string(to_string(kind_at(i)))});
  }
  columns.push_back({"usd_per_thousand"});
  Table table(columns);
  for (auto const& entry : entries) {
    auto const model = entry.describe();
    auto const provider = provider_of(data, model.provider);
    for (auto const& period : model.periods) {
      std::vector<std::string> const start{model.provider, model.model, day_text(period.from)};
      for (auto const& row : rate_rows(period, provider)) {
        auto cells = start;
        cells.push_back(row.condition);
        for (std::size_t i = 0; i < token_kind_count; ++i) {
          auto const& price = row.rates[kind_at(i)];
          cells.push_back(price ? price->to_string() : "");
        }
        table.add(std::move(cells));
      }
      for (auto const& fee : fee_rows(period, provider)) {
        auto cells = start;
        cells.push_back(fee.name);
        cells.resize(columns.size() - 1);
        cells.push_back(fee.price.to_string());
        table.add(std::move(cells));
      }
    }
  }
  table.print_csv(context);
}

int prices_show(Context& context, ShowOptions const& options) {
  auto const book = book_with(options.prices);
  auto const data = book.data();
  auto const entries = entries_of(book, data, options);
  if (entries.empty()) {
    auto const where = options.provider.empty() ? "" : " of \"" + options.provider + "\"";
    throw Failure("no entry for \"" + options.model + "\"" + where +
                  similar_to(book, options.model));
  }
  auto const format = context.format_or(Format::table);
  if (format == Format::csv) {
    print_csv(context, data, entries);
    return exit_done;
  }
  bool first = true;
  for (auto const& entry : entries) {
    if (format == Format::json) {
      context.out.write(to_price_line(entry.describe()) + "\n");
      continue;
    }
    if (!std::exchange(first, false)) context.out.write("\n");
    print_entry(context, data, entry.describe(), options.at.value_or(Clock::now()));
  }
  return exit_done;
}

}  // namespace

void add_prices_show(CLI::App& prices, Context& context) {
  auto& command = add_command(
      prices, "show",
      "All prices of a model, at each provider that has it, with their sources. As JSON each entry "
      "is a line, as it stands in a price file.",
      "  netrun-llm prices show gpt-4o\n"
      "  netrun-llm prices show claude-sonnet-4-5 --provider bedrock --at 2026-01-31");
  auto const options = std::make_shared<ShowOptions>();
  add_text(command, "model", "", options->model, "The model, as a provider names it").required();
  add_text(command, "--provider", "NAME", options->provider, "Only what prices it there");
  add_time(command, "--at", options->at, "Which prices were in force then; else now");
  add_price_files(command, options->prices);
  command.final_callback([&context, options] {
    context.action = [&context, options] { return prices_show(context, *options); };
  });
}

}  // namespace netrun::llm::tool
