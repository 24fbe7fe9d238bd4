// SPDX-License-Identifier: MIT
// Answering a query from the ring and the history.
#pragma once

#include <netrun/llm/detail/sums.hpp>
#include <netrun/llm/query.hpp>
#include <netrun/llm/stats.hpp>

#include <cstdint>
#include <vector>

namespace netrun::llm::detail {

class Core;

/// Figures of one group; less than Sums, for there may be many groups.
struct Group {
  std::uint64_t requests = 0, failed = 0, unpriced = 0, input = 0, output = 0;
  Int128 cost_picos = 0, latency_ns = 0;

  void add(Record const& record, TokenCounts const& counts) noexcept {
    ++requests;
    failed += static_cast<std::uint64_t>(!record.is(RecordFlags::success));
    unpriced += static_cast<std::uint64_t>(record.cost_source() == CostSource::unpriced);
    input = saturating_add(input, counts.input);
    output = saturating_add(output, counts.output);
    cost_picos += record.cost_picos;
    latency_ns += to_whole_ns(record.latency_ms);
  }
  void add(Group const& other) noexcept {
    requests += other.requests;
    failed += other.failed;
    unpriced += other.unpriced;
    input = saturating_add(input, other.input);
    output = saturating_add(output, other.output);
    cost_picos += other.cost_picos;
    latency_ns += other.latency_ns;
  }
  [[nodiscard]] static Group of(Sums const& sums) noexcept {
    return {sums.requests,      sums.failed,     sums.unpriced,  sums.tokens.input,
            sums.tokens.output, sums.cost_picos, sums.latency_ns};
  }
};

/// What a query finds, before it is put into the words of AggregatedMetrics and the like.
struct Aggregate {
  std::int64_t start_ns = 0, end_ns = 0;  ///< what is covered
  Sums total;
  std::uint64_t folded_requests = 0;  ///< of total: those that have left the ring
  ByName<Group> by_provider, by_model, by_tenant, by_user;
  ByName<std::uint64_t> errors;
  std::vector<double> latencies_ms, first_tokens_ms;  ///< of the ring
};

/// Runs a query. Takes the fold lock for moments only; no lock that a recorder waits for.
[[nodiscard]] Aggregate run_query(Core& core, StatsQuery const& query);

[[nodiscard]] AggregatedMetrics to_metrics(Aggregate&& found, NameView tenant_id);
[[nodiscard]] CostBreakdown to_cost_breakdown(Aggregate const& found);
[[nodiscard]] TenantStats to_tenant_stats(Aggregate&& found, NameView tenant_id,
                                          Period const& period);
[[nodiscard]] std::vector<TenantCost> to_tenant_costs(Aggregate const& found);

}  // namespace netrun::llm::detail
