// SPDX-License-Identifier: MIT
// What the address of a request says: the interface and the model.
//
// The path says what the response looks like, the host whose habits it has: most providers have
// paths of others, and gateways and servers of one's own have any host.
#include "usage/letters.hpp"
#include "usage/url.hpp"
#include <netrun/llm/api.hpp>

#include <cstdint>

namespace netrun::llm {
namespace {

using detail::Url;

constexpr auto npos = std::string_view::npos;

/// Whose habits a host has, where they differ from the plain ones of its paths.
enum class Service : std::uint8_t {
  any,
  azure,
  azure_ai,
  gemini,
  vertex,
  mistral,
  cohere,
  deepseek,
  xai,
  groq,
  together,
  fireworks,
  openrouter,
  perplexity,
  cerebras,
  ollama,
};

struct HostRow {
  std::string_view domain;
  Service service;
};

constexpr HostRow hosts[] = {
    {"openai.azure.com", Service::azure},
    {"openai.azure.us", Service::azure},
    {"openai.azure.cn", Service::azure},
    {"cognitiveservices.azure.com", Service::azure},
    {"cognitiveservices.azure.us", Service::azure},
    {"cognitiveservices.azure.cn", Service::azure},
    {"services.ai.azure.com", Service::azure_ai},
    {"services.ai.azure.us", Service::azure_ai},
    {"models.ai.azure.com", Service::azure_ai},
    {"generativelanguage.googleapis.com", Service::gemini},
    {"aiplatform.googleapis.com", Service::vertex},
    {"mistral.ai", Service::mistral},
    {"api.cohere.com", Service::cohere},
    {"api.cohere.ai", Service::cohere},
    {"api.deepseek.com", Service::deepseek},
    {"api.x.ai", Service::xai},
    {"api.groq.com", Service::groq},
    {"api.together.xyz", Service::together},
    {"api.together.ai", Service::together},
    {"api.fireworks.ai", Service::fireworks},
    {"openrouter.ai", Service::openrouter},
    {"api.perplexity.ai", Service::perplexity},
    {"api.cerebras.ai", Service::cerebras},
    {"ollama.com", Service::ollama},
};

Service service_of(Url const& url) noexcept {
  constexpr std::string_view ollama_port = "11434";
  for (auto const& row : hosts) {
    if (detail::is_within(url.host, row.domain)) return row.service;
  }
  // "us-central1-aiplatform.googleapis.com", "aiplatform.eu.rep.googleapis.com"
  if (detail::ends_with(url.host, "-aiplatform.googleapis.com") ||
      (detail::starts_with(url.host, "aiplatform.") &&
       detail::is_within(url.host, "rep.googleapis.com"))) {
    return Service::vertex;
  }
  return url.port == ollama_port ? Service::ollama : Service::any;
}

struct PathRow {
  std::string_view segments;  ///< At the end of the path.
  Service service;            ///< any: of every host.
  Api api;
};

// The first row that fits counts: those of one service before those of all.
constexpr PathRow paths[] = {
    {"chat/completions", Service::azure, Api::azure_chat},
    {"completions", Service::azure, Api::azure_completions},
    {"responses", Service::azure, Api::azure_responses},
    {"embeddings", Service::azure, Api::azure_embeddings},
    {"chat/completions", Service::azure_ai, Api::azure_ai_chat},
    {"embeddings", Service::azure_ai, Api::azure_ai_embeddings},
    {"completions", Service::mistral, Api::mistral_chat},  // of fim and agents, too
    {"embeddings", Service::mistral, Api::mistral_embeddings},
    {"embed", Service::cohere, Api::cohere_embed},
    {"rerank", Service::cohere, Api::cohere_rerank},
    {"completions", Service::deepseek, Api::deepseek_chat},
    {"completions", Service::xai, Api::xai_chat},
    {"responses", Service::xai, Api::xai_responses},
    {"chat/completions", Service::groq, Api::groq_chat},
    {"responses", Service::groq, Api::groq_responses},
    {"chat/completions", Service::together, Api::together_chat},
    {"completions", Service::together, Api::together_completions},
    {"chat/completions", Service::fireworks, Api::fireworks_chat},
    {"completions", Service::fireworks, Api::fireworks_completions},
    {"completions", Service::openrouter, Api::openrouter_chat},
    {"responses", Service::openrouter, Api::openrouter_responses},
    {"chat/completions", Service::perplexity, Api::perplexity_chat},
    {"chat/completions", Service::cerebras, Api::cerebras_chat},
    {"api/embed", Service::ollama, Api::ollama_embed},
    {"api/embeddings", Service::ollama, Api::ollama_embed},
    {"completions", Service::ollama, Api::ollama_openai},
    {"embeddings", Service::ollama, Api::ollama_openai},

    {"chat/completions", Service::any, Api::openai_chat},
    {"completions", Service::any, Api::openai_completions},
    {"responses", Service::any, Api::openai_responses},
    {"embeddings", Service::any, Api::openai_embeddings},
    {"v1/messages", Service::any, Api::anthropic_messages},
    {"anthropic/messages", Service::any, Api::anthropic_messages},
    {"v2/chat", Service::any, Api::cohere_chat},
    {"v2/embed", Service::any, Api::cohere_embed},
    {"v2/rerank", Service::any, Api::cohere_rerank},
    {"api/chat", Service::any, Api::ollama_chat},
    {"api/generate", Service::any, Api::ollama_generate},
    {"api/embed", Service::any, Api::ollama_embed},
    {"completion", Service::any, Api::llamacpp_completion},
};

Api api_of_path(std::string_view path, Service service) noexcept {
  for (auto const& row : paths) {
    bool const concerned = row.service == Service::any || row.service == service;
    if (concerned && detail::ends_with_segments(path, row.segments)) return row.api;
  }
  return Api::automatic;
}

/// A response that is fetched again, as of a job in the background, or compacted, looks the same.
std::string_view without_response_id(std::string_view path) noexcept {
  auto const slash = path.rfind('/');
  if (slash == npos) return path;
  auto const before = path.substr(0, slash);
  auto const last = path.substr(slash + 1);
  bool const is_about_one = last.starts_with("resp_") || last == "compact";
  return is_about_one && detail::ends_with_segments(before, "responses") ? before : path;
}

/// Azure has its own models below /openai/, those of other vendors below /models/; gateways in
/// front of it keep its deployments.
Service azure_service_of(std::string_view path, Service by_host) noexcept {
  if (by_host == Service::any) {
    return detail::after_segments(path, "openai/deployments").empty() ? by_host : Service::azure;
  }
  if (by_host != Service::azure && by_host != Service::azure_ai) return by_host;
  if (!detail::after_segments(path, "openai").empty()) return Service::azure;
  return detail::after_segments(path, "models").empty() ? by_host : Service::azure_ai;
}

/// The end of a path such as "models/gemini-2.5-flash:generateContent".
struct Method {
  std::string_view before{}, name{};  ///< Both empty when there is no colon in the last segment.
};

Method method_of(std::string_view path) noexcept {
  constexpr std::string_view escaped_colon = "%3a";
  auto const slash = path.rfind('/');
  auto const first = slash == npos ? 0 : slash + 1;
  for (auto i = path.size(); i > first; --i) {
    auto const rest = path.substr(i - 1);
    if (rest.front() == ':') return {path.substr(0, i - 1), rest.substr(1)};
    if (detail::starts_with(rest, escaped_colon)) {
      return {path.substr(0, i - 1), rest.substr(escaped_colon.size())};
    }
  }
  return {};
}

/// Interfaces of Google, whose methods follow a colon.
Api api_of_method(Method const& method, Service service) noexcept {
  auto const is = [&](std::string_view name) { return detail::same_letters(method.name, name); };
  auto const publisher = detail::after_segments(method.before, "publishers");
  bool const is_vertex =
      service == Service::vertex ||
      (service != Service::gemini &&
       (!publisher.empty() || !detail::after_segments(method.before, "projects").empty()));
  if (is("generateContent") || is("streamGenerateContent")) {
    return is_vertex ? Api::vertex_generate : Api::gemini_generate;
  }
  if (is("embedContent") || is("batchEmbedContents")) {
    return is_vertex ? Api::vertex_embed : Api::gemini_embed;
  }
  // Other models than those for embeddings have no tokens in the answer to `predict`.
  if (is("predict") && is_vertex && detail::contains(publisher, "embed")) {
    return Api::vertex_embed;
  }
  if (is("rawPredict") || is("streamRawPredict")) {
    if (detail::starts_with(publisher, "anthropic/")) return Api::vertex_anthropic;
    if (detail::starts_with(publisher, "mistralai/")) return Api::mistral_chat;
  }
  return Api::automatic;
}

struct Operation {
  std::string_view name;
  Api api;
};

constexpr Operation bedrock_operations[] = {
    {"converse", Api::bedrock_converse},
    {"converse-stream", Api::bedrock_converse_stream},
    {"invoke", Api::bedrock_invoke},
    {"invoke-with-response-stream", Api::bedrock_invoke_stream},
};

/// Of Bedrock: "/model/ID/converse". An ARN may have slashes that nobody has escaped.
struct BedrockPath {
  Api api = Api::automatic;
  std::string_view model{};
};

BedrockPath bedrock_path(std::string_view path) noexcept {
  auto const rest = detail::after_segments(path, "model");
  auto const slash = rest.rfind('/');
  if (slash == npos || slash == 0) return {};
  for (auto const& operation : bedrock_operations) {
    if (detail::ends_with_segments(rest, operation.name)) {
      return {operation.api, rest.substr(0, slash)};
    }
  }
  return {};
}

/// The model in a path, with its percent signs.
std::string_view escaped_model(std::string_view path) noexcept {
  if (auto const bedrock = bedrock_path(path); !bedrock.model.empty()) return bedrock.model;
  if (auto const method = method_of(path); !method.name.empty()) {
    auto const slash = method.before.rfind('/');
    if (slash == npos) return {};
    auto const collection = method.before.substr(0, slash);
    if (detail::ends_with_segments(collection, "models")) return method.before.substr(slash + 1);
    constexpr std::string_view tuned = "tunedModels";  // which is part of the name
    if (detail::ends_with_segments(collection, tuned)) {
      return method.before.substr(slash - tuned.size());
    }
    return {};
  }
  auto const deployment = detail::after_segments(path, "openai/deployments");
  return deployment.substr(0, deployment.find('/'));
}

constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Takes the first byte of a text that is not empty; a percent sign that escapes nothing is one.
char next_byte(std::string_view& text) noexcept {
  char byte = text.front();
  if (byte == '%' && text.size() > 2) {
    int const high = hex_digit(text[1]);
    int const low = hex_digit(text[2]);
    if (high >= 0 && low >= 0) {
      byte = static_cast<char>(high * 16 + low);
      text.remove_prefix(2);
    }
  }
  text.remove_prefix(1);
  return byte;
}

bool continues_character(char byte) noexcept {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

}  // namespace

Api guess_api(std::string_view url) noexcept {
  auto const parts = detail::split_url(url);
  if (auto const bedrock = bedrock_path(parts.path); bedrock.api != Api::automatic) {
    return bedrock.api;
  }
  auto const service = azure_service_of(parts.path, service_of(parts));
  if (auto const method = method_of(parts.path); !method.name.empty()) {
    return api_of_method(method, service);
  }
  return api_of_path(without_response_id(parts.path), service);
}

std::string_view model_in_url(std::string_view url, std::array<char, 256>& buffer) noexcept {
  constexpr std::size_t most_bytes = 255;
  auto rest = escaped_model(detail::split_url(url).path);
  std::size_t size = 0;
  while (!rest.empty() && size < most_bytes) buffer[size++] = next_byte(rest);
  if (!rest.empty() && continues_character(next_byte(rest))) {
    // The bytes of the character that does not fit; no character has more than three before its
    // last.
    for (auto const least = size - 3; size > least;) {
      if (!continues_character(buffer[--size])) break;
    }
  }
  return {buffer.data(), size};
}

}  // namespace netrun::llm
