// SPDX-License-Identifier: MIT
// Sums by minute in a plain map: what a history is held against.
#pragma once

#include <netrun/llm/detail/history.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm::testing {

/// True when all sums are equal.
[[nodiscard]] bool same(detail::Sums const& a, detail::Sums const& b);
[[nodiscard]] detail::Sums sum_of(detail::CellTable const& table);

/// A call that succeeded, without anything.
[[nodiscard]] detail::Record call_at(std::int64_t start_ns, std::uint32_t route = 0);

/// A history, and what it was told.
class Ledger {
 public:
  explicit Ledger(detail::HistoryOptions const& options = {})
      : history(options), retention_ns_(options.retention_ns) {}

  /// Takes a call in. The clock must not be moved before the next flush.
  void add(detail::Record const& record, std::string_view tenant = "acme",
           detail::TokenCounts const& counts = {}, std::vector<std::string> const& values = {});
  /// Flushes the history, forgets what is too old, and the days for which there was no memory.
  void flush();
  /// Prunes both; returns what the history does.
  std::uint64_t prune(std::int64_t before_ns);
  void clear();

  /// What the ledger has of the time from `from` to before `to`.
  [[nodiscard]] detail::Sums sums(std::int64_t from, std::int64_t to) const;
  /// What the history has of it, by its own edges.
  [[nodiscard]] detail::Sums read(detail::Cover const& cover) const;
  /// The first thing in the history that is not as it ought to be; empty when all is well.
  [[nodiscard]] std::string fault() const;
  /// The same of the steps that cover a stretch of time.
  [[nodiscard]] std::string fault_between(detail::Detail detail, std::int64_t from,
                                          std::int64_t to) const;

  detail::History history;
  std::int64_t now_ns = 1'767'225'600'000'000'000;  // 2026-01-01

 private:
  [[nodiscard]] std::string fault_in(std::size_t rung, std::int64_t start,
                                     detail::HistoryStep const& step) const;
  [[nodiscard]] std::string fault_in_memory() const;
  void forget_before(std::int64_t before);

  std::int64_t retention_ns_;
  std::map<std::int64_t, detail::Sums> minutes_;
  std::vector<std::pair<std::int64_t, detail::Sums>> pending_;
  std::int64_t newest_ns_ = 0;
  std::uint64_t added_ = 0, pruned_ = 0;
};

}  // namespace netrun::llm::testing
