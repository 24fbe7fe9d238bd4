// SPDX-License-Identifier: MIT
// RequestTracker: outcome, timing, tokens, cost, names and lifetime of one call.
#include "support/calls.hpp"
#include "support/catch.hpp"

#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

TEST_CASE("tracker: a scope that ends is recorded as a success with what it was given") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  {
    auto tracker = collector.track_request({.provider = "openai",
                                            .model = "gpt-4o",
                                            .tenant_id = "acme",
                                            .user_id = "user-456",
                                            .endpoint = "/v1/chat"});
    time.advance(250ms);
    tracker.set_tokens(1000, 500);
  }
  auto const call = only_call(collector);
  CHECK(call.success);
  CHECK(call.provider == "openai");
  CHECK(call.model == "gpt-4o");
  CHECK(call.tenant_id == "acme");
  CHECK(call.user_id == "user-456");
  CHECK(call.endpoint == "/v1/chat");
  CHECK(call.input_tokens == 1000);
  CHECK(call.output_tokens == 500);
  CHECK(call.total_tokens == 1500);
  CHECK(call.latency_ms == 250.0);
  CHECK(call.cost_usd == 0.0075);
  CHECK(call.cost_source == CostSource::price_book);
  CHECK(call.timestamp == ManualTime().now());
  CHECK_FALSE(call.error_type.has_value());
}

TEST_CASE("tracker: an exception that leaves its scope makes it a failure of type exception") {
  TelemetryCollector collector;
  try {
    auto tracker = collector.track_request("openai", "gpt-4o");
    throw std::runtime_error("lost");
  } catch (std::runtime_error const&) {
  }
  auto const call = only_call(collector);
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "exception");
}

TEST_CASE("tracker: one that ends normally while another exception is handled is a success") {
  TelemetryCollector collector;
  try {
    throw std::logic_error("outer");
  } catch (std::logic_error const&) {
    auto tracker = collector.track_request("openai", "gpt-4o");
  }
  CHECK(only_call(collector).success);
}

TEST_CASE("tracker: one that lives in a destructor during unwinding is a success") {
  struct Cleanup {
    TelemetryCollector& collector;
    ~Cleanup() { auto tracker = collector.track_request("openai", "gpt-4o"); }
  };
  TelemetryCollector collector;
  try {
    Cleanup const cleanup{collector};
    throw std::runtime_error("lost");
  } catch (std::runtime_error const&) {
  }
  CHECK(only_call(collector).success);
}

TEST_CASE("tracker: set_error keeps type and message") {
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o").set_error("rate_limit", "slow down");
  auto const call = only_call(collector);
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "rate_limit");
  CHECK(call.error_message == "slow down");
}

TEST_CASE("tracker: a later set_error replaces type and message") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    tracker.set_error("timeout", "30 s");
    tracker.set_error("rate_limit");
  }
  auto const call = only_call(collector);
  CHECK(call.error_type == "rate_limit");
  CHECK_FALSE(call.error_message.has_value());
}

TEST_CASE("track: an exception is recorded with its type and text and goes on") {
  TelemetryCollector collector;
  auto const run = [&] {
    collector.track("openai", "gpt-4o", "acme",
                    [](RequestTracker&) { throw std::invalid_argument("no such model"); });
  };
  CHECK_THROWS_AS(run(), std::invalid_argument);
  auto const call = only_call(collector);
  CHECK(call.error_type == "std::invalid_argument");
  CHECK(call.error_message == "no such model");
  CHECK(call.tenant_id == "acme");
}

TEST_CASE("track: an exception that is no std::exception is recorded with its type") {
  TelemetryCollector collector;
  CHECK_THROWS_AS(collector.track({.provider = "openai"}, [](RequestTracker&) { throw 42; }), int);
  CHECK(only_call(collector).error_type == "int");
}

TEST_CASE("track: returns what the function returns") {
  TelemetryCollector collector;
  CHECK(collector.track("openai", "gpt-4o", "", [](RequestTracker& tracker) {
    tracker.set_tokens(1, 2);
    return std::make_unique<int>(7);
  }) != nullptr);
  int number = 3;
  int& same =
      collector.track("openai", "gpt-4o", "", [&](RequestTracker&) -> int& { return number; });
  CHECK(&same == &number);
  CHECK(collector.size() == 2);
}

TEST_CASE("tracker: finish records once and at once") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    time.advance(10ms);
    tracker.finish();
    CHECK(collector.size() == 1);
    time.advance(1s);
    tracker.set_error("late");
    tracker.finish();
  }
  auto const call = only_call(collector);
  CHECK(call.latency_ms == 10.0);
  CHECK(call.success);
}

TEST_CASE("tracker: discard records nothing") {
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o").discard();
  CHECK(collector.size() == 0);
}

TEST_CASE("tracker: a moved-from one records nothing and its call is recorded once") {
  TelemetryCollector collector;
  {
    auto first =
        collector.track_request({.provider = "openai",
                                 .model = "gpt-4o",
                                 .user_id = "a user id that is longer than a UUID text is"});
    first.set_tokens(10, 20);
    auto second = std::move(first);
    first.set_error("ignored");  // NOLINT(bugprone-use-after-move): that is what is tested
    first.finish();
    CHECK(collector.size() == 0);
  }
  auto const call = only_call(collector);
  CHECK(call.success);
  CHECK(call.input_tokens == 10);
  CHECK(call.user_id == "a user id that is longer than a UUID text is");
}

TEST_CASE("tracker: move assignment finishes the call that it held") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "first");
    tracker = collector.track_request("openai", "second");
    CHECK(only_call(collector).model == "first");
  }
  CHECK(collector.size() == 2);
}

TEST_CASE("tracker: may be finished on another thread") {
  TelemetryCollector collector;
  auto tracker = collector.track_request("openai", "gpt-4o", "acme");
  std::thread([moved = std::move(tracker)]() mutable { moved.set_tokens(5, 5); }).join();
  CHECK(only_call(collector).total_tokens == 10);
}

TEST_CASE("tracker: one that outlives its collector records nothing") {
  std::optional<RequestTracker> tracker;
  {
    TelemetryCollector collector;
    tracker.emplace(collector.track_request("openai", "gpt-4o"));
  }
  TelemetryCollector next;  // may use the same inside again
  tracker->set_tokens(1, 1);
  tracker->set_error("late", "too");
  tracker->set_model("another");
  tracker.reset();
  CHECK(next.size() == 0);
}

TEST_CASE("tracker: set_cost of zero stays zero") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    tracker.set_cached();
    tracker.set_tokens(1000, 500);
    tracker.set_cost(0);
  }
  auto const call = only_call(collector);
  CHECK(call.cost_usd == 0.0);
  CHECK(call.cost_source == CostSource::manual);
  CHECK(call.cached);
}

TEST_CASE("tracker: cached alone does not change the price") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    tracker.set_cached();
    tracker.set_tokens(1000, 500);
  }
  CHECK(only_call(collector).cost_usd == 0.0075);
}

TEST_CASE("tracker: set_cost keeps the exact amount and where it comes from") {
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o")
      .set_cost(Usd::parse("0.000000000001"), CostSource::provider_reported);
  auto const call = only_call(collector);
  CHECK(call.exact_cost == Usd::parse("0.000000000001"));
  CHECK(call.cost_source == CostSource::provider_reported);
}

TEST_CASE("tracker: a cost that is negative or not finite is not taken and is counted") {
  double const bad = GENERATE(-1.0, std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN());
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    tracker.set_tokens(1000, 500);
    tracker.set_cost(bad);
  }
  CHECK(only_call(collector).cost_usd == 0.0075);
  CHECK(collector.diagnostics().invalid_costs == 1);
}

TEST_CASE("tracker: set_streaming takes any duration") {
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o").set_streaming(std::chrono::duration<float>(0.25F));
  collector.track_request("openai", "gpt-4o").set_streaming(250us);
  collector.track_request("openai", "gpt-4o").set_streaming();
  auto const calls = collector.snapshot();
  CHECK(calls[0].time_to_first_token_ms == 250.0);
  CHECK(calls[1].time_to_first_token_ms == 0.25);
  CHECK_FALSE(calls[2].time_to_first_token_ms.has_value());
  CHECK(calls[2].streaming);
}

TEST_CASE("tracker: mark_first_token counts the first time only") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    time.advance(120ms);
    tracker.mark_first_token();
    time.advance(500ms);
    tracker.mark_first_token();
  }
  auto const call = only_call(collector);
  CHECK(call.streaming);
  CHECK(call.time_to_first_token_ms == 120.0);
}

TEST_CASE("tracker: set_model names and prices the call by the model that served it") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    tracker.set_tokens(1'000'000, 0);
    tracker.set_model("gpt-4o-mini");
  }
  auto const call = only_call(collector);
  CHECK(call.provider == "openai");
  CHECK(call.model == "gpt-4o-mini");
  CHECK(call.cost_usd == 0.15);
}

TEST_CASE("tracker: tags are kept and the same key replaces its value") {
  TelemetryCollector collector;
  Tag const tags[] = {{"team", "search"}, {"stage", "test"}};
  {
    auto tracker = collector.track_request({.provider = "openai", .model = "gpt-4o", .tags = tags});
    tracker.set_tag("stage", "production");
    tracker.set_tag("", "ignored");
  }
  auto const call = only_call(collector);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(call.tags == Pairs{{"team", "search"}, {"stage", "production"}});
}

TEST_CASE("tracker: the model that served the call finds room beside any number of tags") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    for (int i = 0; i < 100; ++i) tracker.set_tag(std::to_string(i), std::string(100, 'v'));
    tracker.set_tokens(1'000'000, 0);
    tracker.set_model("gpt-4o-mini");
  }
  CHECK(only_call(collector).model == "gpt-4o-mini");
  CHECK(only_call(collector).cost_usd == 0.15);
}

TEST_CASE("track: an exception without a text is recorded with its type") {
  struct Silent : std::exception {
    [[nodiscard]] char const* what() const noexcept override { return nullptr; }
  };
  TelemetryCollector collector;
  CHECK_THROWS_AS(collector.track({}, [](RequestTracker&) { throw Silent(); }), Silent);
  CHECK_FALSE(only_call(collector).success);
}

TEST_CASE("tracker: all parts of the usage come out as they went in") {
  TokenUsage const usage{.input_tokens = 100,
                         .output_tokens = 90,
                         .cache_read_tokens = 30,
                         .cache_write_tokens = 20,
                         .cache_write_1h_tokens = 5,
                         .reasoning_tokens = 40,
                         .citation_tokens = 3,
                         .audio_input_tokens = 7,
                         .audio_output_tokens = 6,
                         .cached_audio_input_tokens = 2,
                         .image_input_tokens = 9,
                         .image_output_tokens = 8,
                         .billed_input_tokens = 99,
                         .billed_output_tokens = 88,
                         .web_search_requests = 2,
                         .source = UsageSource::estimated};
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o").set_usage(usage);
  auto const call = only_call(collector);
  CHECK(call.cache_write_1h_tokens == 5);
  CHECK(call.citation_tokens == 3);
  CHECK(call.cached_audio_input_tokens == 2);
  CHECK(call.image_output_tokens == 8);
  CHECK(call.billed_output_tokens == 88);
  CHECK(call.web_search_requests == 2);
  CHECK(call.usage_source == UsageSource::estimated);
  CHECK(call.cost_source == CostSource::estimated);
  CHECK(call.input_tokens == 100);
  CHECK(call.reasoning_tokens == 40);
}

TEST_CASE(
    "tracker: a success without token counts is unpriced and a failure without them costs "
    "nothing") {
  TelemetryCollector collector;
  { auto tracker = collector.track_request("openai", "gpt-4o"); }
  collector.track_request("openai", "gpt-4o").set_error("timeout");
  auto const calls = collector.snapshot();
  CHECK(calls[0].usage_source == UsageSource::absent);
  CHECK(calls[0].cost_source == CostSource::unpriced);
  CHECK(calls[1].cost_source == CostSource::price_book);
  CHECK(collector.get_stats().unpriced_requests == 1);
}
