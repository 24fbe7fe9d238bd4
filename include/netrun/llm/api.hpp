// SPDX-License-Identifier: MIT
// The interfaces of providers whose responses can be read.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace netrun::llm {

/// Whose response it is, and of which of its interfaces: that decides what its counts mean. For a
/// service that is compatible with another, take the other's name (a gateway of your own that
/// speaks like OpenAI: openai_chat).
enum class Api : std::uint8_t {
  automatic,  ///< Guessed from the address of the request, else from the response itself.
  openai_chat,
  openai_completions,
  openai_responses,
  openai_embeddings,
  azure_chat,  ///< Azure OpenAI.
  azure_completions,
  azure_responses,
  azure_embeddings,
  azure_ai_chat,  ///< Azure AI (Foundry), models of other vendors too.
  azure_ai_embeddings,
  anthropic_messages,
  gemini_generate,  ///< generateContent and streamGenerateContent of the Gemini API.
  gemini_embed,
  vertex_generate,  ///< The same on Vertex AI.
  vertex_embed,
  vertex_anthropic,  ///< rawPredict and streamRawPredict of Claude on Vertex AI.
  bedrock_converse,
  bedrock_converse_stream,
  bedrock_invoke,  ///< InvokeModel; the body is the vendor's.
  bedrock_invoke_stream,
  mistral_chat,
  mistral_embeddings,
  cohere_chat,  ///< Version 2 of the interface, as the other two.
  cohere_embed,
  cohere_rerank,
  deepseek_chat,
  xai_chat,
  xai_responses,
  groq_chat,
  groq_responses,
  together_chat,
  together_completions,
  fireworks_chat,
  fireworks_completions,
  openrouter_chat,
  openrouter_responses,
  perplexity_chat,
  cerebras_chat,
  ollama_chat,          ///< /api/chat of Ollama itself.
  ollama_generate,      ///< /api/generate.
  ollama_embed,         ///< /api/embed.
  ollama_openai,        ///< Its OpenAI-compatible interface below /v1.
  llamacpp_chat,        ///< /v1/chat/completions of llama.cpp's server.
  llamacpp_completion,  ///< /completion.
  vllm_chat,
  vllm_completions,
  vllm_embeddings,
};

/// How many enumerators there are.
inline constexpr std::size_t api_count = static_cast<std::size_t>(Api::vllm_embeddings) + 1;

/// The name of an interface: "openai.chat", "bedrock.converse_stream", "cohere.v2chat"; "auto" of
/// automatic, and "unknown" of a number that is none.
[[nodiscard]] std::string_view to_string(Api api) noexcept;

/// The interface with this name; absent when there is none. Case does not matter; further names
/// that people use are understood ("llama.cpp.chat", "cohere.chat", "gemini").
[[nodiscard]] std::optional<Api> parse_api(std::string_view name) noexcept;

/// The provider as the price book names it: "openai", "aws.bedrock"; empty of automatic.
[[nodiscard]] std::string_view provider_of(Api api) noexcept;

/// The interface that the address of a request belongs to, by host, port and path; automatic when
/// they do not say. Query and fragment are not looked at.
///
/// Example:
///   guess_api("https://api.groq.com/openai/v1/chat/completions")  // Api::groq_chat
[[nodiscard]] Api guess_api(std::string_view url) noexcept;

/// The model that an address names, percent signs decoded: of Bedrock, Gemini and Vertex, and the
/// deployment of Azure OpenAI. Empty when it names none. At most 255 bytes are written to `buffer`,
/// which the result points into.
[[nodiscard]] std::string_view model_in_url(std::string_view url,
                                            std::array<char, 256>& buffer) noexcept;

}  // namespace netrun::llm
