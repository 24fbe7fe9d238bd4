// SPDX-License-Identifier: MIT
// Many threads record, query, export and reconfigure at once: nothing is lost, nothing is counted
// twice.
#include "support/calls.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

/// Slow suites run at a tenth of their length unless NETRUN_LLM_FULL is set.
std::uint64_t scaled(std::uint64_t full) {
  return std::getenv("NETRUN_LLM_FULL") != nullptr ? full : full / 10;
}

/// A check on any thread: Catch2's own may be used on the main one only.
void must(bool holds, char const* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

void run_threads(int count, std::function<void(int)> const& body) {
  std::vector<std::thread> threads;
  for (int t = 0; t < count; ++t) threads.emplace_back(body, t);
  for (auto& thread : threads) thread.join();
}

/// Tracks a call whose tokens say which thread made it and in which order.
void track_numbered(TelemetryCollector& collector, int thread, std::uint64_t number) {
  auto tracker = collector.track_request("openai", thread % 2 == 0 ? "gpt-4o" : "o3",
                                         "t" + std::to_string(thread));
  tracker.set_tokens(number, thread);
  tracker.set_cost(Usd::parse("0.001"));
}

/// Every condition that must hold within one answer.
void check_consistent(AggregatedMetrics const& stats) {
  std::uint64_t by_provider = 0;
  std::uint64_t by_model = 0;
  std::uint64_t by_tenant = 0;
  for (auto const& [name, figures] : stats.by_provider) by_provider += figures.requests;
  for (auto const& [name, figures] : stats.by_model) by_model += figures.requests;
  for (auto const& [name, figures] : stats.by_tenant) by_tenant += figures.requests;
  bool const sums_agree = by_provider == stats.total_requests && by_model == stats.total_requests &&
                          by_tenant == stats.total_requests &&
                          stats.successful_requests + stats.failed_requests == stats.total_requests;
  bool const money_agrees =
      stats.total_cost == Usd::parse("0.001") * static_cast<std::int64_t>(stats.total_requests);
  must(sums_agree && money_agrees, "an answer is consistent in itself");
}

}  // namespace

TEST_CASE("recording: 8 threads with queries and a callback lose and double nothing") {
  constexpr int threads = 8;
  auto const each = scaled(400'000);
  std::atomic<std::uint64_t> exported{0};
  TelemetryCollector collector(
      {.max_history = 5'000, .export_callback = [&](auto const&) { ++exported; }});
  std::atomic<bool> stop{false};
  std::thread querying([&] {
    std::uint64_t last = 0;
    while (!stop) {
      auto const stats = collector.get_stats(StatsQuery{});
      check_consistent(stats);
      must(stats.total_requests >= last, "a total only grows");
      last = stats.total_requests;
    }
  });
  run_threads(threads, [&](int t) {
    for (std::uint64_t i = 0; i < each; ++i) track_numbered(collector, t, i);
  });
  stop = true;
  querying.join();
  auto const stats = collector.get_stats(StatsQuery{});
  check_consistent(stats);
  CHECK(stats.total_requests == threads * each);
  for (int t = 0; t < threads; ++t)
    CHECK(stats.by_tenant.at("t" + std::to_string(t)).requests == each);
  REQUIRE(collector.flush(60s));
  auto const d = collector.diagnostics();
  CHECK(d.recorded == threads * each);
  CHECK(d.lost_records == 0);
  CHECK(d.readers[0].delivered == exported);
  CHECK(d.readers[0].delivered + d.readers[0].dropped == d.recorded);
  CHECK(d.readers[0].pending == 0);
}

TEST_CASE(
    "get_stats: a period holds all that was recorded before though the ring turns over meanwhile") {
  TelemetryCollector collector({.max_history = 1});
  std::atomic<bool> stop{false};
  std::thread querying([&] {
    std::uint64_t last = 0;
    while (!stop) {
      auto const total = collector.get_stats("1h").total_requests;
      must(total >= last, "a total over a period only grows");
      last = total;
    }
  });
  run_threads(3, [&](int t) {
    for (std::uint64_t i = 0; i < scaled(1'000'000); ++i) track_numbered(collector, t, i);
  });
  stop = true;
  querying.join();
  CHECK(collector.get_stats("1h").total_requests == 3 * scaled(1'000'000));
}

TEST_CASE("recording: conservation of a reader holds at every moment") {
  TelemetryCollector collector({.max_history = 100, .export_callback = [](auto const&) {}});
  std::atomic<bool> stop{false};
  std::thread watching([&] {
    while (!stop) {
      auto const d = collector.diagnostics();
      auto const& r = d.readers[0];
      must(r.delivered + r.dropped + r.pending >= d.recorded, "a reader accounts for every record");
    }
  });
  run_threads(2, [&](int t) {
    for (std::uint64_t i = 0; i < scaled(300'000); ++i) track_numbered(collector, t, i);
  });
  stop = true;
  watching.join();
}

TEST_CASE("snapshot: holds exactly the last calls when one thread is much busier than the others") {
  constexpr std::size_t kept = 2'048;
  TelemetryCollector collector({.max_history = kept});
  // A slow thread records one call for every few thousand of the fast ones, so its chunk stays open
  // long.
  std::atomic<std::uint64_t> fast_calls{0};
  run_threads(4, [&](int t) {
    if (t == 0) {
      for (std::uint64_t i = 0; i < 200; ++i) {
        auto const wait_for = i * scaled(10'000) / 10;
        while (fast_calls < wait_for) std::this_thread::yield();
        track_numbered(collector, t, i);
      }
      return;
    }
    for (std::uint64_t i = 0; i < scaled(700'000); ++i) {
      track_numbered(collector, t, i);
      ++fast_calls;
    }
  });
  auto const calls = collector.snapshot();
  REQUIRE(calls.size() == kept);
  // Each thread's calls must be its last ones without a gap.
  std::map<std::uint64_t, std::vector<std::uint64_t>> numbers;
  for (auto const& call : calls) numbers[call.output_tokens].push_back(call.input_tokens);
  for (auto const& [thread, own] : numbers) {
    auto const last = thread == 0 ? 199 : scaled(700'000) - 1;
    CHECK(own.back() == last);
    bool gapless = true;
    for (std::size_t i = 1; i < own.size(); ++i) gapless &= own[i] == own[i - 1] + 1;
    CHECK(gapless);
  }
}

TEST_CASE("snapshot: is in order of completion and without doubles while others record") {
  TelemetryCollector collector({.max_history = 1'000});
  std::atomic<bool> stop{false};
  std::thread reading([&] {
    while (!stop) {
      std::map<std::uint64_t, std::uint64_t> last;
      auto const calls = collector.snapshot();
      must(calls.size() <= 1'000, "no more than max_history");
      for (auto const& call : calls) {
        auto const [known, is_new] = last.try_emplace(call.output_tokens, call.input_tokens);
        must(is_new || call.input_tokens > known->second, "order of completion");
        known->second = call.input_tokens;
        must(call.tenant_id == "t" + std::to_string(call.output_tokens), "a record is whole");
      }
    }
  });
  run_threads(3, [&](int t) {
    for (std::uint64_t i = 0; i < scaled(300'000); ++i) track_numbered(collector, t, i);
  });
  stop = true;
  reading.join();
}

TEST_CASE("callback: gets the calls of each thread in their order and each once") {
  std::map<std::uint64_t, std::uint64_t> last;
  std::uint64_t wrong = 0;
  TelemetryCollector collector(
      {.max_history = 100'000, .export_callback = [&](LLMRequestMetrics const& call) {
         auto const [known, is_new] = last.try_emplace(call.output_tokens, call.input_tokens);
         if (!is_new && call.input_tokens <= known->second) ++wrong;
         known->second = call.input_tokens;
       }});
  run_threads(4, [&](int t) {
    for (std::uint64_t i = 0; i < scaled(100'000); ++i) track_numbered(collector, t, i);
  });
  REQUIRE(collector.flush(60s));
  CHECK(wrong == 0);
  CHECK(collector.diagnostics().readers[0].delivered == 4 * scaled(100'000));
}

TEST_CASE("tracker: threads may finish calls while their collector goes away") {
  for (std::uint64_t round = 0; round < scaled(500); ++round) {
    auto collector = std::make_unique<TelemetryCollector>();
    std::vector<RequestTracker> trackers;
    for (int i = 0; i < 64; ++i)
      trackers.push_back(collector->track_request("openai", "gpt-4o", "acme"));
    std::thread finishing([&] { trackers.clear(); });
    collector.reset();
    finishing.join();
    TelemetryCollector const next;
    REQUIRE(next.size() == 0);
  }
}

TEST_CASE("configure_telemetry: the size may change while threads record and query") {
  auto& collector = configure_telemetry({.max_history = 1'000});
  collector.clear();
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> recorded{0};
  std::thread configuring([&] {
    for (std::size_t i = 0; !stop; ++i) {
      configure_telemetry({.max_history = i % 2 == 0 ? 40'000U : 100U});
      must(collector.snapshot().size() <= 40'000, "no more than max_history");
    }
  });
  std::thread querying([&] {
    std::uint64_t last = 0;
    while (!stop) {
      auto const total = collector.get_stats(StatsQuery{}).total_requests;
      must(total >= last, "a total only grows");
      last = total;
    }
  });
  run_threads(2, [&](int t) {
    for (std::uint64_t i = 0; i < scaled(300'000); ++i) {
      track_numbered(collector, t, i);
      ++recorded;
    }
  });
  stop = true;
  configuring.join();
  querying.join();
  CHECK(collector.get_stats(StatsQuery{}).total_requests == recorded);
  configure_telemetry({});
}

TEST_CASE(
    "names: threads that bring new tenants and models all the time keep totals and names right") {
  TelemetryCollector collector({.max_history = 500, .max_models = 200, .max_tenants = 3'000});
  std::atomic<bool> stop{false};
  std::thread reading([&] {
    while (!stop) {
      for (auto const& call : collector.snapshot()) {
        must(call.tenant_id == "tenant-" + std::to_string(call.input_tokens),
             "a tenant's own name");
        must(call.model == "model-" + std::to_string(call.input_tokens % 300),
             "a model's own name");
      }
    }
  });
  auto const each = scaled(200'000);
  run_threads(3, [&](int t) {
    for (std::uint64_t i = 0; i < each; ++i) {
      auto const number = static_cast<std::uint64_t>(t) * each + i;
      auto tracker = collector.track_request("p", "model-" + std::to_string(number % 300),
                                             "tenant-" + std::to_string(number));
      tracker.set_tokens(number, 0);
      tracker.set_tag("number", std::to_string(number));
    }
  });
  stop = true;
  reading.join();
  auto const stats = collector.get_stats(StatsQuery{});
  CHECK(stats.total_requests == 3 * each);
  std::uint64_t by_tenant = 0;
  for (auto const& [name, figures] : stats.by_tenant) by_tenant += figures.requests;
  CHECK(by_tenant == stats.total_requests);
}

TEST_CASE("callbacks: may be added and removed while threads record") {
  TelemetryCollector collector;
  std::atomic<bool> stop{false};
  std::thread changing([&] {
    while (!stop) {
      auto const alive = std::make_shared<std::atomic<int>>(1);
      auto handle = collector.add_export_callback([alive](auto const&) {
        if (*alive != 1) std::abort();
      });
      std::this_thread::yield();
      handle.remove();
      *alive = 0;
    }
  });
  run_threads(2, [&](int t) {
    for (std::uint64_t i = 0; i < scaled(300'000); ++i) track_numbered(collector, t, i);
  });
  stop = true;
  changing.join();
  CHECK(collector.flush(10s));
}
