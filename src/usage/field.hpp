// SPDX-License-Identifier: MIT
// What is looked for in response bodies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

/// A value in a body, by its meaning there and not by its place: several places may mean one field.
/// Counts come first. Names follow the providers' keys; what they add up to is decided later, by
/// whose body it is (see interpret.hpp).
enum class Field : std::uint8_t {
  // OpenAI's chat, completions and embeddings, and all who speak like it.
  prompt_tokens,
  completion_tokens,
  total_tokens,
  prompt_cached,
  prompt_cache_write,
  prompt_audio,
  prompt_image,
  prompt_video,
  completion_reasoning,
  completion_audio,
  completion_image,
  completion_video,
  top_cached,     ///< usage.cached_tokens: Together, Cohere
  top_reasoning,  ///< usage.reasoning_tokens: Perplexity
  citation_tokens,
  search_queries,   ///< Perplexity
  cache_hit,        ///< DeepSeek
  cost_ticks,       ///< xAI; 1 tick = 1e-10 USD
  web_search_uses,  ///< usage.server_tool_use.web_search_requests
  web_fetch_uses,
  tool_web_searches,  ///< xAI's server_side_tool_usage_details
  tool_code_runs,
  tool_file_searches,
  // input_tokens and output_tokens: OpenAI's responses and Anthropic.
  input_tokens,
  output_tokens,
  input_cached,
  input_cache_write,
  input_audio,
  input_image,
  output_reasoning,
  output_audio,
  output_image,
  cache_read_input,
  cache_creation_input,
  cache_creation_5m,
  cache_creation_1h,
  thinking_tokens,
  web_search_calls,  ///< Items of `output`, counted.
  file_search_calls,
  code_interpreter_calls,
  // Gemini
  gemini_prompt,
  gemini_candidates,
  gemini_thoughts,
  gemini_tool_use,
  gemini_cached,
  gemini_total,
  gemini_prompt_audio,  ///< These eight: sums of the entries of one modality.
  gemini_prompt_image,
  gemini_prompt_video,
  gemini_cached_audio,
  gemini_cached_image,
  gemini_output_audio,
  gemini_output_image,
  gemini_output_video,
  grounding_queries,
  embedding_tokens,  ///< Vertex: predictions[].embeddings.statistics.token_count, summed.
  // Bedrock
  converse_input,
  converse_output,
  converse_cache_read,
  converse_cache_write,
  converse_cache_write_1h,
  metrics_input,  ///< amazon-bedrock-invocationMetrics, and the headers of the same meaning
  metrics_output,
  metrics_cache_read,
  metrics_cache_write,
  titan_input,
  titan_output,  ///< results[].tokenCount, summed
  titan_total_output,
  llama_prompt,
  llama_generation,
  // Cohere
  cohere_input,
  cohere_output,
  cohere_reasoning,
  cohere_image,
  billed_input,
  billed_output,
  billed_image,
  billed_image_files,  ///< How many, not how many tokens.
  search_units,
  // Ollama, llama.cpp
  prompt_eval,
  eval,
  tokens_evaluated,
  tokens_predicted,
  timing_prompt,
  timing_cached,
  timing_predicted,
  count_end,  ///< Not a field: how many counts there are.

  // Numbers that are no counts.
  cost,
  upstream_cost,
  latency_ms,
  invocation_latency_ms,
  first_byte_ms,
  total_duration_ns,
  choice_index,

  // Texts
  model,
  response_id,
  groq_id,
  service_tier,
  traffic_type,
  inference_geo,
  speed,
  search_context_size,
  finish_reason,       ///< Of the choice that it stands in.
  choice_stop_reason,  ///< The same where a choice has no finish_reason (Mistral on Bedrock).
  stop_reason,         ///< Of the whole answer.
  response_status,     ///< OpenAI's responses.
  block_reason,
  object,
  type,
  item_type,  ///< output[].type
  request_id,
  provider,

  // Errors
  error,  ///< A text, or an object with the four that follow.
  error_type,
  error_code,
  error_message,
  error_status,
  root_code,
  root_message,
  root_error_type,
  amazon_type,
  detail,

  // Parts that are told apart by their elements.
  choice,
  usage,
  output_items,
  iterations,
  iteration,
  iteration_type,
  iteration_model,
  prompt_details,
  candidate_details,
  cache_details,
  modality_entry,
  modality,
  modality_tokens,
  ttl_details,
  ttl_entry,
  ttl,
  ttl_tokens,
  titan_results,
  grounding_list,
  grounding_query,
  predictions,
  byok,
  done,
  content,         ///< A text or an object that the model made: marks the first token.
  content_text,    ///< Likewise, where an object is something else.
  reasoning,       ///< As content, of what the model thought.
  reasoning_text,  ///< As content_text, likewise.
  thought,         ///< Gemini: the part that it stands in was thought.
  bytes,           ///< Bedrock's chunk: the vendor's JSON in base64.
  // Only that it is there says whose body it is.
  mark_choices,
  mark_candidates,
  mark_x_groq,
  mark_time_info,
  mark_timings,
  mark_sources,
  mark_filter,
  mark_usage_metadata,
  mark_latency_checkpoint,
  mark_embedding,
  none,
};

inline constexpr std::size_t count_fields = static_cast<std::size_t>(Field::count_end);

[[nodiscard]] constexpr std::size_t index_of(Field field) noexcept {
  return static_cast<std::size_t>(field);
}
[[nodiscard]] constexpr bool is_count(Field field) noexcept { return field < Field::count_end; }

[[nodiscard]] constexpr bool is_content(Field field) noexcept {
  return field >= Field::content && field <= Field::reasoning_text;
}

/// Where a count is first looked for ("usage.prompt_tokens"): for messages.
[[nodiscard]] std::string_view place_of(Field field) noexcept;

}  // namespace netrun::llm::detail
