// SPDX-License-Identifier: MIT
// What the history forgets: what is too old, and what is too much.
#include <netrun/llm/detail/history.hpp>

#include <algorithm>
#include <iterator>
#include <limits>

namespace netrun::llm::detail {
namespace {

constexpr std::int64_t hour_ns = rung_ns[2], day_ns = rung_ns[last_rung];

/// How far back finer rungs reach: the answers of dashboards ("24h") begin on a minute. Longer than
/// that nobody asks for minutes.
struct Reach {
  std::size_t rung;
  Detail detail;
  std::int64_t length_ns;
};
constexpr Reach reaches[] = {{0, Detail::total, 25 * hour_ns},
                             {0, Detail::marginals, 6 * hour_ns},
                             {1, Detail::total, 36 * day_ns},
                             {1, Detail::marginals, 2 * day_ns},
                             {2, Detail::total, 36 * day_ns}};

/// What part of the memory a rung may keep when there is too little; days have the rest.
constexpr std::array<std::size_t, last_rung> divisors{16, 16, 4};

/// What of each rung goes last when there is too little memory.
constexpr std::array<std::int64_t, rung_count> recent_ns{hour_ns, 6 * hour_ns, 2 * day_ns,
                                                         7 * day_ns};

/// The most that one flush adds: the buffer, 1,024 names, 16 cells for each of its rows.
constexpr std::size_t growth_bytes = std::size_t{4} << 20;

std::int64_t before(std::int64_t at, std::int64_t length) noexcept {
  std::int64_t earlier = 0;
  return __builtin_sub_overflow(at, length, &earlier) ? std::numeric_limits<std::int64_t>::min()
                                                      : earlier;
}

}  // namespace

std::int64_t History::reference_time(std::int64_t now_ns) const noexcept {
  // Not the clock alone: a recorded workload of last year ages by its own time. Nor the newest call
  // alone, for its stamp may be wrong.
  return std::min(newest_start_, now_ns);
}

std::int64_t History::oldest_kept(std::int64_t reference_ns) const noexcept {
  return floor_to(day_ns, before(reference_ns, options_.retention_ns));
}

void History::erase_before(std::size_t rung, std::int64_t before) {
  auto& steps = rungs_[rung];
  while (!steps.empty() && steps.begin()->first < before) {
    step_bytes_[rung] -= steps.begin()->second.memory_bytes() + step_overhead_bytes;
    steps.erase(steps.begin());
  }
}

void History::drop_old(std::int64_t reference_ns) {
  auto const oldest = oldest_kept(reference_ns);
  newest_flush_ = reference_ns;
  auto const requests = folded_requests();
  // From all rungs alike, so none of them becomes blind to what may still come.
  for (std::size_t r = 0; r < rung_count; ++r) erase_before(r, oldest);
  requests_ = folded_requests();
  expired_ += requests - requests_;
  if (requests != requests_) miss_before(oldest);
  for (auto const& reach : reaches) {
    auto const length = rung_ns[reach.rung + 1];
    auto const until = floor_to(length, before(reference_ns, reach.length_ns));
    auto const known = known_from(reach.rung, reach.detail);
    if (known >= until) continue;
    auto const& steps = rungs_[reach.rung];
    auto const end = steps.lower_bound(until);
    if (steps.lower_bound(known) == end) continue;
    // No further than there are calls: a clock that was ahead for a while would make what comes
    // after it unknown, for as long as it was ahead.
    drop_before(reach.rung, reach.detail, next_step(length, std::prev(end)->first));
  }
}

void History::drop_before(std::size_t rung, Detail detail, std::int64_t before) {
  for (std::size_t r = 0; r <= rung; ++r) {
    auto& steps = rungs_[r];
    auto const known = known_from(r, detail);
    if (known >= before) continue;
    if (detail == Detail::total) {
      erase_before(r, before);
    } else {
      for (auto it = steps.lower_bound(known); it != steps.end() && it->first < before; ++it) {
        auto const bytes = it->second.memory_bytes();
        it->second.drop(detail);
        step_bytes_[r] -= bytes - it->second.memory_bytes();
      }
    }
    for (auto d = static_cast<std::size_t>(detail); d < detail_count; ++d)
      known_from_[r][d] = std::max(known_from_[r][d], before);
  }
}

bool History::drop_oldest(std::size_t rung, Detail detail, std::int64_t before_ns) {
  auto const& steps = rungs_[rung];
  auto const it = steps.lower_bound(known_from(rung, detail));
  if (it == steps.end() || it->first >= before_ns) return false;
  drop_before(rung, detail, next_step(rung_ns[std::min(rung + 1, last_rung)], it->first));
  return true;
}

bool History::drop_something() {
  // What is recent is asked for most, so it is the last to go.
  auto const recent = [this](std::size_t rung) {
    return before(std::min(newest_flush_, far_future), recent_ns[rung]);
  };
  auto const drop_detail = [&](std::size_t rung) {
    return drop_oldest(rung, Detail::joint, recent(rung)) ||
           drop_oldest(rung, Detail::marginals, recent(rung));
  };
  for (std::size_t r = 0; r < last_rung; ++r) {
    if (step_bytes_[r] > options_.max_memory / divisors[r] && drop_detail(r)) return true;
  }
  if (drop_oldest(last_rung, Detail::joint, recent(last_rung))) return true;
  for (std::size_t r = 0; r < last_rung; ++r) {
    if (drop_detail(r)) return true;
  }
  for (std::size_t r = 0; r < rung_count; ++r) {
    if (drop_oldest(r, Detail::joint, far_future)) return true;
  }
  if (drop_oldest(last_rung, Detail::marginals, recent(last_rung))) return true;
  for (auto const detail : {Detail::marginals, Detail::total}) {
    for (std::size_t r = 0; r < (detail == Detail::total ? last_rung : rung_count); ++r) {
      if (drop_oldest(r, detail, far_future)) return true;
    }
  }
  return forget_oldest_day();
}

bool History::forget_oldest_day() {
  auto const& days = rungs_[last_rung];
  if (days.size() < 2 || days.begin()->first >= far_future) return false;
  auto const before = next_step(day_ns, days.begin()->first);
  auto const known = folded_requests();
  for (std::size_t r = 0; r < rung_count; ++r) erase_before(r, before);
  requests_ = folded_requests();
  expired_ += known - requests_;
  miss_before(before);
  return true;
}

void History::keep_memory() {
  // What grows until this is called again has its room set aside.
  auto const most = options_.max_memory - std::min(options_.max_memory, growth_bytes);
  while (memory_bytes() - buffer_.memory_bytes() > most && drop_something()) {
  }
}

template <class Change>
void History::change_all_steps(Change&& change) {
  for (std::size_t r = 0; r < rung_count; ++r) {
    for (auto& [start, step] : rungs_[r]) {
      auto const bytes = step.memory_bytes();
      change(step);
      step_bytes_[r] += step.memory_bytes() - bytes;
    }
  }
  ++renumberings_;
}

void History::forget_tenants() {
  auto const which = tenants_.longest_unused(tenants_.cap() / 4 + 1);
  CellKey const other{.tenant = NamePool::other};
  change_all_steps([&](HistoryStep& step) {
    step.tenants.remove_tenants(which, &other);
    step.pairs.remove_tenants(which, nullptr);
    for (auto& facet : step.facets) facet.remove_tenants(which, nullptr);
  });
  tenants_.remove(which);
}

void History::forget_values(std::size_t facet) {
  auto which = values_[facet].longest_unused(values_[facet].cap() / 4 + 1);
  auto const names = which;
  which.insert(which.begin(), false);  // no_value
  change_all_steps([&](HistoryStep& step) {
    if (facet < step.facets.size()) step.facets[facet].remove_values(which);
  });
  values_[facet].remove(names);
}

std::uint64_t History::prune(std::int64_t before_ns, std::int64_t now_ns) {
  flush(now_ns);
  auto const known = folded_requests();
  auto const rung = finest(Detail::joint, before_ns);
  auto cut = floor_to(rung_ns[rung], before_ns);
  if (newest_start_ < before_ns) cut = next_step(day_ns, before_ns);  // nothing is cut in two
  for (std::size_t r = 0; r < rung_count; ++r) {
    auto const straddling = floor_to(rung_ns[r], cut);
    erase_before(r, straddling);
    auto const it = rungs_[r].find(straddling);
    if (straddling == cut || it == rungs_[r].end()) continue;
    // What is left of it is in the next finer rung, whose own step at the cut has been cut already.
    HistoryStep rest;
    auto const end = next_step(rung_ns[r], straddling);
    for (auto finer = rungs_[r - 1].lower_bound(floor_to(rung_ns[r - 1], cut));
         finer != rungs_[r - 1].end() && finer->first < end; ++finer)
      rest.add(finer->second, use_);
    step_bytes_[r] += rest.memory_bytes() - it->second.memory_bytes();
    it->second = std::move(rest);
    if (it->second.total.size() == 0) {
      step_bytes_[r] -= it->second.memory_bytes() + step_overhead_bytes;
      rungs_[r].erase(it);
    }
  }
  requests_ = folded_requests();
  miss_before(std::min(cut, now_ns));
  return known - requests_;
}

std::uint64_t History::folded_requests() const noexcept {
  std::uint64_t requests = 0;
  for (auto const& [start, step] : rungs_[last_rung]) {
    for (std::size_t at = 0; at < step.total.size(); ++at) requests += step.total.sums(at).requests;
  }
  return requests;
}

std::size_t History::cell_count() const noexcept {
  std::size_t count = 0;
  for (auto const& rung : rungs_) {
    for (auto const& [start, step] : rung) {
      count += step.total.size() + step.routes.size() + step.tenants.size() + step.pairs.size();
      for (auto const& facet : step.facets) count += facet.size();
    }
  }
  return count;
}

void History::recount_memory() noexcept {
  for (std::size_t r = 0; r < rung_count; ++r) {
    step_bytes_[r] = 0;
    for (auto const& [start, step] : rungs_[r])
      step_bytes_[r] += step.memory_bytes() + step_overhead_bytes;
  }
}

std::size_t History::memory_bytes() const noexcept {
  auto bytes = sizeof *this + buffer_.memory_bytes() + tenants_.memory_bytes();
  for (auto const& values : values_) bytes += values.memory_bytes();
  for (auto const in_steps : step_bytes_) bytes += in_steps;
  return bytes;
}

}  // namespace netrun::llm::detail
