// SPDX-License-Identifier: MIT
// The calls that the benchmarks make.
#pragma once

#include <netrun/llm/telemetry.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace netrun::llm::benchmarks {

/// 512 calls over 12 models, 40 tenants and 500 users, in a shuffled order that is always the same.
struct Workload {
  struct Call {
    std::string provider, model, tenant, user;
  };
  std::vector<Call> calls;

  Workload() {
    constexpr char const* models[][2] = {{"openai", "gpt-4o"},
                                         {"openai", "gpt-4o-mini"},
                                         {"openai", "gpt-5.1"},
                                         {"openai", "o3"},
                                         {"anthropic", "claude-sonnet-4-5-20250929"},
                                         {"anthropic", "claude-opus-4-1"},
                                         {"anthropic", "claude-haiku-4-5"},
                                         {"google", "gemini-2.5-pro"},
                                         {"google", "gemini-2.5-flash"},
                                         {"mistral", "mistral-large-latest"},
                                         {"deepseek", "deepseek-chat"},
                                         {"ollama", "llama3.3"}};
    std::uint64_t state = 42;
    auto const draw = [&](std::uint64_t below) {
      state = state * 6364136223846793005U + 1442695040888963407U;
      return (state >> 33) % below;
    };
    for (int i = 0; i < 512; ++i) {
      auto const& model = models[draw(12)];
      calls.push_back({model[0], model[1], "tenant-" + std::to_string(100000 + draw(40)),
                       "user-" + std::to_string(10000000 + draw(500))});
    }
  }
};
inline Workload const& workload() {
  static Workload const all;
  return all;
}

inline void track(TelemetryCollector& collector, std::size_t i, bool with_user) {
  auto const& call = workload().calls[i % 512];
  auto tracker = collector.track_request({.provider = call.provider,
                                          .model = call.model,
                                          .tenant_id = call.tenant,
                                          .user_id = with_user ? NameView(call.user) : NameView()});
  tracker.set_tokens(1000 + i % 100, 200);
}

}  // namespace netrun::llm::benchmarks
