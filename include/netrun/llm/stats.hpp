// SPDX-License-Identifier: MIT
// Answers: statistics, cost breakdowns and tenant figures.
#pragma once

#include <netrun/llm/time.hpp>
#include <netrun/llm/usd.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace netrun::llm {

/// Figures by name, sorted by name; look-up by std::string_view makes no string.
template <class V>
using ByName = std::map<std::string, V, std::less<>>;

/// Figures of one provider, model, tenant or user.
struct UsageBreakdown {
  std::uint64_t requests = 0;
  double cost = 0;           ///< USD, the nearest double to exact_cost.
  std::uint64_t tokens = 0;  ///< input + output
  std::uint64_t input_tokens = 0, output_tokens = 0;
  std::uint64_t failed = 0;
  std::uint64_t unpriced = 0;  ///< Calls whose cost nobody knows; they add nothing to cost.
  double latency_avg = 0;      ///< ms
  Usd exact_cost{};

  [[nodiscard]] friend bool operator==(UsageBreakdown const&, UsageBreakdown const&) = default;
};

/// Statistics of the calls that a StatsQuery selects.
///
/// Counts, tokens and money are exact, whatever has left the ring, unless unattributed_requests says
/// otherwise. Percentiles interpolate linearly
/// between the two closest ranks; when some of the selected calls have left the ring, each is off
/// by at most 1 %, and `percentiles_exact` is false. `by_user` covers the ring alone, unless
/// TelemetryOptions::history_users is set. What the history could not keep apart is in breakdowns
/// under "other".
struct AggregatedMetrics {
  /// What is really covered. Where an edge lies in a cell of the history (a minute, later a quarter
  /// of an hour, an hour, a day) whose calls have left the ring, that whole cell counts. The start
  /// is later than asked where a condition on user, endpoint or tag can be answered from the ring
  /// alone.
  Clock::time_point period_start{}, period_end{};
  std::optional<std::string> tenant_id{};  ///< As asked; absent when any tenant was.
  std::uint64_t total_requests = 0, successful_requests = 0, failed_requests = 0;
  std::uint64_t cached_requests = 0;
  std::uint64_t unpriced_requests = 0;  ///< Calls whose cost nobody knows.
  std::uint64_t total_input_tokens = 0, total_output_tokens = 0;
  double total_cost_usd = 0;  ///< The nearest double to total_cost.
  double latency_p50 = 0, latency_p95 = 0, latency_p99 = 0, latency_avg = 0;  ///< ms; 0 of nothing
  double ttft_p50 = 0, ttft_p95 = 0, ttft_p99 = 0,
         ttft_avg = 0;  ///< ms, of streaming calls that have one
  bool percentiles_exact = true;
  ByName<UsageBreakdown> by_provider{}, by_model{}, by_tenant{}, by_user{};
  ByName<std::uint64_t> errors_by_type{};
  std::uint64_t total_cache_read_tokens = 0, total_cache_write_tokens = 0,
                total_reasoning_tokens = 0;
  std::uint64_t streaming_requests = 0;
  Usd total_cost{};
  /// Calls that may belong to the answer beside those in total_requests, at most: the history kept
  /// too few pairs apart to tell (see TelemetryOptions::history_pairs). Above 0 only for questions
  /// with two conditions (tenant and provider or model), or on a user, endpoint or tag.
  std::uint64_t unattributed_requests = 0;
  /// Which of the percentiles are exact; percentiles_exact says that both are.
  bool latency_percentiles_exact = true, ttft_percentiles_exact = true;
  /// The kinds of tokens that few calls have; each is included in its whole, as in TokenUsage.
  std::uint64_t total_cache_write_1h_tokens = 0, total_citation_tokens = 0;
  std::uint64_t total_audio_input_tokens = 0, total_audio_output_tokens = 0,
                total_cached_audio_input_tokens = 0;
  std::uint64_t total_image_input_tokens = 0, total_image_output_tokens = 0,
                total_cached_image_input_tokens = 0;
  std::uint64_t total_video_input_tokens = 0, total_video_output_tokens = 0;
  std::uint64_t total_billed_input_tokens = 0, total_billed_output_tokens = 0;
  std::uint64_t total_web_search_requests = 0;

  [[nodiscard]] friend bool operator==(AggregatedMetrics const&,
                                       AggregatedMetrics const&) = default;
};

/// Where the money went.
struct CostBreakdown {
  struct Share {
    double cost_usd = 0;
    double percentage = 0;  ///< 0 to 100, of the total; 0 when the total is 0
  };
  struct Average {
    double cost_usd = 0;
    std::uint64_t requests = 0;
    double avg_cost = 0;  ///< USD a request
  };
  double total_cost_usd = 0;
  ByName<Share> by_provider{}, by_tenant{};
  ByName<Average> by_model{};
  Usd total_cost{};
  std::uint64_t unpriced_requests = 0;  ///< Calls that the figures above lack.
};

/// All about one tenant in one period.
struct TenantStats {
  std::string tenant_id, period;
  struct {
    std::uint64_t total = 0, successful = 0, failed = 0;
    double success_rate = 0;  ///< percent; 0 when there are no requests
  } requests;
  struct {
    std::uint64_t input = 0, output = 0, total = 0;
  } tokens;
  CostBreakdown cost;
  struct {
    double p50 = 0, p95 = 0, p99 = 0, avg = 0;  ///< ms
  } latency;
  ByName<std::uint64_t> errors;
};

/// One line of a cost report over all tenants.
struct TenantCost {
  std::string tenant_id;
  double total_cost_usd = 0;
  std::uint64_t requests = 0, tokens = 0;
  double avg_cost_per_request = 0;
  double success_rate = 0;  ///< percent
  Usd total_cost{};
  std::uint64_t unpriced = 0;  ///< Requests whose cost nobody knows; they add nothing to the cost.
};

}  // namespace netrun::llm
