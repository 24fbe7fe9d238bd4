// SPDX-License-Identifier: MIT
// What a query adds up, by number; names come last.
#pragma once

#include "core/selection.hpp"
#include <netrun/llm/detail/aggregate.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace netrun::llm::detail {

/// Figures of the calls that a query selects, out of the history and out of the ring.
class Tally {
 public:
  /// Adds the steps of a cover. Where the tables of a step do not tell its calls apart, what is
  /// missing to the whole is counted under "other".
  void add(History const& history, Cover const& cover, Selection& selection);
  /// Adds a call of the ring.
  void add(Record const& record, std::string_view texts);
  /// The outcome, with names but without percentiles; under the fold lock.
  [[nodiscard]] Aggregate finish(Names& names, History const& history);
  void set_percentiles(Aggregate& found);
  /// When the oldest call of the ring started.
  [[nodiscard]] std::optional<std::int64_t> oldest_start() const noexcept { return oldest_start_; }

 private:
  using Users = std::unordered_map<std::string, Group, TextHash, std::equal_to<>>;

  void add_step(HistoryStep const& step, Selection& selection);
  void add_all(HistoryStep const& step);
  void add_tenant(HistoryStep const& step, Selection& selection);
  void add_routes(HistoryStep const& step, Selection& selection);
  void add_pairs(HistoryStep const& step, Selection& selection);
  [[nodiscard]] std::uint64_t unknown_pairs(HistoryStep const& step, Selection& selection);
  void add_facet(HistoryStep const& step, Selection& selection);
  void add_users(HistoryStep const& step, Selection& selection, Group const& whole);
  void add_whole(CellTable const& table, std::size_t at);
  template <class Wanted>
  void add_wholes(CellTable const& table, Wanted&& wanted);
  [[nodiscard]] Group& other_tenant() {
    if (tenants_.empty()) tenants_.resize(NamePool::other + 1);
    return tenants_[NamePool::other];
  }
  [[nodiscard]] NamedGroups named_tenants(Names& names, History const& history);
  [[nodiscard]] NamedGroups named_users(History const& history);

  Sums total_;
  RareTokens rare_;
  /// By number: of routes; of tenants in the ring and in the history; of users in the history.
  std::vector<Group> routes_, slots_, tenants_, values_;
  Group other_route_, other_user_;
  std::uint64_t unattributed_ = 0;
  std::vector<std::uint64_t> errors_;
  Users users_;
  std::optional<std::size_t> user_facet_;
  std::optional<SketchSum> latency_, first_token_;      // of the history
  std::vector<double> latencies_ms_, first_tokens_ms_;  // of the ring
  std::optional<std::int64_t> oldest_start_;
};

}  // namespace netrun::llm::detail
