// SPDX-License-Identifier: MIT
// What Bedrock's Converse says, in JSON and as a binary stream.
#include "support/responses.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

using Header = std::pair<std::string_view, std::string_view>;

constexpr std::string_view converse_url =
    "https://bedrock-runtime.eu-west-1.amazonaws.com/model/"
    "eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse";

constexpr std::string_view metadata =
    R"({"metrics":{"latencyMs":1450},"p":"abcdefghijklmnopqrstuvwxyz","usage":{)"
    R"("cacheReadInputTokenCount":2074,"cacheReadInputTokens":2074,)"
    R"("cacheWriteInputTokenCount":0,"cacheWriteInputTokens":0,"inputTokens":3,)"
    R"("outputTokens":288,"serverToolUsage":{},"totalTokens":2365}})";

std::string stream_start() {
  return event_frame("messageStart", R"({"p":"abcd","role":"assistant"})") +
         event_frame("contentBlockDelta",
                     R"({"contentBlockIndex":0,"delta":{"text":"Hi"},"p":"abcdefgh"})") +
         event_frame("contentBlockStop", R"({"contentBlockIndex":0,"p":"ab"})");
}

std::string whole_stream() {
  return stream_start() + event_frame("messageStop", R"({"p":"abcdefg","stopReason":"end_turn"})") +
         event_frame("metadata", metadata);
}

}  // namespace

TEST_CASE("bedrock converse: cached and written tokens stand beside inputTokens") {
  std::array<Header, 2> const headers{
      {{"x-amzn-RequestId", "b1c2-d3"}, {"Content-Type", "application/json"}}};
  auto const info = read(
      Api::bedrock_converse,
      R"({"metrics":{"latencyMs":2818},"output":{"message":{"content":[{"text":"Hello"}],)"
      R"("role":"assistant"}},"serviceTier":{"type":"flex"},"stopReason":"max_tokens","usage":{)"
      R"("cacheDetails":[{"inputTokens":200,"ttl":"5m"},{"inputTokens":36,"ttl":"1h"}],)"
      R"("cacheReadInputTokenCount":1712,"cacheReadInputTokens":1712,)"
      R"("cacheWriteInputTokenCount":236,"cacheWriteInputTokens":236,"inputTokens":3,)"
      R"("outputTokens":121,"serverToolUsage":{},"totalTokens":2072}})",
      {.http_status = 200, .url = converse_url, .headers = headers});
  CHECK(info.counts == ReportedCounts{.input_tokens = 1951,
                                      .output_tokens = 121,
                                      .cache_read_tokens = 1712,
                                      .cache_write_tokens = 236,
                                      .cache_write_1h_tokens = 36});
  CHECK(info.model.empty());
  CHECK(info.request_model == "eu.anthropic.claude-sonnet-4-5-20250929-v1:0");
  CHECK(info.response_id == "b1c2-d3");
  CHECK(info.service_tier == "flex");
  CHECK(info.provider_latency_ms == 2818.0);
  CHECK(finish_reasons(info) == Strings{"max_tokens"});
  CHECK(info.problem == ReadProblem::none);
}

TEST_CASE("bedrock converse: without a cache there is none to report") {
  auto const info = read(
      Api::bedrock_converse,
      R"({"output":{"message":{"role":"assistant","content":[{"reasoningContent":{)"
      R"("reasoningText":{"text":"Hm","signature":"x"}}},{"toolUse":{"toolUseId":"t",)"
      R"("name":"f","input":{"usage":{"inputTokens":1}}}}]}},"stopReason":"tool_use","usage":{)"
      R"("inputTokens":25,"outputTokens":10,"totalTokens":35},"metrics":{"latencyMs":551},)"
      R"("trace":{"guardrail":{}},"performanceConfig":{"latency":"optimized"}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 25, .output_tokens = 10});
  CHECK(finish_reasons(info) == Strings{"tool_use"});
}

TEST_CASE("bedrock converse: every stop reason is kept as it is") {
  for (std::string_view const reason :
       {"end_turn", "stop_sequence", "guardrail_intervened", "content_filtered",
        "malformed_model_output", "malformed_tool_use", "model_context_window_exceeded"}) {
    std::string body = R"({"output":{"message":{"role":"assistant","content":[]}},"stopReason":")";
    body.append(reason).append(R"(","usage":{"inputTokens":1,"outputTokens":2,"totalTokens":3}})");
    CHECK(finish_reasons(read(Api::bedrock_converse, body)) == Strings{std::string(reason)});
  }
}

TEST_CASE("bedrock converse: a binary stream has its counts in the last frame") {
  auto const body = whole_stream();
  auto const info = read(Api::bedrock_converse_stream, body);
  CHECK(info.form == BodyForm::event_stream);
  CHECK(info.counts == ReportedCounts{.input_tokens = 2077,
                                      .output_tokens = 288,
                                      .cache_read_tokens = 2074,
                                      .cache_write_tokens = 0});
  CHECK(info.provider_latency_ms == 1450.0);
  CHECK(finish_reasons(info) == Strings{"end_turn"});
  CHECK(info.complete);
  CHECK(info.counts_are_final);
  auto const first = bytes_to_first_token(Api::bedrock_converse_stream, body);
  CHECK(first > event_frame("messageStart", R"({"p":"abcd","role":"assistant"})").size());
  CHECK(first < stream_start().size());
}

TEST_CASE("bedrock converse: written for an hour, in a stream") {
  auto const info = read(
      Api::bedrock_converse_stream,
      stream_start() + event_frame("messageStop", R"({"stopReason":"end_turn"})") +
          event_frame("metadata",
                      R"({"usage":{"inputTokens":4,"outputTokens":5,"totalTokens":109,)"
                      R"("cacheReadInputTokens":0,"cacheWriteInputTokens":100,"cacheDetails":[)"
                      R"({"ttl":"1h","inputTokens":60},{"ttl":"5m","inputTokens":40}]},)"
                      R"("metrics":{"latencyMs":7},"serviceTier":{"type":"priority"}})"));
  CHECK(info.counts.cache_write_1h_tokens == 60U);
  CHECK(info.counts.cache_write_tokens == 100U);
  CHECK(info.counts.input_tokens == 104U);
  CHECK(info.service_tier == "priority");
}

TEST_CASE("bedrock converse: a stream without its last frame is cut, though the answer is whole") {
  auto const info =
      read(Api::bedrock_converse_stream,
           stream_start() + event_frame("messageStop", R"({"stopReason":"end_turn"})"));
  CHECK(info.counts == ReportedCounts{});
  CHECK_FALSE(info.complete);
  CHECK(info.problem == ReadProblem::cut);
}

TEST_CASE("bedrock converse: a stream that is cut at any byte gives no counts, or all") {
  auto const body = whole_stream();
  for (std::size_t size = 1; size < body.size(); ++size) {
    auto const info = read_response(Api::bedrock_converse_stream, body.substr(0, size));
    if (info.counts == ReportedCounts{} && !info.complete) continue;
    FAIL("cut at " << size << ": " << text_of(info));
  }
}

TEST_CASE("bedrock: a frame of an exception ends a stream with its error") {
  auto const info = read(
      Api::bedrock_converse_stream,
      stream_start() + exception_frame("throttlingException", R"({"message":"Too many tokens"})"));
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "throttlingException");
  CHECK(info.error->message == "Too many tokens");
  CHECK(info.counts == ReportedCounts{});
}

TEST_CASE("bedrock: a frame of an error has code and message in its headers") {
  auto const info = read(Api::bedrock_invoke_stream,
                         frame(sized_header(":message-type", "error") +
                                   sized_header(":error-code", "internalServerException") +
                                   sized_header(":error-message", "Something broke"),
                               ""));
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "internalServerException");
  CHECK(info.error->message == "Something broke");
}

TEST_CASE("bedrock: the type of an error stands in a header, up to its colon") {
  std::array<Header, 2> const headers{
      {{"x-amzn-ErrorType", "ValidationException:http://internal.amazon.com/coral/"},
       {"x-amzn-RequestId", "e5f6"}}};
  auto const info =
      read(Api::bedrock_converse, R"({"message":"The provided model identifier is invalid."})",
           {.http_status = 400, .url = converse_url, .headers = headers});
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "ValidationException");
  CHECK(info.error->message == "The provided model identifier is invalid.");
  CHECK(info.error->request_id == "e5f6");
  CHECK(info.counts == ReportedCounts{});
}

TEST_CASE("bedrock: some errors spell Message, and one has its type in the body") {
  auto const info = read(Api::bedrock_invoke,
                         R"({"Message":"User is not authorized to perform: bedrock:InvokeModel"})",
                         {.http_status = 403});
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "permission");
  CHECK(info.error->message == "User is not authorized to perform: bedrock:InvokeModel");
  auto const typed = read(Api::bedrock_converse,
                          R"({"__type":"com.amazon.coral.service#AccessDeniedException",)"
                          R"("Message":"no"})",
                          {.http_status = 403});
  REQUIRE(typed.error.has_value());
  CHECK(typed.error->type == "AccessDeniedException");
}

TEST_CASE("bedrock: a frame whose checksum is wrong is left out, and said so") {
  auto body = whole_stream();
  auto const at = body.rfind("\"outputTokens\":288");
  body[at + 17] = '9';
  auto const info = read(Api::bedrock_converse_stream, body);
  CHECK(info.counts == ReportedCounts{});
  CHECK(info.problem == ReadProblem::wrong_checksum);
}
