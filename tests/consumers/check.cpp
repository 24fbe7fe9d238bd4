// SPDX-License-Identifier: MIT
// What every consumer project builds: one recorded call must be counted and priced.
#include <netrun/llm/telemetry.hpp>

#include <cstdio>

int main() {
  auto& collector = netrun::llm::get_collector();
  {
    auto tracker = collector.track_request("openai", "gpt-4o", "acme");
    tracker.set_tokens(1000, 500);
  }
  auto const stats = collector.get_stats("1h");
  std::printf("%llu request, %.6f USD\n", static_cast<unsigned long long>(stats.total_requests),
              stats.total_cost_usd);
  return stats.total_requests == 1 && stats.total_cost_usd > 0 ? 0 : 1;
}
