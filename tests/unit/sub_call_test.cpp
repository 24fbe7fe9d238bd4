// SPDX-License-Identifier: MIT
// RequestTracker: calls that a provider bills beside the one that it answers.
#include "support/calls.hpp"
#include "support/catch.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The sub-call that was recorded before its call, and the call.
std::pair<LLMRequestMetrics, LLMRequestMetrics> sub_call_and_call(
    TelemetryCollector const& collector) {
  auto calls = collector.snapshot();
  REQUIRE(calls.size() == 2);
  return {std::move(calls[0]), std::move(calls[1])};
}

}  // namespace

TEST_CASE("sub-call: has what it shares with its call, and figures of its own") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  Tag const tags[] = {{"team", "search"}};
  {
    auto tracker =
        collector.track_request({.provider = "anthropic",
                                 .model = "claude-sonnet-4-5",
                                 .tenant_id = "acme",
                                 .user_id = "a user id that is longer than a UUID text is",
                                 .endpoint = "/v1/messages",
                                 .tags = tags,
                                 .parent_request_id = "agent-7"});
    time.advance(100ms);
    tracker.set_streaming(100ms);
    tracker.set_provider_request_id("msg_123");
    tracker.set_finish_reason("end_turn");
    tracker.set_time_per_output_token(5ms);
    tracker.set_service_tier("batch");
    tracker.set_cached();
    tracker.set_cost(5);
    tracker.set_tokens(10, 20);
    tracker.set_error("overloaded", "later");
    time.advance(150ms);
    tracker.record_sub_call({.model = "claude-haiku-4-5",
                             .kind = "compaction",
                             .usage = {.input_tokens = 1'000'000, .output_tokens = 7}});
    time.advance(50ms);
  }
  auto const [sub, call] = sub_call_and_call(collector);
  LLMRequestMetrics expected;
  expected.request_id = sub.request_id;
  expected.parent_request_id = call.request_id;
  expected.provider = "anthropic";
  expected.model = "claude-haiku-4-5";
  expected.tenant_id = "acme";
  expected.user_id = "a user id that is longer than a UUID text is";
  expected.endpoint = "/v1/messages";
  expected.tags = {{"team", "search"}, {"sub_call", "compaction"}};
  expected.attributes = {{"service_tier", "batch"}};
  expected.provider_request_id = "msg_123";
  expected.streaming = true;
  expected.input_tokens = 1'000'000;
  expected.output_tokens = 7;
  expected.total_tokens = 1'000'007;
  expected.latency_ms = 250;
  expected.timestamp = call.timestamp;
  expected.exact_cost = Usd::parse("0.5000175");
  expected.cost_usd = expected.exact_cost->to_double();
  expected.cost_source = CostSource::price_book;
  CHECK(sub == expected);
  CHECK(sub.request_id != call.request_id);
  CHECK(sub.request_id[14] == '7');
}

TEST_CASE("sub-call: leaves its call as it is") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  {
    auto tracker = collector.track_request(
        {.provider = "openai", .model = "gpt-4o", .parent_request_id = "agent-7"});
    tracker.set_tokens(1000, 500);
    tracker.record_sub_call({.model = "gpt-4o-mini", .kind = "advisor", .usage = {}});
    time.advance(250ms);
  }
  auto const call = sub_call_and_call(collector).second;
  CHECK(call.model == "gpt-4o");
  CHECK(call.cost_usd == 0.0075);
  CHECK(call.latency_ms == 250.0);
  CHECK(call.tags.empty());
  CHECK(call.parent_request_id == "agent-7");
}

TEST_CASE("sub-call: names its parent by the id that the caller gave") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request(
        {.provider = "openai", .model = "gpt-4o", .request_id = "own-id-1"});
    tracker.record_sub_call({.kind = "compaction"});
  }
  auto const [sub, call] = sub_call_and_call(collector);
  CHECK(call.request_id == "own-id-1");
  CHECK(sub.parent_request_id == "own-id-1");
  CHECK(sub.request_id.size() == 36);
}

TEST_CASE("sub-call: without a model of its own has the one that served its call") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    tracker.record_sub_call({.usage = {.input_tokens = 1'000'000}});
    tracker.set_model("gpt-4o-mini");
    tracker.record_sub_call({.usage = {.input_tokens = 1'000'000}});
  }
  auto const calls = collector.snapshot();
  CHECK(calls.at(0).model == "gpt-4o");
  CHECK(calls[0].cost_usd == 2.5);
  CHECK(calls.at(1).model == "gpt-4o-mini");
  CHECK(calls[1].cost_usd == 0.15);
  CHECK(calls[1].tags.empty());
}

TEST_CASE("sub-call: several of one call have ids of their own and the same parent") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    for (char const* kind : {"compaction", "advisor"}) tracker.record_sub_call({.kind = kind});
  }
  auto const calls = collector.snapshot();
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].request_id != calls[1].request_id);
  CHECK(calls[0].parent_request_id == calls[2].request_id);
  CHECK(calls[1].parent_request_id == calls[2].request_id);
  CHECK(calls[0].tags == Pairs{{"sub_call", "compaction"}});
  CHECK(calls[1].tags == Pairs{{"sub_call", "advisor"}});
}

TEST_CASE("sub-call: stays when its call is discarded") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    tracker.record_sub_call({.kind = "compaction"});
    tracker.discard();
  }
  CHECK(only_call(collector).tags == Pairs{{"sub_call", "compaction"}});
}

TEST_CASE("sub-call: a tracker that is finished, discarded or moved from records none") {
  TelemetryCollector collector;
  auto finished = collector.track_request("openai", "gpt-4o");
  finished.finish();
  finished.record_sub_call({.kind = "late"});
  auto discarded = collector.track_request("openai", "gpt-4o");
  discarded.discard();
  discarded.record_sub_call({.kind = "late"});
  auto moved = std::move(discarded);
  moved.record_sub_call({.kind = "late"});
  CHECK(collector.size() == 1);
}

TEST_CASE("sub-call: one whose collector has gone is not recorded") {
  std::optional<RequestTracker> tracker;
  {
    TelemetryCollector collector;
    tracker.emplace(collector.track_request("openai", "gpt-4o"));
  }
  TelemetryCollector next;  // may use the same inside again
  tracker->set_provider_request_id("late");
  tracker->set_finish_reason("late");
  tracker->record_sub_call({.kind = "late"});
  tracker.reset();
  CHECK(next.size() == 0);
}

TEST_CASE("sub-call: its parent finds room beside any number of tags") {
  std::vector<std::string> keys;
  for (int i = 0; i < 100; ++i) keys.push_back("key-" + std::to_string(i));
  std::string const value(100, 'v');
  std::vector<Tag> tags;
  for (auto const& key : keys) tags.emplace_back(key, value);
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request({.provider = "openai", .tags = tags});
    tracker.record_sub_call({.model = "gpt-4o-mini"});
  }
  auto const [sub, call] = sub_call_and_call(collector);
  CHECK(sub.parent_request_id == call.request_id);
  CHECK(sub.tags == call.tags);
}
