// SPDX-License-Identifier: MIT
#include "workload/report.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace workload {
namespace {

namespace llm = netrun::llm;

void print_latency_row(std::string_view name, llm::AggregatedMetrics const& stats) {
  if (stats.total_requests == 0) return;
  auto const first_token = [&](double ms) {
    return stats.ttft_p50 > 0 ? duration_text(ms) : std::string("-");
  };
  fmt::print("  {:<22}{:>8}{:>10}{:>10}{:>10}{:>17}{:>10}{:>10}\n", name,
             grouped(stats.total_requests), duration_text(stats.latency_p50),
             duration_text(stats.latency_p95), duration_text(stats.latency_p99),
             first_token(stats.ttft_p50), first_token(stats.ttft_p95), first_token(stats.ttft_p99));
}

}  // namespace

Report::Report(llm::TelemetryCollector const& collector, std::span<Call const> calls,
               nanoseconds length, Style const& style)
    : collector_(collector),
      calls_(calls),
      seconds_(std::chrono::duration<double>(length).count()),
      style_(style),
      stats_(collector.get_stats(llm::StatsQuery{})),
      records_(collector.snapshot()) {
  for (auto const& record : records_) {
    if (record.cost_source != llm::CostSource::unpriced) continue;
    if (!llm::PriceBook::builtin().find(record.provider, record.model).empty()) continue;
    without_price_.insert(record.provider + '/' + record.model);
    names_without_price_.insert({record.provider, record.model});
  }
}

void Report::print_heading(std::string_view text) const {
  fmt::print("\n");
  fmt::print(style_.heading, "{}", text);
  fmt::print("\n");
}

void Report::print_tokens() const {
  auto const line = [&](char const* name, std::uint64_t count, std::uint64_t whole,
                        char const* of) {
    fmt::print("  {:<11}{:>12}   {:>5.1f} % {}\n", name, grouped(count), percent(count, whole), of);
  };
  print_heading("TOKENS");
  auto const total = stats_.total_input_tokens + stats_.total_output_tokens;
  line("in", stats_.total_input_tokens, total, "of all");
  line("  cached", stats_.total_cache_read_tokens, stats_.total_input_tokens,
       "of the input read from a prompt cache");
  line("  stored", stats_.total_cache_write_tokens, stats_.total_input_tokens,
       "of the input written to one");
  line("out", stats_.total_output_tokens, total, "of all");
  line("  reasoning", stats_.total_reasoning_tokens, stats_.total_output_tokens,
       "of the output was never shown to anybody");
}

void Report::print_latency() const {
  print_heading("LATENCY");
  fmt::print(style_.faint, "  {:<22}{:>8}{:>10}{:>10}{:>10}{:>17}{:>10}{:>10}", "", "calls", "p50",
             "p95", "p99", "first token p50", "p95", "p99");
  fmt::print("\n");
  print_latency_row("all", stats_);
  for (char const* const endpoint : {"/v1/chat/completions", "/v1/messages"}) {
    print_latency_row(endpoint, collector_.get_stats(llm::StatsQuery{.endpoint = endpoint}));
  }
  std::vector<std::pair<std::string_view, llm::AggregatedMetrics>> models;
  for (auto const& [model, row] : stats_.by_model) {
    models.emplace_back(model, collector_.get_stats(llm::StatsQuery{.model = model}));
  }
  std::sort(models.begin(), models.end(), [](auto const& a, auto const& b) {
    return a.second.latency_p95 > b.second.latency_p95;
  });
  for (auto const& [model, stats] : models) print_latency_row(model, stats);
}

void Report::print_errors() const {
  print_heading("ERRORS");
  auto const unbilled = std::count_if(records_.begin(), records_.end(), [](auto const& record) {
    return !record.success && record.usage_source == llm::UsageSource::absent &&
           record.cost_source != llm::CostSource::unpriced;
  });
  fmt::print("  {} of {} calls failed, {:.2f} %", grouped(stats_.failed_requests),
             grouped(stats_.total_requests),
             percent(stats_.failed_requests, stats_.total_requests));
  if (unbilled > 0) fmt::print("; {} refused or never sent and so not billed", unbilled);
  fmt::print("\n");
  std::vector<std::pair<std::uint64_t, std::string>> sorted;
  for (auto const& [type, count] : stats_.errors_by_type) sorted.emplace_back(count, type);
  std::sort(sorted.rbegin(), sorted.rend());
  for (auto const& [count, type] : sorted) {
    fmt::print("  {:<22}{:>8}{:>8.2f} %  {}\n", type, grouped(count),
               percent(count, stats_.total_requests),
               bar(percent(count, stats_.failed_requests) / 100, 30));
  }
}

void Report::print_dearest() const {
  print_heading("DEAREST CALLS");
  auto records = records_;
  auto const shown = std::min<std::size_t>(records.size(), 3);
  std::partial_sort(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(shown),
                    records.end(),
                    [](auto const& a, auto const& b) { return a.cost_usd > b.cost_usd; });
  records.resize(shown);
  fmt::print(style_.faint, "  {:<22}{:>8}{:>10}{:>10}{:>12}   {:<22}{}", "model", "cost", "in",
             "out", "took", "user", "began (UTC)");
  fmt::print("\n");
  for (auto const& record : records) {
    fmt::print("  {:<22}{:>8}{:>10}{:>10}{:>12}   {:<22}{:%H:%M:%S}\n", record.model,
               money(record.cost_usd), grouped(record.input_tokens), grouped(record.output_tokens),
               duration_text(record.latency_ms), record.user_id.value_or(record.tenant_id),
               fmt::gmtime(record.timestamp));
  }
}

}  // namespace workload
