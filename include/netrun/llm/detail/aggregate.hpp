// SPDX-License-Identifier: MIT
// Answering a query from the ring and the history.
#pragma once

#include <netrun/llm/detail/cell_table.hpp>
#include <netrun/llm/detail/percentile.hpp>
#include <netrun/llm/detail/sums.hpp>
#include <netrun/llm/query.hpp>
#include <netrun/llm/stats.hpp>
#include <netrun/llm/time_series.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
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
  void add(Cell const& cell) noexcept {
    requests += cell.requests;
    failed += cell.failed;
    unpriced += cell.unpriced;
    input = saturating_add(input, cell.input);
    output = saturating_add(output, cell.output);
    cost_picos += cell.cost_picos;
    latency_ns += cell.latency_ns;
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
  /// Takes out what was added before. Token counts that had reached their limit may come out too
  /// low.
  void subtract(Group const& part) noexcept {
    requests -= part.requests;
    failed -= part.failed;
    unpriced -= part.unpriced;
    input -= std::min(input, part.input);
    output -= std::min(output, part.output);
    cost_picos -= part.cost_picos;
    latency_ns -= part.latency_ns;
  }
  [[nodiscard]] static Group of(Sums const& sums) noexcept {
    return {sums.requests,      sums.failed,     sums.unpriced,  sums.tokens.input,
            sums.tokens.output, sums.cost_picos, sums.latency_ns};
  }
};

/// Groups by name, sorted by name.
struct NamedGroup {
  std::string name;
  Group group;
};
using NamedGroups = std::vector<NamedGroup>;

/// What a query finds, before it is put into the words of AggregatedMetrics and the like.
struct Aggregate {
  std::int64_t start_ns = 0, end_ns = 0;  ///< what is covered
  Sums total;
  RareTokens rare;
  std::uint64_t unattributed = 0;  ///< calls that may belong to total, too many pairs to tell
  NamedGroups by_provider, by_model, by_tenant, by_user;
  ByName<std::uint64_t> errors;
  Percentiles latency, first_token;
  bool latency_exact = true, first_token_exact = true;
};

/// Runs a query. Takes the fold lock for moments only; no lock that a recorder waits for.
[[nodiscard]] Aggregate run_query(Core& core, StatsQuery const& query);

/// The same by step of time.
[[nodiscard]] TimeSeries run_time_series(Core& core, StatsQuery const& query, TimeStep const& step,
                                         TimeSeriesOptions const& options);

[[nodiscard]] AggregatedMetrics to_metrics(Aggregate&& found, NameView tenant_id);
[[nodiscard]] CostBreakdown to_cost_breakdown(Aggregate const& found);
[[nodiscard]] TenantStats to_tenant_stats(Aggregate&& found, NameView tenant_id,
                                          Period const& period);
[[nodiscard]] std::vector<TenantCost> to_tenant_costs(Aggregate const& found);

}  // namespace netrun::llm::detail
