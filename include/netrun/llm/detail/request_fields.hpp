// SPDX-License-Identifier: MIT
// The fields of a recorded call in one place, for all who copy, write or read every one of them.
#pragma once

#include <netrun/llm/tokens.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <tuple>

namespace netrun::llm::detail {

/// References to all fields of an LLMRequestMetrics or an LLMRequestView but for the tags, whose
/// types differ too much: in the order in which they are written, as request_field_names names
/// them.
template <class Call>
[[nodiscard]] constexpr auto request_fields(Call& c) noexcept {
  return std::tie(
      c.request_id, c.timestamp, c.tenant_id, c.user_id, c.provider, c.model, c.endpoint, c.success,
      c.error_type, c.error_message, c.provider_request_id, c.parent_request_id, c.finish_reason,
      c.streaming, c.cached, c.latency_ms, c.time_to_first_token_ms, c.time_per_output_token_ms,
      c.input_tokens, c.output_tokens, c.total_tokens, c.cache_read_tokens, c.cache_write_tokens,
      c.cache_write_1h_tokens, c.reasoning_tokens, c.citation_tokens, c.audio_input_tokens,
      c.audio_output_tokens, c.cached_audio_input_tokens, c.image_input_tokens,
      c.image_output_tokens, c.cached_image_input_tokens, c.video_input_tokens,
      c.video_output_tokens, c.billed_input_tokens, c.billed_output_tokens, c.web_search_requests,
      c.usage_source, c.cost_usd, c.exact_cost, c.cost_source);
}

/// The token counts of an LLMRequestMetrics or an LLMRequestView.
template <class Call>
[[nodiscard]] constexpr TokenUsage usage_of_call(Call const& c) noexcept {
  return {c.input_tokens,
          c.output_tokens,
          c.cache_read_tokens,
          c.cache_write_tokens,
          c.cache_write_1h_tokens,
          c.reasoning_tokens,
          c.citation_tokens,
          c.audio_input_tokens,
          c.audio_output_tokens,
          c.cached_audio_input_tokens,
          c.image_input_tokens,
          c.image_output_tokens,
          c.billed_input_tokens,
          c.billed_output_tokens,
          c.web_search_requests,
          c.usage_source,
          c.cached_image_input_tokens,
          c.video_input_tokens,
          c.video_output_tokens};
}

/// Names of the fields outside the program: those of C++, but for the exact cost.
inline constexpr std::array<std::string_view, 41> request_field_names{"request_id",
                                                                      "timestamp",
                                                                      "tenant_id",
                                                                      "user_id",
                                                                      "provider",
                                                                      "model",
                                                                      "endpoint",
                                                                      "success",
                                                                      "error_type",
                                                                      "error_message",
                                                                      "provider_request_id",
                                                                      "parent_request_id",
                                                                      "finish_reason",
                                                                      "streaming",
                                                                      "cached",
                                                                      "latency_ms",
                                                                      "time_to_first_token_ms",
                                                                      "time_per_output_token_ms",
                                                                      "input_tokens",
                                                                      "output_tokens",
                                                                      "total_tokens",
                                                                      "cache_read_tokens",
                                                                      "cache_write_tokens",
                                                                      "cache_write_1h_tokens",
                                                                      "reasoning_tokens",
                                                                      "citation_tokens",
                                                                      "audio_input_tokens",
                                                                      "audio_output_tokens",
                                                                      "cached_audio_input_tokens",
                                                                      "image_input_tokens",
                                                                      "image_output_tokens",
                                                                      "cached_image_input_tokens",
                                                                      "video_input_tokens",
                                                                      "video_output_tokens",
                                                                      "billed_input_tokens",
                                                                      "billed_output_tokens",
                                                                      "web_search_requests",
                                                                      "usage_source",
                                                                      "cost_usd",
                                                                      "cost_picousd",
                                                                      "cost_source"};

}  // namespace netrun::llm::detail
