// SPDX-License-Identifier: MIT
// What a query found, in the words of the public answers.
#include "core/answer_units.hpp"
#include <netrun/llm/detail/aggregate.hpp>

#include <algorithm>
#include <array>

namespace netrun::llm::detail {
namespace {

/// In the order of RareTokens::counts.
constexpr std::array rare_total_members{&AggregatedMetrics::total_cache_write_1h_tokens,
                                        &AggregatedMetrics::total_citation_tokens,
                                        &AggregatedMetrics::total_audio_input_tokens,
                                        &AggregatedMetrics::total_audio_output_tokens,
                                        &AggregatedMetrics::total_cached_audio_input_tokens,
                                        &AggregatedMetrics::total_image_input_tokens,
                                        &AggregatedMetrics::total_image_output_tokens,
                                        &AggregatedMetrics::total_cached_image_input_tokens,
                                        &AggregatedMetrics::total_video_input_tokens,
                                        &AggregatedMetrics::total_video_output_tokens,
                                        &AggregatedMetrics::total_billed_input_tokens,
                                        &AggregatedMetrics::total_billed_output_tokens,
                                        &AggregatedMetrics::total_web_search_requests};
static_assert(rare_total_members.size() == RareTokens().counts.size());

double dollars(Int128 picos) noexcept { return Usd::from_picos(picos).to_double(); }

double ratio(double part, double whole) noexcept { return whole == 0 ? 0 : part / whole; }

double percent(std::uint64_t part, std::uint64_t whole) noexcept {
  return 100 * ratio(static_cast<double>(part), static_cast<double>(whole));
}

ByName<UsageBreakdown> to_breakdowns(NamedGroups& groups) {
  ByName<UsageBreakdown> all;
  for (auto& [name, group] : groups) {
    all.emplace_hint(all.end(), std::move(name),
                     UsageBreakdown{.requests = group.requests,
                                    .cost = dollars(group.cost_picos),
                                    .tokens = saturating_add(group.input, group.output),
                                    .input_tokens = group.input,
                                    .output_tokens = group.output,
                                    .failed = group.failed,
                                    .unpriced = group.unpriced,
                                    .latency_avg = average_ms(group.latency_ns, group.requests),
                                    .exact_cost = Usd::from_picos(group.cost_picos)});
  }
  return all;
}

ByName<CostBreakdown::Share> to_shares(NamedGroups const& groups, double total) {
  ByName<CostBreakdown::Share> all;
  for (auto const& [name, group] : groups) {
    double const cost = dollars(group.cost_picos);
    all.emplace_hint(
        all.end(), name,
        CostBreakdown::Share{.cost_usd = cost, .percentage = 100 * ratio(cost, total)});
  }
  return all;
}

}  // namespace

AggregatedMetrics to_metrics(Aggregate&& found, NameView tenant_id) {
  AggregatedMetrics m;
  m.period_start = to_time(found.start_ns);
  m.period_end = to_time(found.end_ns);
  if (!tenant_id.empty()) m.tenant_id = std::string(tenant_id);
  Sums const& total = found.total;
  m.total_requests = total.requests;
  m.failed_requests = total.failed;
  m.successful_requests = total.requests - total.failed;
  m.cached_requests = total.cached;
  m.streaming_requests = total.streaming;
  m.unpriced_requests = total.unpriced;
  m.total_input_tokens = total.tokens.input;
  m.total_output_tokens = total.tokens.output;
  m.total_cache_read_tokens = total.tokens.cache_read;
  m.total_cache_write_tokens = total.tokens.cache_write;
  m.total_reasoning_tokens = total.tokens.reasoning;
  m.total_cost = Usd::from_picos(total.cost_picos);
  m.total_cost_usd = m.total_cost.to_double();
  auto const& latency = found.latency;
  m.latency_p50 = latency.p50;
  m.latency_p95 = latency.p95;
  m.latency_p99 = latency.p99;
  m.latency_avg = average_ms(total.latency_ns, total.requests);
  auto const& first_token = found.first_token;
  m.ttft_p50 = first_token.p50;
  m.ttft_p95 = first_token.p95;
  m.ttft_p99 = first_token.p99;
  m.ttft_avg = average_ms(total.first_token_ns, total.first_tokens);
  m.unattributed_requests = found.unattributed;
  m.latency_percentiles_exact = found.latency_exact;
  m.ttft_percentiles_exact = found.first_token_exact;
  m.percentiles_exact = found.latency_exact && found.first_token_exact;
  for (std::size_t i = 0; i < rare_total_members.size(); ++i)
    m.*rare_total_members[i] = found.rare.counts[i];
  m.by_provider = to_breakdowns(found.by_provider);
  m.by_model = to_breakdowns(found.by_model);
  m.by_tenant = to_breakdowns(found.by_tenant);
  m.by_user = to_breakdowns(found.by_user);
  m.errors_by_type = std::move(found.errors);
  return m;
}

CostBreakdown to_cost_breakdown(Aggregate const& found) {
  CostBreakdown cost;
  cost.total_cost = Usd::from_picos(found.total.cost_picos);
  cost.total_cost_usd = cost.total_cost.to_double();
  cost.unpriced_requests = found.total.unpriced;
  cost.by_provider = to_shares(found.by_provider, cost.total_cost_usd);
  cost.by_tenant = to_shares(found.by_tenant, cost.total_cost_usd);
  for (auto const& [name, group] : found.by_model) {
    double const sum = dollars(group.cost_picos);
    cost.by_model.emplace_hint(
        cost.by_model.end(), name,
        CostBreakdown::Average{.cost_usd = sum,
                               .requests = group.requests,
                               .avg_cost = ratio(sum, static_cast<double>(group.requests))});
  }
  return cost;
}

TenantStats to_tenant_stats(Aggregate&& found, NameView tenant_id, Period const& period) {
  TenantStats stats;
  stats.tenant_id = tenant_id;
  stats.period = period.text();
  stats.cost = to_cost_breakdown(found);
  Sums const& total = found.total;
  stats.requests.total = total.requests;
  stats.requests.failed = total.failed;
  stats.requests.successful = total.requests - total.failed;
  stats.requests.success_rate = percent(stats.requests.successful, total.requests);
  stats.tokens.input = total.tokens.input;
  stats.tokens.output = total.tokens.output;
  stats.tokens.total = saturating_add(total.tokens.input, total.tokens.output);
  auto const& latency = found.latency;
  stats.latency.p50 = latency.p50;
  stats.latency.p95 = latency.p95;
  stats.latency.p99 = latency.p99;
  stats.latency.avg = average_ms(total.latency_ns, total.requests);
  stats.errors = std::move(found.errors);
  return stats;
}

std::vector<TenantCost> to_tenant_costs(Aggregate const& found) {
  std::vector<TenantCost> all;
  all.reserve(found.by_tenant.size());
  for (auto const& [name, group] : found.by_tenant) {
    double const cost = dollars(group.cost_picos);
    all.push_back({.tenant_id = name,
                   .total_cost_usd = cost,
                   .requests = group.requests,
                   .tokens = saturating_add(group.input, group.output),
                   .avg_cost_per_request = ratio(cost, static_cast<double>(group.requests)),
                   .success_rate = percent(group.requests - group.failed, group.requests),
                   .total_cost = Usd::from_picos(group.cost_picos),
                   .unpriced = group.unpriced});
  }
  std::sort(all.begin(), all.end(), [](TenantCost const& a, TenantCost const& b) {
    return a.total_cost != b.total_cost ? a.total_cost > b.total_cost : a.tenant_id < b.tenant_id;
  });
  return all;
}

}  // namespace netrun::llm::detail
