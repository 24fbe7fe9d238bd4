// SPDX-License-Identifier: MIT
// What leaves the ring is folded into cells: totals stay right, edges are stated.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/series.hpp"

#include <random>
#include <string>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

TEST_CASE("history: totals over 30 days are right when most calls have left the ring") {
  TelemetryCollector collector({.max_history = 100});
  std::mt19937_64 random(7);
  Usd cost;
  std::uint64_t tokens = 0;
  std::uint64_t failed = 0;
  char const* const tenants[] = {"a", "b", "c"};
  for (int i = 0; i < 50'000; ++i) {
    LLMRequestMetrics call;
    call.provider = "openai";
    call.model = i % 3 == 0 ? "gpt-4o" : "gpt-4o-mini";
    call.tenant_id = tenants[random() % 3];
    call.input_tokens = random() % 100'000;
    call.output_tokens = random() % 10'000;
    call.success = random() % 10 != 0;
    if (!call.success) call.error_type = random() % 2 == 0 ? "timeout" : "rate_limit";
    auto const rate = i % 3 == 0 ? Usd::parse("0.0000025") : Usd::parse("0.00000015");
    cost += rate * static_cast<std::int64_t>(call.input_tokens);
    cost += rate * 4 * static_cast<std::int64_t>(call.output_tokens);
    tokens += call.input_tokens + call.output_tokens;
    failed += call.success ? 0U : 1U;
    collector.record(call);
  }
  auto const fillers = push_out(collector, Clock::now());
  auto const stats = collector.get_stats("30d");
  CHECK(stats.total_requests == 50'000 + fillers);
  CHECK(stats.total_input_tokens + stats.total_output_tokens == tokens);
  CHECK(stats.total_cost == cost);
  CHECK(stats.failed_requests == failed);
  CHECK(stats.errors_by_type.at("timeout") + stats.errors_by_type.at("rate_limit") == failed);
  CHECK_FALSE(stats.percentiles_exact);
  CHECK(stats.by_tenant.size() == 4);
  CHECK(collector.size() == 100);
  CHECK(collector.diagnostics().folded >= 50'000);
}

TEST_CASE("history: breakdowns of ring and cells are one") {
  TelemetryCollector collector({.max_history = 100});
  for (int i = 0; i < 30'000; ++i) {
    collector.record(
        finished_call("openai", i % 2 == 0 ? "a" : "b", i % 4 == 0 ? "x" : "y", 10, 0.5));
  }
  auto const stats = collector.get_stats(StatsQuery{});
  CHECK(stats.by_model.at("a").requests == 15'000);
  CHECK(stats.by_tenant.at("x").requests == 7'500);
  CHECK(stats.by_tenant.at("y").cost == 11'250.0);
  CHECK(stats.by_provider.at("openai").exact_cost == Usd::parse("15000"));
  CHECK(stats.latency_avg == 10.0);
  CHECK(collector.get_stats({.tenant_id = "x", .model = "a"}).total_requests == 7'500);
  CHECK(collector.get_stats({.model = "b"}).total_cost == Usd::parse("7500"));
}

TEST_CASE(
    "history: the old edge of a period widens to the minute when that minute has been folded") {
  ManualTime time;
  TelemetryCollector collector({.max_history = 10, .time_source = &time});
  auto const minute = time.now();  // a whole minute
  auto call = finished_call("openai", "gpt-4o", "acme", 1, 1);
  call.timestamp = minute + 10s;
  collector.record(call);
  call.timestamp = minute + 50s;
  collector.record(call);
  time.advance(3h);
  push_out(collector, time.now() - 1min);
  auto const stats = collector.get_stats({.from = minute + 30s, .tenant_id = "acme"});
  CHECK(stats.total_requests == 2);
  CHECK(stats.period_start == minute);
}

TEST_CASE("history: an edge on a minute takes that minute alone") {
  ManualTime time;
  TelemetryCollector collector({.max_history = 10, .time_source = &time});
  auto const minute = time.now();
  auto call = finished_call("openai", "gpt-4o", "acme", 1, 1);
  for (int i = -1; i <= 1; ++i) {
    call.timestamp = minute + std::chrono::minutes(i) + 30s;
    collector.record(call);
  }
  time.advance(3h);
  push_out(collector, time.now() - 1min);
  auto const stats =
      collector.get_stats({.from = minute, .to = minute + 1min, .tenant_id = "acme"});
  CHECK(stats.total_requests == 1);
  CHECK(stats.period_start == minute);
  CHECK(stats.period_end == minute + 1min);
}

TEST_CASE("history: the new edge widens to the minute when that minute has been folded") {
  ManualTime time;
  TelemetryCollector collector({.max_history = 10, .time_source = &time});
  auto const minute = time.now();
  auto call = finished_call("openai", "gpt-4o", "acme", 1, 1);
  call.timestamp = minute + 50s;
  collector.record(call);
  time.advance(3h);
  push_out(collector, time.now() - 1min);
  auto const stats = collector.get_stats({.from = minute, .to = minute + 20s, .tenant_id = "acme"});
  CHECK(stats.total_requests == 1);
  CHECK(stats.period_end == minute + 1min);
}

TEST_CASE("history: a window within the ring is exact though older calls have been folded") {
  ManualTime time;
  TelemetryCollector collector({.max_history = 10, .time_source = &time});
  push_out(collector, time.now() - 2h);
  collector.record(finished_call("openai", "gpt-4o", "acme", 1));
  auto last = finished_call("openai", "gpt-4o", "acme", 1000);
  last.timestamp = time.now();
  collector.record(last);
  auto const stats = collector.get_stats({.from = time.now() - 30s, .to = time.now() + 1s});
  CHECK(stats.total_requests == 1);
  CHECK(stats.percentiles_exact);
  CHECK(stats.period_start == time.now() - 30s);
}

TEST_CASE("history: a question about a user is answered from the ring and says from when on") {
  ManualTime time;
  TelemetryCollector collector({.max_history = 10, .time_source = &time});
  auto call = finished_call("openai", "gpt-4o", "acme", 1, 1);
  call.user_id = "ann";
  call.timestamp = time.now() - 5h;
  collector.record(call);
  push_out(collector, time.now() - 2h);
  call.timestamp = time.now() - 1h;
  collector.record(call);
  auto const stats = collector.get_stats({.period = "24h", .user_id = "ann"});
  CHECK(stats.total_requests == 1);
  CHECK(stats.period_start == time.now() - 1h);
}

TEST_CASE("history: late calls from before 1970 expire, and those from the future are kept") {
  TelemetryCollector collector({.max_history = 10});
  auto call = finished_call("openai", "gpt-4o", "acme", 1, 1);
  call.timestamp = Clock::time_point(-1h);
  collector.record(call);
  call.timestamp = Clock::time_point::max();
  collector.record(call);
  call.timestamp = Clock::time_point::min();
  collector.record(call);
  push_out(collector, Clock::now());
  auto const stats = collector.get_stats({.tenant_id = "acme"});
  CHECK(stats.total_requests == 1);
  CHECK(collector.get_stats("1h", "acme").total_requests == 0);
  CHECK(collector.diagnostics().invalid_timestamps == 3);
  CHECK(collector.diagnostics().expired == 2);
}

TEST_CASE("history: token counts near 2 to the 64 saturate and never wrap") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  TelemetryCollector collector({.max_history = 10});
  for (int i = 0; i < 3; ++i) {
    auto call = finished_call("openai", "gpt-4o", "acme", 1, 0);
    call.input_tokens = most - 1;
    call.output_tokens = most;
    collector.record(call);
  }
  CHECK(collector.snapshot().back().input_tokens == most - 1);
  CHECK(collector.snapshot().back().total_tokens == most);
  push_out(collector, Clock::now());
  auto const stats = collector.get_stats("1h", "acme");
  CHECK(stats.total_input_tokens == most);
  CHECK(stats.by_model.at("gpt-4o").tokens == most);
}

TEST_CASE("history: money beyond nine million dollars does not overflow") {
  TelemetryCollector collector({.max_history = 10});
  for (int i = 0; i < 100; ++i) collector.record(finished_call("openai", "gpt-4o", "acme", 1, 9e6));
  CHECK(collector.get_stats().total_cost == Usd::parse("900000000"));
  push_out(collector, Clock::now());
  CHECK(collector.get_stats().total_cost == Usd::parse("900000000"));
}

TEST_CASE("history: an empty window within a folded minute answers with nothing") {
  ManualTime time;
  TelemetryCollector collector({.max_history = 10, .time_source = &time});
  auto const minute = time.now();
  push_out(collector, minute + 5s);
  push_out(collector, minute + 1h);
  CHECK(collector.get_stats({.from = minute + 10s, .to = minute + 10s}).total_requests == 0);
  CHECK(collector.get_stats({.from = minute + 50s, .to = minute + 10s}).total_requests == 0);
}

TEST_CASE("size: agrees with snapshot after max_history has grown") {
  auto& collector = configure_telemetry({.max_history = 100});
  collector.clear();
  record_at(collector, Clock::now());
  push_out(collector, Clock::now());
  configure_telemetry({.max_history = 50'000});
  CHECK(collector.size() == collector.snapshot().size());
  CHECK(collector.size() < collector.diagnostics().recorded);
  configure_telemetry({});
}

TEST_CASE(
    "history: a tenant and a provider that is the only one are the tenant, whatever the cap") {
  TelemetryCollector collector({.max_history = 10, .history_pairs = 4});
  for (int i = 0; i < 400; ++i) {
    collector.record(finished_call("openai", "model-" + std::to_string(i % 20),
                                   "tenant-" + std::to_string(i % 10), 10, 1));
  }
  for (int i = 0; i < 20'000; ++i) collector.record(finished_call("openai", "filler", "filler", 1));
  while (collector.diagnostics().folded < 400)
    collector.record(finished_call("openai", "filler", "filler", 1));
  auto const stats = collector.get_stats({.tenant_id = "tenant-3", .provider = "openai"});
  CHECK(stats.total_requests == 40);
  CHECK(stats.total_cost == Usd::parse("40"));
  CHECK(stats.unattributed_requests == 0);
}

TEST_CASE("history: what too few pairs cannot tell is said, and never less than what is missing") {
  TelemetryCollector collector({.max_history = 10, .history_pairs = 4, .history_users = true});
  for (int i = 0; i < 400; ++i) {
    auto call =
        finished_call(i % 2 == 0 ? "openai" : "anthropic", "model-" + std::to_string(i % 20),
                      "tenant-" + std::to_string(i / 2 % 10), 10, 1);
    call.user_id = "user-" + std::to_string(i % 50);
    collector.record(call);
  }
  push_out(collector, Clock::now());
  auto const both = collector.get_stats({.tenant_id = "tenant-3", .provider = "openai"});
  CHECK(both.total_requests < 20);
  CHECK(both.total_requests + both.unattributed_requests >= 20);
  auto const user = collector.get_stats({.user_id = "user-7"});
  CHECK(user.total_requests < 8);
  CHECK(user.total_requests + user.unattributed_requests >= 8);
  CHECK(collector.get_stats({.tenant_id = "tenant-3"}).unattributed_requests == 0);
}
