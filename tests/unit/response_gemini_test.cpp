// SPDX-License-Identifier: MIT
// What Gemini's and Vertex's generateContent say, and their embeddings.
#include "support/responses.hpp"

#include <string>
#include <string_view>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

std::string answer(std::string_view usage, std::string_view finish = R"("STOP")") {
  std::string body =
      R"({"candidates":[{"content":{"parts":[{"text":"Hi"}],"role":"model"},"finishReason":)";
  body.append(finish).append(R"(,"index":0,"avgLogprobs":-0.02}],"usageMetadata":)");
  body.append(usage).append(R"(,"modelVersion":"gemini-2.5-flash","responseId":"kQx2aa"})");
  return body;
}

std::string piece(std::string_view text, std::string_view usage, std::string_view finish = {}) {
  std::string body = R"({"candidates":[{"content":{"parts":[{"text":")";
  body.append(text).append(R"("}],"role":"model"})");
  if (!finish.empty()) body.append(R"(,"finishReason":")").append(finish).append("\"");
  body.append(R"(,"index":0}],"usageMetadata":)").append(usage);
  return body.append(R"(,"modelVersion":"gemini-2.5-pro","responseId":"r1"})");
}

}  // namespace

TEST_CASE("gemini: thoughts and the prompts of tools are added, cached tokens are within") {
  auto const info =
      read(Api::gemini_generate,
           answer(R"({"promptTokenCount":1300,"candidatesTokenCount":52,"totalTokenCount":2252,)"
                  R"("cachedContentTokenCount":1024,"promptTokensDetails":[{"modality":"TEXT",)"
                  R"("tokenCount":1300}],"cacheTokensDetails":[{"modality":"TEXT",)"
                  R"("tokenCount":1024}],"toolUsePromptTokenCount":700,)"
                  R"("toolUsePromptTokensDetails":[{"modality":"TEXT","tokenCount":700}],)"
                  R"("thoughtsTokenCount":200,"serviceTier":"standard"})"));
  CHECK(info.counts == ReportedCounts{.input_tokens = 2000,
                                      .output_tokens = 252,
                                      .cache_read_tokens = 1024,
                                      .reasoning_tokens = 200,
                                      .tool_use_input_tokens = 700});
  CHECK(info.model == "gemini-2.5-flash");
  CHECK(info.response_id == "kQx2aa");
  CHECK(info.service_tier == "standard");
  CHECK(finish_reasons(info) == Strings{"STOP"});
  CHECK(info.problem == ReadProblem::none);
}

TEST_CASE("gemini: an answer that was all thoughts has them as its output") {
  auto const info =
      read(Api::gemini_generate,
           R"({"candidates":[{"content":{"role":"model"},"finishReason":"MAX_TOKENS","index":0}],)"
           R"("usageMetadata":{"promptTokenCount":12,"totalTokenCount":59,"promptTokensDetails":[)"
           R"({"modality":"TEXT","tokenCount":12}],"thoughtsTokenCount":47},)"
           R"("modelVersion":"models/gemini-2.5-pro-preview-05-06","responseId":"x"})");
  CHECK(info.counts ==
        ReportedCounts{.input_tokens = 12, .output_tokens = 47, .reasoning_tokens = 47});
  CHECK(info.model == "gemini-2.5-pro-preview-05-06");
  CHECK(finish_reasons(info) == Strings{"MAX_TOKENS"});
}

TEST_CASE("gemini: a prompt that was blocked has no output and says why") {
  auto const info = read(
      Api::gemini_generate,
      R"({"promptFeedback":{"blockReason":"PROHIBITED_CONTENT","safetyRatings":[{)"
      R"("category":"HARM_CATEGORY_HATE_SPEECH","probability":"NEGLIGIBLE"}]},"usageMetadata":{)"
      R"("promptTokenCount":31,"totalTokenCount":31,"promptTokensDetails":[{"modality":"TEXT",)"
      R"("tokenCount":31}]},"modelVersion":"gemini-2.0-flash","responseId":"y"})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 31});
  CHECK(finish_reasons(info) == Strings{"PROHIBITED_CONTENT"});
  CHECK_FALSE(info.error.has_value());
  CHECK(info.complete);
}

TEST_CASE("gemini: modalities are parts, a document is not an image") {
  auto const info = read(
      Api::gemini_generate,
      answer(R"({"promptTokenCount":3000,"candidatesTokenCount":1290,"totalTokenCount":4290,)"
             R"("cachedContentTokenCount":900,"promptTokensDetails":[{"modality":"TEXT",)"
             R"("tokenCount":100},{"modality":"AUDIO","tokenCount":600},{"modality":"VIDEO",)"
             R"("tokenCount":1000},{"modality":"IMAGE","tokenCount":258},{"modality":"DOCUMENT",)"
             R"("tokenCount":1042}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":400},)"
             R"({"modality":"IMAGE","tokenCount":258},{"modality":"TEXT","tokenCount":242}],)"
             R"("candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290}]})"));
  CHECK(info.counts.audio_input_tokens == 600U);
  CHECK(info.counts.video_input_tokens == 1000U);
  CHECK(info.counts.image_input_tokens == 258U);
  CHECK(info.counts.cached_audio_input_tokens == 400U);
  CHECK(info.counts.cached_image_input_tokens == 258U);
  CHECK(info.counts.image_output_tokens == 1290U);
  CHECK(info.counts.input_tokens == 3000U);
}

TEST_CASE("gemini: a cached document that is called an image spoils nothing") {
  auto const info = read(
      Api::gemini_generate,
      answer(R"({"promptTokenCount":2000,"candidatesTokenCount":10,"totalTokenCount":2010,)"
             R"("cachedContentTokenCount":1800,"promptTokensDetails":[{"modality":"DOCUMENT",)"
             R"("tokenCount":1990},{"modality":"TEXT","tokenCount":10}],"cacheTokensDetails":[)"
             R"({"modality":"IMAGE","tokenCount":1800}]})"));
  CHECK(info.counts.input_tokens == 2000U);
  CHECK(info.counts.cache_read_tokens == 1800U);
  CHECK(info.problem == ReadProblem::none);
}

TEST_CASE("vertex: where traffic is paid from is the tier") {
  for (std::string_view const traffic :
       {"ON_DEMAND", "ON_DEMAND_FLEX", "ON_DEMAND_PRIORITY", "PROVISIONED_THROUGHPUT"}) {
    std::string usage =
        R"({"promptTokenCount":4,"candidatesTokenCount":2,"totalTokenCount":6,"trafficType":")";
    usage.append(traffic).append("\"}");
    auto const info = read(Api::vertex_generate, answer(usage));
    CHECK(info.service_tier == traffic);
    CHECK(info.counts == ReportedCounts{.input_tokens = 4, .output_tokens = 2});
  }
}

TEST_CASE("vertex: enumerations may be numbers") {
  auto const info =
      read(Api::vertex_generate,
           answer(R"({"promptTokenCount":4,"candidatesTokenCount":2,"totalTokenCount":6,)"
                  R"("promptTokensDetails":[{"modality":1,"tokenCount":4}],)"
                  R"("candidatesTokensDetails":[{"modality":1,"tokenCount":2}],"trafficType":1})",
                  "1"));
  CHECK(finish_reasons(info) == Strings{"STOP"});
  CHECK(info.service_tier == "ON_DEMAND");
  CHECK(info.counts == ReportedCounts{.input_tokens = 4, .output_tokens = 2});
  CHECK(finish_reasons(read(Api::vertex_generate, answer("{}", "2"))) == Strings{"MAX_TOKENS"});
}

TEST_CASE("vertex: a prompt that was blocked may say so by number") {
  auto const info =
      read(Api::vertex_generate, R"({"promptFeedback":{"blockReason":4},"usageMetadata":{)"
                                 R"("promptTokenCount":31,"totalTokenCount":31,"trafficType":1}})");
  CHECK(finish_reasons(info) == Strings{"PROHIBITED_CONTENT"});
  CHECK(info.counts == ReportedCounts{.input_tokens = 31});
}

TEST_CASE("vertex: modalities by number are the same modalities") {
  auto const info =
      read(Api::vertex_generate,
           answer(R"({"promptTokenCount":1000,"candidatesTokenCount":2,"totalTokenCount":1002,)"
                  R"("promptTokensDetails":[{"modality":1,"tokenCount":100},{"modality":2,)"
                  R"("tokenCount":200},{"modality":3,"tokenCount":300},{"modality":4,)"
                  R"("tokenCount":400}],"trafficType":1})",
                  "1"));
  CHECK(info.counts.image_input_tokens == 200U);
  CHECK(info.counts.video_input_tokens == 300U);
  CHECK(info.counts.audio_input_tokens == 400U);
}

TEST_CASE("gemini: the last counts of a stream stand, nothing is added") {
  auto const body =
      events({piece("Hel", R"({"promptTokenCount":9,"candidatesTokenCount":2,"totalTokenCount":41,)"
                           R"("thoughtsTokenCount":30})"),
              piece("lo", R"({"promptTokenCount":9,"candidatesTokenCount":5,"totalTokenCount":44,)"
                          R"("thoughtsTokenCount":30})"),
              piece("!",
                    R"({"promptTokenCount":9,"candidatesTokenCount":7,"totalTokenCount":46,)"
                    R"("thoughtsTokenCount":30})",
                    "STOP")});
  auto const info = read(Api::gemini_generate, body);
  CHECK(info.counts ==
        ReportedCounts{.input_tokens = 9, .output_tokens = 37, .reasoning_tokens = 30});
  CHECK(info.form == BodyForm::sse);
  CHECK(info.complete);
  CHECK(bytes_to_first_token(Api::gemini_generate, body) < body.find("usageMetadata"));
}

TEST_CASE("vertex: pieces that only name the traffic take no count back") {
  auto const info = read(
      Api::vertex_generate,
      events({piece("a", R"({"promptTokenCount":9,"candidatesTokenCount":2,"totalTokenCount":11,)"
                         R"("trafficType":"ON_DEMAND"})"),
              piece("b", R"({"trafficType":"ON_DEMAND"})", "STOP")}));
  CHECK(info.counts == ReportedCounts{.input_tokens = 9, .output_tokens = 2});
}

TEST_CASE("gemini: without alt=sse a stream is one array, in pieces") {
  std::string body = "[";
  body += piece("Hel", R"({"promptTokenCount":9,"totalTokenCount":9})");
  body.append("\n,\r\n");
  body += piece("lo", R"({"promptTokenCount":9,"candidatesTokenCount":5,"totalTokenCount":14})",
                "MAX_TOKENS");
  body.append("\n]");
  auto const info = read(Api::gemini_generate, body);
  CHECK(info.counts == ReportedCounts{.input_tokens = 9, .output_tokens = 5});
  CHECK(finish_reasons(info) == Strings{"MAX_TOKENS"});
  CHECK(info.complete);
  CHECK(bytes_to_first_token(Api::gemini_generate, body) < body.find("usageMetadata"));
}

TEST_CASE("gemini: each candidate has its own reason") {
  auto const info =
      read(Api::gemini_generate,
           R"({"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},)"
           R"("finishReason":"STOP"},{"content":{"parts":[{"text":"b"}],"role":"model"},)"
           R"("finishReason":"SAFETY","index":1}],"usageMetadata":{"promptTokenCount":3,)"
           R"("candidatesTokenCount":8,"totalTokenCount":11},"modelVersion":"gemini-2.0-flash"})");
  CHECK(finish_reasons(info) == Strings{"STOP", "SAFETY"});
}

TEST_CASE("gemini: a function call is a first token, a thought too") {
  for (std::string_view const part :
       {R"({"functionCall":{"name":"f","args":{}},"thoughtSignature":"Cg"})",
        R"({"text":"**Weighing**","thought":true})"}) {
    std::string data = R"({"candidates":[{"content":{"parts":[)";
    data.append(part).append(R"(],"role":"model"},"index":0}],"modelVersion":"gemini-3"})");
    CHECK(bytes_to_first_token(Api::gemini_generate, events({data})) < data.size());
  }
  CHECK(bytes_to_first_token(Api::gemini_generate, events({piece("", "{}")})) ==
        events({piece("", "{}")}).size());
}

TEST_CASE("gemini: an error of a stream without alt=sse is an array too") {
  auto const info = read(
      Api::gemini_generate,
      "[{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"The model is overloaded.\",\n"
      "    \"status\": \"UNAVAILABLE\"\n  }\n}\n]\n",
      {.http_status = 503});
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "UNAVAILABLE");
  CHECK(info.error->code == "503");
  CHECK(info.error->code_is_number);
  CHECK(info.error->message == "The model is overloaded.");
}

TEST_CASE("gemini: embeddings report their input where they report at all") {
  auto const info =
      read(Api::gemini_embed, R"({"embedding":{"values":[0.1,-0.2]},"usageMetadata":{)"
                              R"("promptTokenCount":6,"promptTokenDetails":[{"modality":"TEXT",)"
                              R"("tokenCount":6}]}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 6, .output_tokens = 0});
  auto const silent = read(Api::gemini_embed, R"({"embedding":{"values":[0.1,-0.2]}})");
  CHECK(silent.counts == ReportedCounts{});
}

TEST_CASE("vertex: embeddings count each text") {
  auto const info =
      read(Api::vertex_embed,
           R"({"predictions":[{"embeddings":{"statistics":{"truncated":false,"token_count":7},)"
           R"("values":[0.1]}},{"embeddings":{"statistics":{"truncated":false,"token_count":5.0},)"
           R"("values":[0.2]}}],"metadata":{"billableCharacterCount":40}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 12, .output_tokens = 0});
}

TEST_CASE("gemini: a search of Google's is counted by its queries") {
  auto const info = read(
      Api::gemini_generate,
      R"({"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},)"
      R"("finishReason":"STOP","groundingMetadata":{"searchEntryPoint":{"renderedContent":"<b>"},)"
      R"("webSearchQueries":["one","two"]}}],"usageMetadata":{"promptTokenCount":3,)"
      R"("candidatesTokenCount":8,"totalTokenCount":11},"modelVersion":"gemini-2.5-flash"})");
  CHECK(info.counts.web_searches == 2U);
}
