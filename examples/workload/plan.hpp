// SPDX-License-Identifier: MIT
// What the trace does not say about its requests: model, tenant and outcome of each.
#pragma once

#include "local_provider/simulation.hpp"
#include "workload/trace.hpp"
#include <netrun/llm/telemetry.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace workload {

/// A model, with the speed and the habits that it is simulated with.
struct Model {
  std::string provider, name;
  double chat_weight = 1, code_weight = 1;  ///< Share of the traffic of each kind.
  local_provider::Pace pace{};
  double reasoning = 0;     ///< Reasoning tokens for each visible one, on average.
  double cache_reads = 0;   ///< Share of the longer calls that find their prefix cached.
  double cache_writes = 0;  ///< Share of the longer calls that write theirs.
};

/// One call as it is going to be.
struct Call {
  nanoseconds at{};
  Kind kind = Kind::conversation;
  Model const* model = nullptr;
  char const* tenant = nullptr;
  std::string user{};
  bool from_own_cache = false;  ///< Then nobody is asked.
  nanoseconds own_cache_time{};
  local_provider::Outcome outcome = local_provider::Outcome::answered;
  bool streaming = false;
  local_provider::Tokens tokens{};  ///< Of a complete answer, whatever the outcome.
};

/// The models that the provider on this machine is asked for.
[[nodiscard]] std::span<Model const> simulated_models();
[[nodiscard]] std::map<std::string, local_provider::Pace, std::less<>> paces_of(
    std::span<Model const> models);

/// Draws the rest of each request. The same seed gives the same plan. `models` must outlive it.
[[nodiscard]] std::vector<Call> plan_calls(std::span<Request const> requests,
                                           std::span<Model const> models, std::uint64_t seed);

}  // namespace workload
