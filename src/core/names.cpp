// SPDX-License-Identifier: MIT
// All names that records refer to by number.
#include <netrun/llm/detail/names.hpp>

#include <algorithm>
#include <limits>
#include <new>

namespace netrun::llm::detail {

void Route::set_price(PriceEntry entry) noexcept {
  price = entry;
  if (entry.empty()) return;
  PriceRow const& now = entry.back();
  // Two products of 2^31 tokens and 2^30 picodollars (1,073 USD per million) fit into 63 bits
  // together.
  constexpr std::int64_t most_picos = std::int64_t{1} << 30;
  auto const fits = [](std::int64_t picos) { return picos >= 0 && picos <= most_picos; };
  if (now.peak_hours != 0 || !fits(now.rates.input) || !fits(now.rates.output)) return;
  constexpr std::int64_t day_ns = 86'400'000'000'000;
  plain_from_ns =
      entry.size() == 1 ? std::numeric_limits<std::int64_t>::min() : now.from_day * day_ns;
  plain_input_limit = now.tier_above_tokens != 0
                          ? std::min(most_plain_tokens, now.tier_above_tokens)
                          : most_plain_tokens;
  plain_input_picos = now.rates.input;
  plain_output_picos = now.rates.output;
}

Names::Names(NameCaps caps, PriceBook const& book)
    : caps_(caps),
      book_(&book),
      routes_(caps.models + 1 + other_routes, process_seed()),
      endpoints_(caps.names + 1, process_seed()),
      errors_(caps.names + 1, process_seed()),
      tenants_(caps.tenants + 1, process_seed()),
      other_(routes_.insert("other", "other", [](Route&) {})) {
  auto const no_value = [](Symbol&) {};
  if (other_ == nullptr || endpoints_.insert("other", {}, no_value) == nullptr ||
      errors_.insert("other", {}, no_value) == nullptr) {
    throw std::bad_alloc();
  }
}

Route const& Names::route(std::string_view provider, std::string_view model,
                          bool& overflowed) noexcept {
  if (Route const* const known = routes_.find(provider, model)) return *known;
  if (routes_.size() <= caps_.models) {
    auto const* const made = routes_.insert(
        provider, model, [&](Route& route) { route.set_price(book_->find(provider, model)); });
    if (made != nullptr) return *made;
  }
  overflowed = true;
  auto const* const of_provider = routes_.insert(provider, "other", [](Route&) {});
  return of_provider != nullptr ? *of_provider : *other_;
}

namespace {
std::uint16_t number_of(SymbolTable<Symbol>& table, std::string_view name,
                        bool& overflowed) noexcept {
  Symbol const* symbol = table.find(name);
  if (symbol == nullptr) symbol = table.insert(name, {}, [](Symbol&) {});
  overflowed |= symbol == nullptr;
  return static_cast<std::uint16_t>(symbol == nullptr ? 1 : symbol->id + 1);
}
}  // namespace

std::uint16_t Names::endpoint(std::string_view name, bool& overflowed) noexcept {
  return number_of(endpoints_, name, overflowed);
}
std::uint16_t Names::error(std::string_view name, bool& overflowed) noexcept {
  return number_of(errors_, name, overflowed);
}

}  // namespace netrun::llm::detail
