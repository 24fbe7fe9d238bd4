// SPDX-License-Identifier: MIT
// What the vendors' bodies say that Bedrock's InvokeModel gives out, and the headers around them.
#include "support/responses.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

using Header = std::pair<std::string_view, std::string_view>;

constexpr std::array<Header, 4> counting_headers{{{"X-Amzn-Bedrock-Input-Token-Count", "61"},
                                                  {"X-Amzn-Bedrock-Output-Token-Count", "17"},
                                                  {"X-Amzn-Bedrock-Invocation-Latency", "812"},
                                                  {"x-amzn-requestid", "a1-b2"}}};
constexpr ResponseContext with_headers{.http_status = 200, .headers = counting_headers};

}  // namespace

TEST_CASE("invoke: Claude's body is Anthropic's, and its own counts stand") {
  auto const info =
      read(Api::bedrock_invoke,
           R"({"model":"claude-sonnet-4-5-20250929","id":"msg_bdrk_01","type":"message",)"
           R"("role":"assistant","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn",)"
           R"("stop_sequence":null,"usage":{"input_tokens":11,"cache_creation_input_tokens":200,)"
           R"("cache_read_input_tokens":1000,"cache_creation":{"ephemeral_5m_input_tokens":150,)"
           R"("ephemeral_1h_input_tokens":50},"output_tokens":9}})",
           with_headers);
  CHECK(info.counts == ReportedCounts{.input_tokens = 1211,
                                      .output_tokens = 9,
                                      .cache_read_tokens = 1000,
                                      .cache_write_tokens = 200,
                                      .cache_write_1h_tokens = 50});
  CHECK(info.model == "claude-sonnet-4-5-20250929");
  CHECK(info.response_id == "msg_bdrk_01");
  CHECK(finish_reasons(info) == Strings{"end_turn"});
  CHECK_FALSE(info.counts_from_headers);
  CHECK(info.provider_latency_ms == 812.0);
}

TEST_CASE("invoke: Nova's body is Converse's") {
  auto const info =
      read(Api::bedrock_invoke,
           R"({"output":{"message":{"content":[{"text":"Hi"}],"role":"assistant"}},)"
           R"("stopReason":"end_turn","usage":{"inputTokens":5,"outputTokens":42,"totalTokens":47,)"
           R"("cacheReadInputTokenCount":30,"cacheWriteInputTokenCount":8}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 43,
                                      .output_tokens = 42,
                                      .cache_read_tokens = 30,
                                      .cache_write_tokens = 8});
  CHECK(finish_reasons(info) == Strings{"end_turn"});
}

TEST_CASE("invoke: Titan counts each result") {
  auto const info = read(Api::bedrock_invoke,
                         R"({"inputTextTokenCount":9,"results":[{"tokenCount":40,"outputText":"a",)"
                         R"("completionReason":"FINISH"},{"tokenCount":2,"outputText":"b",)"
                         R"("completionReason":"LENGTH"}]})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 9, .output_tokens = 42});
  CHECK(finish_reasons(info) == Strings{"FINISH", "LENGTH"});
}

TEST_CASE("invoke: Llama's body") {
  auto const info =
      read(Api::bedrock_invoke,
           R"({"generation":"\n\nHi","prompt_token_count":18,"generation_token_count":512,)"
           R"("stop_reason":"length"})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 18, .output_tokens = 512});
  CHECK(finish_reasons(info) == Strings{"length"});
}

TEST_CASE("invoke: vendors without counts of their own have them in the headers") {
  struct Body {
    std::string_view body;
    Strings reasons;
  };
  for (auto const& [body, reasons] :
       {Body{R"({"generations":[{"finish_reason":"COMPLETE","id":"g","text":" Hi"}],"id":"c-1",)"
             R"("prompt":"x"})",
             {"COMPLETE"}},
        Body{R"({"response_id":"c-1/x","text":"Hi","generation_id":"g","chat_history":[{)"
             R"("role":"USER","message":"x"}],"finish_reason":"MAX_TOKENS"})",
             {"MAX_TOKENS"}},
        Body{R"({"id":1234,"prompt":{"text":"x","tokens":[{"generatedToken":{"token":"x"}}]},)"
             R"("completions":[{"data":{"text":"Hi","tokens":[]},"finishReason":{)"
             R"("reason":"endoftext"}}]})",
             {"endoftext"}},
        Body{R"({"outputs":[{"text":" Hi","stop_reason":"stop"}]})", {"stop"}},
        Body{R"({"choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},)"
             R"("stop_reason":"length"}]})",
             {"length"}}}) {
    INFO(body);
    auto const info = read(Api::bedrock_invoke, body, with_headers);
    CHECK(info.counts == ReportedCounts{.input_tokens = 61, .output_tokens = 17});
    CHECK(info.counts_from_headers);
    CHECK(finish_reasons(info) == reasons);
    CHECK(info.problem == ReadProblem::none);
  }
}

TEST_CASE("invoke: cached tokens of the headers stand beside the input") {
  std::array<Header, 4> const headers{{{"x-amzn-bedrock-input-token-count", "10"},
                                       {"x-amzn-bedrock-output-token-count", "20"},
                                       {"x-amzn-bedrock-cache-read-input-token-count", "300"},
                                       {"x-amzn-bedrock-cache-write-input-token-count", "4"}}};
  auto const info = read(Api::bedrock_invoke, R"({"outputs":[{"text":"x","stop_reason":"stop"}]})",
                         {.headers = headers});
  CHECK(info.counts == ReportedCounts{.input_tokens = 314,
                                      .output_tokens = 20,
                                      .cache_read_tokens = 300,
                                      .cache_write_tokens = 4});
}

TEST_CASE("invoke: the id is the body's, also as a number, else the header's") {
  auto const numbered = read(
      Api::bedrock_invoke,
      R"({"id":1234,"completions":[{"data":{"text":"x"},"finishReason":{"reason":"length"}}]})",
      with_headers);
  CHECK(numbered.response_id == "1234");
  auto const nameless =
      read(Api::bedrock_invoke, R"({"outputs":[{"text":"x","stop_reason":"stop"}]})", with_headers);
  CHECK(nameless.response_id == "a1-b2");
}

TEST_CASE("invoke: Jamba and other bodies like OpenAI's") {
  auto const info =
      read(Api::bedrock_invoke,
           R"({"id":"chat-9","choices":[{"index":0,"message":{"role":"assistant","content":"Hi",)"
           R"("tool_calls":null},"finish_reason":"stop"}],"usage":{"prompt_tokens":13,)"
           R"("completion_tokens":4,"total_tokens":17},"meta":{"requestDurationMillis":204},)"
           R"("model":"jamba-1.5-mini"})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 13, .output_tokens = 4});
  CHECK(finish_reasons(info) == Strings{"stop"});
  CHECK(info.model == "jamba-1.5-mini");
}

TEST_CASE("invoke: embeddings have no output") {
  auto const titan = read(Api::bedrock_invoke, R"({"embedding":[0.1,0.2],"inputTextTokenCount":7})",
                          {.url = "https://bedrock-runtime.us-east-1.amazonaws.com/model/"
                                  "amazon.titan-embed-text-v2%3A0/invoke"});
  CHECK(titan.counts == ReportedCounts{.input_tokens = 7, .output_tokens = 0});
  CHECK(titan.request_model == "amazon.titan-embed-text-v2:0");
}

TEST_CASE("invoke: embeddings have no output in the headers either") {
  std::array<Header, 1> const headers{{{"X-Amzn-Bedrock-Input-Token-Count", "5"}}};
  auto const cohere = read(Api::bedrock_invoke,
                           R"({"embeddings":[[0.1,0.2]],"id":"e-1","response_type":)"
                           R"("embeddings_floats","texts":["x"]})",
                           {.http_status = 200, .headers = headers});
  CHECK(cohere.counts == ReportedCounts{.input_tokens = 5, .output_tokens = 0});
  CHECK(cohere.response_id == "e-1");
}

TEST_CASE("invoke stream: Claude's events, in base64, and Bedrock's measures in the last") {
  auto const info = read(
      Api::bedrock_invoke_stream,
      chunk_frame(R"({"type":"message_start","message":{"model":"claude-3-7-sonnet-20250219",)"
                  R"("id":"msg_bdrk_02","type":"message","role":"assistant","content":[],)"
                  R"("stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":15,)"
                  R"("cache_creation_input_tokens":0,"cache_read_input_tokens":80,)"
                  R"("output_tokens":2}}})") +
          chunk_frame(R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
                      R"("text":"Hi"}})") +
          chunk_frame(R"({"type":"message_delta","delta":{"stop_reason":"end_turn",)"
                      R"("stop_sequence":null},"usage":{"output_tokens":33}})") +
          chunk_frame(R"({"type":"message_stop","amazon-bedrock-invocationMetrics":{)"
                      R"("inputTokenCount":15,"outputTokenCount":33,"invocationLatency":1289,)"
                      R"("firstByteLatency":466,"cacheReadInputTokenCount":80,)"
                      R"("cacheWriteInputTokenCount":0}})"));
  CHECK(info.counts == ReportedCounts{.input_tokens = 95,
                                      .output_tokens = 33,
                                      .cache_read_tokens = 80,
                                      .cache_write_tokens = 0});
  CHECK(info.provider_latency_ms == 1289.0);
  CHECK(info.provider_first_byte_ms == 466.0);
  CHECK(info.response_id == "msg_bdrk_02");
  CHECK(info.model == "claude-3-7-sonnet-20250219");
  CHECK(finish_reasons(info) == Strings{"end_turn"});
  CHECK(info.complete);
}

TEST_CASE("invoke stream: Nova's events are Converse's, in one document each") {
  auto const body =
      chunk_frame(R"({"messageStart":{"role":"assistant"}})") +
      chunk_frame(R"({"contentBlockDelta":{"delta":{"text":"Hi"},"contentBlockIndex":0}})") +
      chunk_frame(R"({"contentBlockStop":{"contentBlockIndex":0}})") +
      chunk_frame(R"({"messageStop":{"stopReason":"end_turn"}})") +
      chunk_frame(R"({"metadata":{"usage":{"inputTokens":12,"outputTokens":57,)"
                  R"("cacheReadInputTokenCount":0,"cacheWriteInputTokenCount":0},"metrics":{},)"
                  R"("trace":{}},"amazon-bedrock-invocationMetrics":{"inputTokenCount":12,)"
                  R"("outputTokenCount":57,"invocationLatency":700,"firstByteLatency":250}})");
  auto const info = read(Api::bedrock_invoke_stream, body);
  CHECK(info.counts.input_tokens == 12U);
  CHECK(info.counts.output_tokens == 57U);
  CHECK(finish_reasons(info) == Strings{"end_turn"});
  CHECK(info.provider_latency_ms == 700.0);
  CHECK(bytes_to_first_token(Api::bedrock_invoke_stream, body) >
        chunk_frame(R"({"messageStart":{"role":"assistant"}})").size());
}

TEST_CASE("invoke stream: Llama names its counts in pieces, null in between") {
  auto const info = read(
      Api::bedrock_invoke_stream,
      chunk_frame(R"({"generation":"Hi","prompt_token_count":25,"generation_token_count":1,)"
                  R"("stop_reason":null})") +
          chunk_frame(R"({"generation":" you","prompt_token_count":null,)"
                      R"("generation_token_count":2,"stop_reason":null})") +
          chunk_frame(R"({"generation":"","prompt_token_count":null,"generation_token_count":3,)"
                      R"("stop_reason":"stop","amazon-bedrock-invocationMetrics":{)"
                      R"("inputTokenCount":25,"outputTokenCount":3,"invocationLatency":90,)"
                      R"("firstByteLatency":41}})"));
  CHECK(info.counts == ReportedCounts{.input_tokens = 25, .output_tokens = 3});
  CHECK(finish_reasons(info) == Strings{"stop"});
  CHECK(info.complete);
}

TEST_CASE("invoke stream: Titan's total is in its last piece") {
  auto const info = read(
      Api::bedrock_invoke_stream,
      chunk_frame(R"({"outputText":"Hi","index":0,"totalOutputTextTokenCount":null,)"
                  R"("completionReason":null,"inputTextTokenCount":11})") +
          chunk_frame(R"({"outputText":"","index":0,"totalOutputTextTokenCount":128,)"
                      R"("completionReason":"FINISH","inputTextTokenCount":11,)"
                      R"("amazon-bedrock-invocationMetrics":{"inputTokenCount":11,)"
                      R"("outputTokenCount":128,"invocationLatency":90,"firstByteLatency":4}})"));
  CHECK(info.counts == ReportedCounts{.input_tokens = 11, .output_tokens = 128});
  CHECK(finish_reasons(info) == Strings{"FINISH"});
}

TEST_CASE("invoke stream: vendors that count nothing are counted by Bedrock") {
  auto const cohere =
      chunk_frame(R"({"is_finished":false,"event_type":"text-generation","text":"Hi"})") +
      chunk_frame(R"({"is_finished":true,"event_type":"stream-end","response":{)"
                  R"("response_id":"r","text":"Hi","finish_reason":"COMPLETE"},)"
                  R"("finish_reason":"COMPLETE","amazon-bedrock-invocationMetrics":{)"
                  R"("inputTokenCount":6,"outputTokenCount":2,"invocationLatency":50,)"
                  R"("firstByteLatency":20}})");
  auto const mistral =
      chunk_frame(R"({"outputs":[{"text":"Hi","stop_reason":null}]})") +
      chunk_frame(R"({"outputs":[{"text":"","stop_reason":"length"}],)"
                  R"("amazon-bedrock-invocationMetrics":{"inputTokenCount":6,)"
                  R"("outputTokenCount":2,"invocationLatency":50,"firstByteLatency":20}})");
  for (auto const& [body, reason] : {std::pair{cohere, "COMPLETE"}, std::pair{mistral, "length"}}) {
    auto const info = read(Api::bedrock_invoke_stream, body);
    CHECK(info.counts == ReportedCounts{.input_tokens = 6, .output_tokens = 2});
    CHECK(info.provider_first_byte_ms == 20.0);
    CHECK(finish_reasons(info) == Strings{reason});
    CHECK(info.complete);
  }
}

TEST_CASE("invoke stream: an exception after the first pieces") {
  auto const info =
      read(Api::bedrock_invoke_stream,
           chunk_frame(R"({"outputs":[{"text":"Hi","stop_reason":null}]})") +
               exception_frame("modelStreamErrorException",
                               R"({"message":"The model broke","originalStatusCode":500})"));
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "modelStreamErrorException");
  CHECK(info.error->message == "The model broke");
}
