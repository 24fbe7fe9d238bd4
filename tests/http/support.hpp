// SPDX-License-Identifier: MIT
// A provider on this machine, and calls of the chat client to it.
#pragma once

#include "chat/client.hpp"
#include "local_provider/provider.hpp"
#include <netrun/llm/telemetry.hpp>

#include <stdexcept>
#include <utility>

namespace netrun::llm::testing {

/// Answers a thousand times as fast as a real one.
inline local_provider::Options quick() { return {.connections = 8, .speed = 1'000}; }

inline chat::Endpoint endpoint_of(local_provider::LocalProvider const& provider,
                                  chat::Protocol protocol) {
  bool const anthropic = protocol == chat::Protocol::anthropic;
  return chat::make_endpoint(
      protocol, anthropic ? provider.anthropic_base_url() : provider.openai_base_url(), "key");
}

inline char const* model_of(chat::Protocol protocol) {
  return protocol == chat::Protocol::anthropic ? "claude-sonnet-4-5" : "gpt-4o";
}

/// A request that says what becomes of it.
inline chat::Request request_of(local_provider::Tokens const& tokens,
                                local_provider::Outcome outcome, bool stream) {
  return {.prompt = "Hello",
          .stream = stream,
          .headers = {local_provider::simulation_header(tokens, outcome)}};
}

/// One call, and its record.
struct Call {
  chat::Answer answer;
  LLMRequestMetrics record;
};
inline Call make_call(local_provider::LocalProvider const& provider, chat::Protocol protocol,
                      chat::Request const& request, chat::Limits limits = {}) {
  TelemetryCollector collector;
  chat::Client client(collector, limits);
  auto answer = client.ask(endpoint_of(provider, protocol),
                           {.model = model_of(protocol), .tenant_id = "acme"}, request);
  auto records = collector.snapshot();
  if (records.size() != 1) throw std::logic_error("one call gave not one record");
  return {std::move(answer), std::move(records.front())};
}

}  // namespace netrun::llm::testing
