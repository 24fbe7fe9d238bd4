// SPDX-License-Identifier: MIT
// Where money and time go, and what would have cost less.
//
// Output:
//   === Cost optimisation report, last 7d ===
//   $2.1731 for 343 requests
//     3 calls without a price are not in it
//   Dearest models:
//     openai gpt-4o: $1.6031 (73.8 %), 300 requests, $0.005344 each
//       75.0 % of its input came from the prompt cache
//       gpt-4o-mini lists 16.7 times cheaper: about $1.5069 less for the same tokens
//       gpt-4.1 lists 1.5 times cheaper: about $0.5344 less for the same tokens
//     anthropic claude-opus-4-1: $0.5700 (26.2 %), 40 requests, $0.0142 each
//       claude-opus-4-8 lists 3.0 times cheaper: about $0.3800 less for the same tokens
//       claude-opus-5-5 lists 3.8 times cheaper: about $0.4180 less for the same tokens
//   Latency: p50 900 ms, p95 2600 ms, p99 2600 ms
//     p95 is high: consider caching, or working in parallel
//   Errors: 4.96 %
//     rate_limit: 17
#include <netrun/llm/report.hpp>
#include <netrun/llm/telemetry.hpp>

#include <array>
#include <chrono>

using namespace netrun::llm;
using std::chrono::milliseconds;

namespace {

struct Kind {
  char const *provider, *model;
  int calls;
  TokenUsage usage;
  milliseconds latency;
};
constexpr std::array kinds{
    Kind{"anthropic",
         "claude-opus-4-1",
         40,
         {.input_tokens = 500, .output_tokens = 100},
         milliseconds(2'600)},
    Kind{"openai",
         "gpt-4o",
         300,
         {.input_tokens = 2'000, .output_tokens = 250, .cache_read_tokens = 1'500},
         milliseconds(900)},
    Kind{"openai", "our-finetune", 3, {.input_tokens = 900, .output_tokens = 90}, milliseconds(70)},
};

}  // namespace

int main() {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  for (auto const& kind : kinds) {
    for (int i = 1; i <= kind.calls; ++i) {
      auto tracker = collector.track_request(kind.provider, kind.model, "acme");
      time.advance(kind.latency);
      if (i % 20 == 0) tracker.set_error("rate_limit", "429 Too Many Requests");
      if (i % 20 != 0) tracker.set_usage(kind.usage);
    }
  }

  OptimizationReport const report = make_optimization_report(
      collector, "7d", {.most_models = 2, .most_alternatives = 2, .high_latency_ms = 2'000});
  print(report);  // or go through report.dearest_models yourself
}
