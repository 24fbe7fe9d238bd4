// SPDX-License-Identifier: MIT
// What providers say whose chat is like OpenAI's, each with its own habits.
#include "support/responses.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

/// A chat answer with the given members of usage and others at its end.
std::string chat(std::string_view model, std::string_view usage, std::string_view more = {}) {
  std::string body = R"({"id":"id-7","object":"chat.completion","created":1767600000,"model":")";
  body.append(model).append(R"(","choices":[{"index":0,"message":{"role":"assistant",)");
  body.append(R"("content":"Hi"},"logprobs":null,"finish_reason":"stop"}],"usage":)");
  return body.append(usage).append(more).append("}");
}

/// A piece of a stream.
std::string piece(std::string_view delta, std::string_view finish, std::string_view more = {}) {
  std::string body = R"({"id":"id-7","object":"chat.completion.chunk","created":1767600000,)"
                     R"("model":"m-1","choices":[{"index":0,"delta":)";
  body.append(delta).append(R"(,"logprobs":null,"finish_reason":)").append(finish).append("}]");
  return body.append(more).append("}");
}

}  // namespace

TEST_CASE("mistral: what was heard stands beside the prompt, as the total shows") {
  auto const info =
      read(Api::mistral_chat,
           chat("voxtral-small-latest",
                R"({"prompt_audio_seconds":5,"prompt_tokens":12,"total_tokens":700,)"
                R"("completion_tokens":188,"prompt_tokens_details":{"cached_tokens":0,)"
                R"("audio_tokens":500},"service_tier":"standard"})"));
  CHECK(info.counts == ReportedCounts{.input_tokens = 512,
                                      .output_tokens = 188,
                                      .cache_read_tokens = 0,
                                      .audio_input_tokens = 500});
  CHECK(info.service_tier == "standard");
}

TEST_CASE("mistral: an older spelling of the details") {
  auto const info =
      read(Api::mistral_chat,
           chat("mistral-large-latest", R"({"prompt_tokens":120,"total_tokens":140,)"
                                        R"("completion_tokens":20,"prompt_audio_seconds":{},)"
                                        R"("prompt_token_details":{"cached_tokens":64}})"));
  CHECK(info.counts ==
        ReportedCounts{.input_tokens = 120, .output_tokens = 20, .cache_read_tokens = 64});
  CHECK(info.problem == ReadProblem::none);
}

TEST_CASE("mistral: the last piece has reason and counts, thoughts come in lists") {
  auto const body = events(
      {piece(R"({"role":"assistant","content":""})", "null", R"(,"p":"abcdefgh")"),
       piece(R"({"content":[{"type":"thinking","thinking":[{"type":"text","text":"Hm"}]}]})",
             "null", R"(,"p":"abc")"),
       piece(R"({"content":"Hi"})", R"("model_length")",
             R"(,"usage":{"prompt_tokens":14,"total_tokens":23,"completion_tokens":9},"p":"ab")"),
       "[DONE]"});
  auto const info = read(Api::mistral_chat, body);
  CHECK(info.counts == ReportedCounts{.input_tokens = 14, .output_tokens = 9});
  CHECK(finish_reasons(info) == Strings{"model_length"});
  CHECK(bytes_to_first_token(Api::mistral_chat, body) < body.find("\"content\":\"Hi\""));
}

TEST_CASE("deepseek: cache hits are the cached part of the prompt") {
  auto const info = read(
      Api::deepseek_chat,
      chat("deepseek-chat", R"({"prompt_tokens":4103,"completion_tokens":77,"total_tokens":4180,)"
                            R"("prompt_cache_hit_tokens":4096,"prompt_cache_miss_tokens":7})"));
  CHECK(info.counts ==
        ReportedCounts{.input_tokens = 4103, .output_tokens = 77, .cache_read_tokens = 4096});
}

TEST_CASE("deepseek: keep-alives before the answer, reasoning as the first token") {
  std::string body = ": keep-alive\n\n: keep-alive\n\n";
  body +=
      events({piece(R"({"role":"assistant","content":null,"reasoning_content":""})", "null",
                    R"(,"usage":null)"),
              piece(R"({"content":null,"reasoning_content":"First"})", "null", R"(,"usage":null)"),
              piece(R"({"content":"","reasoning_content":null})", R"("stop")",
                    R"(,"usage":{"prompt_tokens":10,"completion_tokens":345,"total_tokens":355,)"
                    R"("prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{)"
                    R"("reasoning_tokens":300},"prompt_cache_hit_tokens":0,)"
                    R"("prompt_cache_miss_tokens":10})"),
              "[DONE]"});
  auto const info = read(Api::deepseek_chat, body);
  CHECK(info.counts == ReportedCounts{.input_tokens = 10,
                                      .output_tokens = 345,
                                      .cache_read_tokens = 0,
                                      .reasoning_tokens = 300});
  CHECK(bytes_to_first_token(Api::deepseek_chat, body) > body.find("First"));
}

TEST_CASE("xai chat: reasoning stands beside the completion, as the total shows") {
  auto const info = read(
      Api::xai_chat,
      chat("grok-4-0709",
           R"({"prompt_tokens":690,"completion_tokens":30,"total_tokens":970,)"
           R"("prompt_tokens_details":{"text_tokens":690,"audio_tokens":0,"image_tokens":0,)"
           R"("cached_tokens":684},"completion_tokens_details":{"reasoning_tokens":250,)"
           R"("audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0},)"
           R"("num_sources_used":0})",
           R"(,"system_fingerprint":"fp_1")"));
  CHECK(info.counts.input_tokens == 690U);
  CHECK(info.counts.output_tokens == 280U);
  CHECK(info.counts.reasoning_tokens == 250U);
  CHECK(info.counts.cache_read_tokens == 684U);
}

TEST_CASE("xai chat: where the total says that reasoning is within, it is not added") {
  auto const info =
      read(Api::xai_chat,
           chat("grok-3-mini", R"({"prompt_tokens":10,"completion_tokens":300,"total_tokens":310,)"
                               R"("completion_tokens_details":{"reasoning_tokens":250}})"));
  CHECK(info.counts.output_tokens == 300U);
}

TEST_CASE("xai chat: without a total its rule stands") {
  auto const info =
      read(Api::xai_chat, chat("grok-3-mini", R"({"prompt_tokens":10,"completion_tokens":300,)"
                                              R"("completion_tokens_details":{)"
                                              R"("reasoning_tokens":250}})"));
  CHECK(info.counts.output_tokens == 550U);
}

TEST_CASE("azure ai chat: Grok's reasoning stands beside the completion when it is more") {
  auto const info =
      read(Api::azure_ai_chat, chat("grok-4-fast-reasoning",
                                    R"({"prompt_tokens":10,"completion_tokens":30,)"
                                    R"("completion_tokens_details":{"reasoning_tokens":250}})"));
  CHECK(info.counts.output_tokens == 280U);
  CHECK(info.counts.reasoning_tokens == 250U);
}

TEST_CASE("groq: counts, times and the id of the request") {
  auto const info =
      read(Api::groq_chat,
           chat("llama-3.3-70b-versatile",
                R"({"queue_time":0.054,"prompt_tokens":38,"prompt_time":0.0018,)"
                R"("completion_tokens":9,"completion_time":0.03,"total_tokens":47,)"
                R"("total_time":0.034})",
                R"(,"usage_breakdown":null,"system_fingerprint":"fp_9","x_groq":{"id":"req_01k"},)"
                R"("service_tier":"on_demand")"));
  CHECK(info.counts == ReportedCounts{.input_tokens = 38, .output_tokens = 9});
  CHECK(info.service_tier == "on_demand");
  CHECK(info.response_id == "id-7");
}

TEST_CASE("groq: a stream of old has its counts in x_groq alone") {
  auto const info = read(
      Api::groq_chat,
      events({piece(R"({"role":"assistant","content":""})", "null", R"(,"x_groq":{"id":"req_1"})"),
              piece(R"({"content":"Hi"})", "null"),
              piece("{}", R"("stop")",
                    R"(,"x_groq":{"id":"req_1","usage":{"queue_time":0.01,"prompt_tokens":18,)"
                    R"("prompt_time":0.002,"completion_tokens":5,"completion_time":0.01,)"
                    R"("total_tokens":23,"total_time":0.02}})"),
              "[DONE]"}));
  CHECK(info.counts == ReportedCounts{.input_tokens = 18, .output_tokens = 5});
  CHECK(info.complete);
}

TEST_CASE("groq: details in one of two usages are kept, in either order") {
  constexpr std::string_view plain =
      R"("x_groq":{"id":"req_1","usage":{"prompt_tokens":18,"completion_tokens":5,)"
      R"("total_tokens":23}})";
  constexpr std::string_view detailed =
      R"("usage":{"prompt_tokens":18,"completion_tokens":5,"total_tokens":23,)"
      R"("prompt_tokens_details":{"cached_tokens":16}})";
  for (bool const plain_first : {true, false}) {
    std::string more = ",";
    more.append(plain_first ? plain : detailed).append(",");
    more.append(plain_first ? detailed : plain);
    auto const info = read(Api::groq_chat, events({piece("{}", R"("stop")", more), "[DONE]"}));
    CHECK(info.counts ==
          ReportedCounts{.input_tokens = 18, .output_tokens = 5, .cache_read_tokens = 16});
  }
}

TEST_CASE("groq: an error within a stream is an event of that name") {
  auto body = events({piece(R"({"role":"assistant","content":""})", "null")});
  body += named_events({{"error", R"({"error":{"message":"Failed to call a function.",)"
                                  R"("type":"invalid_request_error","code":"tool_use_failed",)"
                                  R"("failed_generation":"<f>","status_code":400}})"}});
  auto const info = read(Api::groq_chat, body, {.http_status = 200});
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "invalid_request_error");
  CHECK(info.error->code == "tool_use_failed");
}

TEST_CASE("together: cached tokens at the top of usage") {
  auto const info =
      read(Api::together_chat,
           R"({"id":"o1","object":"chat.completion","created":1,"model":"openai/gpt-oss-20b",)"
           R"("prompt":[],"choices":[{"finish_reason":"eos","seed":1152921504606847000,"index":0,)"
           R"("logprobs":null,"message":{"role":"assistant","content":"Hi","tool_calls":[]}}],)"
           R"("usage":{"prompt_tokens":90,"completion_tokens":12,"total_tokens":102,)"
           R"("cached_tokens":64}})");
  CHECK(info.counts ==
        ReportedCounts{.input_tokens = 90, .output_tokens = 12, .cache_read_tokens = 64});
  CHECK(finish_reasons(info) == Strings{"eos"});
}

TEST_CASE("fireworks: OpenAI's usage, with and without details") {
  auto const info = read(Api::fireworks_chat,
                         chat("accounts/fireworks/models/llama-v3p3-70b-instruct",
                              R"({"prompt_tokens":25,"total_tokens":36,"completion_tokens":11,)"
                              R"("prompt_tokens_details":{"cached_tokens":16}})"));
  CHECK(info.counts ==
        ReportedCounts{.input_tokens = 25, .output_tokens = 11, .cache_read_tokens = 16});
  CHECK(info.model == "accounts/fireworks/models/llama-v3p3-70b-instruct");
}

TEST_CASE("fireworks: headers tell what the body leaves out, and nothing else") {
  std::array<std::pair<std::string_view, std::string_view>, 2> const headers{
      {{"fireworks-prompt-tokens", "25"}, {"Fireworks-Cached-Prompt-Tokens", "20"}}};
  auto const older =
      read(Api::fireworks_chat,
           chat("m", R"({"prompt_tokens":25,"total_tokens":36,"completion_tokens":11})"),
           {.headers = headers});
  CHECK(older.counts ==
        ReportedCounts{.input_tokens = 25, .output_tokens = 11, .cache_read_tokens = 20});
  CHECK_FALSE(older.counts_from_headers);
  auto const newer =
      read(Api::fireworks_chat,
           chat("m", R"({"prompt_tokens":25,"completion_tokens":11,"prompt_tokens_details":{)"
                     R"("cached_tokens":16}})"),
           {.headers = headers});
  CHECK(newer.counts.cache_read_tokens == 16U);
  auto const silent =
      read(Api::fireworks_chat, events({piece("{}", R"("stop")"), "[DONE]"}), {.headers = headers});
  CHECK(silent.counts == ReportedCounts{.input_tokens = 25, .cache_read_tokens = 20});
  CHECK(silent.counts_from_headers);
  CHECK(silent.usage().source == UsageSource::estimated);
  auto const refused = read(Api::fireworks_chat, R"({"error":{"message":"no"}})",
                            {.http_status = 400, .headers = headers});
  CHECK(refused.counts == ReportedCounts{});
}

TEST_CASE("openrouter: what was charged, and to whom") {
  auto const info = read(
      Api::openrouter_chat,
      R"({"id":"gen-17","provider":"Google","model":"google/gemini-2.5-flash","object":)"
      R"("chat.completion","created":1,"choices":[{"logprobs":null,"finish_reason":"stop",)"
      R"("native_finish_reason":"STOP","index":0,"message":{"role":"assistant","content":"x",)"
      R"("refusal":null,"reasoning":null}}],"usage":{"prompt_tokens":100,)"
      R"("completion_tokens":40,"total_tokens":140,"cost":0.0076,"is_byok":false,)"
      R"("prompt_tokens_details":{"cached_tokens":10,"cache_write_tokens":5,"audio_tokens":3,)"
      R"("video_tokens":2},"cost_details":{"upstream_inference_cost":0.0006,)"
      R"("upstream_inference_prompt_cost":0.0002,"upstream_inference_completions_cost":0.0004},)"
      R"("completion_tokens_details":{"reasoning_tokens":8,"image_tokens":0,"audio_tokens":0}}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 100,
                                      .output_tokens = 40,
                                      .cache_read_tokens = 10,
                                      .cache_write_tokens = 5,
                                      .reasoning_tokens = 8,
                                      .audio_input_tokens = 3,
                                      .audio_output_tokens = 0,
                                      .image_output_tokens = 0,
                                      .video_input_tokens = 2});
  CHECK(info.reported_cost_usd == 0.0076);
  CHECK_FALSE(info.upstream_cost_usd.has_value());
  CHECK(finish_reasons(info) == Strings{"stop"});
}

TEST_CASE("openrouter: with a key of one's own the upstream cost comes on top") {
  auto const info =
      read(Api::openrouter_chat,
           chat("openai/gpt-4o", R"({"prompt_tokens":1,"completion_tokens":1,"total_tokens":2,)"
                                 R"("cost":0,"is_byok":true,"cost_details":{)"
                                 R"("upstream_inference_cost":1.25e-05}})"));
  CHECK(info.reported_cost_usd == 0.0);
  CHECK(info.upstream_cost_usd == 1.25e-05);
}

TEST_CASE("openrouter: comments, two finish pieces and the counts after them") {
  std::string body = ": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n";
  body += events({piece(R"({"role":"assistant","content":"Hi"})", "null"),
                  piece(R"({"role":"assistant","content":""})", R"("stop")"),
                  piece(R"({"role":"assistant","content":""})", R"("stop")",
                        R"(,"usage":{"prompt_tokens":8,"completion_tokens":3,"total_tokens":11,)"
                        R"("cost":2.5e-07})"),
                  "[DONE]"});
  auto const info = read(Api::openrouter_chat, body);
  CHECK(finish_reasons(info) == Strings{"stop"});
  CHECK(info.counts == ReportedCounts{.input_tokens = 8, .output_tokens = 3});
  CHECK(info.reported_cost_usd == 2.5e-07);
}

TEST_CASE("cerebras: OpenAI's usage and times of its own") {
  auto const info =
      read(Api::cerebras_chat,
           chat("llama3.1-8b",
                R"({"total_tokens":57,"completion_tokens":20,"completion_tokens_details":{)"
                R"("accepted_prediction_tokens":0,"rejected_prediction_tokens":0},)"
                R"("prompt_tokens":37,"prompt_tokens_details":{"cached_tokens":0}})",
                R"(,"time_info":{"queue_time":0.0001,"prompt_time":0.002,)"
                R"("completion_time":0.009,"total_time":0.012,"created":1767600000.12})"));
  CHECK(info.counts ==
        ReportedCounts{.input_tokens = 37, .output_tokens = 20, .cache_read_tokens = 0});
}
