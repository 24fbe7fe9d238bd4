// SPDX-License-Identifier: MIT
// All names that records refer to by number.
#pragma once

#include <netrun/llm/detail/symbols.hpp>
#include <netrun/llm/detail/tenants.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

/// How many names are kept apart; see TelemetryOptions.
struct NameCaps {
  std::size_t models = 0, tenants = 0, names = 0;
};

/// Prices that were replaced. To be let go when no recorder can be looking at them any more.
struct ReplacedPrices {
  std::vector<std::unique_ptr<RoutePrice const>> prices{};
  PriceBook book{};
};

/// Providers with models, tenants, endpoints and error types.
class Names {
 public:
  /// Room past the cap for "other" of each provider, so that calls of a provider stay with it.
  static constexpr std::size_t other_routes = 64;

  Names(NameCaps caps, PriceBook book);

  [[nodiscard]] Route const* find_route(std::string_view provider,
                                        std::string_view model) const noexcept {
    return routes_.find(provider, model);
  }
  /// The route of clean names, made when it is new, or the one of "other" when there is no room for
  /// it; then `overflowed` is set.
  [[nodiscard]] Route const& route(std::string_view provider, std::string_view model,
                                   bool& overflowed) noexcept;
  /// The plan of a model that found no room. For who is inside a shard.
  [[nodiscard]] PricePlan const* find_plan(std::string_view provider,
                                           std::string_view model) const noexcept;

  /// Prices calls by another book from now on; each call by one of them. What is given back must
  /// live until every shard was free once. Throws std::bad_alloc, and changes nothing.
  [[nodiscard]] ReplacedPrices set_prices(PriceBook book);
  [[nodiscard]] PriceBook prices();
  /// Number of an endpoint or error type, plus one; that of "other" when there is no room for it.
  [[nodiscard]] std::uint16_t endpoint(std::string_view name, bool& overflowed) noexcept;
  [[nodiscard]] std::uint16_t error(std::string_view name, bool& overflowed) noexcept;

  [[nodiscard]] SymbolTable<Route>& routes() noexcept { return routes_; }
  [[nodiscard]] SymbolTable<Symbol>& endpoints() noexcept { return endpoints_; }
  [[nodiscard]] SymbolTable<Symbol>& errors() noexcept { return errors_; }
  [[nodiscard]] TenantTable& tenants() noexcept { return tenants_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return routes_.memory_bytes() + endpoints_.memory_bytes() + errors_.memory_bytes() +
           tenants_.memory_bytes();
  }
  /// What memory_bytes() will never exceed.
  [[nodiscard]] std::size_t memory_limit() const noexcept {
    return routes_.memory_limit() + endpoints_.memory_limit() + errors_.memory_limit() +
           tenants_.memory_limit();
  }
  [[nodiscard]] NameCaps caps() const noexcept { return caps_; }

 private:
  NameCaps caps_;
  PriceBook book_;                                 // under the mutex of routes_
  std::atomic<PriceBookState const*> book_state_;  // of book_
  SymbolTable<Route> routes_;
  SymbolTable<Symbol> endpoints_, errors_;
  TenantTable tenants_;
  Route const* other_;
};

}  // namespace netrun::llm::detail
