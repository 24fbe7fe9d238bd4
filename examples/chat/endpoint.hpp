// SPDX-License-Identifier: MIT
// Where chat requests go, and which interface is spoken there.
#pragma once

#include <netrun/llm/api.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace chat {

/// The interface that is spoken: OpenAI's chat completions, which many servers understand, or
/// Anthropic's messages.
enum class Protocol : std::uint8_t { openai, anthropic };

/// Where requests go.
struct Endpoint {
  Protocol protocol = Protocol::openai;
  std::string url;  ///< Complete: "https://api.openai.com/v1/chat/completions".
  std::string key;  ///< May be empty, for a server of one's own.
  /// Whose responses they are; decides what their counts mean.
  netrun::llm::Api api = netrun::llm::Api::openai_chat;
};

/// The endpoint below a base URL as the official clients take it: OpenAI's with "/v1", Anthropic's
/// without. Throws std::invalid_argument for a key with a control character, which would end its
/// header or begin another; the message does not have the key.
[[nodiscard]] Endpoint make_endpoint(Protocol protocol, std::string base_url, std::string key);
/// From OPENAI_BASE_URL and OPENAI_API_KEY, or ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY; without
/// base URL the official one. Throws as make_endpoint.
[[nodiscard]] Endpoint endpoint_from_environment(Protocol protocol);
/// That of which a base URL is set, else that of which a key is; absent without either.
[[nodiscard]] std::optional<Protocol> protocol_from_environment();

}  // namespace chat
