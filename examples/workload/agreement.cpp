// SPDX-License-Identifier: MIT
#include "workload/agreement.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace workload {
namespace {

namespace llm = netrun::llm;

struct Comparison {
  std::string_view what;
  std::uint64_t provider, collector;
};

}  // namespace

bool print_agreement(llm::TelemetryCollector const& collector, local_provider::Counts const& sent,
                     Style const& style) {
  auto const stats = collector.get_stats(llm::StatsQuery{});
  auto const errors = [&](std::initializer_list<std::string_view> types) {
    std::uint64_t sum = 0;
    for (auto const type : types) {
      auto const found = stats.errors_by_type.find(type);
      if (found != stats.errors_by_type.end()) sum += found->second;
    }
    return sum;
  };
  auto const over_http = stats.total_requests - stats.cached_requests;
  Comparison const comparisons[] = {
      {"requests", sent.requests, over_http},
      {"answers", sent.answered, stats.successful_requests - stats.cached_requests},
      {"refusals with 429", sent.rate_limited, errors({"rate_limit_error"})},
      {"errors with 500", sent.server_errors, errors({"server_error", "api_error"})},
      {"cut answers", sent.cut, errors({"connection"})},
      // Also those that took too long for their clients, who went.
      {"answers that never came", sent.silent + sent.gone, errors({"timeout"})},
      {"tokens in", sent.told.input, stats.total_input_tokens},
      {"cached tokens", sent.told.cache_read, stats.total_cache_read_tokens},
      {"stored tokens", sent.told.cache_write, stats.total_cache_write_tokens},
      {"tokens out", sent.told.output, stats.total_output_tokens},
      {"reasoning tokens", sent.told.reasoning, stats.total_reasoning_tokens}};

  fmt::print("\n");
  fmt::print(style.heading, "OVER HTTP");
  fmt::print("\n  sent         {} requests to the provider on this machine\n", grouped(over_http));
  bool agrees = true;
  for (auto const& [what, provider, ours] : comparisons) {
    if (provider == ours) continue;
    agrees = false;
    fmt::print(style.warning, "  differs      {}: the provider counted {}, the collector has {}",
               what, grouped(provider), grouped(ours));
    fmt::print("\n");
  }
  if (agrees) {
    fmt::print("  agrees       requests, outcomes and tokens: what it sent is what was recorded\n");
  }
  return agrees;
}

}  // namespace workload
