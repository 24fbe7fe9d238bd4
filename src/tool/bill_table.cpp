// SPDX-License-Identifier: MIT
// What a call costs, for people.
#include "tool/bill.hpp"
#include "tool/days.hpp"
#include "tool/price_rows.hpp"
#include "tool/sources.hpp"
#include "tool/table.hpp"

#include <chrono>
#include <string_view>

namespace netrun::llm::tool {
namespace {

/// The prices that were chosen: "from 2026-03-13, flex, above 200000 input tokens".
std::string prices_text(PriceBill const& bill, ModelPrices const& entry, Clock::time_point at) {
  auto const* const period = period_at(entry, at);
  std::string text = period == nullptr ? "" : span_text(entry, *period) + ", ";
  text += std::string(to_string(bill.service_tier));
  if (bill.tier_above_tokens) {
    text += ", above " + std::to_string(*bill.tier_above_tokens) + " input tokens";
  }
  if (bill.in_window) text += ", at hours with prices of their own";
  return text;
}

std::string_view sentence_of(std::string_view note) {
  if (note == "fee_undecided") {
    return "a fee is not in the cost: the call does not say what it depends on "
           "(--search-context-size), or no source names it";
  }
  return "the entry has no price for this service tier: the standard one was taken";
}

void print_head(Context& context, PriceBook const& book, PriceEntry entry, PriceBill const& bill,
                Clock::time_point at) {
  auto const described = entry.describe();
  auto& out = context.out;
  out.write(bold(context, shown(entry_name(bill.quote))) + "\n");
  out.write("  call at   " + context.zone.show(at) + "\n");
  out.write("  prices    " + prices_text(bill, described, at) + "\n");
  out.write("  checked   " + (described.checked ? day_text(described.checked) : "not known") +
            "\n");
  print_sources(context, book.data(), described.sources, "  ");
}

/// What comes between the tokens and the total.
void add_steps(Table& table, PriceBill const& bill) {
  for (auto const& multiplier : bill.multipliers) {
    table.add({"times " + multiplier.factor.to_string() + " for " + multiplier.attribute + "=" +
               multiplier.value});
  }
  if (bill.request_fee != Usd{}) {
    table.add({"request fee", "", "", bill.request_fee.to_string()});
  }
  if (bill.search_fees != Usd{}) {
    table.add({"web searches", "", "", bill.search_fees.to_string()});
  }
  if (bill.discount) table.add({"discount of " + bill.discount->to_string()});
  if (bill.margin) table.add({"margin of " + bill.margin->to_string()});
}

}  // namespace

void print_bill(Context& context, PriceBook const& book, PriceEntry entry, PriceBill const& bill,
                Clock::time_point at) {
  print_head(context, book, entry, bill, at);
  context.out.write("\n");
  Table table({{"kind"},
               {"tokens", Align::right},
               {"USD per million", Align::right},
               {"USD", Align::right}});
  for (auto const& line : bill.tokens) {
    table.add({std::string(to_string(line.kind)), std::to_string(line.tokens),
               Usd::from_picos(line.attos_per_token).to_string(), attos_to_string(attos_of(line))});
  }
  add_steps(table, bill);
  table.add({"total", "", "", bill.quote.cost.to_string()});
  table.print(context, 2);
  for (auto const& note : note_names(bill.quote)) {
    context.out.write("\n  note: " + std::string(sentence_of(note)) + "\n");
  }
}

}  // namespace netrun::llm::tool
