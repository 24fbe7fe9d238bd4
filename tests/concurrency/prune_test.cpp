// SPDX-License-Identifier: MIT
// prune while calls are recorded, folded and asked about: each call is forgotten once.
#include "support/calls.hpp"
#include "support/catch.hpp"

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

TEST_CASE("prune: what it says it has forgotten while calls come in is all that there was") {
  constexpr int threads = 2, calls_each = 40'000;
  ManualTime time;
  TelemetryCollector collector({.max_history = 100, .time_source = &time});
  std::atomic<int> busy{threads};
  std::vector<std::thread> recorders;
  for (int i = 0; i < threads; ++i) {
    recorders.emplace_back([&] {
      auto call = finished_call("openai", "gpt-4o", "acme", 1, 1);
      call.timestamp = time.now() - 1h;
      for (int n = 0; n < calls_each; ++n) collector.record(call);
      busy.fetch_sub(1);
    });
  }
  std::uint64_t pruned = 0;
  while (busy.load() != 0) {
    pruned += collector.prune(time.now());
    static_cast<void>(collector.get_stats(StatsQuery{}));
  }
  for (auto& recorder : recorders) recorder.join();
  pruned += collector.prune(time.now());
  CHECK(pruned == collector.diagnostics().recorded);
  CHECK(collector.get_stats(StatsQuery{}).total_requests == 0);
  CHECK(collector.prune(time.now()) == 0);
}
