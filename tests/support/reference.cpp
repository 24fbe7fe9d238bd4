// SPDX-License-Identifier: MIT
// A collector that keeps everything and answers by going through all of it: what others are held
// against.
#include "support/reference.hpp"

#include "support/catch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <string>

namespace netrun::llm::testing {
namespace {

using Call = Reference::Call;

struct Count {
  std::uint64_t LLMRequestMetrics::*of;
  std::uint64_t AggregatedMetrics::*total;
};
using M = LLMRequestMetrics;
using A = AggregatedMetrics;
constexpr Count counts[] = {
    {&M::input_tokens, &A::total_input_tokens},
    {&M::output_tokens, &A::total_output_tokens},
    {&M::cache_read_tokens, &A::total_cache_read_tokens},
    {&M::cache_write_tokens, &A::total_cache_write_tokens},
    {&M::reasoning_tokens, &A::total_reasoning_tokens},
    {&M::cache_write_1h_tokens, &A::total_cache_write_1h_tokens},
    {&M::citation_tokens, &A::total_citation_tokens},
    {&M::audio_input_tokens, &A::total_audio_input_tokens},
    {&M::audio_output_tokens, &A::total_audio_output_tokens},
    {&M::cached_audio_input_tokens, &A::total_cached_audio_input_tokens},
    {&M::image_input_tokens, &A::total_image_input_tokens},
    {&M::image_output_tokens, &A::total_image_output_tokens},
    {&M::cached_image_input_tokens, &A::total_cached_image_input_tokens},
    {&M::video_input_tokens, &A::total_video_input_tokens},
    {&M::video_output_tokens, &A::total_video_output_tokens},
    {&M::billed_input_tokens, &A::total_billed_input_tokens},
    {&M::billed_output_tokens, &A::total_billed_output_tokens},
};

std::uint64_t sum_of(std::uint64_t a, std::uint64_t b) {
  return a > std::numeric_limits<std::uint64_t>::max() - b
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}

Usd cost_of(LLMRequestMetrics const& call) {
  return call.cost_source == CostSource::unpriced ? Usd{} : call.exact_cost.value_or(Usd{});
}

bool wants(StatsQuery const& query, LLMRequestMetrics const& call) {
  auto const agrees = [](std::string_view wanted, std::string_view is) {
    return wanted.empty() || wanted == is;
  };
  if (!agrees(query.tenant_id, call.tenant_id) || !agrees(query.provider, call.provider) ||
      !agrees(query.model, call.model) || !agrees(query.user_id, call.user_id.value_or("")) ||
      !agrees(query.endpoint, call.endpoint.value_or("")))
    return false;
  return !query.tag || std::any_of(call.tags.begin(), call.tags.end(), [&](auto const& tag) {
    return tag.first == query.tag->first && tag.second == query.tag->second;
  });
}

/// latency_avg holds the sum until all calls have been added.
void add_to(UsageBreakdown& group, LLMRequestMetrics const& call) {
  ++group.requests;
  group.input_tokens = sum_of(group.input_tokens, call.input_tokens);
  group.output_tokens = sum_of(group.output_tokens, call.output_tokens);
  group.tokens = sum_of(group.input_tokens, group.output_tokens);
  group.failed += call.success ? 0U : 1U;
  group.unpriced += call.cost_source == CostSource::unpriced ? 1U : 0U;
  group.exact_cost += cost_of(call);
  group.latency_avg += call.latency_ms;
}

void finish(ByName<UsageBreakdown>& groups) {
  for (auto& [name, group] : groups) {
    group.cost = group.exact_cost.to_double();
    group.latency_avg /= static_cast<double>(group.requests);
  }
}

double average(std::vector<double> const& values) {
  long double sum = 0;
  for (double const value : values) sum += static_cast<long double>(value);
  return values.empty() ? 0 : static_cast<double>(sum / static_cast<long double>(values.size()));
}

void add_to(Expected& expected, LLMRequestMetrics const& call, bool is_folded, FoldedUsers users) {
  auto& all = expected.figures;
  ++all.total_requests;
  ++(call.success ? all.successful_requests : all.failed_requests);
  all.cached_requests += call.cached ? 1U : 0U;
  all.streaming_requests += call.streaming ? 1U : 0U;
  all.unpriced_requests += call.cost_source == CostSource::unpriced ? 1U : 0U;
  for (auto const& count : counts) all.*count.total = sum_of(all.*count.total, call.*count.of);
  all.total_web_search_requests += call.web_search_requests;
  all.total_cost += cost_of(call);
  add_to(all.by_provider[call.provider], call);
  add_to(all.by_model[call.model], call);
  add_to(all.by_tenant[call.tenant_id], call);
  if (!is_folded || users == FoldedUsers::named) {
    if (call.user_id) add_to(all.by_user[*call.user_id], call);
  } else if (users == FoldedUsers::other) {
    add_to(all.by_user["other"], call);
  }
  if (!call.success) ++all.errors_by_type[call.error_type.value_or("error")];
  expected.latencies_ms.push_back(call.latency_ms);
  expected.folded += is_folded ? 1U : 0U;
  if (!call.time_to_first_token_ms) return;
  expected.first_tokens_ms.push_back(*call.time_to_first_token_ms);
  expected.folded_first_tokens += is_folded ? 1U : 0U;
}

/// The value at rank q * (n - 1), interpolated between the two next to it; 0 of nothing.
double value_at_rank(std::vector<double> const& sorted, double q) {
  if (sorted.empty()) return 0;
  double const rank = q * static_cast<double>(sorted.size() - 1);
  auto const low = static_cast<std::size_t>(rank);
  auto const high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (rank - static_cast<double>(low));
}

void check_groups(ByName<UsageBreakdown> const& found, ByName<UsageBreakdown> const& expected) {
  REQUIRE(found.size() == expected.size());
  for (auto const& [name, group] : expected) {
    INFO("group \"" << name << '"');
    REQUIRE(found.contains(name));
    auto same = found.at(name);
    CHECK(same.latency_avg == Approx(group.latency_avg).epsilon(1e-9).margin(1e-6));
    same.latency_avg = group.latency_avg;
    REQUIRE(same == group);
  }
}

void check_percentiles(std::vector<double> const& values, bool exact,
                       std::array<double, 3> const& found) {
  constexpr double quantiles[] = {0.5, 0.95, 0.99};
  for (std::size_t i = 0; i < 3; ++i) {
    auto const expected = value_at_rank(values, quantiles[i]);
    CHECK(found[i] == Approx(expected).epsilon(exact ? 1e-12 : 0.01).margin(0));
  }
}

}  // namespace

void Reference::add(LLMRequestMetrics const& metrics) {
  auto const since_1970 = metrics.timestamp.time_since_epoch();
  calls_.push_back(
      {.metrics = metrics,
       .start_ns = std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count()});
}

std::uint64_t Reference::count_before(std::int64_t ring_ns, std::int64_t history_ns) const {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < calls_.size(); ++i) count += goes(i, ring_ns, history_ns) ? 1U : 0U;
  return count;
}

void Reference::forget_before(std::int64_t ring_ns, std::int64_t history_ns) {
  for (std::size_t i = 0; i < calls_.size(); ++i) {
    if (goes(i, ring_ns, history_ns)) calls_[i].is_forgotten = true;
  }
}

Expected Reference::answer(StatsQuery const& query, std::int64_t from_ns, std::int64_t to_ns,
                           bool ring_only, FoldedUsers users) const {
  Expected expected;
  for (std::size_t i = ring_only ? folded_ : 0; i < calls_.size(); ++i) {
    Call const& call = calls_[i];
    if (call.start_ns < from_ns || call.start_ns >= to_ns || call.is_forgotten) continue;
    if (wants(query, call.metrics)) add_to(expected, call.metrics, i < folded_, users);
  }
  auto& all = expected.figures;
  for (auto* const groups : {&all.by_provider, &all.by_model, &all.by_tenant, &all.by_user})
    finish(*groups);
  all.total_cost_usd = all.total_cost.to_double();
  all.latency_avg = average(expected.latencies_ms);
  all.ttft_avg = average(expected.first_tokens_ms);
  std::sort(expected.latencies_ms.begin(), expected.latencies_ms.end());
  std::sort(expected.first_tokens_ms.begin(), expected.first_tokens_ms.end());
  return expected;
}

bool Reference::has_folded(std::int64_t from_ns, std::int64_t to_ns) const {
  return std::any_of(
      calls_.begin(), calls_.begin() + static_cast<std::ptrdiff_t>(folded_), [&](Call const& call) {
        return call.start_ns >= from_ns && call.start_ns < to_ns && !call.is_forgotten;
      });
}

void check_figures(AggregatedMetrics const& found, Expected const& expected) {
  auto same = found;
  auto const& all = expected.figures;
  check_groups(found.by_provider, all.by_provider);
  check_groups(found.by_model, all.by_model);
  check_groups(found.by_tenant, all.by_tenant);
  check_groups(found.by_user, all.by_user);
  CHECK(found.errors_by_type == all.errors_by_type);
  CHECK(found.total_requests == all.total_requests);
  CHECK(found.total_cost == all.total_cost);
  CHECK(found.latency_avg == Approx(all.latency_avg).epsilon(1e-9).margin(1e-6));
  CHECK(found.ttft_avg == Approx(all.ttft_avg).epsilon(1e-9).margin(1e-6));
  CHECK(found.latency_percentiles_exact == (expected.folded == 0));
  CHECK(found.ttft_percentiles_exact == (expected.folded_first_tokens == 0));
  check_percentiles(expected.latencies_ms, found.latency_percentiles_exact,
                    {found.latency_p50, found.latency_p95, found.latency_p99});
  check_percentiles(expected.first_tokens_ms, found.ttft_percentiles_exact,
                    {found.ttft_p50, found.ttft_p95, found.ttft_p99});
  // The rest must be equal to the last picodollar.
  for (auto const member : {&AggregatedMetrics::latency_p50, &AggregatedMetrics::latency_p95,
                            &AggregatedMetrics::latency_p99, &AggregatedMetrics::ttft_p50,
                            &AggregatedMetrics::ttft_p95, &AggregatedMetrics::ttft_p99,
                            &AggregatedMetrics::latency_avg, &AggregatedMetrics::ttft_avg})
    same.*member = all.*member;
  for (auto const member : {&AggregatedMetrics::by_provider, &AggregatedMetrics::by_model,
                            &AggregatedMetrics::by_tenant, &AggregatedMetrics::by_user})
    same.*member = all.*member;
  for (auto const member :
       {&AggregatedMetrics::percentiles_exact, &AggregatedMetrics::latency_percentiles_exact,
        &AggregatedMetrics::ttft_percentiles_exact})
    same.*member = all.*member;
  same.period_start = all.period_start;
  same.period_end = all.period_end;
  same.tenant_id = all.tenant_id;
  CHECK(same == all);
}

}  // namespace netrun::llm::testing
