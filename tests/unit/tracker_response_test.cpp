// SPDX-License-Identifier: MIT
// RequestTracker: what a response says of itself.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/exporters.hpp"

#include <chrono>
#include <limits>
#include <optional>
#include <string>
#include <utility>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

TEST_CASE("tracker: what a response says of itself is kept with the call") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request(
        {.provider = "openai", .model = "gpt-4o", .parent_request_id = "agent-7"});
    tracker.set_provider_request_id("chatcmpl-123");
    tracker.set_finish_reason("stop,length");
    tracker.set_time_per_output_token(12500us);
  }
  auto const call = only_call(collector);
  CHECK(call.provider_request_id == "chatcmpl-123");
  CHECK(call.parent_request_id == "agent-7");
  CHECK(call.finish_reason == "stop,length");
  CHECK(call.time_per_output_token_ms == 12.5);
  CHECK(call.request_id.size() == 36);
}

TEST_CASE("tracker: what a response did not say is absent") {
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o").set_tag("team", "search");
  auto const call = only_call(collector);
  CHECK_FALSE(call.provider_request_id.has_value());
  CHECK_FALSE(call.parent_request_id.has_value());
  CHECK_FALSE(call.finish_reason.has_value());
  CHECK_FALSE(call.time_per_output_token_ms.has_value());
}

TEST_CASE("tracker: an empty or null id or reason changes nothing") {
  char const* const empty = GENERATE(static_cast<char const*>(nullptr), "");
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    tracker.set_provider_request_id("chatcmpl-123");
    tracker.set_finish_reason("stop");
    tracker.set_provider_request_id(empty);
    tracker.set_finish_reason(empty);
  }
  CHECK(only_call(collector).provider_request_id == "chatcmpl-123");
  CHECK(only_call(collector).finish_reason == "stop");
}

TEST_CASE("tracker: a later id, reason or time replaces the one before") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    for (char const* text : {"first and longer", "second"}) {
      tracker.set_provider_request_id(text);
      tracker.set_finish_reason(text);
    }
    tracker.set_time_per_output_token(1s);
    tracker.set_time_per_output_token(std::chrono::duration<float>(0.25F));
  }
  CHECK(only_call(collector).provider_request_id == "second");
  CHECK(only_call(collector).finish_reason == "second");
  CHECK(only_call(collector).time_per_output_token_ms == 250.0);
}

TEST_CASE("tracker: a time per output token that is none is not taken and is counted") {
  double const bad = GENERATE(-1.0, std::numeric_limits<double>::infinity(),
                              std::numeric_limits<double>::quiet_NaN());
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o").set_time_per_output_token(Milliseconds(bad));
  CHECK_FALSE(only_call(collector).time_per_output_token_ms.has_value());
  CHECK(collector.diagnostics().invalid_latencies == 1);
}

TEST_CASE("tracker: a time per output token of zero is a time") {
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o").set_time_per_output_token(0ms);
  CHECK(only_call(collector).time_per_output_token_ms == 0.0);
}

TEST_CASE("tracker: ids and reasons are cut, mended and counted like other names") {
  std::string const huge(100'000, 'x');
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request({.provider = "openai", .parent_request_id = huge});
    tracker.set_provider_request_id(huge);
    tracker.set_finish_reason("st\xffp");
  }
  auto const call = only_call(collector);
  CHECK(call.provider_request_id == huge.substr(0, max_name_bytes));
  CHECK(call.parent_request_id == huge.substr(0, max_name_bytes));
  CHECK(call.finish_reason == "st\uFFFDp");
  CHECK(collector.diagnostics().truncated_texts == 1);
  CHECK(collector.diagnostics().invalid_utf8 == 1);
}

TEST_CASE("tracker: exporters are given what a response says of itself") {
  std::optional<LLMRequestMetrics> exported;
  Script script;
  script.export_batch = [&](ExportBatch const& batch) {
    exported = batch[0].to_metrics();
    return ExportResult::delivered();
  };
  TelemetryCollector collector;
  collector.add_exporter(scripted(std::move(script)), quick_options());
  {
    auto tracker = collector.track_request({.provider = "openai", .parent_request_id = "agent-7"});
    tracker.set_provider_request_id("chatcmpl-123");
    tracker.set_finish_reason("stop");
    tracker.set_time_per_output_token(5ms);
  }
  REQUIRE(collector.flush(10s));
  REQUIRE(exported);
  CHECK(*exported == only_call(collector));
  CHECK(exported->time_per_output_token_ms == 5.0);
  CHECK(exported->finish_reason == "stop");
  CHECK(exported->parent_request_id == "agent-7");
}
