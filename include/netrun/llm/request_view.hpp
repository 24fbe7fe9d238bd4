// SPDX-License-Identifier: MIT
// One finished call without strings of its own: what exporters are given.
#pragma once

#include <netrun/llm/metrics.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/tokens.hpp>
#include <netrun/llm/usd.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace netrun::llm {

/// A recorded call whose texts belong to somebody else. Fields, units and meanings are those of
/// LLMRequestMetrics, under the same names.
///
/// Lifetime: as long as the batch that it came in; to_metrics() makes a copy that lives on.
struct LLMRequestView {
  std::string_view request_id{}, tenant_id{}, provider{}, model{};
  std::optional<std::string_view> user_id{}, endpoint{}, error_type{}, error_message{};
  std::optional<std::string_view> provider_request_id{}, parent_request_id{}, finish_reason{};
  std::uint64_t input_tokens = 0, output_tokens = 0, total_tokens = 0;
  std::uint64_t cache_read_tokens = 0, cache_write_tokens = 0, cache_write_1h_tokens = 0;
  std::uint64_t reasoning_tokens = 0;
  std::uint64_t audio_input_tokens = 0, audio_output_tokens = 0;
  std::uint64_t citation_tokens = 0, cached_audio_input_tokens = 0;
  std::uint64_t image_input_tokens = 0, image_output_tokens = 0;
  std::uint64_t cached_image_input_tokens = 0, video_input_tokens = 0, video_output_tokens = 0;
  std::uint64_t billed_input_tokens = 0, billed_output_tokens = 0;
  std::uint32_t web_search_requests = 0;
  UsageSource usage_source = UsageSource::reported;
  double latency_ms = 0.0;
  std::optional<double> time_to_first_token_ms{}, time_per_output_token_ms{};
  double cost_usd = 0.0;
  CostSource cost_source = CostSource::unpriced;
  Clock::time_point timestamp{};
  bool success = true, streaming = false, cached = false;
  std::span<Tag const> tags{}, attributes{};
  std::optional<Usd> exact_cost{};

  /// A copy that owns its texts. Throws std::bad_alloc.
  [[nodiscard]] LLMRequestMetrics to_metrics() const;
};

}  // namespace netrun::llm
