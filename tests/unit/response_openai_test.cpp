// SPDX-License-Identifier: MIT
// What OpenAI's and Azure OpenAI's chat, completions and embeddings say.
#include "support/responses.hpp"

#include <string>
#include <string_view>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

constexpr std::string_view chat_with_details = R"({
  "id": "chatcmpl-CxR3bN8l2qWvJmP0dTfHsUe5oYiAk",
  "object": "chat.completion",
  "created": 1767312456,
  "model": "gpt-5.1-2025-11-13",
  "choices": [
    {
      "index": 0,
      "message": {
        "role": "assistant",
        "content": "Here is {\"usage\":{\"prompt_tokens\":1}} for \"you\".",
        "refusal": null,
        "annotations": []
      },
      "logprobs": null,
      "finish_reason": "stop"
    }
  ],
  "usage": {
    "prompt_tokens": 2306,
    "completion_tokens": 1170,
    "total_tokens": 3476,
    "prompt_tokens_details": {"cached_tokens": 1920, "cache_write_tokens": 256, "audio_tokens": 0},
    "completion_tokens_details": {
      "reasoning_tokens": 832, "audio_tokens": 0,
      "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0
    }
  },
  "service_tier": "flex",
  "system_fingerprint": null
}
)";

std::string chunk(std::string_view rest) {
  std::string text =
      R"({"id":"chatcmpl-Cy1","object":"chat.completion.chunk","created":1767312500,)"
      R"("model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_62a",)";
  return text.append(rest).append("}");
}

std::string stream_with_usage() {
  return events(
      {chunk(R"("choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},)"
             R"("logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"xY2b")"),
       chunk(R"("choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,)"
             R"("finish_reason":null}],"usage":null,"obfuscation":"9sKq21")"),
       chunk(R"("choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],)"
             R"("usage":null,"obfuscation":"b")"),
       chunk(R"("choices":[],"usage":{"prompt_tokens":19,"completion_tokens":10,)"
             R"("total_tokens":29,"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},)"
             R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,)"
             R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},)"
             R"("obfuscation":"YQ0")"),
       "[DONE]"});
}

}  // namespace

TEST_CASE("openai chat: details are parts of the totals") {
  auto const info = read(Api::openai_chat, chat_with_details);
  CHECK(info.counts == ReportedCounts{.input_tokens = 2306,
                                      .output_tokens = 1170,
                                      .cache_read_tokens = 1920,
                                      .cache_write_tokens = 256,
                                      .reasoning_tokens = 832,
                                      .audio_input_tokens = 0,
                                      .audio_output_tokens = 0});
  CHECK(info.model == "gpt-5.1-2025-11-13");
  CHECK(info.response_id == "chatcmpl-CxR3bN8l2qWvJmP0dTfHsUe5oYiAk");
  CHECK(info.service_tier == "flex");
  CHECK(finish_reasons(info) == Strings{"stop"});
  CHECK(info.complete);
  CHECK(info.form == BodyForm::json);
  CHECK(info.problem == ReadProblem::none);
  CHECK(info.usage().source == UsageSource::reported);
}

TEST_CASE("openai chat: an older body without details has no parts, not parts of 0") {
  auto const info = read(
      Api::openai_chat,
      R"({"id":"chatcmpl-8fFuQ","object":"chat.completion","created":1704966100,)"
      R"("model":"gpt-3.5-turbo-0613","choices":[{"index":0,"message":{"role":"assistant",)"
      R"("content":null,"function_call":{"name":"weather","arguments":"{\"city\": \"Rome\"}"}},)"
      R"("finish_reason":"function_call"}],"usage":{"prompt_tokens":82,"completion_tokens":18,)"
      R"("total_tokens":100},"system_fingerprint":null})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 82, .output_tokens = 18});
  CHECK(finish_reasons(info) == Strings{"function_call"});
  CHECK(info.service_tier.empty());
}

TEST_CASE("openai chat: each of several choices has its own finish reason, in their order") {
  auto const info = read(
      Api::openai_chat,
      R"({"id":"chatcmpl-n3","object":"chat.completion","created":1,"model":"gpt-4.1-2025-04-14",)"
      R"("choices":[{"index":1,"message":{"role":"assistant","content":"b"},)"
      R"("finish_reason":"length"},{"index":0,"message":{"role":"assistant","content":"a"},)"
      R"("finish_reason":"stop"},{"index":2,"message":{"role":"assistant","content":null,)"
      R"("tool_calls":[{"id":"call_1","type":"function","function":{"name":"f",)"
      R"("arguments":"{}"}}]},"finish_reason":"tool_calls"}],)"
      R"("usage":{"prompt_tokens":9,"completion_tokens":30,"total_tokens":39}})");
  CHECK(finish_reasons(info) == Strings{"stop", "length", "tool_calls"});
  CHECK(info.counts.output_tokens == 30U);
}

TEST_CASE("openai chat: audio is a part of both sides") {
  auto const info = read(
      Api::openai_chat,
      R"({"id":"chatcmpl-a","object":"chat.completion","created":1738000000,)"
      R"("model":"gpt-4o-audio-preview-2025-06-03","choices":[{"index":0,"message":{)"
      R"("role":"assistant","content":null,"refusal":null,"audio":{"id":"audio_67","data":"UklGRg",)"
      R"("expires_at":1738003600,"transcript":"Hello"}},"finish_reason":"stop"}],"usage":{)"
      R"("prompt_tokens":33,"completion_tokens":87,"total_tokens":120,"prompt_tokens_details":{)"
      R"("cached_tokens":0,"audio_tokens":21,"text_tokens":12,"image_tokens":0},)"
      R"("completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":68,"text_tokens":19,)"
      R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}})");
  CHECK(info.counts.input_tokens == 33U);
  CHECK(info.counts.output_tokens == 87U);
  CHECK(info.counts.audio_input_tokens == 21U);
  CHECK(info.counts.audio_output_tokens == 68U);
  CHECK(info.counts.image_input_tokens == 0U);
}

TEST_CASE("openai chat: predictions that were rejected are in the output already") {
  auto const info = read(
      Api::openai_chat,
      R"({"id":"chatcmpl-p","object":"chat.completion","created":1,"model":"gpt-4o-2024-08-06",)"
      R"("choices":[{"index":0,"message":{"role":"assistant","content":"x"},"logprobs":null,)"
      R"("finish_reason":"stop"}],"usage":{"prompt_tokens":200,"completion_tokens":90,)"
      R"("total_tokens":290,"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,)"
      R"("accepted_prediction_tokens":40,"rejected_prediction_tokens":25}}})");
  CHECK(info.counts.input_tokens == 200U);
  CHECK(info.counts.output_tokens == 90U);
  CHECK_FALSE(info.counts.cache_read_tokens.has_value());
}

TEST_CASE("openai chat: details that are null are not there") {
  auto const info = read(
      Api::openai_chat,
      R"({"id":"x","object":"chat.completion","model":"m","choices":[],"service_tier":null,)"
      R"("usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,)"
      R"("prompt_tokens_details":null,"completion_tokens_details":{"reasoning_tokens":null}}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 3, .output_tokens = 4});
  CHECK(info.problem == ReadProblem::none);
}

TEST_CASE("openai chat: usage that is null is no usage") {
  auto const info =
      read(Api::openai_chat, R"({"id":"x","object":"chat.completion","model":"gpt-4o","choices":[)"
                             R"({"index":0,"message":{"content":"a"},"finish_reason":"stop"}],)"
                             R"("usage":null})");
  CHECK(info.counts == ReportedCounts{});
  CHECK(info.usage().source == UsageSource::absent);
  CHECK(info.problem == ReadProblem::none);
  CHECK(info.complete);
}

TEST_CASE("openai chat: the last piece of a stream has the counts") {
  auto const body = stream_with_usage();
  auto const info = read(Api::openai_chat, body);
  CHECK(info.counts.input_tokens == 19U);
  CHECK(info.counts.output_tokens == 10U);
  CHECK(info.counts.cache_read_tokens == 0U);
  CHECK(info.model == "gpt-4o-mini-2024-07-18");
  CHECK(info.response_id == "chatcmpl-Cy1");
  CHECK(info.service_tier == "default");
  CHECK(finish_reasons(info) == Strings{"stop"});
  CHECK(info.form == BodyForm::sse);
  CHECK(info.complete);
  CHECK(info.counts_are_final);
  CHECK(bytes_to_first_token(Api::openai_chat, body) > body.find("\"Hi"));
  CHECK(bytes_to_first_token(Api::openai_chat, body) < body.find("\"delta\":{},"));
}

TEST_CASE("openai chat: a stream that was not asked for usage has none") {
  auto const info = read(
      Api::openai_chat,
      events({chunk(R"("choices":[{"index":0,"delta":{"role":"assistant","content":"Hi"},)"
                    R"("finish_reason":null}])"),
              chunk(R"("choices":[{"index":0,"delta":{},"finish_reason":"length"}])"), "[DONE]"}));
  CHECK(info.counts == ReportedCounts{});
  CHECK(finish_reasons(info) == Strings{"length"});
  CHECK(info.complete);
}

TEST_CASE("openai chat: choices of a stream come in any order") {
  auto const info = read(
      Api::openai_chat,
      events({chunk(R"("choices":[{"index":1,"delta":{"content":"b"},"finish_reason":null}])"),
              chunk(R"("choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}])"),
              chunk(R"("choices":[{"index":1,"delta":{},"finish_reason":"content_filter"}])"),
              chunk(R"("choices":[{"index":0,"delta":{},"finish_reason":"stop"}])"), "[DONE]"}));
  CHECK(finish_reasons(info) == Strings{"stop", "content_filter"});
}

TEST_CASE("openai chat: the first token may be a tool call, a refusal, reasoning or sound") {
  for (std::string_view const delta :
       {R"("tool_calls":[{"index":0,"id":"call_9","type":"function","function":{"name":"f",)"
        R"("arguments":""}}])",
        R"("refusal":"I can")", R"("reasoning_content":"Let")", R"("reasoning":"Let")",
        R"("audio":{"transcript":"He"})", R"("function_call":{"name":"f","arguments":""})"}) {
    INFO(delta);
    std::string const first =
        R"({"choices":[{"index":0,"delta":{"role":"assistant","content":null}}]})";
    auto second = std::string(R"({"choices":[{"index":0,"delta":{)");
    second.append(delta).append("}}]}");
    auto const body = events({first, second});
    CHECK(bytes_to_first_token(Api::openai_chat, body) > events({first}).size());
    CHECK(bytes_to_first_token(Api::openai_chat, body) < body.size());
  }
}

TEST_CASE("openai completions: texts beside each other, usage as in chat") {
  auto const info =
      read(Api::openai_completions,
           R"({"id":"cmpl-AoB","object":"text_completion","created":1736000000,)"
           R"("model":"gpt-3.5-turbo-instruct:20230824-v2","choices":[{"text":"\n\nA","index":0,)"
           R"("logprobs":null,"finish_reason":"stop"},{"text":"B","index":1,"logprobs":null,)"
           R"("finish_reason":"length"}],"usage":{"prompt_tokens":7,"completion_tokens":24,)"
           R"("total_tokens":31}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 7, .output_tokens = 24});
  CHECK(finish_reasons(info) == Strings{"stop", "length"});
  CHECK(info.model == "gpt-3.5-turbo-instruct:20230824-v2");
}

TEST_CASE("openai embeddings: no output is 0, and no id is none") {
  auto const info = read(
      Api::openai_embeddings,
      R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.0023,-9.1e-3]}],)"
      R"("model":"text-embedding-3-small","usage":{"prompt_tokens":8,"total_tokens":8}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 8, .output_tokens = 0});
  CHECK(info.model == "text-embedding-3-small");
  CHECK(info.response_id.empty());
  CHECK(finish_reasons(info).empty());
  CHECK(info.usage().source == UsageSource::reported);
}

TEST_CASE("azure chat: filters around the answer change nothing") {
  auto const info = read(
      Api::azure_chat,
      R"({"choices":[{"content_filter_results":{"hate":{"filtered":false,"severity":"safe"}},)"
      R"("finish_reason":"stop","index":0,"logprobs":null,"message":{"annotations":[],)"
      R"("content":"Hi","refusal":null,"role":"assistant"}}],"created":1749000000,)"
      R"("id":"chatcmpl-Bf","model":"gpt-4.1-mini-2025-04-14","object":"chat.completion",)"
      R"("prompt_filter_results":[{"prompt_index":0,"content_filter_results":{}}],)"
      R"("system_fingerprint":"fp_7","usage":{"completion_tokens":9,)"
      R"("completion_tokens_details":{"accepted_prediction_tokens":0,"audio_tokens":0,)"
      R"("reasoning_tokens":0,"rejected_prediction_tokens":0},"prompt_tokens":13,)"
      R"("prompt_tokens_details":{"audio_tokens":0,"cached_tokens":0},"total_tokens":22}})",
      {.url =
           "https://acme.openai.azure.com/openai/deployments/fast/chat/completions?api-version=1"});
  CHECK(info.counts.input_tokens == 13U);
  CHECK(info.counts.output_tokens == 9U);
  CHECK(info.model == "gpt-4.1-mini-2025-04-14");
  CHECK(info.request_model == "fast");
}

TEST_CASE("azure chat: the first piece of a stream has no choice and no model") {
  auto const info = read(
      Api::azure_chat,
      events(
          {R"({"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[)"
           R"({"prompt_index":0,"content_filter_results":{}}]})",
           R"({"choices":[{"content_filter_results":{},"delta":{"content":"","role":"assistant"},)"
           R"("finish_reason":null,"index":0}],"id":"chatcmpl-Bg","model":"gpt-4o-2024-11-20",)"
           R"("object":"chat.completion.chunk","usage":null})",
           R"({"choices":[{"content_filter_results":{},"delta":{},"finish_reason":"stop",)"
           R"("index":0}],"id":"chatcmpl-Bg","model":"gpt-4o-2024-11-20",)"
           R"("object":"chat.completion.chunk","usage":null})",
           R"({"choices":[],"id":"chatcmpl-Bg","model":"gpt-4o-2024-11-20",)"
           R"("object":"chat.completion.chunk","usage":{"prompt_tokens":5,)"
           R"("completion_tokens":6,"total_tokens":11}})",
           "[DONE]"}));
  CHECK(info.counts == ReportedCounts{.input_tokens = 5, .output_tokens = 6});
  CHECK(info.model == "gpt-4o-2024-11-20");
  CHECK(info.response_id == "chatcmpl-Bg");
  CHECK(finish_reasons(info) == Strings{"stop"});
}

TEST_CASE("azure ai chat: more cached tokens than the prompt has are beside it") {
  auto const info = read(
      Api::azure_ai_chat,
      R"({"choices":[{"finish_reason":"stop","index":0,"message":{"content":"ok",)"
      R"("role":"assistant"}}],"created":1,"id":"c1","model":"grok-4-fast-reasoning",)"
      R"("object":"chat.completion","usage":{"completion_tokens":50,"prompt_tokens":200,)"
      R"("prompt_tokens_details":{"audio_tokens":0,"cached_tokens":300,"text_tokens":200},)"
      R"("total_tokens":250,"latency_checkpoint":{"engine_ttft_ms":11,"service_ttft_ms":60}}})");
  CHECK(info.counts.input_tokens == 500U);
  CHECK(info.counts.cache_read_tokens == 300U);
  CHECK(info.counts.output_tokens == 50U);
}
