// SPDX-License-Identifier: MIT
// TelemetryCollector: statistics, breakdowns, tenants and the ring, as the guide describes them.
#include "support/calls.hpp"
#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

TEST_CASE("get_stats: without calls everything is zero") {
  TelemetryCollector const collector;
  auto const stats = collector.get_stats();
  CHECK(stats.total_requests == 0);
  CHECK(stats.total_cost == Usd{});
  CHECK(stats.latency_p99 == 0.0);
  CHECK(stats.ttft_avg == 0.0);
  CHECK(stats.percentiles_exact);
  CHECK(stats.by_provider.empty());
  CHECK(stats.period_end - stats.period_start == 1h);
}

TEST_CASE("get_stats: percentiles interpolate between the two closest ranks") {
  TelemetryCollector collector;
  collector.record(finished_call("openai", "gpt-4o", "acme", 1));
  collector.record(finished_call("openai", "gpt-4o", "acme", 1000));
  auto const stats = collector.get_stats("1h");
  CHECK(stats.latency_p50 == 500.5);
  CHECK(stats.latency_p95 == Approx(950.05).epsilon(1e-12));
  CHECK(stats.latency_avg == 500.5);
}

TEST_CASE("get_stats: counts outcomes and tokens and money") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  track_call(collector, time, "openai", "gpt-4o", "acme", 100ms, 1000, 500);
  track_call(collector, time, "anthropic", "claude-sonnet-4-5", "acme", 300ms, 1000, 500);
  collector.track_request("openai", "gpt-4o", "globex").set_error("rate_limit");
  auto const stats = collector.get_stats("24h");
  CHECK(stats.total_requests == 3);
  CHECK(stats.successful_requests == 2);
  CHECK(stats.failed_requests == 1);
  CHECK(stats.total_input_tokens == 2000);
  CHECK(stats.total_output_tokens == 1000);
  CHECK(stats.total_cost.to_string() == "0.018");
  CHECK(stats.total_cost_usd == 0.018);
  CHECK(stats.errors_by_type == ByName<std::uint64_t>{{"rate_limit", 1}});
}

TEST_CASE("get_stats: breaks down by provider and model and tenant and user") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  track_call(collector, time, "openai", "gpt-4o", "acme", 100ms, 1000, 500);
  track_call(collector, time, "openai", "gpt-4o-mini", "acme", 100ms, 1000, 500);
  {
    auto tracker = collector.track_request(
        {.provider = "anthropic", .model = "claude-sonnet-4-5", .user_id = "u"});
  }
  auto const stats = collector.get_stats("1h");
  CHECK(stats.by_provider.at("openai").requests == 2);
  CHECK(stats.by_provider.at("openai").tokens == 3000);
  CHECK(stats.by_model.at("gpt-4o").cost == 0.0075);
  CHECK(stats.by_model.at("gpt-4o-mini").exact_cost == Usd::parse("0.00045"));
  CHECK(stats.by_tenant.at("acme").requests == 2);
  CHECK(stats.by_tenant.at("").requests == 1);
  CHECK(stats.by_user.at("u").requests == 1);
  CHECK(stats.by_user.size() == 1);
}

TEST_CASE("get_stats: one model name under two providers is one line of by_model") {
  TelemetryCollector collector;
  collector.record(finished_call("openai", "gpt-4o", "", 1, 1.0));
  collector.record(finished_call("azure", "gpt-4o", "", 1, 2.0));
  auto const stats = collector.get_stats();
  CHECK(stats.by_model.size() == 1);
  CHECK(stats.by_model.at("gpt-4o").cost == 3.0);
  CHECK(stats.by_provider.size() == 2);
}

TEST_CASE("get_stats: a tenant sees its own calls only") {
  TelemetryCollector collector;
  collector.record(finished_call("openai", "gpt-4o", "acme", 10, 1));
  collector.record(finished_call("openai", "gpt-4o", "globex", 20, 2));
  auto const stats = collector.get_stats("30d", "acme");
  CHECK(stats.total_requests == 1);
  CHECK(stats.total_cost_usd == 1.0);
  CHECK(stats.tenant_id == "acme");
  CHECK(collector.get_stats("30d", "nobody").total_requests == 0);
  CHECK(collector.get_stats("30d", "").total_requests == 2);
}

TEST_CASE("get_stats: all conditions of a query hold together") {
  TelemetryCollector collector;
  auto call = finished_call("openai", "gpt-4o", "acme");
  call.user_id = "ann";
  call.endpoint = "/chat";
  call.tags = {{"team", "search"}};
  collector.record(call);
  call.user_id = "ben, whose id is longer than thirty-six bytes";
  call.tags = {{"team", "ads"}};
  collector.record(call);
  collector.record(finished_call("openai", "o3", "acme"));
  auto const count = [&](StatsQuery const& query) {
    return collector.get_stats(query).total_requests;
  };
  CHECK(count({}) == 3);
  CHECK(count({.model = "gpt-4o"}) == 2);
  CHECK(count({.provider = "anthropic"}) == 0);
  CHECK(count({.user_id = "ann"}) == 1);
  CHECK(count({.user_id = "ben, whose id is longer than thirty-six bytes"}) == 1);
  CHECK(count({.endpoint = "/chat"}) == 2);
  CHECK(count({.tag = Tag{"team", "ads"}}) == 1);
  CHECK(
      count(
          {.tenant_id = "acme", .model = "gpt-4o", .user_id = "ann", .tag = Tag{"team", "ads"}}) ==
      0);
}

TEST_CASE("get_stats: a period holds what started within it and what starts now") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  auto call = finished_call("openai", "gpt-4o", "acme");
  call.timestamp = time.now() - 1h;
  collector.record(call);
  call.timestamp = time.now() - 1h - 1ns;
  collector.record(call);
  call.timestamp = time.now();
  collector.record(call);
  call.timestamp = time.now() + 2ms;  // stamps of threads may differ by one
  collector.record(call);
  CHECK(collector.get_stats("1h").total_requests == 2);
  CHECK(collector.get_stats(StatsQuery{}).total_requests == 4);
}

TEST_CASE("get_stats: from belongs to a window and to does not") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  auto call = finished_call("openai", "gpt-4o", "acme");
  for (int i = 0; i < 10; ++i) {
    call.timestamp = time.now() + std::chrono::seconds(i);
    collector.record(call);
  }
  auto const stats = collector.get_stats({.from = time.now() + 2s, .to = time.now() + 5s});
  CHECK(stats.total_requests == 3);
  CHECK(stats.period_start == time.now() + 2s);
  CHECK(stats.period_end == time.now() + 5s);
}

TEST_CASE("get_stats: time to first token is of the calls that have one") {
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o").set_streaming(100ms);
  collector.track_request("openai", "gpt-4o").set_streaming(300ms);
  collector.track_request("openai", "gpt-4o").set_streaming();
  { auto plain = collector.track_request("openai", "gpt-4o"); }
  auto const stats = collector.get_stats();
  CHECK(stats.ttft_p50 == 200.0);
  CHECK(stats.ttft_avg == 200.0);
  CHECK(stats.streaming_requests == 3);
}

TEST_CASE("get_stats: a model without a price is counted as unpriced and not as free") {
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-9000").set_tokens(10, 10);
  collector.track_request("ollama", "llama3.3").set_tokens(10, 10);
  auto const stats = collector.get_stats();
  CHECK(stats.unpriced_requests == 1);
  CHECK(stats.by_model.at("gpt-9000").unpriced == 1);
  CHECK(stats.by_model.at("llama3.3").unpriced == 0);
}

TEST_CASE("get_cost_breakdown: shares sum to a hundred percent") {
  TelemetryCollector collector;
  collector.record(finished_call("openai", "gpt-4o", "acme", 1, 3));
  collector.record(finished_call("anthropic", "claude-opus-4-1", "globex", 1, 1));
  collector.record(finished_call("openai", "gpt-4o", "globex", 1, 0));
  auto const cost = collector.get_cost_breakdown("30d");
  CHECK(cost.total_cost_usd == 4.0);
  CHECK(cost.by_provider.at("openai").percentage == 75.0);
  CHECK(cost.by_tenant.at("globex").percentage == 25.0);
  CHECK(cost.by_model.at("gpt-4o").requests == 2);
  CHECK(cost.by_model.at("gpt-4o").avg_cost == 1.5);
}

TEST_CASE("get_cost_breakdown: of nothing has shares of zero") {
  TelemetryCollector collector;
  collector.record(finished_call("openai", "gpt-4o", "acme"));
  CHECK(collector.get_cost_breakdown().by_provider.at("openai").percentage == 0.0);
}

TEST_CASE(
    "get_tenant_stats: gives requests and tokens and cost and latency and errors of one tenant") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  track_call(collector, time, "openai", "gpt-4o", "acme", 100ms, 1000, 500);
  collector.track_request("openai", "gpt-4o", "acme").set_error("timeout");
  track_call(collector, time, "openai", "gpt-4o", "globex", 100ms, 1000, 500);
  auto const stats = collector.get_tenant_stats("acme", "30d");
  CHECK(stats.tenant_id == "acme");
  CHECK(stats.period == "30d");
  CHECK(stats.requests.total == 2);
  CHECK(stats.requests.success_rate == 50.0);
  CHECK(stats.tokens.total == 1500);
  CHECK(stats.cost.total_cost_usd == 0.0075);
  CHECK(stats.latency.p50 == 50.0);
  CHECK(stats.errors.at("timeout") == 1);
}

TEST_CASE("get_tenant_costs: lists the dearest first and equal ones by name") {
  TelemetryCollector collector;
  collector.record(finished_call("openai", "gpt-4o", "b", 1, 1));
  collector.record(finished_call("openai", "gpt-4o", "c", 1, 5));
  collector.record(finished_call("openai", "gpt-4o", "a", 1, 1));
  auto const costs = collector.get_tenant_costs();
  REQUIRE(costs.size() == 3);
  CHECK(costs[0].tenant_id == "c");
  CHECK(costs[0].avg_cost_per_request == 5.0);
  CHECK(costs[0].success_rate == 100.0);
  CHECK(costs[1].tenant_id == "a");
  CHECK(costs[2].tenant_id == "b");
}

TEST_CASE("snapshot: gives exactly the last max_history calls in order of completion") {
  auto const max_history = static_cast<std::size_t>(GENERATE(1, 10, 4095, 4097, 10000));
  TelemetryCollector collector({.max_history = max_history});
  auto call = finished_call("openai", "gpt-4o", "acme");
  std::size_t const total = 3 * max_history + 12'345;
  for (std::size_t i = 0; i < total; ++i) {
    call.input_tokens = i;
    collector.record(call);
  }
  auto const calls = collector.snapshot();
  REQUIRE(calls.size() == max_history);
  CHECK(collector.size() == max_history);
  bool in_order = true;
  for (std::size_t i = 0; i < max_history; ++i) {
    in_order &= calls[i].input_tokens == total - max_history + i;
  }
  CHECK(in_order);
}

TEST_CASE("snapshot: a recorded call comes out as it went in") {
  TelemetryCollector collector;
  auto call = finished_call("openai", "gpt-4o", "acme", 33.333333333333336, 0.0123);
  call.request_id = "chatcmpl-123";
  call.user_id = "user";
  call.endpoint = "/v1/chat";
  call.success = false;
  call.error_type = "timeout";
  call.error_message = "no answer in 30 s";
  call.provider_request_id = "req_011CT";
  call.parent_request_id = "agent-7";
  call.finish_reason = "stop,length";
  call.time_to_first_token_ms = 0.1;
  call.time_per_output_token_ms = 7.7;
  call.streaming = true;
  call.input_tokens = 5'000'000'000;
  call.tags = {{"k", "v"}, {"empty", ""}};
  collector.record(call);
  auto expected = call;
  expected.total_tokens = 5'000'000'000;
  expected.exact_cost = Usd::parse("0.0123");
  CHECK(collector.snapshot() == std::vector{expected});
}

TEST_CASE("snapshot: a call that was given out can be recorded again without loss") {
  TelemetryCollector first;
  TelemetryCollector second;
  first.track_request("openai", "gpt-4o", "acme").set_tokens(123, 45);
  second.record(first.snapshot().front());
  CHECK(second.snapshot() == first.snapshot());
}

TEST_CASE(
    "record: an amount changed by the caller wins over the exact one that came with the call") {
  TelemetryCollector collector;
  auto call = finished_call("openai", "gpt-4o", "acme", 1, 2.5);
  call.exact_cost = Usd::parse("1");
  collector.record(call);
  CHECK(collector.get_stats().total_cost == Usd::parse("2.5"));
}

TEST_CASE("record: a call without a cost source is priced and one with keeps its cost") {
  TelemetryCollector collector;
  LLMRequestMetrics call;
  call.provider = "openai";
  call.model = "gpt-4o";
  call.input_tokens = 1000;
  call.output_tokens = 500;
  call.cost_usd = 99;
  collector.record(call);
  call.cost_source = CostSource::provider_reported;
  collector.record(call);
  auto const calls = collector.snapshot();
  CHECK(calls[0].cost_usd == 0.0075);
  CHECK(calls[1].cost_usd == 99.0);
}

TEST_CASE("clear: forgets calls and sums and goes on") {
  TelemetryCollector collector({.max_history = 100});
  for (int i = 0; i < 20'000; ++i)
    collector.record(finished_call("openai", "gpt-4o", "acme", 1, 1));
  collector.clear();
  CHECK(collector.size() == 0);
  CHECK(collector.snapshot().empty());
  CHECK(collector.get_stats(StatsQuery{}).total_requests == 0);
  collector.record(finished_call("openai", "gpt-4o", "acme", 1, 1));
  CHECK(collector.size() == 1);
  CHECK(collector.get_stats(StatsQuery{}).total_cost_usd == 1.0);
}
