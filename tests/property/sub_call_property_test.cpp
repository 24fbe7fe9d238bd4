// SPDX-License-Identifier: MIT
// Sub-calls: however calls and sub-calls are mixed, no count and no money is lost or made.
#include "support/catch.hpp"
#include <netrun/llm/collector.hpp>

#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>

namespace netrun::llm {
namespace {

using Random = std::mt19937_64;

constexpr char const* models[] = {"gpt-4o", "gpt-4o-mini", "gpt-5.1", "o3"};

/// What is expected, by plain sums.
struct Expected {
  std::uint64_t calls = 0, sub_calls = 0, tokens = 0;
  Usd cost{};
  std::map<std::string, Usd, std::less<>> by_model{};

  void add(char const* model, TokenUsage const& usage) {
    auto const quote = PriceBook::builtin().price("openai", model, usage);
    tokens += usage.input_tokens + usage.output_tokens;
    cost += quote.cost;
    by_model[model] += quote.cost;
  }
};

TokenUsage random_usage(Random& random) {
  TokenUsage usage{.input_tokens = random() % 100'000, .output_tokens = random() % 5'000};
  if (random() % 3 == 0) usage.cache_read_tokens = usage.input_tokens / 2;
  if (random() % 4 == 0) usage.reasoning_tokens = usage.output_tokens / 3;
  return usage;
}

void track_one(TelemetryCollector& collector, Random& random, Expected& expected) {
  auto const* const model = models[random() % std::size(models)];
  auto tracker = collector.track_request("openai", model, "acme");
  auto const usage = random_usage(random);
  for (auto subs = random() % 4; subs > 0; --subs) {
    auto const* const own = random() % 2 == 0 ? models[random() % std::size(models)] : nullptr;
    auto const own_usage = random_usage(random);
    tracker.record_sub_call({.model = own, .kind = "step", .usage = own_usage});
    ++expected.sub_calls;
    expected.add(own != nullptr ? own : model, own_usage);
  }
  tracker.set_usage(usage);
  ++expected.calls;
  expected.add(model, usage);
}

TEST_CASE("sub-calls: counts and money are those of calls and sub-calls together",
          "[property][sub_calls]") {
  constexpr std::uint64_t seed = 211;
  INFO("seed " << seed);
  Random random(seed);
  TelemetryCollector collector({.max_history = 500});  // most of them leave the ring
  Expected expected;
  for (int i = 0; i < 5'000; ++i) track_one(collector, random, expected);
  auto const stats = collector.get_stats(StatsQuery{});
  CHECK(stats.total_requests == expected.calls + expected.sub_calls);
  CHECK(stats.successful_requests == stats.total_requests);
  CHECK(stats.total_input_tokens + stats.total_output_tokens == expected.tokens);
  CHECK(stats.total_cost == expected.cost);
  CHECK(stats.by_tenant.at("acme").requests == stats.total_requests);
  for (auto const& [model, cost] : expected.by_model) {
    CHECK(stats.by_model.at(model).exact_cost == cost);
  }
}

TEST_CASE("sub-calls: each leads to its call, which has no parent", "[property][sub_calls]") {
  constexpr std::uint64_t seed = 212;
  INFO("seed " << seed);
  Random random(seed);
  TelemetryCollector collector({.max_history = 10'000});
  Expected expected;
  for (int i = 0; i < 500; ++i) track_one(collector, random, expected);
  auto const calls = collector.snapshot();
  REQUIRE(calls.size() == expected.calls + expected.sub_calls);
  std::set<std::string> ids;
  std::set<std::string> roots;
  std::uint64_t sub_calls = 0;
  for (auto const& call : calls) {
    ids.insert(call.request_id);
    if (!call.parent_request_id) roots.insert(call.request_id);
  }
  for (auto const& call : calls) {
    if (!call.parent_request_id) continue;
    ++sub_calls;
    REQUIRE(roots.contains(*call.parent_request_id));
  }
  CHECK(ids.size() == calls.size());
  CHECK(roots.size() == expected.calls);
  CHECK(sub_calls == expected.sub_calls);
}

}  // namespace
}  // namespace netrun::llm
