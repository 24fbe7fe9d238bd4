// SPDX-License-Identifier: MIT
// What a query adds up out of the history: which tables answer which question.
#include "core/tally.hpp"

#include <algorithm>

namespace netrun::llm::detail {
namespace {

/// Adds the cells that are wanted to the groups that `group_of` names; returns their sum.
template <class Wanted, class GroupOf>
Group add_groups(CellTable const& table, Wanted&& wanted, std::vector<Group>& groups,
                 GroupOf&& group_of) {
  Group sum;
  auto const add = [&](CellKey const& key, auto const& figures) {
    std::uint32_t const id = group_of(key);
    if (id >= groups.size()) groups.resize(id + 1);
    groups[id].add(figures);
    sum.add(figures);
  };
  for (auto const& cell : table.cells()) {
    if (wanted(cell.key)) add(cell.key, cell);
  }
  for (auto const place : table.carrying()) {
    CellKey const& key = table.cells()[place].key;
    if (wanted(key)) add(key, Group::of(table.carry(place)));
  }
  return sum;
}

template <class Wanted>
std::uint64_t calls_in(CellTable const& table, Wanted&& wanted) {
  std::uint64_t calls = 0;
  for (auto const& cell : table.cells()) {
    if (wanted(cell.key)) calls += cell.requests;
  }
  for (auto const place : table.carrying()) {
    if (wanted(table.cells()[place].key)) calls += table.carry(place).requests;
  }
  return calls;
}

constexpr auto by_route = [](CellKey const& key) { return key.route; };
constexpr auto by_tenant = [](CellKey const& key) { return key.tenant; };
constexpr auto by_value = [](CellKey const& key) { return key.value; };
constexpr auto any = [](CellKey const&) { return true; };

}  // namespace

void Tally::add(History const& history, Cover const& cover, Selection& selection) {
  if (cover.size == 0) return;
  latency_.emplace();
  first_token_.emplace();
  auto const& facets = history.facets();
  auto const users = std::find_if(facets.begin(), facets.end(), [](Facet const& facet) {
    return facet.kind == Facet::Kind::user;
  });
  if (users != facets.end()) user_facet_ = static_cast<std::size_t>(users - facets.begin());
  history.for_each_step(
      cover, [&](std::int64_t /*start*/, HistoryStep const& step) { add_step(step, selection); });
}

void Tally::add_whole(CellTable const& table, std::size_t at) {
  Sums const sums = table.sums(at);
  total_.add(sums);
  latency_->add(table.latency(at));
  first_token_->add(table.first_token(at));
  for (auto const& [error, count] : table.errors(at)) {
    if (error >= errors_.size()) errors_.resize(error + 1U);
    errors_[error] += count;
  }
  if (auto const* const rare = table.rare(at)) rare_.add(*rare);
}

template <class Wanted>
void Tally::add_wholes(CellTable const& table, Wanted&& wanted) {
  auto const cells = table.cells();
  for (std::size_t at = 0; at < cells.size(); ++at) {
    if (wanted(cells[at].key)) add_whole(table, at);
  }
}

void Tally::add_step(HistoryStep const& step, Selection& selection) {
  Group before = Group::of(total_);
  if (selection.facet()) {
    add_facet(step, selection);
  } else if (selection.has_tenant() && selection.has_route() &&
             !selection.wants_all_routes(step.routes)) {
    add_pairs(step, selection);
  } else if (selection.has_tenant()) {
    add_tenant(step, selection);
  } else if (selection.has_route()) {
    add_routes(step, selection);
  } else {
    add_all(step);
  }
  if (!user_facet_ || selection.facet() == user_facet_) return;
  Group whole = Group::of(total_);
  whole.subtract(before);
  add_users(step, selection, whole);
}

void Tally::add_all(HistoryStep const& step) {
  for (std::size_t at = 0; at < step.total.size(); ++at) {
    add_whole(step.total, at);
    // The tables of a step add up to its total, unless they were dropped.
    if (step.routes.size() == 0) other_route_.add(Group::of(step.total.sums(at)));
    if (step.tenants.size() == 0) other_tenant().add(Group::of(step.total.sums(at)));
  }
  add_groups(step.routes, any, routes_, by_route);
  add_groups(step.tenants, any, tenants_, by_tenant);
}

void Tally::add_tenant(HistoryStep const& step, Selection& selection) {
  auto const tenant = selection.tenant();
  bool const are_all_other = step.tenants.size() == 0 && tenant == NamePool::other;
  CellTable const& table = are_all_other ? step.total : step.tenants;
  auto const at = table.find({.tenant = are_all_other ? 0 : tenant});
  if (at == table.size()) return;
  add_whole(table, at);
  Group whole = Group::of(table.sums(at));
  if (tenant >= tenants_.size()) tenants_.resize(tenant + 1);
  tenants_[tenant].add(whole);
  // Looking for each route is faster than looking at each cell when routes are few.
  if (step.routes.size() * 8 < step.pairs.size()) {
    for (auto const& cell : step.routes.cells()) {
      auto const route = cell.key.route;
      auto const pair = step.pairs.find({.route = route, .tenant = tenant});
      if (pair == step.pairs.size()) continue;
      auto const part = Group::of(step.pairs.sums(pair));
      if (route >= routes_.size()) routes_.resize(route + 1);
      routes_[route].add(part);
      whole.subtract(part);
    }
  } else {
    whole.subtract(add_groups(
        step.pairs, [&](CellKey const& key) { return key.tenant == tenant; }, routes_, by_route));
  }
  other_route_.add(whole);
}

void Tally::add_routes(HistoryStep const& step, Selection& selection) {
  auto const wanted = [&](CellKey const& key) { return selection.wants_route(key.route); };
  add_wholes(step.routes, wanted);
  Group whole = add_groups(step.routes, wanted, routes_, by_route);
  whole.subtract(add_groups(step.pairs, wanted, tenants_, by_tenant));
  other_tenant().add(whole);
}

void Tally::add_pairs(HistoryStep const& step, Selection& selection) {
  auto const wanted = [&](CellKey const& key) { return selection.wants(key); };
  unattributed_ += unknown_pairs(step, selection);
  add_wholes(step.pairs, wanted);
  add_groups(step.pairs, wanted, routes_, by_route);
  add_groups(step.pairs, wanted, tenants_, by_tenant);
}

std::uint64_t Tally::unknown_pairs(HistoryStep const& step, Selection& selection) {
  auto const is_tenant = [&](CellKey const& key) { return key.tenant == selection.tenant(); };
  auto const is_route = [&](CellKey const& key) { return selection.wants_route(key.route); };
  // What the tables of one have beyond that of both: of the tenant, and of the routes.
  return std::min(calls_in(step.tenants, is_tenant) - calls_in(step.pairs, is_tenant),
                  calls_in(step.routes, is_route) - calls_in(step.pairs, is_route));
}

void Tally::add_facet(HistoryStep const& step, Selection& selection) {
  unattributed_ += calls_in(step.total, any);
  if (*selection.facet() >= step.facets.size()) return;
  auto const& table = step.facets[*selection.facet()];
  unattributed_ -= calls_in(table, any);
  auto const wanted = [&](CellKey const& key) {
    return key.value == selection.value() && selection.wants(key);
  };
  add_wholes(table, wanted);
  add_groups(table, wanted, routes_, by_route);
  add_groups(table, wanted, tenants_, by_tenant);
  if (selection.facet() == user_facet_) add_groups(table, wanted, values_, by_value);
}

void Tally::add_users(HistoryStep const& step, Selection& selection, Group const& whole) {
  Group rest = whole;
  // Another facet's calls are not told apart by user.
  if (!selection.facet() && *user_facet_ < step.facets.size()) {
    rest.subtract(add_groups(
        step.facets[*user_facet_], [&](CellKey const& key) { return selection.wants(key); },
        values_, by_value));
  }
  other_user_.add(rest);
}

}  // namespace netrun::llm::detail
