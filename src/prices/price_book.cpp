// SPDX-License-Identifier: MIT
// PriceBook and PriceEntry.
#include "prices/bill.hpp"
#include "prices/book_state.hpp"
#include "prices/changes.hpp"
#include <netrun/llm/price_book.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

namespace netrun::llm {
namespace {

std::int64_t wall_ns(Clock::time_point at) noexcept {
  using std::chrono::nanoseconds;
  return std::chrono::duration_cast<nanoseconds>(at.time_since_epoch()).count();
}

void refuse_mistakes(std::vector<PriceMistake> const& mistakes) {
  if (mistakes.empty()) return;
  std::string text = "a price book with mistakes:";
  for (auto const& mistake : mistakes) text.append("\n  ").append(mistake.to_string());
  throw std::invalid_argument(text);
}

std::shared_ptr<detail::PriceBookState const> builtin_state() {
  // Never destroyed: calls may be priced until the very end of the process.
  static auto const* const state = new std::shared_ptr<detail::PriceBookState const>(
      std::make_shared<detail::PriceBookState const>(detail::builtin_price_table()));
  return *state;
}

}  // namespace

std::string_view to_string(PriceProblem problem) noexcept {
  switch (problem) {
    case PriceProblem::none:
      return "none";
    case PriceProblem::unknown_provider:
      return "unknown_provider";
    case PriceProblem::unknown_model:
      return "unknown_model";
    case PriceProblem::no_rate:
      return "no_rate";
    case PriceProblem::not_in_force:
      return "not_in_force";
    case PriceProblem::absent_usage:
      return "absent_usage";
    case PriceProblem::parts_exceed_whole:
      return "parts_exceed_whole";
    case PriceProblem::too_large:
      return "too_large";
  }
  return "unknown";
}

std::string_view to_string(ServiceTier tier) noexcept {
  switch (tier) {
    case ServiceTier::standard:
      return "standard";
    case ServiceTier::flex:
      return "flex";
    case ServiceTier::priority:
      return "priority";
    case ServiceTier::batch:
      return "batch";
  }
  return "unknown";
}

std::string_view PriceEntry::provider() const noexcept {
  return empty() ? std::string_view() : plan_->provider;
}
std::string_view PriceEntry::model() const noexcept {
  return empty() ? std::string_view() : plan_->model;
}

PriceQuote PriceEntry::price(TokenUsage const& usage, Clock::time_point at,
                             std::span<Tag const> attributes) const noexcept {
  if (empty()) return detail::quote_without_plan(usage, true);
  return detail::price_call(*plan_, usage, wall_ns(at), detail::terms_of(*plan_, attributes));
}

ModelPrices PriceEntry::describe() const {
  if (empty()) return {};
  return detail::decompile_entry(plan_->book->table(), plan_->entry);
}

PriceBook::PriceBook() noexcept : state_(builtin().state_) {}

PriceBook::PriceBook(std::shared_ptr<detail::PriceBookState const> state) noexcept
    : state_(std::move(state)) {}

PriceBook::PriceBook(PriceData const& data) {
  refuse_mistakes(check_prices(data));
  state_ = std::make_shared<detail::PriceBookState const>(detail::compile_prices(data));
}

PriceBook const& PriceBook::builtin() noexcept {
  static auto const* const book = new PriceBook(builtin_state());
  return *book;
}

PriceBook PriceBook::with(PriceData const& changes) const {
  auto merged = detail::merge_prices(state_->table(), changes);
  refuse_mistakes(merged.mistakes);
  return PriceBook(std::make_shared<detail::PriceBookState const>(
      detail::compile_prices(std::move(merged.data), std::move(merged.layers))));
}

std::vector<PriceMistake> PriceBook::check(PriceData const& changes) const {
  return detail::merge_prices(state_->table(), changes).mistakes;
}

PriceEntry PriceBook::find(NameView provider, NameView model) const noexcept {
  return PriceEntry(state_->find(provider, model));
}

PriceQuote PriceBook::price(NameView provider, NameView model, TokenUsage const& usage,
                            Clock::time_point at, std::span<Tag const> attributes) const noexcept {
  auto const entry = find(provider, model);
  if (!entry.empty()) return entry.price(usage, at, attributes);
  bool const known = detail::find_provider(state_->table(), provider) != detail::no_provider;
  return detail::quote_without_plan(usage, known);
}

PriceBill PriceBook::itemize(NameView provider, NameView model, TokenUsage const& usage,
                             Clock::time_point at, std::span<Tag const> attributes) const {
  PriceBill bill{.quote = price(provider, model, usage, at, attributes)};
  auto const entry = find(provider, model);
  if (entry.empty()) return bill;
  detail::add_details(bill, *entry.plan(), state_->table(), usage, wall_ns(at), attributes);
  return bill;
}

std::size_t PriceBook::size() const noexcept { return state_->table().entries.size(); }

PriceEntry PriceBook::entry(std::size_t index) const noexcept {
  return index < size() ? PriceEntry(state_->plan(index)) : PriceEntry();
}

PriceData PriceBook::data() const { return detail::decompile_prices(state_->table()); }

std::string_view PriceBook::provider_of(NameView spelling_or_host) const noexcept {
  auto const& table = state_->table();
  auto const number = detail::find_provider(table, spelling_or_host);
  return number == detail::no_provider ? std::string_view()
                                       : table.at(table.providers[number].name);
}

std::optional<std::chrono::sys_days> PriceBook::newest_source() const noexcept {
  return detail::newest_day(state_->table().at(state_->table().snapshot));
}

std::optional<std::chrono::days> PriceBook::age(std::chrono::sys_days day) const noexcept {
  auto const newest = newest_source();
  if (!newest) return std::nullopt;
  return day - *newest;
}

}  // namespace netrun::llm
