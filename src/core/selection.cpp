// SPDX-License-Identifier: MIT
// Which calls a query wants, by everything but time.
#include "core/selection.hpp"

#include <algorithm>

namespace netrun::llm::detail {

Selection::Selection(Names& names, History const& history, StatsQuery const& query)
    : names_(names), query_(query) {
  find_facet(history);
  has_conditions_on_texts_ = has_tenant() || has_route() || facet_ || ring_only_;
  if (!has_tenant()) return;
  slots_ = names.tenants().slots_of(query.tenant_id);
  // The name "other" also stands for those that found no room.
  if (query.tenant_id == "other") slots_.push_back(TenantTable::other);
  tenant_ = history.tenants().find(query.tenant_id);
}

void Selection::find_facet(History const& history) {
  auto const& facets = history.facets();
  auto const look_for = [&](Facet::Kind kind, std::string_view key, std::string_view value) {
    auto const known = std::find_if(facets.begin(), facets.end(), [&](Facet const& facet) {
      return facet.kind == kind && facet.key == key;
    });
    // What is kept apart is so for itself, not together with something else.
    ring_only_ |= known == facets.end() || facet_;
    if (ring_only_) return;
    facet_ = static_cast<std::size_t>(known - facets.begin());
    auto const id = history.values(*facet_).find(value);
    value_ = id == NamePool::none ? id : id + 1;
  };
  if (!query_.user_id.empty()) look_for(Facet::Kind::user, {}, query_.user_id);
  if (!query_.endpoint.empty()) look_for(Facet::Kind::endpoint, {}, query_.endpoint);
  if (query_.tag) look_for(Facet::Kind::tag, query_.tag->first, query_.tag->second);
}

bool Selection::wants(Record const& record, std::string_view texts) {
  if (has_tenant() && !wants_tenant(record, texts)) return false;
  if (has_route() && !wants_route(record, texts)) return false;
  if (!query_.user_id.empty() && user_of(record, texts) != query_.user_id) return false;
  if (!query_.endpoint.empty() && endpoint_of(record, texts, names_) != query_.endpoint)
    return false;
  return !query_.tag || has_tag(texts, query_.tag->first, query_.tag->second);
}

bool Selection::wants_tenant(Record const& record, std::string_view texts) const noexcept {
  if (std::find(slots_.begin(), slots_.end(), record.tenant) != slots_.end()) return true;
  return record.tenant == TenantTable::other &&
         find_text(texts, TextKind::tenant) == query_.tenant_id;
}

bool Selection::wants_route(Record const& record, std::string_view texts) {
  auto const model = find_text(texts, TextKind::model);
  if (model.data() == nullptr) return wants_route(record.route);
  auto provider = find_text(texts, TextKind::provider);
  if (provider.data() == nullptr) provider = names_.routes().by_id(record.route).first();
  return (query_.provider.empty() || provider == query_.provider) &&
         (query_.model.empty() || model == query_.model);
}

bool Selection::wants_all_routes(CellTable const& routes) {
  auto const cells = routes.cells();
  return std::all_of(cells.begin(), cells.end(),
                     [this](Cell const& cell) { return wants_route(cell.key.route); });
}

bool Selection::wants_route(std::uint32_t route) {
  if (!has_route()) return true;
  if (route >= routes_.size()) routes_.resize(route + 1U, unknown);
  auto& answer = routes_[route];
  if (answer == unknown) {
    Route const& known = names_.routes().by_id(route);
    answer = (query_.provider.empty() || known.first() == query_.provider) &&
                     (query_.model.empty() || known.second() == query_.model)
                 ? yes
                 : no;
  }
  return answer == yes;
}

}  // namespace netrun::llm::detail
