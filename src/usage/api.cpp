// SPDX-License-Identifier: MIT
// Names of interfaces and of their providers.
#include "usage/letters.hpp"
#include <netrun/llm/api.hpp>

namespace netrun::llm {
namespace {

struct ApiRow {
  Api api;
  std::string_view name, provider;
};

constexpr std::array<ApiRow, api_count> apis{{
    {Api::automatic, "auto", ""},
    {Api::openai_chat, "openai.chat", "openai"},
    {Api::openai_completions, "openai.completions", "openai"},
    {Api::openai_responses, "openai.responses", "openai"},
    {Api::openai_embeddings, "openai.embeddings", "openai"},
    {Api::azure_chat, "azure.chat", "azure"},
    {Api::azure_completions, "azure.completions", "azure"},
    {Api::azure_responses, "azure.responses", "azure"},
    {Api::azure_embeddings, "azure.embeddings", "azure"},
    {Api::azure_ai_chat, "azure_ai.chat", "azure"},
    {Api::azure_ai_embeddings, "azure_ai.embeddings", "azure"},
    {Api::anthropic_messages, "anthropic.messages", "anthropic"},
    {Api::gemini_generate, "gemini.generate", "google"},
    {Api::gemini_embed, "gemini.embed", "google"},
    {Api::vertex_generate, "vertex.generate", "vertex_ai"},
    {Api::vertex_embed, "vertex.embed", "vertex_ai"},
    {Api::vertex_anthropic, "vertex.anthropic", "vertex_ai"},
    {Api::bedrock_converse, "bedrock.converse", "aws.bedrock"},
    {Api::bedrock_converse_stream, "bedrock.converse_stream", "aws.bedrock"},
    {Api::bedrock_invoke, "bedrock.invoke", "aws.bedrock"},
    {Api::bedrock_invoke_stream, "bedrock.invoke_stream", "aws.bedrock"},
    {Api::mistral_chat, "mistral.chat", "mistral"},
    {Api::mistral_embeddings, "mistral.embeddings", "mistral"},
    {Api::cohere_chat, "cohere.v2chat", "cohere"},
    {Api::cohere_embed, "cohere.v2embed", "cohere"},
    {Api::cohere_rerank, "cohere.v2rerank", "cohere"},
    {Api::deepseek_chat, "deepseek.chat", "deepseek"},
    {Api::xai_chat, "xai.chat", "xai"},
    {Api::xai_responses, "xai.responses", "xai"},
    {Api::groq_chat, "groq.chat", "groq"},
    {Api::groq_responses, "groq.responses", "groq"},
    {Api::together_chat, "together.chat", "together"},
    {Api::together_completions, "together.completions", "together"},
    {Api::fireworks_chat, "fireworks.chat", "fireworks"},
    {Api::fireworks_completions, "fireworks.completions", "fireworks"},
    {Api::openrouter_chat, "openrouter.chat", "openrouter"},
    {Api::openrouter_responses, "openrouter.responses", "openrouter"},
    {Api::perplexity_chat, "perplexity.chat", "perplexity"},
    {Api::cerebras_chat, "cerebras.chat", "cerebras"},
    {Api::ollama_chat, "ollama.chat", "ollama"},
    {Api::ollama_generate, "ollama.generate", "ollama"},
    {Api::ollama_embed, "ollama.embed", "ollama"},
    {Api::ollama_openai, "ollama.openai", "ollama"},
    {Api::llamacpp_chat, "llamacpp.chat", "llamacpp"},
    {Api::llamacpp_completion, "llamacpp.completion", "llamacpp"},
    {Api::vllm_chat, "vllm.chat", "vllm"},
    {Api::vllm_completions, "vllm.completions", "vllm"},
    {Api::vllm_embeddings, "vllm.embeddings", "vllm"},
}};

constexpr bool are_in_order() {
  for (std::size_t i = 0; i < apis.size(); ++i) {
    if (apis[i].api != static_cast<Api>(i)) return false;
  }
  return true;
}
static_assert(are_in_order(), "a row's place is the number of its enumerator");

struct Alias {
  std::string_view name;
  Api api;
};

// Names that differ from those above by more than case and separators.
constexpr Alias aliases[] = {
    {"automatic", Api::automatic},
    {"openai", Api::openai_chat},
    {"openai.chat_completions", Api::openai_chat},
    {"openai.completion", Api::openai_completions},
    {"openai.response", Api::openai_responses},
    {"openai.embedding", Api::openai_embeddings},
    {"azure", Api::azure_chat},
    {"azure_openai", Api::azure_chat},
    {"azure_openai.chat", Api::azure_chat},
    {"azure_openai.completions", Api::azure_completions},
    {"azure_openai.responses", Api::azure_responses},
    {"azure_openai.embeddings", Api::azure_embeddings},
    {"azure_ai", Api::azure_ai_chat},
    {"anthropic", Api::anthropic_messages},
    {"anthropic.chat", Api::anthropic_messages},
    {"claude", Api::anthropic_messages},
    {"gemini", Api::gemini_generate},
    {"gemini.generate_content", Api::gemini_generate},
    {"gemini.stream_generate_content", Api::gemini_generate},
    {"gemini.embed_content", Api::gemini_embed},
    {"gemini.embeddings", Api::gemini_embed},
    {"google", Api::gemini_generate},
    {"google.generate", Api::gemini_generate},
    {"google.generate_content", Api::gemini_generate},
    {"google.embed", Api::gemini_embed},
    {"vertex", Api::vertex_generate},
    {"vertex.generate_content", Api::vertex_generate},
    {"vertex.stream_generate_content", Api::vertex_generate},
    {"vertex.embeddings", Api::vertex_embed},
    {"vertex.claude", Api::vertex_anthropic},
    {"vertex_ai", Api::vertex_generate},
    {"vertex_ai.generate", Api::vertex_generate},
    {"vertex_ai.generate_content", Api::vertex_generate},
    {"vertex_ai.embed", Api::vertex_embed},
    {"vertex_ai.anthropic", Api::vertex_anthropic},
    {"bedrock", Api::bedrock_converse},
    {"bedrock.invoke_model", Api::bedrock_invoke},
    {"bedrock.invoke_model_with_response_stream", Api::bedrock_invoke_stream},
    {"bedrock.invoke_with_response_stream", Api::bedrock_invoke_stream},
    {"mistral", Api::mistral_chat},
    {"mistral.embed", Api::mistral_embeddings},
    {"cohere", Api::cohere_chat},
    {"cohere.chat", Api::cohere_chat},
    {"cohere.embed", Api::cohere_embed},
    {"cohere.rerank", Api::cohere_rerank},
    {"deepseek", Api::deepseek_chat},
    {"xai", Api::xai_chat},
    {"grok", Api::xai_chat},
    {"groq", Api::groq_chat},
    {"together", Api::together_chat},
    {"together_ai.chat", Api::together_chat},
    {"together_ai.completions", Api::together_completions},
    {"fireworks", Api::fireworks_chat},
    {"fireworks_ai.chat", Api::fireworks_chat},
    {"fireworks_ai.completions", Api::fireworks_completions},
    {"openrouter", Api::openrouter_chat},
    {"perplexity", Api::perplexity_chat},
    {"cerebras", Api::cerebras_chat},
    {"ollama", Api::ollama_chat},
    {"ollama.embeddings", Api::ollama_embed},
    {"llamacpp", Api::llamacpp_chat},
    {"llamacpp.completions", Api::llamacpp_completion},
    {"vllm", Api::vllm_chat},
};

constexpr bool separates(char c) noexcept { return c == '.' || c == '_' || c == '-'; }

constexpr void drop_separators(std::string_view& text) noexcept {
  while (!text.empty() && separates(text.front())) text.remove_prefix(1);
}

/// True when `given` is `known` but for case and separators: people write "openai-chat",
/// "openai_chat" and "llama.cpp.chat".
constexpr bool means(std::string_view given, std::string_view known) noexcept {
  if (given.empty() || separates(given.front()) || separates(given.back())) return false;
  for (;;) {
    drop_separators(given);
    drop_separators(known);
    if (given.empty() || known.empty()) return given.empty() && known.empty();
    if (!detail::same_letter(given.front(), known.front())) return false;
    given.remove_prefix(1);
    known.remove_prefix(1);
  }
}

ApiRow const* row_of(Api api) noexcept {
  auto const i = static_cast<std::size_t>(api);
  return i < apis.size() ? &apis[i] : nullptr;
}

}  // namespace

std::string_view to_string(Api api) noexcept {
  auto const* const row = row_of(api);
  return row == nullptr ? std::string_view("unknown") : row->name;
}

std::optional<Api> parse_api(std::string_view name) noexcept {
  for (auto const& row : apis) {
    if (means(name, row.name)) return row.api;
  }
  for (auto const& alias : aliases) {
    if (means(name, alias.name)) return alias.api;
  }
  return std::nullopt;
}

std::string_view provider_of(Api api) noexcept {
  auto const* const row = row_of(api);
  return row == nullptr ? std::string_view{} : row->provider;
}

}  // namespace netrun::llm
