// SPDX-License-Identifier: MIT
// What of a body stands in the end: counts that were replaced, taken back or damaged.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include <netrun/llm/response_reader.hpp>

#include <chrono>
#include <string>
#include <string_view>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

std::string event(std::string_view data) { return "data: " + std::string(data) + "\n\n"; }

std::string usage_chunk(std::string_view counts) {
  return event(R"({"choices":[],"usage":{)" + std::string(counts) + "}}");
}

constexpr std::string_view anthropic_start =
    R"({"type":"message_start","message":{"model":"m","usage":{"input_tokens":1000,)"
    R"("output_tokens":1}}})";
constexpr std::string_view anthropic_stop = R"({"type":"message_stop"})";

}  // namespace

TEST_CASE("last word: a bad count that was replaced by a good one spoils nothing") {
  auto const info = read_response(
      Api::vllm_chat,
      event(R"({"choices":[{"delta":{"content":"x"}}],"usage":{"prompt_tokens":1.5,)"
            R"("completion_tokens":-1}})") +
          usage_chunk(R"("prompt_tokens":100,"completion_tokens":50)") + event("[DONE]"));
  CHECK(info.problem == ReadProblem::none);
  CHECK(info.usage().source == UsageSource::reported);
  CHECK(info.counts.input_tokens == 100U);
}

TEST_CASE("last word: a total that is no count spoils nothing") {
  auto const info = read_response(
      Api::openai_chat,
      R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":"3"}})");
  CHECK(info.problem == ReadProblem::none);
  CHECK(info.usage().source == UsageSource::reported);
}

TEST_CASE("last word: a number of a hundred digits is never read by its beginning") {
  std::string const zeros(100, '0');
  auto const info = read_response(Api::openrouter_chat,
                                  R"({"choices":[],"usage":{"prompt_tokens":1.)" + zeros +
                                      R"(e5,"completion_tokens":2,"cost":1.)" + zeros + "e-9}}");
  CHECK_FALSE(info.counts.input_tokens.has_value());
  CHECK_FALSE(info.reported_cost_usd.has_value());
  CHECK(info.problem == ReadProblem::count_too_large);
}

TEST_CASE("last word: Anthropic's counts are a beginning until the reason for the stop") {
  auto const info =
      read_response(Api::anthropic_messages, event(anthropic_start) + event(anthropic_stop));
  CHECK_FALSE(info.counts_are_final);
  CHECK_FALSE(info.complete);
  CHECK(info.usage().source == UsageSource::estimated);
}

TEST_CASE("last word: a damaged piece leaves running totals without an end") {
  auto const info = read_response(
      Api::openai_chat, event(R"({"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}],)"
                              R"("usage":{"prompt_tokens":100,"completion_tokens":1}})") +
                            event(R"({"choices":[],"usage":{"prompt_tokens":100,"completion_)") +
                            event("[DONE]"));
  CHECK(info.problem == ReadProblem::malformed);
  CHECK_FALSE(info.counts_are_final);
}

TEST_CASE("last word: a stream is over when every choice that was seen is") {
  auto const first = event(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],)"
                           R"("usage":{"prompt_tokens":1,"completion_tokens":1}})");
  auto const second = event(R"({"choices":[{"index":1,"delta":{"content":"x"}}]})");
  CHECK(read_response(Api::vllm_chat, first).complete);
  CHECK_FALSE(read_response(Api::vllm_chat, first + second).complete);
}

TEST_CASE("last word: between the end of the answer and its counts a stream is not over") {
  auto const info = read_response(
      Api::openai_chat,
      event(R"({"choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}]})"));
  CHECK_FALSE(info.complete);
  CHECK(info.problem == ReadProblem::cut);
}

TEST_CASE("last word: OpenAI's counts beside an empty list of choices end a stream") {
  auto const info = read_response(Api::openai_chat,
                                  event(R"({"choices":[{"delta":{"content":"x"}}]})") +
                                      usage_chunk(R"("prompt_tokens":1,"completion_tokens":2)"));
  CHECK(info.complete);
  CHECK(info.counts_are_final);
}

TEST_CASE("last word: Anthropic's cache counts beside OpenAI's do not make another body of it") {
  constexpr std::string_view body =
      R"({"choices":[{"index":0,"finish_reason":"stop"}],"usage":{"prompt_tokens":20,)"
      R"("completion_tokens":5,"total_tokens":25,"cache_creation_input_tokens":3,)"
      R"("cache_read_input_tokens":8}})";
  for (auto const api : {Api::openai_chat, Api::automatic}) {
    auto const info = read_response(api, body);
    CHECK(info.api == Api::openai_chat);
    CHECK(info.counts == ReportedCounts{.input_tokens = 20,
                                        .output_tokens = 5,
                                        .cache_read_tokens = 8,
                                        .cache_write_tokens = 3});
  }
}

TEST_CASE("last word: Gemini's thoughts are added unless the total has them already") {
  auto const output = [](int total) {
    return read_response(Api::gemini_generate,
                         R"({"candidates":[],"usageMetadata":{"promptTokenCount":10,)"
                         R"("candidatesTokenCount":30,"thoughtsTokenCount":20,)"
                         R"("totalTokenCount":)" +
                             std::to_string(total) + "}}")
        .counts.output_tokens;
  };
  CHECK(output(60) == 50U);
  CHECK(output(40) == 30U);
}

TEST_CASE("last word: a gateway's own cost is not what OpenAI charges") {
  constexpr std::string_view body =
      R"({"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"cost":0.5}})";
  CHECK_FALSE(read_response(Api::openai_chat, body).reported_cost_usd.has_value());
  CHECK(read_response(Api::openrouter_chat, body).reported_cost_usd == 0.5);
}

TEST_CASE("last word: more calls within a call than are kept apart are added up unpriced") {
  std::string body = R"({"type":"message","usage":{"input_tokens":1,"output_tokens":2,)"
                     R"("iterations":[)";
  for (int i = 0; i < 20; ++i) {
    if (i != 0) body.append(",");
    body.append(R"({"type":"advisor_message","model":")").append(i < 15 ? "a" : "b");
    body.append(R"(","input_tokens":10,"output_tokens":1})");
  }
  auto const same = read_response(Api::anthropic_messages, body + "]}}");
  REQUIRE(same.sub_call_count == most_sub_calls);
  CHECK(same.sub_calls[15].model == "b");
  CHECK(same.sub_calls[15].counts.input_tokens == 50U);
  auto const other = read_response(
      Api::anthropic_messages,
      body + R"(,{"type":"advisor_message","model":"c","input_tokens":10,"output_tokens":1}]}})");
  CHECK(other.sub_calls[15].model == "several");
  CHECK(other.sub_calls[15].counts.input_tokens == 60U);
}

TEST_CASE("last word: a call that broke without counts is unpriced, but for a cost that was set") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  bool const costs_nothing = GENERATE(false, true);
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    ResponseReader reader(tracker, Api::openai_chat);
    if (costs_nothing) tracker.set_cost(0.0);
    reader.fail("connection");
  }
  CHECK(only_call(collector).cost_source ==
        (costs_nothing ? CostSource::manual : CostSource::unpriced));
}

TEST_CASE("last word: on Bedrock the model in the address names the call") {
  TelemetryCollector collector;
  bool const own = GENERATE(false, true);
  {
    auto tracker = collector.track_request("aws.bedrock", "alias");
    ResponseReader reader(tracker, Api::bedrock_converse);
    reader.set_url(own ? "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
                         "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplication-inference-profile%2Fx/"
                         "converse"
                       : "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
                         "anthropic.claude-3-5-haiku-20241022-v1%3A0/converse");
    reader.feed(R"({"stopReason":"end_turn","usage":{"inputTokens":1,"outputTokens":2}})");
    reader.finish();
  }
  CHECK(only_call(collector).model == (own ? "alias" : "anthropic.claude-3-5-haiku-20241022-v1:0"));
}

TEST_CASE("last word: time per output token leaves out what was thought in silence") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  {
    auto tracker = collector.track_request("openai", "o3");
    ResponseReader reader(tracker, Api::openai_chat);
    time.advance(10s);
    reader.feed(event(R"({"choices":[{"index":0,"delta":{"content":"a"}}]})"));
    time.advance(90ms);
    reader.feed(event(R"({"choices":[{"index":0,"delta":{"content":"b"}}]})"));
    reader.feed(usage_chunk(R"("prompt_tokens":1,"completion_tokens":1010,)"
                            R"("completion_tokens_details":{"reasoning_tokens":1000})"));
    reader.feed(event("[DONE]"));
    reader.finish();
  }
  CHECK(only_call(collector).time_per_output_token_ms == 10.0);
}

TEST_CASE("last word: an answer in one piece has no time per output token") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    ResponseReader reader(tracker, Api::openai_chat);
    reader.feed(event(R"({"choices":[{"index":0,"delta":{"content":"a"}}]})") +
                usage_chunk(R"("prompt_tokens":1,"completion_tokens":500)") + event("[DONE]"));
    reader.finish();
  }
  CHECK_FALSE(only_call(collector).time_per_output_token_ms.has_value());
}
