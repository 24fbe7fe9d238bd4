// SPDX-License-Identifier: MIT
// A collector that keeps everything and answers by going through all of it: what others are held
// against.
#pragma once

#include <netrun/llm/metrics.hpp>
#include <netrun/llm/query.hpp>
#include <netrun/llm/stats.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace netrun::llm::testing {

/// What of the calls that have left the ring is to be found in by_user.
enum class FoldedUsers {
  left_out,  ///< nothing: the history does not know users
  named,     ///< all
  other,     ///< all under "other", with those that have no user
};

/// What a question is to be answered with. Percentiles are left to whoever compares: the values
/// are in order.
struct Expected {
  AggregatedMetrics figures;  ///< all but the percentiles, and the averages in long double's words
  std::vector<double> latencies_ms, first_tokens_ms;  ///< sorted
  std::uint64_t folded = 0, folded_first_tokens = 0;  ///< of these, how many have left the ring
};

/// Calls in the order in which they were recorded. Costs are those of exact_cost, or none.
///
/// Example:
///   Reference reference;
///   reference.add(call);
///   reference.answer({.tenant_id = "acme"}, from_ns, to_ns).figures.total_cost;
class Reference {
 public:
  struct Call {
    LLMRequestMetrics metrics;
    std::int64_t start_ns = 0;
    bool is_forgotten = false;
  };

  void add(LLMRequestMetrics const& metrics);
  /// The first `count` calls have left the ring.
  void set_folded(std::size_t count) { folded_ = count; }
  [[nodiscard]] std::size_t folded() const { return folded_; }
  [[nodiscard]] std::vector<Call> const& calls() const { return calls_; }

  /// Calls of the ring before `ring_ns` and of the history before `history_ns` that are known yet.
  [[nodiscard]] std::uint64_t count_before(std::int64_t ring_ns, std::int64_t history_ns) const;
  void forget_before(std::int64_t ring_ns, std::int64_t history_ns);

  /// Of the calls with from <= start < to that the query wants by anything but time.
  [[nodiscard]] Expected answer(StatsQuery const& query, std::int64_t from_ns, std::int64_t to_ns,
                                bool ring_only = false,
                                FoldedUsers users = FoldedUsers::left_out) const;
  /// Whether any call with from <= start < to has left the ring.
  [[nodiscard]] bool has_folded(std::int64_t from_ns, std::int64_t to_ns) const;

 private:
  [[nodiscard]] bool goes(std::size_t i, std::int64_t ring_ns, std::int64_t history_ns) const {
    return !calls_[i].is_forgotten && calls_[i].start_ns < (i < folded_ ? history_ns : ring_ns);
  }

  std::vector<Call> calls_;
  std::size_t folded_ = 0;
};

/// Checks every count, token and picodollar, averages but for rounding, and percentiles: to the
/// last digit where all calls are in the ring, within 1 % where some are not.
void check_figures(AggregatedMetrics const& found, Expected const& expected);

}  // namespace netrun::llm::testing
