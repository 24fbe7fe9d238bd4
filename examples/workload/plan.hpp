// SPDX-License-Identifier: MIT
// What the trace does not say about its requests: model, tenant, outcome and latency of each.
#pragma once

#include "workload/trace.hpp"
#include <netrun/llm/telemetry.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace workload {

/// A model, with the speed and the habits that it is simulated with.
struct Model {
  char const* provider;
  char const* name;
  double chat_weight, code_weight;     ///< Share of the traffic of each kind.
  double overhead_ms;                  ///< Network and queue.
  double prefill_per_s, decode_per_s;  ///< Tokens a second, in and out.
  double reasoning = 0;                ///< Reasoning tokens for each visible one, on average.
  double cache_reads = 0;              ///< Share of the longer calls that find their prefix cached.
  double cache_writes = 0;             ///< Share of the longer calls that write theirs.
};

enum class Outcome : std::uint8_t {
  answered,
  from_own_cache,
  rate_limited,
  timed_out,
  filtered,
  connection_lost,  ///< An exception of the client.
};

/// All that happens to one call; the replay only carries it out.
struct Call {
  nanoseconds at{};
  Kind kind = Kind::conversation;
  Model const* model = nullptr;
  char const* tenant = nullptr;
  std::string user{};
  Outcome outcome = Outcome::answered;
  bool streaming = false;
  netrun::llm::TokenUsage usage{};  ///< Of an answer by the model, whatever the outcome.
  nanoseconds first_token{}, latency{};
};

/// Draws the rest of each request. The same seed gives the same plan.
[[nodiscard]] std::vector<Call> plan_calls(std::span<Request const> requests, std::uint64_t seed);

}  // namespace workload
