// SPDX-License-Identifier: MIT
// Whose body it is.
#include "usage/interpret.hpp"

namespace netrun::llm::detail {
namespace {

[[nodiscard]] bool any_of(RawResponse const& raw, Field first, Field last) noexcept {
  return !((raw.given | raw.bad) & CountSet(first, last)).empty();
}

[[nodiscard]] bool any(RawResponse const& raw, Field field) noexcept {
  return any_of(raw, field, field);
}

[[nodiscard]] Api guess_openai(RawResponse const& raw) noexcept {
  auto const model = raw.model.view();
  if (raw.has(Mark::x_groq)) return Api::groq_chat;
  if (raw.has(Mark::latency_checkpoint)) return Api::azure_ai_chat;
  if (raw.has(Mark::filter)) return Api::azure_chat;
  if (raw.has(Mark::sources) || model.starts_with("grok-")) return Api::xai_chat;
  if (any(raw, Field::cache_hit)) return Api::deepseek_chat;
  if (raw.has(Mark::time_info)) return Api::cerebras_chat;
  if (raw.has(Mark::timings)) return Api::llamacpp_chat;
  if (!raw.search_context_size.empty() || any(raw, Field::citation_tokens) ||
      any(raw, Field::search_queries)) {
    return Api::perplexity_chat;
  }
  if (!raw.provider.empty() && raw.response_id.view().starts_with("gen-")) {
    return Api::openrouter_chat;
  }
  if (raw.object == "text_completion") return Api::openai_completions;
  if (raw.object == "list" && !raw.has(Mark::choices)) return Api::openai_embeddings;
  return Api::openai_chat;
}

}  // namespace

Family family_of(RawResponse const& raw) noexcept {
  if (raw.has(Mark::response_event) || raw.object == "response") return Family::responses;
  if (raw.has(Mark::message_start | Mark::message_stop | Mark::message_body)) {
    return Family::anthropic;
  }
  // Before the counts that only Anthropic has: proxies put them beside OpenAI's.
  if (raw.has(Mark::choices) || any_of(raw, Field::prompt_tokens, Field::completion_tokens)) {
    return Family::openai;
  }
  if (any_of(raw, Field::cache_read_input, Field::thinking_tokens)) return Family::anthropic;
  if (raw.has(Mark::usage_metadata | Mark::candidates)) return Family::gemini;
  if (any(raw, Field::embedding_tokens)) return Family::vertex_embed;
  if (raw.has(Mark::cohere_event) || any_of(raw, Field::cohere_input, Field::search_units)) {
    return Family::cohere;
  }
  if (raw.has(Mark::metrics_event) ||
      any_of(raw, Field::converse_input, Field::converse_cache_write_1h)) {
    return Family::converse;
  }
  if (any_of(raw, Field::prompt_eval, Field::eval)) return Family::ollama;
  if (any_of(raw, Field::tokens_evaluated, Field::tokens_predicted)) return Family::llamacpp;
  if (any_of(raw, Field::metrics_input, Field::llama_generation)) return Family::invoke;
  return Family::unknown;
}

bool related(Family seen, Family said) noexcept {
  if (said == Family::invoke) return true;
  // Vertex answers embeddings in either way.
  return (seen == Family::gemini && said == Family::vertex_embed) ||
         (seen == Family::vertex_embed && said == Family::gemini);
}

Api guess_api(RawResponse const& raw, Family family) noexcept {
  switch (family) {
    case Family::openai:
      return guess_openai(raw);
    case Family::responses:
      return raw.has(Mark::sources) || raw.model.view().starts_with("grok-")
                 ? Api::xai_responses
                 : Api::openai_responses;
    case Family::anthropic:
      return raw.response_id.view().starts_with("msg_bdrk_") ? Api::bedrock_invoke
                                                             : Api::anthropic_messages;
    case Family::gemini:
      if (raw.has(Mark::embedding)) return Api::gemini_embed;
      return raw.traffic_type.empty() ? Api::gemini_generate : Api::vertex_generate;
    case Family::vertex_embed:
      return Api::vertex_embed;
    case Family::converse:
      return raw.has(Mark::metrics_event) ? Api::bedrock_converse_stream : Api::bedrock_converse;
    case Family::invoke:
      return Api::bedrock_invoke;
    case Family::cohere:
      if (raw.has(Mark::embedding)) return Api::cohere_embed;
      return raw.given.has(Field::search_units) ? Api::cohere_rerank : Api::cohere_chat;
    case Family::ollama:
      return raw.has(Mark::embedding) ? Api::ollama_embed : Api::ollama_chat;
    case Family::llamacpp:
      return Api::llamacpp_completion;
    case Family::unknown:
      break;
  }
  return Api::automatic;
}

Family family_of(Api api) noexcept {
  switch (api) {
    case Api::openai_responses:
    case Api::azure_responses:
    case Api::xai_responses:
    case Api::groq_responses:
    case Api::openrouter_responses:
      return Family::responses;
    case Api::anthropic_messages:
    case Api::vertex_anthropic:
      return Family::anthropic;
    case Api::gemini_generate:
    case Api::gemini_embed:
    case Api::vertex_generate:
      return Family::gemini;
    case Api::vertex_embed:
      return Family::vertex_embed;
    case Api::bedrock_converse:
    case Api::bedrock_converse_stream:
      return Family::converse;
    case Api::bedrock_invoke:
    case Api::bedrock_invoke_stream:
      return Family::invoke;
    case Api::cohere_chat:
    case Api::cohere_embed:
    case Api::cohere_rerank:
      return Family::cohere;
    case Api::ollama_chat:
    case Api::ollama_generate:
    case Api::ollama_embed:
      return Family::ollama;
    case Api::llamacpp_completion:
      return Family::llamacpp;
    case Api::automatic:
      return Family::unknown;
    default:
      return api <= Api::vllm_embeddings ? Family::openai : Family::unknown;
  }
}

}  // namespace netrun::llm::detail
