// SPDX-License-Identifier: MIT
// The memory that the history takes, whatever names come by.
#include "support/calls.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include <unistd.h>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool has_own_allocator = true;
#else
constexpr bool has_own_allocator = false;
#endif

/// Ten million with tests/run --full.
std::uint64_t calls_to_make() {
  return std::getenv("NETRUN_LLM_FULL") != nullptr ? 10'000'000 : 150'000;
}

std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  file >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// Calls of 2,000 tenants, 100,000 users, 50 models and, every tenth, one of a million others.
class Flood {
 public:
  LLMRequestMetrics next() {
    auto const model = random_() % 50;
    bool const is_junk = random_() % 10 == 0;
    auto call = finished_call("provider-" + std::to_string(model % 7),
                              is_junk ? "junk-" + std::to_string(random_() % 1'000'000)
                                      : "model-" + std::to_string(model),
                              "tenant-" + std::to_string(random_() % 2'000), latency_(random_),
                              0.000'001 * static_cast<double>(random_() % 1'000));
    call.user_id = "user-" + std::to_string(random_() % 100'000);
    if (random_() % 2 == 0) call.time_to_first_token_ms = call.latency_ms / 4;
    return call;
  }

 private:
  std::mt19937_64 random_{64};
  std::lognormal_distribution<double> latency_{7, 0.8};
};

void require_bound(TelemetryCollector const& collector, std::uint64_t history_memory) {
  auto const memory = collector.memory_usage();
  REQUIRE(memory.history <= history_memory);
  REQUIRE(memory.total <= memory.limit);
}

}  // namespace

TEST_CASE("memory: a flood of names over 35 days stays within the bound and loses nothing") {
  constexpr std::uint64_t history_memory = std::uint64_t{32} << 20;
  auto const calls = calls_to_make();
  ManualTime time;
  auto const before = resident_bytes();
  TelemetryCollector collector(
      {.time_source = &time, .history_memory = history_memory, .history_users = true});
  Flood flood;
  Usd cost;
  for (std::uint64_t i = 0; i < calls; ++i) {
    time.advance(std::chrono::nanoseconds(34 * 24h) / static_cast<std::int64_t>(calls));
    auto call = flood.next();
    call.timestamp = time.now();
    cost += Usd::from_picos(static_cast<std::int64_t>(call.cost_usd * 1e12 + 0.5));
    collector.record(call);
    if (i % 10'000 == 0) require_bound(collector, history_memory);
  }
  require_bound(collector, history_memory);
  auto const stats = collector.get_stats("35d");
  CHECK(stats.total_requests == calls);
  CHECK(stats.total_cost == cost);
  if (has_own_allocator) return;
  // What the allocator wastes between blocks is not ours to count: a quarter of it all, at most.
  CHECK(resident_bytes() - before < collector.memory_usage().limit * 5 / 4);
}

TEST_CASE("memory: the newest of 100,000 tenants in one hour are told apart") {
  ManualTime time;
  TelemetryCollector collector({.max_history = 100, .time_source = &time});
  constexpr int tenants = 100'000;
  for (int i = 0; i < tenants; ++i) {
    time.advance(36ms);
    auto call = finished_call("openai", "gpt-4o", "tenant-" + std::to_string(i), 100, 0.5);
    call.timestamp = time.now();
    collector.record(call);
  }
  // Out of the ring with them.
  for (int i = 0; i < 20'000; ++i) {
    auto call = finished_call("openai", "gpt-4o", "filler", 100, 0);
    call.timestamp = time.now();
    collector.record(call);
  }
  for (int i = tenants - 1'000; i < tenants; ++i) {
    auto const stats = collector.get_tenant_stats("tenant-" + std::to_string(i), "24h");
    REQUIRE(stats.requests.total == 1);
    REQUIRE(stats.cost.total_cost_usd == 0.5);
  }
  auto const all = collector.get_stats("24h");
  CHECK(all.total_requests == tenants + 20'000);
  CHECK(all.by_tenant.at("other").requests > 0);
  std::uint64_t sum = 0;
  for (auto const& [name, tenant] : all.by_tenant) sum += tenant.requests;
  CHECK(sum == all.total_requests);
}

TEST_CASE("memory: prune gives back what the history held") {
  ManualTime time;
  TelemetryCollector collector({.max_history = 100, .time_source = &time});
  Flood flood;
  for (int i = 0; i < 100'000; ++i) {
    time.advance(10s);
    auto call = flood.next();
    call.timestamp = time.now();
    collector.record(call);
  }
  auto const full = collector.memory_usage().history;
  auto const resident = resident_bytes();
  time.advance(1h);
  CHECK(collector.prune("10m") == 100'000);
  CHECK(collector.get_stats(StatsQuery{}).total_requests == 0);
  auto const memory = collector.memory_usage();
  CHECK(memory.history < full / 4);
  if (has_own_allocator) return;
  CHECK(resident_bytes() + (full - memory.history) / 2 < resident);
}
