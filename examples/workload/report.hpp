// SPDX-License-Identifier: MIT
// What the collector knows after the replay, for people to read.
#pragma once

#include "workload/plan.hpp"
#include "workload/text.hpp"
#include <netrun/llm/telemetry.hpp>

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace workload {

/// Prints the report on stdout, section by section.
class Report {
 public:
  /// `calls` is the plan that was replayed, `length` its length. The arguments must outlive this.
  Report(netrun::llm::TelemetryCollector const& collector, std::span<Call const> calls,
         nanoseconds length, Style const& style);

  void print_money() const;
  void print_tokens() const;
  void print_latency() const;
  void print_errors() const;
  void print_dearest() const;
  /// `exported` is what the export callback counted by itself.
  void print_tracking(std::uint64_t exported) const;

 private:
  using Rows = netrun::llm::ByName<netrun::llm::UsageBreakdown>;
  void print_heading(std::string_view text) const;
  void print_saved() const;
  void print_unpriced() const;
  void print_shares(std::string_view title, Rows const& rows, std::size_t most) const;
  void print_share(std::string_view name, netrun::llm::UsageBreakdown const& row) const;
  void print_busiest() const;
  [[nodiscard]] std::string cost_cell(std::string_view name, double cost, int decimals) const;

  netrun::llm::TelemetryCollector const& collector_;
  std::span<Call const> calls_;
  double seconds_;
  Style style_;
  netrun::llm::AggregatedMetrics stats_;
  std::vector<netrun::llm::LLMRequestMetrics> records_;
  /// Models that have no price, as "provider/model"; and their names and providers, for the tables.
  std::set<std::string, std::less<>> without_price_, names_without_price_;
};

/// What it costs to track a call, measured here and now.
struct Overhead {
  double call_ns = 0;    ///< One empty tracked call.
  double clocks_ns = 0;  ///< Two reads of the clock, without which no latency can be measured.
};
[[nodiscard]] Overhead measure_overhead();

}  // namespace workload
