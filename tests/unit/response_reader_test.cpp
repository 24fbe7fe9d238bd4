// SPDX-License-Identifier: MIT
// ResponseReader and record_response: what a tracker is told.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include <netrun/llm/response_reader.hpp>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view chat_body =
    R"({"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o-2024-08-06",)"
    R"("choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}],)"
    R"("usage":{"prompt_tokens":1000,"completion_tokens":500,"total_tokens":1500,)"
    R"("prompt_tokens_details":{"cached_tokens":400}},"service_tier":"default"})";

std::string event(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

/// A collector with a clock that is turned by hand, and one call in it.
struct Scene {
  ManualTime time{};
  TelemetryCollector collector{TelemetryOptions{.time_source = &time}};

  RequestTracker track(NameView provider = "openai", NameView model = "gpt-4o") {
    return collector.track_request(provider, model, "acme");
  }
  LLMRequestMetrics call() { return only_call(collector); }
};

std::optional<std::string> attribute(LLMRequestMetrics const& call, std::string_view key) {
  for (auto const& [name, value] : call.attributes) {
    if (name == key) return value;
  }
  return std::nullopt;
}

std::optional<std::string> tag(LLMRequestMetrics const& call, std::string_view key) {
  for (auto const& [name, value] : call.tags) {
    if (name == key) return value;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("record_response: one line tells tokens, model, id, tier, finish reason and cost") {
  Scene scene;
  {
    auto tracker = scene.track();
    record_response(tracker, Api::openai_chat, chat_body);
  }
  auto const call = scene.call();
  CHECK(call.success);
  CHECK(call.model == "gpt-4o-2024-08-06");
  CHECK(call.input_tokens == 1000);
  CHECK(call.output_tokens == 500);
  CHECK(call.cache_read_tokens == 400);
  CHECK(call.usage_source == UsageSource::reported);
  CHECK(call.provider_request_id == "chatcmpl-1");
  CHECK(call.finish_reason == "stop");
  CHECK(attribute(call, "service_tier") == "default");
  // 600 at 2.50, 400 at 1.25 and 500 at 10 USD a million
  CHECK(call.exact_cost == Usd::parse("0.007"));
  CHECK(call.cost_source == CostSource::price_book);
  CHECK_FALSE(call.streaming);
  CHECK_FALSE(call.time_to_first_token_ms.has_value());
}

TEST_CASE("record_response: gives back what it read") {
  Scene scene;
  auto tracker = scene.track();
  auto const info = record_response(tracker, Api::automatic, chat_body);
  CHECK(info.api == Api::openai_chat);
  CHECK(info.counts.input_tokens == 1000U);
  CHECK(info.complete);
}

TEST_CASE("record_response: an error in the body makes the call a failure of its type") {
  Scene scene;
  {
    auto tracker = scene.track("anthropic", "claude-sonnet-4-5");
    record_response(
        tracker, Api::anthropic_messages,
        R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
        {.http_status = 529});
  }
  auto const call = scene.call();
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "overloaded_error");
  CHECK(call.error_message == "Overloaded");
  CHECK(call.cost_usd == 0.0);
  CHECK(call.cost_source == CostSource::price_book);
}

TEST_CASE("record_response: a status of failure with a page instead of JSON is a failure too") {
  Scene scene;
  {
    auto tracker = scene.track();
    record_response(tracker, Api::openai_chat, "<html>Bad Gateway</html>", {.http_status = 502});
  }
  CHECK(scene.call().error_type == "overloaded");
  CHECK(scene.call().error_message == "<html>Bad Gateway</html>");
}

TEST_CASE("record_response: a refusal in a line of text has that line for its message") {
  for (std::string_view const text : {"404 page not found\n", "error code: 502", "Bad Gateway"}) {
    auto const info = read_response(Api::openai_chat, text, {.http_status = 502});
    CAPTURE(text);
    REQUIRE(info.error.has_value());
    CHECK(info.error->message == text.substr(0, text.find('\n')));
    CHECK(info.problem == ReadProblem::none);
    CHECK(info.complete);
  }
  CHECK(read_response(Api::openai_chat, "Bad Gateway").problem == ReadProblem::malformed);
}

TEST_CASE("record_response: a body that is cut is a failure without a known cost") {
  Scene scene;
  {
    auto tracker = scene.track();
    record_response(tracker, Api::openai_chat, chat_body.substr(0, chat_body.size() - 10));
  }
  auto const call = scene.call();
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "incomplete_response");
  CHECK(call.input_tokens == 0);
  CHECK(call.usage_source == UsageSource::absent);
  CHECK(call.cost_source == CostSource::unpriced);
}

TEST_CASE("record_response: counts that contradict each other leave the call unpriced and say so") {
  Scene scene;
  {
    auto tracker = scene.track();
    record_response(tracker, Api::openai_chat,
                    R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":1,)"
                    R"("completion_tokens_details":{"reasoning_tokens":7},"total_tokens":6}})");
  }
  auto const call = scene.call();
  CHECK(call.success);
  CHECK(call.cost_source == CostSource::unpriced);
  CHECK(tag(call, "usage_problem") == "parts_exceed_whole");
}

TEST_CASE("record_response: tokens that the caller counted stay when the response has none") {
  Scene scene;
  {
    auto tracker = scene.track();
    tracker.set_usage({.input_tokens = 7, .output_tokens = 3, .source = UsageSource::estimated});
    record_response(tracker, Api::openai_chat, R"({"id":"x","choices":[]})");
  }
  CHECK(scene.call().input_tokens == 7);
  CHECK(scene.call().usage_source == UsageSource::estimated);
}

TEST_CASE("record_response: what the provider says it charged stands") {
  Scene scene;
  {
    auto tracker = scene.track("openrouter", "google/gemini-2.5-flash");
    record_response(tracker, Api::openrouter_chat,
                    R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,)"
                    R"("cost":0.0004970133333333333}})");
  }
  CHECK(scene.call().cost_source == CostSource::provider_reported);
  CHECK(scene.call().exact_cost == Usd::parse("0.000497013333"));
}

TEST_CASE("record_response: with a key of one's own the upstream cost is added") {
  Scene scene;
  {
    auto tracker = scene.track("openrouter", "openai/gpt-4o");
    record_response(
        tracker, Api::openrouter_chat,
        R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"cost":0.001,)"
        R"("is_byok":true,"cost_details":{"upstream_inference_cost":0.02}}})");
  }
  CHECK(scene.call().exact_cost == Usd::parse("0.021"));
}

TEST_CASE("record_response: Bedrock keeps the model that was asked for, whose price it has") {
  Scene scene;
  {
    auto tracker = scene.track("aws.bedrock", "anthropic.claude-3-5-haiku-20241022-v1:0");
    record_response(tracker, Api::bedrock_invoke,
                    R"({"id":"msg_bdrk_1","type":"message","model":"claude-3-5-haiku-20241022",)"
                    R"("stop_reason":"end_turn","usage":{"input_tokens":4,"output_tokens":5}})");
  }
  CHECK(scene.call().model == "anthropic.claude-3-5-haiku-20241022-v1:0");
  CHECK(scene.call().cost_source == CostSource::price_book);
}

TEST_CASE("record_response: sub-calls become records of their own below the call") {
  Scene scene;
  std::string id;
  {
    auto tracker = scene.track("anthropic", "claude-sonnet-4-6");
    record_response(
        tracker, Api::anthropic_messages,
        R"({"id":"msg_1","type":"message","model":"claude-sonnet-4-6","stop_reason":"end_turn",)"
        R"("usage":{"input_tokens":229,"output_tokens":5,"iterations":[)"
        R"({"type":"compaction","input_tokens":100,"cache_creation_input_tokens":55096,)"
        R"("output_tokens":131},{"type":"message","input_tokens":229,"output_tokens":5},)"
        R"({"type":"advisor_message","model":"claude-opus-4-8","input_tokens":9,)"
        R"("output_tokens":1}]}})");
  }
  auto const calls = scene.collector.snapshot();
  REQUIRE(calls.size() == 3);
  auto const& parent = calls.back();
  CHECK(parent.input_tokens == 229);
  CHECK(calls[0].parent_request_id == parent.request_id);
  CHECK(calls[0].model == "claude-sonnet-4-6");
  CHECK(calls[0].input_tokens == 55'196);
  CHECK(calls[0].cache_write_tokens == 55'096);
  CHECK(calls[0].output_tokens == 131);
  CHECK(tag(calls[0], "sub_call") == "compaction");
  CHECK(calls[1].model == "claude-opus-4-8");
  CHECK(calls[1].cost_source == CostSource::price_book);
}

TEST_CASE("ResponseReader: the first token is the first content, not the first event") {
  Scene scene;
  {
    auto tracker = scene.track();
    ResponseReader reader(tracker, Api::openai_chat);
    scene.time.advance(100ms);
    reader.feed(": keep-alive\n\n");
    reader.feed(event(R"({"choices":[{"index":0,"delta":{"role":"assistant","content":""}}]})"));
    CHECK_FALSE(reader.first_token_seen());
    scene.time.advance(150ms);
    reader.feed(event(R"({"choices":[{"index":0,"delta":{"reasoning_content":"Hm"}}]})"));
    CHECK(reader.first_token_seen());
    scene.time.advance(400ms);
    reader.feed(event(R"({"choices":[{"index":0,"delta":{"content":"Hi"}}]})"));
    scene.time.advance(50ms);
    reader.feed(event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"));
    reader.feed(event(R"({"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5}})"));
    reader.feed(event("[DONE]"));
    reader.finish();
  }
  auto const call = scene.call();
  CHECK(call.success);
  CHECK(call.streaming);
  CHECK(call.time_to_first_token_ms == 250.0);
  CHECK(call.time_per_output_token_ms == 100.0);  // 400 ms for the four after the first
  CHECK(call.latency_ms == 700.0);
  CHECK(call.input_tokens == 9);
  CHECK(call.finish_reason == "stop");
}

TEST_CASE("ResponseReader: a stream without counts is a success that nobody can price") {
  Scene scene;
  {
    auto tracker = scene.track();
    ResponseReader reader(tracker, Api::openai_chat);
    reader.feed(event(R"({"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]})"));
    reader.feed(event("[DONE]"));
    reader.finish();
  }
  CHECK(scene.call().success);
  CHECK(scene.call().usage_source == UsageSource::absent);
  CHECK(scene.call().cost_source == CostSource::unpriced);
}

TEST_CASE("ResponseReader: a stream that breaks off is a failure, and its counts are estimates") {
  Scene scene;
  {
    auto tracker = scene.track("google", "gemini-2.5-flash");
    ResponseReader reader(tracker, Api::gemini_generate);
    reader.feed(event(R"({"candidates":[{"content":{"parts":[{"text":"Hi"}]}}],)"
                      R"("usageMetadata":{"promptTokenCount":8,"candidatesTokenCount":1}})"));
    reader.finish();
  }
  auto const call = scene.call();
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "incomplete_response");
  CHECK(call.input_tokens == 8);
  CHECK(call.usage_source == UsageSource::estimated);
  CHECK(call.cost_source == CostSource::estimated);
}

TEST_CASE("ResponseReader: a stream that breaks off without counts has no known cost") {
  Scene scene;
  bool const counted = GENERATE(false, true);
  {
    auto tracker = scene.track();
    ResponseReader reader(tracker, Api::openai_chat);
    reader.feed(event(R"({"choices":[{"delta":{"content":"Hi"}}]})"));
    reader.finish();
    if (counted) tracker.set_usage({.input_tokens = 100, .source = UsageSource::estimated});
  }
  CHECK(scene.call().cost_source == (counted ? CostSource::estimated : CostSource::unpriced));
}

TEST_CASE("ResponseReader: an error within a stream makes the call a failure") {
  Scene scene;
  {
    auto tracker = scene.track("anthropic", "claude-sonnet-4-5");
    ResponseReader reader(tracker, Api::anthropic_messages);
    reader.feed(
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",");
    reader.feed("\"message\":\"Overloaded\"}}\n\n");
    reader.finish();
  }
  CHECK(scene.call().error_type == "overloaded_error");
}

TEST_CASE("ResponseReader: one that goes before its end says that the stream was left") {
  Scene scene;
  {
    auto tracker = scene.track();
    ResponseReader reader(tracker, Api::openai_chat);
    reader.feed(event(R"({"choices":[{"delta":{"content":"Hi"}}]})"));
  }
  CHECK(scene.call().error_type == "abandoned");
}

TEST_CASE("ResponseReader: an exception that leaves the scope is told by the tracker") {
  Scene scene;
  try {
    auto tracker = scene.track();
    ResponseReader reader(tracker, Api::openai_chat);
    reader.feed(event(R"({"choices":[{"delta":{"content":"Hi"}}]})"));
    throw std::runtime_error("broken pipe");
  } catch (std::runtime_error const&) {
  }
  CHECK(scene.call().error_type == "exception");
}

TEST_CASE("ResponseReader: fail names what went wrong with the connection") {
  Scene scene;
  {
    auto tracker = scene.track();
    ResponseReader reader(tracker, Api::openai_chat);
    reader.fail("timeout", "no answer in 30 s");
    reader.finish();
  }
  CHECK(scene.call().error_type == "timeout");
  CHECK(scene.call().error_message == "no answer in 30 s");
}

TEST_CASE("ResponseReader: the response's own error says more than that the connection broke") {
  Scene scene;
  {
    auto tracker = scene.track();
    ResponseReader reader(tracker, Api::openai_chat);
    reader.set_status(429);
    reader.feed(R"({"error":{"message":"slow down","type":"rate_limit_exceeded"}})");
    reader.fail("connection");
  }
  CHECK(scene.call().error_type == "rate_limit_exceeded");
}

TEST_CASE("ResponseReader: header lines tell status and id, and a redirect begins anew") {
  ResponseReader reader;
  reader.set_url("https://bedrock-runtime.us-east-1.amazonaws.com/model/meta.llama3-8b/invoke");
  for (auto const line :
       {"HTTP/1.1 302 Found\r\n", "X-Amzn-RequestId: other\r\n", "\r\n", "HTTP/1.1 200 OK\r\n",
        "x-amzn-requestid: abc\r\n", "X-Amzn-Bedrock-Input-Token-Count:5\r\n",
        "X-Amzn-Bedrock-Output-Token-Count:  6 \r\n", "\r\n"}) {
    reader.feed_header_line(line);
  }
  reader.feed(R"({"generations":[{"text":"Hi","finish_reason":"COMPLETE"}]})");
  reader.finish();
  auto const info = reader.info();
  CHECK(info.http_status == 200);
  CHECK(info.response_id == "abc");
  CHECK(info.request_model == "meta.llama3-8b");
  CHECK(info.counts_from_headers);
  CHECK(info.counts.input_tokens == 5U);
  CHECK(info.counts.output_tokens == 6U);
}

TEST_CASE("ResponseReader: on a finished tracker nothing happens") {
  Scene scene;
  auto tracker = scene.track();
  ResponseReader reader(tracker, Api::openai_chat);
  tracker.finish();
  reader.feed(chat_body);
  reader.finish();
  CHECK(scene.call().input_tokens == 0);
}

TEST_CASE("ResponseReader: what comes after the end is not looked at") {
  ResponseReader reader(Api::openai_chat);
  reader.feed(chat_body);
  reader.finish();
  reader.feed(chat_body);
  CHECK(reader.info().problem == ReadProblem::none);
}
