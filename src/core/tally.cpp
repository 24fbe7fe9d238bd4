// SPDX-License-Identifier: MIT
// What a query adds up: the calls of the ring, and the names in the end.
#include "core/tally.hpp"

#include "core/window.hpp"

#include <algorithm>
#include <utility>

namespace netrun::llm::detail {
namespace {

template <class T>
T& at(std::vector<T>& all, std::size_t index) {
  if (index >= all.size()) all.resize(index + 1);
  return all[index];
}

/// Sorts by name and adds up what has the same.
NamedGroups sorted(NamedGroups groups) {
  std::sort(groups.begin(), groups.end(),
            [](NamedGroup const& a, NamedGroup const& b) { return a.name < b.name; });
  NamedGroups merged;
  merged.reserve(groups.size());
  for (auto& next : groups) {
    if (!merged.empty() && merged.back().name == next.name) {
      merged.back().group.add(next.group);
    } else {
      merged.push_back(std::move(next));
    }
  }
  return merged;
}

template <class NameOf>
NamedGroups named(std::vector<Group> const& groups, Group const& other, NameOf&& name_of) {
  NamedGroups all;
  for (std::size_t id = 0; id < groups.size(); ++id) {
    if (groups[id].requests != 0)
      all.push_back({std::string(name_of(static_cast<std::uint32_t>(id))), groups[id]});
  }
  if (other.requests != 0) all.push_back({"other", other});
  return sorted(std::move(all));
}

Percentiles percentiles_of(std::optional<SketchSum>& folded, std::vector<double>& in_ring) {
  if (!folded || folded->count() == 0) return percentiles(in_ring);
  for (double const ms : in_ring) folded->add(bucket_of(ms));
  return folded->percentiles();
}

}  // namespace

void Tally::add(Record const& record, std::string_view texts) {
  TokenCounts counts;
  if (record.is(RecordFlags::counts)) {
    TokenUsage const usage = usage_of(record, texts);
    counts = counts_of(usage);
    rare_.add(RareTokens(usage));
  } else {
    counts = counts_of(record, texts);
  }
  total_.add(record, counts);
  at(routes_, record.route).add(record, counts);
  at(slots_, record.tenant).add(record, counts);
  if (!record.is(RecordFlags::success)) ++at(errors_, record.error);
  latencies_ms_.push_back(record.latency_ms);
  if (record.time_to_first_token_ms >= 0) first_tokens_ms_.push_back(record.time_to_first_token_ms);
  oldest_start_ = std::min(oldest_start_.value_or(forever), record.start_ns);
  auto const user = user_of(record, texts);
  if (user.empty()) return;
  auto known = users_.find(user);
  if (known == users_.end()) known = users_.emplace(user, Group{}).first;
  known->second.add(record, counts);
}

NamedGroups Tally::named_tenants(Names& names, History const& history) {
  auto const& known = history.tenants();
  NamedGroups only_in_ring;
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (slots_[slot].requests == 0) continue;
    auto const name = names.tenants().name(static_cast<std::uint32_t>(slot));
    auto const id = known.find(name);
    if (id == NamePool::none) {
      only_in_ring.push_back({std::string(name), slots_[slot]});
    } else {
      at(tenants_, id).add(slots_[slot]);
    }
  }
  NamedGroups all;
  all.reserve(known.count() + only_in_ring.size());
  for (auto const id : known.sorted()) {
    if (id < tenants_.size() && tenants_[id].requests != 0)
      all.push_back({std::string(known.name(id)), tenants_[id]});
  }
  if (only_in_ring.empty()) return all;
  all.insert(all.end(), only_in_ring.begin(), only_in_ring.end());
  return sorted(std::move(all));
}

NamedGroups Tally::named_users(History const& history) {
  NamedGroups all;
  for (auto& [user, group] : users_) all.push_back({user, group});
  if (user_facet_) {
    auto const& known = history.values(*user_facet_);
    for (std::size_t value = 1; value < values_.size(); ++value) {
      if (values_[value].requests == 0) continue;
      auto const id = static_cast<std::uint32_t>(value - 1);
      all.push_back({std::string(known.name(id)), values_[value]});
    }
    if (other_user_.requests != 0) all.push_back({"other", other_user_});
  }
  return sorted(std::move(all));
}

Aggregate Tally::finish(Names& names, History const& history) {
  Aggregate found;
  found.total = total_;
  found.rare = rare_;
  found.unattributed = unattributed_;
  auto const route = [&](std::uint32_t id) -> Route const& { return names.routes().by_id(id); };
  found.by_provider = named(routes_, other_route_, [&](auto id) { return route(id).first(); });
  found.by_model = named(routes_, other_route_, [&](auto id) { return route(id).second(); });
  found.by_tenant = named_tenants(names, history);
  found.by_user = named_users(history);
  for (std::size_t i = 1; i < errors_.size(); ++i) {  // 0: failed without saying how
    if (errors_[i] == 0) continue;
    found.errors[names.errors().by_id(static_cast<std::uint32_t>(i - 1)).text] += errors_[i];
  }
  found.latency_exact = !latency_ || latency_->count() == 0;
  found.first_token_exact = !first_token_ || first_token_->count() == 0;
  return found;
}

void Tally::set_percentiles(Aggregate& found) {
  found.latency = percentiles_of(latency_, latencies_ms_);
  found.first_token = percentiles_of(first_token_, first_tokens_ms_);
}

}  // namespace netrun::llm::detail
