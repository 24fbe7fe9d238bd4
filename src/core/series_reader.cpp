// SPDX-License-Identifier: MIT
// Adding calls up by step of time, and by group.
#include "core/series_reader.hpp"

#include "core/answer_units.hpp"

#include <algorithm>
#include <utility>

namespace netrun::llm::detail {

SeriesReader::SeriesReader(Core& core, std::vector<std::int64_t> edges, GroupBy group_by,
                           std::vector<std::string> const& names)
    : core_(core), edges_(std::move(edges)), group_by_(group_by), names_(names) {}

Detail SeriesReader::detail_for(Selection const& selection) const noexcept {
  bool const by_route = group_by_ == GroupBy::provider || group_by_ == GroupBy::model;
  bool const needs_route = selection.has_route() || by_route;
  bool const needs_tenant = selection.has_tenant() || group_by_ == GroupBy::tenant;
  if (selection.facet() || (needs_route && needs_tenant)) return Detail::joint;
  return needs_route || needs_tenant ? Detail::marginals : Detail::total;
}

void SeriesReader::begin(History const& history, RingSight const& ring, Window& window,
                         Selection& selection) {
  auto const groups = group_by_ == GroupBy::none ? 1 : names_.size() + 2;
  cells_.assign(groups * steps(), {});
  route_groups_.clear();
  tenant_groups_.clear();
  slot_cells_.clear();
  exact_from_ = edges_.front();
  window.from = edges_.front();
  window.last = edges_.back() - 1;
  window.ends_now = false;
  auto oldest = edges_.back();
  for (auto const& chunk : ring.chunks) oldest = std::min(oldest, chunk.oldest_start);
  if (selection.ring_only()) {
    // Not from the oldest of the ring on: it may be one that came late.
    exact_from_ = std::max(exact_from_, history.newest_end().value_or(exact_from_));
    return;
  }
  find_edges(history, detail_for(selection));
  add_history(history, selection, oldest);
}

void SeriesReader::find_edges(History const& history, Detail detail) {
  folded_edges_.resize(edges_.size());
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    // A cell belongs to the step in which it begins; the first step takes in what begins earlier.
    auto const edge =
        i == 0 ? history.edge_before(detail, edges_[0]) : history.edge_after(detail, edges_[i]);
    if (edge != edges_[i]) exact_from_ = std::max(exact_from_, std::max(edge, edges_[1]));
    folded_edges_[i] = i == 0 ? edge : std::max(edge, folded_edges_[i - 1]);
  }
}

void SeriesReader::add_history(History const& history, Selection& selection,
                               std::int64_t ring_start) {
  auto const detail = detail_for(selection);
  for (std::size_t i = 0; i < steps(); ++i) {
    auto const cover = history.cover(detail, folded_edges_[i], folded_edges_[i + 1]);
    parts_.clear();
    history.for_each_step(cover, [&](std::int64_t /*start*/, HistoryStep const& step) {
      add_parts_of(step, selection);
      if (group_by_ != GroupBy::none) add_groups_of(step, history, selection);
    });
    if (parts_.empty()) continue;
    sum_parts(i, edges_[i + 1] > ring_start);
    if (group_by_ != GroupBy::none) sum_rest(i, edges_[i + 1] > ring_start);
  }
}

void SeriesReader::add_parts_of(HistoryStep const& step, Selection& selection) {
  auto const add_wanted = [&](CellTable const& table, auto&& wanted) {
    for (std::size_t at = 0; at < table.size(); ++at) {
      if (wanted(table.cells()[at].key)) add_part(0, table, at);
    }
  };
  if (selection.facet()) {
    if (*selection.facet() >= step.facets.size()) return;
    add_wanted(step.facets[*selection.facet()], [&](CellKey const& key) {
      return key.value == selection.value() && selection.wants(key);
    });
  } else if (selection.has_tenant() && selection.has_route() &&
             !selection.wants_all_routes(step.routes)) {
    add_wanted(step.pairs, [&](CellKey const& key) { return selection.wants(key); });
  } else if (selection.has_tenant()) {
    bool const are_all_other = step.tenants.size() == 0 && selection.tenant() == NamePool::other;
    CellTable const& table = are_all_other ? step.total : step.tenants;
    auto const at = table.find({.tenant = are_all_other ? 0 : selection.tenant()});
    if (at < table.size()) add_part(0, table, at);
  } else if (selection.has_route()) {
    add_wanted(step.routes, [&](CellKey const& key) { return selection.wants_route(key.route); });
  } else if (step.total.size() != 0) {
    add_part(0, step.total, 0);
  }
}

void SeriesReader::add_groups_of(HistoryStep const& step, History const& history,
                                 Selection& selection) {
  auto const add_wanted = [&](CellTable const& table, auto&& wanted) {
    for (std::size_t at = 0; at < table.size(); ++at) {
      CellKey const& key = table.cells()[at].key;
      if (!wanted(key)) continue;
      auto const group = group_of(key, history);
      if (group != other()) add_part(group, table, at);  // see sum_rest
    }
  };
  bool const by_tenant = group_by_ == GroupBy::tenant;
  if (selection.facet()) {
    if (*selection.facet() >= step.facets.size()) return;
    add_wanted(step.facets[*selection.facet()], [&](CellKey const& key) {
      return key.value == selection.value() && selection.wants(key);
    });
  } else if (by_tenant ? !selection.has_route() : !selection.has_tenant()) {
    // The tables by one of both have what is asked for.
    add_wanted(by_tenant ? step.tenants : step.routes, [&](CellKey const& key) {
      return by_tenant ? !selection.has_tenant() || key.tenant == selection.tenant()
                       : selection.wants_route(key.route);
    });
  } else {
    add_wanted(step.pairs, [&](CellKey const& key) { return selection.wants(key); });
  }
}

void SeriesReader::sum_parts(std::size_t step, bool keep_counts) {
  if (group_by_ != GroupBy::none) {
    std::sort(parts_.begin(), parts_.end(),
              [](Part const& a, Part const& b) { return a.group < b.group; });
  }
  for (std::size_t i = 0; i < parts_.size();) {
    auto const group = parts_[i].group;
    SeriesCell& to = cell(group, step);
    latency_.clear();
    first_token_.clear();
    for (; i < parts_.size() && parts_[i].group == group; ++i) {
      auto const& [of, table, at] = parts_[i];
      to.sums.add(table->sums(at));
      latency_.add(table->latency(at));
      first_token_.add(table->first_token(at));
      if (!keep_counts) continue;
      table->latency(at).append_to(to.latency_counts);
      table->first_token(at).append_to(to.first_token_counts);
    }
    to.has_latency = latency_.count() != 0;
    to.has_first_token = first_token_.count() != 0;
    if (to.has_latency) to.latency = latency_.percentiles();
    if (to.has_first_token) to.first_token = first_token_.percentiles();
  }
}

void SeriesReader::sum_rest(std::size_t step, bool keep_counts) {
  // What no named group has, and so also what the history did not keep apart.
  SeriesCell& to = cell(other(), step);
  to.sums = cell(0, step).sums;
  for (std::uint32_t group = 1; group < other(); ++group) to.sums.subtract(cell(group, step).sums);
  if (to.sums.requests == 0) return;
  auto const sum = [&](auto sketch_of, std::vector<BucketCount>& counts, Percentiles& found) {
    find_rest(sketch_of, counts);
    latency_.clear();
    for (auto const& [bucket, count] : counts) latency_.add(bucket, count);
    if (!keep_counts) counts.clear();
    if (latency_.count() == 0) return false;
    found = latency_.percentiles();
    return true;
  };
  to.has_latency = sum(
      [](Part const& part) -> auto& { return part.table->latency(part.at); }, to.latency_counts,
      to.latency);
  to.has_first_token = sum(
      [](Part const& part) -> auto& { return part.table->first_token(part.at); },
      to.first_token_counts, to.first_token);
}

template <class SketchOf>
void SeriesReader::find_rest(SketchOf sketch_of, std::vector<BucketCount>& rest) {
  counts_.clear();
  for (auto const& part : parts_) {
    if (part.group == 0) sketch_of(part).append_to(counts_);
  }
  by_bucket_.resize(bucket_count);
  for (auto const& [bucket, count] : counts_) by_bucket_[bucket] += count;
  named_counts_.clear();
  for (auto const& part : parts_) {
    if (part.group != 0) sketch_of(part).append_to(named_counts_);
  }
  for (auto const& [bucket, count] : named_counts_)
    by_bucket_[bucket] -= std::min(by_bucket_[bucket], count);
  for (auto const& [bucket, count] : counts_) {
    if (auto const left = std::exchange(by_bucket_[bucket], 0); left != 0)
      rest.push_back({.bucket = bucket, .count = left});
  }
}

std::uint32_t SeriesReader::group_of_name(std::string_view name) const noexcept {
  auto const at = std::lower_bound(names_.begin(), names_.end(), name);
  if (at == names_.end() || *at != name) return other();
  return static_cast<std::uint32_t>(at - names_.begin() + 1);
}

std::uint32_t SeriesReader::group_of_route(std::uint32_t route) {
  if (route >= route_groups_.size()) route_groups_.resize(route + 1, unknown);
  auto& group = route_groups_[route];
  if (group == unknown) {
    Route const& known = core_.names().routes().by_id(route);
    group = group_of_name(group_by_ == GroupBy::provider ? known.first() : known.second());
  }
  return group;
}

std::uint32_t SeriesReader::group_of(CellKey const& key, History const& history) {
  if (group_by_ != GroupBy::tenant) return group_of_route(key.route);
  if (key.tenant >= tenant_groups_.size()) tenant_groups_.resize(key.tenant + 1, unknown);
  auto& group = tenant_groups_[key.tenant];
  if (group == unknown) group = group_of_name(history.tenants().name(key.tenant));
  return group;
}

void SeriesReader::add(Record const& record, std::string_view texts) {
  // Most calls are of the same step as the one before them.
  if (record.start_ns < edges_[last_step_] || record.start_ns >= edges_[last_step_ + 1]) {
    auto const next = std::upper_bound(edges_.begin(), edges_.end() - 1, record.start_ns);
    last_step_ = static_cast<std::size_t>(next - edges_.begin()) - 1;
  }
  TokenCounts const counts = counts_of(record, texts);
  auto const add_to = [&](SeriesCell& to) {
    to.sums.add(record, counts);
    to.latencies_ms.push_back(record.latency_ms);
    if (record.time_to_first_token_ms >= 0)
      to.first_tokens_ms.push_back(record.time_to_first_token_ms);
  };
  add_to(cell(0, last_step_));
  if (group_by_ == GroupBy::none) return;
  // The names of tenants are read under the fold lock: see finish.
  add_to(group_by_ == GroupBy::tenant ? slot_cells_[{record.tenant, last_step_}]
                                      : cell(group_of_route(record.route), last_step_));
}

void SeriesReader::finish(History const& /*history*/) {
  for (auto& [slot_and_step, from] : slot_cells_) {
    auto const& [slot, step] = slot_and_step;
    SeriesCell& to = cell(group_of_name(core_.names().tenants().name(slot)), step);
    to.sums.add(from.sums);
    to.latencies_ms.insert(to.latencies_ms.end(), from.latencies_ms.begin(),
                           from.latencies_ms.end());
    to.first_tokens_ms.insert(to.first_tokens_ms.end(), from.first_tokens_ms.begin(),
                              from.first_tokens_ms.end());
  }
}

Percentiles SeriesReader::percentiles_of(Percentiles const& folded,
                                         std::vector<BucketCount> const& counts,
                                         std::vector<double>& in_ring, bool is_folded) {
  if (!is_folded) return percentiles(in_ring);
  if (in_ring.empty()) return folded;
  latency_.clear();
  for (auto const& [bucket, count] : counts) latency_.add(bucket, count);
  for (double const ms : in_ring) latency_.add(bucket_of(ms));
  return latency_.percentiles();
}

TimeSeriesPoint SeriesReader::point(std::uint32_t group, std::size_t step) {
  SeriesCell& from = cell(group, step);
  Sums const& sums = from.sums;
  TimeSeriesPoint to{.start = to_time(edges_[step]), .end = to_time(edges_[step + 1])};
  to.requests = sums.requests;
  to.failed = sums.failed;
  to.cached = sums.cached;
  to.streaming = sums.streaming;
  to.unpriced = sums.unpriced;
  to.input_tokens = sums.tokens.input;
  to.output_tokens = sums.tokens.output;
  to.cache_read_tokens = sums.tokens.cache_read;
  to.cache_write_tokens = sums.tokens.cache_write;
  to.reasoning_tokens = sums.tokens.reasoning;
  to.tokens = saturating_add(sums.tokens.input, sums.tokens.output);
  to.exact_cost = Usd::from_picos(sums.cost_picos);
  to.cost = to.exact_cost.to_double();
  to.percentiles_exact = !from.has_latency && !from.has_first_token;
  if (from.has_latency || !from.latencies_ms.empty()) {
    auto const p =
        percentiles_of(from.latency, from.latency_counts, from.latencies_ms, from.has_latency);
    to.latency_p50 = p.p50;
    to.latency_p95 = p.p95;
    to.latency_p99 = p.p99;
  }
  if (sums.requests != 0) to.latency_avg = average_ms(sums.latency_ns, sums.requests);
  if (from.has_first_token || !from.first_tokens_ms.empty()) {
    auto const p = percentiles_of(from.first_token, from.first_token_counts, from.first_tokens_ms,
                                  from.has_first_token);
    to.ttft_p50 = p.p50;
    to.ttft_p95 = p.p95;
    to.ttft_p99 = p.p99;
    to.ttft_avg = average_ms(sums.first_token_ns, sums.first_tokens);
  }
  return to;
}

TimeSeries SeriesReader::result() {
  TimeSeries series{.period_start = to_time(edges_.front()),
                    .period_end = to_time(edges_.back()),
                    .exact_from = to_time(exact_from_)};
  auto const points_of = [&](std::uint32_t group) {
    std::vector<TimeSeriesPoint> points;
    points.reserve(steps());
    for (std::size_t step = 0; step < steps(); ++step) points.push_back(point(group, step));
    return points;
  };
  series.points = points_of(0);
  if (group_by_ == GroupBy::none) return series;
  for (std::uint32_t group = 1; group <= other(); ++group) {
    auto points = points_of(group);
    // There is only a group "other" when something is in it.
    bool const is_empty = std::all_of(points.begin(), points.end(),
                                      [](TimeSeriesPoint const& p) { return p.requests == 0; });
    if (group == other() && is_empty) continue;
    series.groups.emplace(group == other() ? "other" : names_[group - 1], std::move(points));
  }
  return series;
}

}  // namespace netrun::llm::detail
