// SPDX-License-Identifier: MIT
// What Cohere, Perplexity, Ollama, llama.cpp and vLLM say.
#include "support/responses.hpp"

#include <string>
#include <string_view>

using namespace netrun::llm;
using namespace netrun::llm::testing;

TEST_CASE("cohere chat: tokens are counted, others are billed") {
  auto const info = read(
      Api::cohere_chat,
      R"({"id":"5a50","message":{"role":"assistant","content":[{"type":"thinking",)"
      R"("thinking":"Hm"},{"type":"text","text":"Hi"}]},"finish_reason":"STOP_SEQUENCE","usage":{)"
      R"("billed_units":{"input_tokens":8.0,"output_tokens":54.0},"tokens":{)"
      R"("input_tokens":1394.0,"output_tokens":57.0,"reasoning_tokens":40.0},)"
      R"("cached_tokens":1360.0}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 1394,
                                      .output_tokens = 57,
                                      .cache_read_tokens = 1360,
                                      .reasoning_tokens = 40,
                                      .billed_input_tokens = 8,
                                      .billed_output_tokens = 54});
  CHECK(info.response_id == "5a50");
  CHECK(info.model.empty());
  CHECK(finish_reasons(info) == Strings{"STOP_SEQUENCE"});
}

TEST_CASE("cohere chat: images stand beside the tokens and are billed") {
  auto const info =
      read(Api::cohere_chat,
           R"({"id":"5a51","message":{"role":"assistant","content":[{"type":"text","text":"Hi"}]},)"
           R"("finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":267,)"
           R"("output_tokens":12},"tokens":{"input_tokens":34,"output_tokens":15,)"
           R"("image_tokens":259}}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 293,
                                      .output_tokens = 15,
                                      .image_input_tokens = 259,
                                      .billed_input_tokens = 267,
                                      .billed_output_tokens = 12});
}

TEST_CASE("cohere chat: the last event of a stream has counts and reason") {
  auto const body = named_events(
      {{"message-start",
        R"({"id":"29f1","type":"message-start","delta":{"message":{"role":"assistant",)"
        R"("content":[],"tool_plan":"","tool_calls":[],"citations":[]}}})"},
       {"content-start",
        R"({"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text",)"
        R"("text":""}}}})"},
       {"content-delta",
        R"({"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hi"}}}})"},
       {"content-end", R"({"type":"content-end","index":0})"},
       {"message-end",
        R"({"type":"message-end","delta":{"finish_reason":"MAX_TOKENS","usage":{)"
        R"("billed_units":{"input_tokens":3,"output_tokens":9},"tokens":{"input_tokens":71,)"
        R"("output_tokens":11},"cached_tokens":48}}})"}});
  auto const info = read(Api::cohere_chat, body);
  CHECK(info.counts == ReportedCounts{.input_tokens = 71,
                                      .output_tokens = 11,
                                      .cache_read_tokens = 48,
                                      .billed_input_tokens = 3,
                                      .billed_output_tokens = 9});
  CHECK(info.response_id == "29f1");
  CHECK(finish_reasons(info) == Strings{"MAX_TOKENS"});
  CHECK(info.complete);
  auto const first = bytes_to_first_token(Api::cohere_chat, body);
  CHECK(first > body.find("event: content-delta"));
  CHECK(first < body.find("event: content-end"));
}

TEST_CASE("cohere chat: a stream that fails says so in its last event") {
  auto const info = read(
      Api::cohere_chat,
      named_events({{"message-start", R"({"id":"29f2","type":"message-start","delta":{"message":{)"
                                      R"("role":"assistant"}}})"},
                    {"message-end", R"({"type":"message-end","delta":{"error":"upstream gave up",)"
                                    R"("finish_reason":"ERROR","usage":null}})"}}));
  REQUIRE(info.error.has_value());
  CHECK(info.error->message == "upstream gave up");
  CHECK(finish_reasons(info) == Strings{"ERROR"});
}

TEST_CASE("cohere embed: what was billed is the input") {
  auto const info =
      read(Api::cohere_embed,
           R"({"id":"da6e","texts":["a"],"embeddings":{"float":[[0.01,-0.02]]},"meta":{)"
           R"("api_version":{"version":"2","is_experimental":false},"billed_units":{)"
           R"("input_tokens":6.0}},"response_type":"embeddings_by_type"})");
  CHECK(info.counts ==
        ReportedCounts{.input_tokens = 6, .output_tokens = 0, .billed_input_tokens = 6});
  CHECK(info.response_id == "da6e");
}

TEST_CASE("cohere embed: pictures are billed by the piece, and have no output either") {
  auto const info = read(Api::cohere_embed,
                         R"({"id":"da6f","texts":[],"images":[{"width":400,"height":400,)"
                         R"("format":"jpeg","bit_depth":24}],"embeddings":{"float":[[0.01]]},)"
                         R"("meta":{"api_version":{"version":"2"},"billed_units":{"images":1}},)"
                         R"("response_type":"embeddings_by_type"})");
  CHECK(info.counts == ReportedCounts{.output_tokens = 0});
  CHECK(info.problem == ReadProblem::none);
}

TEST_CASE("embeddings are known by their vectors, and their output is 0") {
  for (auto const& [api, body] :
       {std::pair{Api::cohere_embed, R"({"id":"d","embeddings":{"float":[[0.1]]},"meta":{)"
                                     R"("billed_units":{"input_tokens":6}}})"},
        std::pair{Api::ollama_embed, R"({"model":"m","embeddings":[[0.1]],"prompt_eval_count":6})"},
        std::pair{Api::gemini_embed, R"({"embedding":{"values":[0.1]},"usageMetadata":{)"
                                     R"("promptTokenCount":6}})"},
        std::pair{Api::openai_embeddings, R"({"object":"list","data":[],"model":"m","usage":{)"
                                          R"("prompt_tokens":6,"total_tokens":6}})"},
        std::pair{Api::bedrock_invoke, R"({"embedding":[0.1],"inputTextTokenCount":6})"}}) {
    auto const info = read(Api::automatic, body);
    CHECK(info.api == api);
    CHECK(info.counts.input_tokens == 6U);
    CHECK(info.counts.output_tokens == 0U);
  }
}

TEST_CASE("cohere rerank: search units, no tokens") {
  auto const info =
      read(Api::cohere_rerank,
           R"({"id":"07d2","results":[{"index":3,"relevance_score":0.99}],"meta":{"api_version":{)"
           R"("version":"2"},"billed_units":{"search_units":2}}})");
  CHECK(info.counts == ReportedCounts{.output_tokens = 0, .search_units = 2});
  CHECK(info.usage().source == UsageSource::reported);
}

TEST_CASE("perplexity: what it charged, and how widely it searched") {
  auto const info =
      read(Api::perplexity_chat,
           R"({"id":"6c1f","model":"sonar-pro","created":1,"usage":{"prompt_tokens":17,)"
           R"("completion_tokens":600,"total_tokens":617,"search_context_size":"high","cost":{)"
           R"("input_tokens_cost":0.00005,"output_tokens_cost":0.009,"request_cost":0.014,)"
           R"("total_cost":0.02305}},"citations":["https://a.example"],"search_results":[],)"
           R"("object":"chat.completion","choices":[{"index":0,"finish_reason":"stop","message":{)"
           R"("role":"assistant","content":"x"},"delta":{"role":"assistant","content":""}}]})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 17, .output_tokens = 600});
  CHECK(info.search_context_size == "high");
  CHECK(info.reported_cost_usd == 0.02305);
}

TEST_CASE("perplexity: deep research counts reasoning and citations apart") {
  auto const info = read(
      Api::perplexity_chat,
      R"({"id":"6c20","model":"sonar-deep-research","created":1,"usage":{"prompt_tokens":19,)"
      R"("completion_tokens":498,"total_tokens":517,"citation_tokens":10175,)"
      R"("num_search_queries":48,"reasoning_tokens":95305},"object":"chat.completion","choices":[)"
      R"({"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"x"}}]})");
  CHECK(info.counts.input_tokens == 19U);
  CHECK(info.counts.reasoning_tokens == 95'305U);
  CHECK(info.counts.citation_tokens == 10'175U);
  CHECK(info.counts.web_searches == 48U);
  // Whole and parts agree, so that each is priced once.
  CHECK(info.counts.output_tokens == 498U + 95'305U + 10'175U);
}

TEST_CASE("perplexity: every piece of a stream has running counts, the last stand") {
  auto const piece = [](std::string_view finish, std::string_view usage) {
    std::string body = R"({"id":"6c21","model":"sonar","created":1,"usage":)";
    body.append(usage).append(R"(,"object":"chat.completion.chunk","choices":[{"index":0,)");
    body.append(R"("delta":{"role":"assistant","content":"a"},"finish_reason":)");
    return body.append(finish).append("}]}");
  };
  auto const info =
      read(Api::perplexity_chat,
           events({piece("null", R"({"prompt_tokens":5,"completion_tokens":1,"total_tokens":6})"),
                   piece("null", R"({"prompt_tokens":5,"completion_tokens":9,"total_tokens":14})"),
                   piece(R"("stop")", R"({"prompt_tokens":5,"completion_tokens":12,)"
                                      R"("total_tokens":17,"cost":{"total_cost":0.005}})")}));
  CHECK(info.counts == ReportedCounts{.input_tokens = 5, .output_tokens = 12});
  CHECK(info.reported_cost_usd == 0.005);
}

TEST_CASE("ollama chat: counts and durations of one document") {
  auto const info =
      read(Api::ollama_chat,
           R"({"model":"llama3.2","created_at":"2026-01-04T08:52:19.385406455Z","message":{)"
           R"("role":"assistant","content":"Hi"},"done_reason":"stop","done":true,)"
           R"("total_duration":4883583458,"load_duration":1334875,"prompt_eval_count":26,)"
           R"("prompt_eval_duration":342546000,"eval_count":282,"eval_duration":4535599000})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 26, .output_tokens = 282});
  CHECK(info.model == "llama3.2");
  CHECK(info.response_id.empty());
  CHECK(finish_reasons(info) == Strings{"stop"});
  REQUIRE(info.provider_latency_ms.has_value());
  CHECK(*info.provider_latency_ms == Approx(4883.583458));
}

TEST_CASE("ollama chat: a prompt from the cache is not counted, and not 0") {
  auto const info =
      read(Api::ollama_chat, R"({"model":"llama3","created_at":"2024-05-01T00:00:00Z","message":{)"
                             R"("role":"assistant","content":"Hi"},"done":true,"eval_count":7,)"
                             R"("eval_duration":5,"total_duration":9})");
  CHECK(info.counts == ReportedCounts{.output_tokens = 7});
  CHECK(info.usage().source == UsageSource::estimated);
}

TEST_CASE("ollama: a stream has one document a line, for chat and for generate") {
  auto const chat =
      lines({R"({"model":"qwen3","created_at":"t","message":{"role":"assistant","content":"",)"
             R"("thinking":"Hm"},"done":false})",
             R"({"model":"qwen3","created_at":"t","message":{"role":"assistant","content":"Hi"},)"
             R"("done":false})",
             R"({"model":"qwen3","created_at":"t","message":{"role":"assistant","content":""},)"
             R"("done_reason":"length","done":true,"total_duration":10,"prompt_eval_count":11,)"
             R"("eval_count":90})"});
  auto const generate = lines(
      {R"({"model":"qwen3","created_at":"t","response":"Hi","done":false})",
       R"({"model":"qwen3","created_at":"t","response":"","done":true,"done_reason":"length",)"
       R"("context":[1,2,3],"total_duration":10,"prompt_eval_count":11,"eval_count":90})"});
  for (auto const& [api, body] :
       {std::pair{Api::ollama_chat, chat}, std::pair{Api::ollama_generate, generate}}) {
    auto const info = read(api, body);
    CHECK(info.form == BodyForm::ndjson);
    CHECK(info.counts == ReportedCounts{.input_tokens = 11, .output_tokens = 90});
    CHECK(finish_reasons(info) == Strings{"length"});
    CHECK(info.complete);
    CHECK(bytes_to_first_token(api, body) < body.find('\n'));
  }
}

TEST_CASE("ollama: an error in the middle of a stream is a line of its own") {
  auto const info =
      read(Api::ollama_chat, lines({R"({"model":"m","message":{"content":"Hi"},"done":false})",
                                    R"({"error":"an error was encountered while running"})"}));
  REQUIRE(info.error.has_value());
  CHECK(info.error->message == "an error was encountered while running");
  CHECK(info.counts == ReportedCounts{});
}

TEST_CASE("ollama: a model that was only loaded has used nothing") {
  auto const info =
      read(Api::ollama_generate, R"({"model":"llama3.2","created_at":"t","response":"",)"
                                 R"("done":true,"done_reason":"load"})");
  CHECK(info.counts == ReportedCounts{});
  CHECK(finish_reasons(info) == Strings{"load"});
  CHECK(info.problem == ReadProblem::none);
}

TEST_CASE("ollama: embeddings have no output, and its other interface is OpenAI's") {
  auto const embed =
      read(Api::ollama_embed,
           R"({"model":"all-minilm","embeddings":[[0.01,-0.02]],"total_duration":14143917,)"
           R"("load_duration":1019500,"prompt_eval_count":8})");
  CHECK(embed.counts == ReportedCounts{.input_tokens = 8, .output_tokens = 0});
  auto const chat = read(
      Api::ollama_openai,
      R"({"id":"chatcmpl-5","object":"chat.completion","created":1,"model":"llama3.2",)"
      R"("system_fingerprint":"fp_ollama","choices":[{"index":0,"message":{"role":"assistant",)"
      R"("content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":31,)"
      R"("completion_tokens":4,"total_tokens":35}})");
  CHECK(chat.counts == ReportedCounts{.input_tokens = 31, .output_tokens = 4});
}

TEST_CASE("llama.cpp: usage beside timings") {
  auto const info =
      read(Api::llamacpp_chat,
           R"({"choices":[{"finish_reason":"stop","index":0,"message":{"role":"assistant",)"
           R"("content":"Hi"}}],"created":1,"model":"qwen","system_fingerprint":"b7000",)"
           R"("object":"chat.completion","usage":{"completion_tokens":10,"prompt_tokens":40,)"
           R"("total_tokens":50,"prompt_tokens_details":{"cached_tokens":36}},"id":"chatcmpl-l",)"
           R"("timings":{"cache_n":36,"prompt_n":4,"prompt_ms":30.1,"prompt_per_token_ms":7.5,)"
           R"("prompt_per_second":132.8,"predicted_n":10,"predicted_ms":99.0}})");
  CHECK(info.counts ==
        ReportedCounts{.input_tokens = 40, .output_tokens = 10, .cache_read_tokens = 36});
}

TEST_CASE("llama.cpp: a stream that was not asked for usage has timings in its last piece") {
  auto const info = read(
      Api::llamacpp_chat,
      events({R"({"choices":[{"finish_reason":null,"index":0,"delta":{"content":"Hi"}}],)"
              R"("created":1,"id":"chatcmpl-l","model":"qwen","object":"chat.completion.chunk"})",
              R"({"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"created":1,)"
              R"("id":"chatcmpl-l","model":"qwen","object":"chat.completion.chunk","timings":{)"
              R"("cache_n":236,"prompt_n":1,"prompt_ms":30.9,"predicted_n":35,)"
              R"("predicted_ms":661.0}})",
              "[DONE]"}));
  CHECK(info.counts ==
        ReportedCounts{.input_tokens = 237, .output_tokens = 35, .cache_read_tokens = 236});
}

TEST_CASE("llama.cpp: its own completion counts in every piece, the last stand") {
  auto const info = read(
      Api::llamacpp_completion,
      events(
          {R"({"index":0,"content":"Hi","tokens":[1],"stop":false,"id_slot":-1,)"
           R"("tokens_predicted":1,"tokens_evaluated":6})",
           R"({"index":0,"content":"","tokens":[],"id_slot":0,"stop":true,"model":"qwen",)"
           R"("tokens_predicted":64,"tokens_evaluated":6,"generation_settings":{"seed":1,)"
           R"("stop":["x"]},"prompt":"p","has_new_line":true,"truncated":false,)"
           R"("stop_type":"limit","stopping_word":"","tokens_cached":69,"timings":{)"
           R"("cache_n":2,"prompt_n":4,"prompt_ms":1.0,"predicted_n":64,"predicted_ms":9.0}})"}));
  CHECK(info.counts.input_tokens == 6U);
  CHECK(info.counts.output_tokens == 64U);
  CHECK(finish_reasons(info) == Strings{"limit"});
  CHECK(info.model == "qwen");
  CHECK(info.complete);
}

TEST_CASE("vllm: running counts replace each other, and stop_reason is no finish reason") {
  auto const info = read(
      Api::vllm_chat,
      events({R"({"id":"chatcmpl-v","object":"chat.completion.chunk","created":1,"model":"qwen",)"
              R"("choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,)"
              R"("finish_reason":null}],"usage":{"prompt_tokens":30,"total_tokens":30,)"
              R"("completion_tokens":0}})",
              R"({"id":"chatcmpl-v","object":"chat.completion.chunk","created":1,"model":"qwen",)"
              R"("choices":[{"index":0,"delta":{"content":"Hi"},"logprobs":null,)"
              R"("finish_reason":"stop","stop_reason":"</end>"}],"usage":{"prompt_tokens":30,)"
              R"("total_tokens":32,"completion_tokens":2}})",
              R"({"id":"chatcmpl-v","object":"chat.completion.chunk","created":1,"model":"qwen",)"
              R"("choices":[],"usage":{"prompt_tokens":30,"total_tokens":32,)"
              R"("completion_tokens":2}})",
              "[DONE]"}));
  CHECK(info.counts == ReportedCounts{.input_tokens = 30, .output_tokens = 2});
  CHECK(finish_reasons(info) == Strings{"stop"});
}
