// SPDX-License-Identifier: MIT
// Which calls a query wants, by everything but time.
#pragma once

#include <netrun/llm/detail/log.hpp>
#include <netrun/llm/query.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

/// To be made under the fold lock; good while neither tenants nor their numbers change.
///
/// Lifetime: the query, and what it refers to, must outlive it.
class Selection {
 public:
  Selection(Names& names, History const& history, StatsQuery const& query);

  [[nodiscard]] bool has_tenant() const noexcept { return !query_.tenant_id.empty(); }
  [[nodiscard]] bool has_route() const noexcept {
    return !query_.provider.empty() || !query_.model.empty();
  }
  /// True when the history cannot answer: it is asked for what it does not keep apart.
  [[nodiscard]] bool ring_only() const noexcept { return ring_only_; }
  [[nodiscard]] bool wants_texts() const noexcept { return has_conditions_on_texts_; }

  [[nodiscard]] bool wants(Record const& record, std::string_view texts);

  /// The tenant's number in the history; none when it is not known there.
  [[nodiscard]] std::uint32_t tenant() const noexcept { return tenant_; }
  /// The facet that is asked for, by its place in History::facets(), and the value.
  [[nodiscard]] std::optional<std::size_t> facet() const noexcept { return facet_; }
  [[nodiscard]] std::uint32_t value() const noexcept { return value_; }
  [[nodiscard]] bool wants_route(std::uint32_t route);
  /// True when all cells of a table by route are wanted: then a tenant's are as well.
  [[nodiscard]] bool wants_all_routes(CellTable const& routes);
  /// By all but the value of a facet.
  [[nodiscard]] bool wants(CellKey const& key) {
    return (!has_tenant() || key.tenant == tenant_) && wants_route(key.route);
  }

 private:
  void find_facet(History const& history);
  [[nodiscard]] bool wants_tenant(Record const& record, std::string_view texts) const noexcept;
  [[nodiscard]] bool wants_route(Record const& record, std::string_view texts);

  static constexpr char unknown = 0, yes = 1, no = 2;
  Names& names_;
  StatsQuery const& query_;
  std::vector<std::uint32_t> slots_;  // of the tenant in the ring
  std::uint32_t tenant_ = NamePool::none, value_ = NamePool::none;
  std::optional<std::size_t> facet_;
  bool ring_only_ = false, has_conditions_on_texts_ = false;
  std::vector<char> routes_;  // answers that were worked out before
};

}  // namespace netrun::llm::detail
