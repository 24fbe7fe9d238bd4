// SPDX-License-Identifier: MIT
#include "chat/endpoint.hpp"

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace chat {
namespace {

namespace llm = netrun::llm;

std::string variable(char const* name) {
  char const* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool is_control(char c) {
  auto const byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7F;
}

}  // namespace

Endpoint make_endpoint(Protocol protocol, std::string base_url, std::string key) {
  if (std::any_of(key.begin(), key.end(), &is_control)) {
    throw std::invalid_argument("the API key has a control character, such as a line break");
  }
  while (base_url.ends_with('/')) base_url.pop_back();
  bool const anthropic = protocol == Protocol::anthropic;
  Endpoint endpoint{.protocol = protocol,
                    .url = base_url + (anthropic ? "/v1/messages" : "/chat/completions"),
                    .key = std::move(key)};
  // A base URL may be that of another service which speaks the same.
  endpoint.api = llm::guess_api(endpoint.url);
  if (endpoint.api == llm::Api::automatic) {
    endpoint.api = anthropic ? llm::Api::anthropic_messages : llm::Api::openai_chat;
  }
  return endpoint;
}

Endpoint endpoint_from_environment(Protocol protocol) {
  bool const anthropic = protocol == Protocol::anthropic;
  auto base_url = variable(anthropic ? "ANTHROPIC_BASE_URL" : "OPENAI_BASE_URL");
  if (base_url.empty()) {
    base_url = anthropic ? "https://api.anthropic.com" : "https://api.openai.com/v1";
  }
  return make_endpoint(protocol, std::move(base_url),
                       variable(anthropic ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY"));
}

std::optional<Protocol> protocol_from_environment() {
  for (char const* const end : {"_BASE_URL", "_API_KEY"}) {
    if (!variable((std::string("OPENAI") + end).c_str()).empty()) return Protocol::openai;
    if (!variable((std::string("ANTHROPIC") + end).c_str()).empty()) return Protocol::anthropic;
  }
  return std::nullopt;
}

}  // namespace chat
