// SPDX-License-Identifier: MIT
// All names that records refer to by number.
#include <netrun/llm/detail/names.hpp>

#include <new>

namespace netrun::llm::detail {

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
