// SPDX-License-Identifier: MIT
// All names that records refer to by number.
#include <netrun/llm/detail/names.hpp>

#include <algorithm>
#include <cstddef>
#include <new>
#include <utility>

namespace netrun::llm::detail {

RoutePrice const Route::no_price{};

RoutePrice::RoutePrice(PricePlan const* plan_of_route) noexcept : plan(plan_of_route) {
  if (plan == nullptr || plan->is_adjusted) return;
  PlanPeriod const& now = plan->periods.back();
  RateSet const& set = now.sets.front();  // at other hours, without a tier, standard
  auto const input = set.rates[static_cast<std::size_t>(TokenKind::input)];
  auto const output = set.rates[static_cast<std::size_t>(TokenKind::output)];
  // Two products of 2^31 tokens and 2^30 picodollars (1,073 USD per million) fit into 63 bits
  // together.
  constexpr std::int64_t most_picos = std::int64_t{1} << 30;
  auto const fits = [](std::int64_t picos) { return picos >= 0 && picos <= most_picos; };
  // Nor where a fee of each request has to be decided.
  if (now.has_request_fee || !now.windows.empty() || set.per_pico != 1 || !fits(input) ||
      !fits(output))
    return;
  plain_from_ns = now.from_ns;
  plain_input_limit =
      now.tiers.empty() ? most_plain_tokens : std::min(most_plain_tokens, now.tiers.front());
  plain_input_picos = input;
  plain_output_picos = output;
}

Names::Names(NameCaps caps, PriceBook book)
    : caps_(caps),
      book_(std::move(book)),
      book_state_(book_.state()),
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
    auto const* const made = routes_.insert(provider, model, [&](Route& route) {
      auto price = std::make_unique<RoutePrice const>(find_plan(provider, model));
      static_cast<void>(route.set_price(std::move(price)));
    });
    if (made != nullptr) return *made;
  }
  overflowed = true;
  auto const* const of_provider = routes_.insert(provider, "other", [](Route&) {});
  return of_provider != nullptr ? *of_provider : *other_;
}

PricePlan const* Names::find_plan(std::string_view provider,
                                  std::string_view model) const noexcept {
  return find_plan_in(book_state_.load(std::memory_order_acquire), provider, model);
}

ReplacedPrices Names::set_prices(PriceBook book) {
  ReplacedPrices replaced;
  // Ahead, so that recorders with new names need not wait for the search.
  std::vector<std::unique_ptr<RoutePrice const>> prices;
  auto const price_routes = [&] {
    while (prices.size() < routes_.size()) {
      auto const& route = routes_.by_id(static_cast<std::uint32_t>(prices.size()));
      prices.push_back(
          std::make_unique<RoutePrice const>(book.find(route.first(), route.second()).plan()));
    }
  };
  price_routes();
  std::lock_guard const lock(routes_.mutex());
  price_routes();
  replaced.prices.reserve(prices.size());
  for (std::size_t i = 0; i < prices.size(); ++i) {
    auto const& route = routes_.by_id(static_cast<std::uint32_t>(i));
    replaced.prices.push_back(route.set_price(std::move(prices[i])));
  }
  replaced.book = std::exchange(book_, std::move(book));
  book_state_.store(book_.state(), std::memory_order_release);
  return replaced;
}

PriceBook Names::prices() {
  std::lock_guard const lock(routes_.mutex());
  return book_;
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
