// SPDX-License-Identifier: MIT
// Finished calls and questions about them, drawn at random.
#pragma once

#include <netrun/llm/metrics.hpp>
#include <netrun/llm/query.hpp>

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>

namespace netrun::llm::testing {

using Random = std::mt19937_64;

/// True once in `times`.
inline bool one_in(Random& random, std::uint64_t times) { return random() % times == 0; }
/// From 1 to `most`, each power of ten as likely as any other.
std::int64_t any_size(Random& random, std::int64_t most);

/// Out of how many names those of a call are drawn.
struct Names {
  std::size_t tenants = 8, models = 6, users = 5;
};

/// A call with any kind of tokens, outcome and cost; its time stamp is the caller's business.
LLMRequestMetrics random_call(Random& random, Names const& names);

/// Conditions of a query by value, for a query has views only.
struct Conditions {
  std::string tenant, provider, model, user, endpoint;
  std::optional<std::pair<std::string, std::string>> tag;

  void apply_to(StatsQuery& query) const;
  [[nodiscard]] std::string describe() const;
};
Conditions random_conditions(Random& random, Names const& names);

}  // namespace netrun::llm::testing
