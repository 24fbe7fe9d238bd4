// SPDX-License-Identifier: MIT
// Sums by minute in a plain map: what a history is held against.
#include "support/ledger.hpp"

#include <algorithm>
#include <limits>

namespace netrun::llm::testing {

using namespace detail;

namespace {

constexpr auto beginning = std::numeric_limits<std::int64_t>::min();
constexpr auto forever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t day_ns = rung_ns[last_rung];

std::uint64_t failures_in(CellTable const& table) {
  std::uint64_t count = 0;
  for (std::size_t at = 0; at < table.size(); ++at) {
    for (auto const& error : table.errors(at)) count += error.count;
  }
  return count;
}

std::uint64_t samples_in(CellTable const& table, bool first_token) {
  SketchSum sum;
  for (std::size_t at = 0; at < table.size(); ++at)
    sum.add(first_token ? table.first_token(at) : table.latency(at));
  return sum.count();
}

/// What is wrong with a table that must add up to `whole`; one that may be cut may have less.
char const* fault_of(CellTable const& table, Sums const& whole, bool may_be_cut) {
  auto const sum = sum_of(table);
  if (may_be_cut && sum.requests < whole.requests) {
    if (sum.cost_picos > whole.cost_picos || sum.latency_ns > whole.latency_ns)
      return "a part is dearer or slower than the whole";
  } else if (!same(sum, whole)) {
    return "cells do not add up";
  }
  if (failures_in(table) != sum.failed) return "errors do not add up";
  if (samples_in(table, false) != sum.requests) return "latencies do not add up";
  if (samples_in(table, true) != sum.first_tokens) return "first tokens do not add up";
  return nullptr;
}

}  // namespace

bool same(Sums const& a, Sums const& b) {
  return a.requests == b.requests && a.failed == b.failed && a.cached == b.cached &&
         a.streaming == b.streaming && a.unpriced == b.unpriced &&
         a.first_tokens == b.first_tokens && a.tokens.input == b.tokens.input &&
         a.tokens.output == b.tokens.output && a.tokens.cache_read == b.tokens.cache_read &&
         a.tokens.cache_write == b.tokens.cache_write && a.tokens.reasoning == b.tokens.reasoning &&
         a.cost_picos == b.cost_picos && a.latency_ns == b.latency_ns &&
         a.first_token_ns == b.first_token_ns;
}

Sums sum_of(CellTable const& table) {
  Sums sum;
  for (std::size_t at = 0; at < table.size(); ++at) sum.add(table.sums(at));
  return sum;
}

Record call_at(std::int64_t start_ns, std::uint32_t route) {
  Record record{};
  record.start_ns = start_ns;
  record.route = route;
  record.flags = RecordFlags::success;
  record.time_to_first_token_ms = absent_ms;
  return record;
}

void Ledger::add(Record const& record, std::string_view tenant, TokenCounts const& counts,
                 std::vector<std::string> const& values) {
  std::vector<std::uint32_t> numbers;
  auto const number = history.tenant(tenant, now_ns);
  for (std::size_t i = 0; i < history.facets().size(); ++i) {
    numbers.push_back(i < values.size() ? history.value(i, values[i], now_ns) : History::no_value);
  }
  history.add(record, counts, nullptr, number, numbers, now_ns);
  Sums sums;
  sums.add(record, counts);
  pending_.emplace_back(floor_to(minute_ns, record.start_ns), sums);
  newest_ns_ = std::max(newest_ns_, record.start_ns);
  ++added_;
}

void Ledger::forget_before(std::int64_t before) {
  minutes_.erase(minutes_.begin(), minutes_.lower_bound(before));
}

void Ledger::flush() {
  history.flush(now_ns);
  auto const far = next_step(day_ns, now_ns + 35 * day_ns);
  for (auto const& [minute, sums] : pending_)
    minutes_[minute < far ? minute : History::far_future].add(sums);
  if (!pending_.empty())
    forget_before(floor_to(day_ns, std::min(newest_ns_, now_ns) - retention_ns_));
  pending_.clear();
  std::erase_if(minutes_, [&](auto const& minute) {
    return !history.rung(last_rung).contains(floor_to(day_ns, minute.first));
  });
}

std::uint64_t Ledger::prune(std::int64_t before_ns) {
  flush();
  auto const cut = newest_ns_ < before_ns ? forever : history.edge_before(Detail::joint, before_ns);
  auto const known = sums(beginning, forever).requests;
  forget_before(cut);
  pruned_ += known - sums(beginning, forever).requests;
  return history.prune(before_ns, now_ns);
}

void Ledger::clear() {
  history.clear();
  pruned_ = added_ - history.expired();
  minutes_.clear();
  pending_.clear();
  newest_ns_ = 0;
}

Sums Ledger::sums(std::int64_t from, std::int64_t to) const {
  Sums sum;
  for (auto it = minutes_.lower_bound(from); it != minutes_.end() && it->first < to; ++it)
    sum.add(it->second);
  return sum;
}

Sums Ledger::read(Cover const& cover) const {
  Sums sum;
  history.for_each_step(
      cover, [&](std::int64_t /*start*/, HistoryStep const& step) { sum.add(sum_of(step.total)); });
  return sum;
}

std::string Ledger::fault_in(std::size_t rung, std::int64_t start, HistoryStep const& step) const {
  auto const at = " in rung " + std::to_string(rung) + " at " + std::to_string(start);
  auto const whole = sums(start, next_step(rung_ns[rung], start));
  if (step.total.size() != 1) return "no single total" + at;
  struct {
    char const* name;
    CellTable const& table;
    bool may_be_cut;
  } const tables[] = {{"total", step.total, false},
                      {"routes", step.routes, false},
                      {"tenants", step.tenants, false},
                      {"pairs", step.pairs, true}};
  for (auto const& [name, table, may_be_cut] : tables) {
    if (table.size() == 0) continue;
    if (auto const* const fault = fault_of(table, whole, may_be_cut))
      return fault + (" in " + std::string(name)) + at;
  }
  for (auto const& facet : step.facets) {
    if (auto const* const fault = fault_of(facet, whole, true)) return fault + (" in a facet" + at);
  }
  return {};
}

std::string Ledger::fault_in_memory() const {
  auto bytes = history.memory_bytes() - sizeof history - history.tenants().memory_bytes();
  for (std::size_t i = 0; i < history.facets().size(); ++i)
    bytes -= history.values(i).memory_bytes();
  for (std::size_t r = 0; r < rung_count; ++r) {
    for (auto const& [start, step] : history.rung(r)) bytes -= step.memory_bytes();
  }
  constexpr std::size_t most_of_buffer = std::size_t{2} << 20;
  std::size_t steps = 0;
  for (std::size_t r = 0; r < rung_count; ++r) steps += history.rung(r).size();
  return bytes < most_of_buffer + 1'024 * steps ? "" : "memory does not add up";
}

std::string Ledger::fault() const {
  for (std::size_t r = 0; r < rung_count; ++r) {
    for (auto const& [start, step] : history.rung(r)) {
      if (auto fault = fault_in(r, start, step); !fault.empty()) return fault;
    }
  }
  auto const known = sums(beginning, forever).requests;
  if (history.requests() != known) return "not as many calls as went in";
  if (history.requests() + history.expired() + pruned_ != added_)
    return "calls are unaccounted for";
  return fault_in_memory();
}

std::string Ledger::fault_between(Detail detail, std::int64_t from, std::int64_t to) const {
  auto const cover = history.cover(detail, from, to);
  if (cover.from > from || cover.to < to) return "an edge was moved inwards";
  if (!same(read(cover), sums(cover.from, cover.to))) return "a cover has other calls";
  return {};
}

}  // namespace netrun::llm::testing
