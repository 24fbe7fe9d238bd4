// SPDX-License-Identifier: MIT
// `prices list`: the entries of the book.
#include "tool/book.hpp"
#include "tool/command.hpp"
#include "tool/days.hpp"
#include "tool/price_rows.hpp"
#include "tool/prices.hpp"
#include "tool/table.hpp"
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/price_file.hpp>

#include <memory>
#include <sstream>
#include <utility>

namespace netrun::llm::tool {
namespace {

struct ListOptions {
  std::string provider{}, mode{};
  std::optional<Clock::time_point> at{};
  std::vector<std::string> prices{};
};

std::string amount(std::optional<Usd> price) { return price ? price->to_string() : ""; }

std::string count(std::uint32_t number) { return number == 0 ? "" : std::to_string(number); }

PriceData chosen(PriceBook const& book, ListOptions const& options) {
  auto data = book.data();
  if (!options.provider.empty()) {
    std::string const provider(book.provider_of(options.provider));
    if (provider.empty()) throw Failure("no provider \"" + options.provider + "\" in the book");
    std::erase_if(data.models,
                  [&](ModelPrices const& model) { return model.provider != provider; });
  }
  if (!options.mode.empty()) {
    std::erase_if(data.models,
                  [&](ModelPrices const& model) { return model.mode != options.mode; });
  }
  return data;
}

int prices_list(Context& context, ListOptions const& options) {
  auto const data = chosen(book_with(options.prices), options);
  auto const format = context.format_or(Format::table);
  if (format == Format::json) {
    std::ostringstream text;
    write_prices(text, data);
    context.out.write(text.str());
    return exit_done;
  }
  Table table({{"provider"},
               {"model"},
               {"input", Align::right},
               {"output", Align::right},
               {"cache_read", Align::right},
               {"context", Align::right},
               {"checked"}});
  auto const at = options.at.value_or(Clock::now());
  for (auto const& model : data.models) {
    auto const* const period = period_at(model, at);
    auto const rates = period == nullptr ? TokenRates{} : period->rates;
    table.add({model.provider, model.model, amount(rates.input), amount(rates.output),
               amount(rates.cache_read), count(model.context_tokens), day_text(model.checked)});
  }
  if (format == Format::csv) {
    table.print_csv(context);
  } else {
    table.print(context);
  }
  return exit_done;
}

}  // namespace

void add_prices_list(CLI::App& prices, Context& context) {
  auto& command = add_command(
      prices, "list",
      "All entries, with their prices per million tokens in USD. As JSON they are a price file.",
      "  netrun-llm prices list --provider anthropic\n"
      "  netrun-llm prices list --mode embedding --format csv\n"
      "  netrun-llm prices list --json > mine.json   # a file to edit");
  auto const options = std::make_shared<ListOptions>();
  add_text(command, "--provider", "NAME", options->provider, "Only those of this provider");
  add_text(command, "--mode", "MODE", options->mode,
           "Only those of this kind: chat, completion, embedding, realtime");
  add_time(command, "--at", options->at, "Prices as of then; else now");
  add_price_files(command, options->prices);
  command.final_callback([&context, options] {
    context.action = [&context, options] { return prices_list(context, *options); };
  });
}

}  // namespace netrun::llm::tool
