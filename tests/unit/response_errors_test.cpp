// SPDX-License-Identifier: MIT
// The errors of all providers: type, code, message and the id to ask them about.
#include "support/responses.hpp"

#include <array>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

using Header = std::pair<std::string_view, std::string_view>;

struct ErrorCase {
  Api api;
  int status;
  std::string_view body;
  std::string_view type, code, message;
};

void check(ErrorCase const& expected) {
  INFO(to_string(expected.api) << ' ' << expected.status << ' ' << expected.body);
  auto const info = read(expected.api, expected.body, {.http_status = expected.status});
  CHECK(info.http_status == expected.status);
  CHECK(info.counts == ReportedCounts{});
  CHECK(info.api == expected.api);
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == expected.type);
  CHECK(info.error->code == expected.code);
  CHECK(info.error->message == expected.message);
}

/// The one error of a body without a type, whose name then is the status'.
std::string type_of_status(int status) {
  auto const info =
      read(Api::openai_chat, R"({"error":{"message":"no"}})", {.http_status = status});
  return info.error ? std::string(info.error->type.view()) : std::string();
}

}  // namespace

TEST_CASE("errors of OpenAI and those who took its shape") {
  check({Api::openai_chat, 429,
         R"({"error":{"message":"You exceeded your current quota.","type":"insufficient_quota",)"
         R"("param":null,"code":"insufficient_quota"}})",
         "insufficient_quota", "insufficient_quota", "You exceeded your current quota."});
  check({Api::openai_chat, 400,
         R"({"error":{"message":"Too long.","type":"invalid_request_error","param":"messages",)"
         R"("code":"context_length_exceeded"}})",
         "invalid_request_error", "context_length_exceeded", "Too long."});
  check({Api::openai_chat, 500,
         R"({"error":{"message":"The server had an error.","type":"server_error","param":null,)"
         R"("code":null}})",
         "server_error", "", "The server had an error."});
  check({Api::deepseek_chat, 402,
         R"({"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,)"
         R"("code":"invalid_request_error"}})",
         "unknown_error", "invalid_request_error", "Insufficient Balance"});
  check({Api::groq_chat, 413,
         R"({"error":{"message":"Request too large","type":"tokens",)"
         R"("code":"rate_limit_exceeded"}})",
         "tokens", "rate_limit_exceeded", "Request too large"});
  check({Api::together_chat, 422,
         R"({"id":"o1","error":{"message":"Bad input","type":"invalid_request_error",)"
         R"("param":null,"code":null}})",
         "invalid_request_error", "", "Bad input"});
  check({Api::fireworks_chat, 404,
         R"({"error":{"object":"error","type":"invalid_request_error","code":"NOT_FOUND",)"
         R"("message":"Model not found"}})",
         "invalid_request_error", "NOT_FOUND", "Model not found"});
}

TEST_CASE("errors of Azure have a code, in words or digits, and seldom a type") {
  check({Api::azure_chat, 401,
         R"({"error":{"code":"401","message":"Access denied due to invalid key."}})",
         "authentication", "401", "Access denied due to invalid key."});
  check({Api::azure_chat, 404,
         R"({"error":{"code":"DeploymentNotFound","message":"No such deployment."}})",
         "DeploymentNotFound", "DeploymentNotFound", "No such deployment."});
  check({Api::azure_ai_chat, 429,
         R"({"error":{"code":"RateLimitReached","message":"Slow down.","details":"Slow down."}})",
         "RateLimitReached", "RateLimitReached", "Slow down."});
  check({Api::azure_chat, 400,
         R"({"error":{"message":"The response was filtered","type":null,"param":"prompt",)"
         R"("code":"content_filter","status":400,"innererror":{"code":)"
         R"("ResponsibleAIPolicyViolation","content_filter_result":{"hate":{"filtered":true,)"
         R"("severity":"high"}}}}})",
         "content_filter", "content_filter", "The response was filtered"});
  check({Api::azure_chat, 401, R"({"statusCode":401,"message":"Access token is missing."})",
         "authentication", "", "Access token is missing."});
}

TEST_CASE("errors of Anthropic have a type and the id of the request") {
  for (auto const& [status, type] :
       {std::pair{400, "invalid_request_error"}, std::pair{401, "authentication_error"},
        std::pair{403, "permission_error"}, std::pair{404, "not_found_error"},
        std::pair{413, "request_too_large"}, std::pair{429, "rate_limit_error"},
        std::pair{500, "api_error"}, std::pair{504, "timeout_error"},
        std::pair{529, "overloaded_error"}}) {
    std::string body = R"({"type":"error","error":{"details":null,"type":")";
    body.append(type).append(R"(","message":"No."},"request_id":"req_011CXy"})");
    check({Api::anthropic_messages, status, body, type, "", "No."});
    auto const info = read_response(Api::anthropic_messages, body);
    REQUIRE(info.error.has_value());
    CHECK(info.error->request_id == "req_011CXy");
  }
}

TEST_CASE("errors of Gemini and Vertex have a status and a code in digits") {
  check({Api::gemini_generate, 400,
         R"({"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT",)"
         R"("details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":)"
         R"("API_KEY_INVALID","domain":"googleapis.com","metadata":{"service":"x"}},{"@type":)"
         R"("type.googleapis.com/google.rpc.LocalizedMessage","locale":"en-US","message":"x"}]}})",
         "INVALID_ARGUMENT", "400", "API key not valid."});
  check({Api::vertex_generate, 429,
         R"([{"error":{"code":429,"message":"Resource exhausted.","status":)"
         R"("RESOURCE_EXHAUSTED"}}])",
         "RESOURCE_EXHAUSTED", "429", "Resource exhausted."});
  auto const info = read(Api::gemini_generate, R"({"error":{"code":504,"message":"Late",)"
                                               R"("status":"DEADLINE_EXCEEDED"}})");
  REQUIRE(info.error.has_value());
  CHECK(info.error->code_is_number);
  CHECK(info.error->type == "DEADLINE_EXCEEDED");
}

TEST_CASE("errors of Mistral come in three shapes") {
  check({Api::mistral_chat, 401, R"({"detail":"Invalid API Key"})", "authentication", "",
         "Invalid API Key"});
  check({Api::mistral_chat, 422,
         R"({"detail":[{"type":"missing","loc":["body","messages"],"msg":"Field required",)"
         R"("input":{}},{"type":"other","loc":["body"],"msg":"Second","input":{}}]})",
         "invalid_request", "", "Field required"});
  check({Api::mistral_chat, 400,
         R"({"object":"error","message":"Invalid model: x","type":"invalid_model","param":null,)"
         R"("code":"1500","raw_status_code":400})",
         "invalid_model", "1500", "Invalid model: x"});
  check({Api::mistral_chat, 422,
         R"({"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","x"],)"
         R"("msg":"Extra inputs are not permitted","input":1}]},)"
         R"("type":"invalid_request_error","param":null,"code":null})",
         "invalid_request_error", "", "Extra inputs are not permitted"});
}

TEST_CASE("errors of Cohere are a message, and sometimes a type") {
  check({Api::cohere_chat, 401, R"({"id":"2d46","message":"invalid api token"})", "authentication",
         "", "invalid api token"});
  check({Api::cohere_rerank, 429,
         R"({"id":"2d47","message":"You are using a trial key","error_type":"trial_limit"})",
         "trial_limit", "", "You are using a trial key"});
}

TEST_CASE("errors of xAI are flat: a code in words, and the message called error") {
  check({Api::xai_chat, 400, R"({"code":"invalid-argument","error":"Incorrect API key provided."})",
         "invalid-argument", "invalid-argument", "Incorrect API key provided."});
  check({Api::xai_responses, 404,
         R"({"code":"Some requested entity was not found","error":"The model x does not exist"})",
         "Some requested entity was not found", "Some requested entity was not found",
         "The model x does not exist"});
}

TEST_CASE("errors of OpenRouter have a number, whose name is the status'") {
  check({Api::openrouter_chat, 429,
         R"({"error":{"code":429,"message":"Provider returned error","metadata":{)"
         R"("provider_name":"Google","raw":"busy"}},"user_id":"user_1"})",
         "rate_limit", "429", "Provider returned error"});
  check({Api::openrouter_chat, 402, R"({"error":{"message":"Insufficient credits","code":402}})",
         "payment", "402", "Insufficient credits"});
}

TEST_CASE("errors within an answer that came with 200 are named by their own number") {
  auto const info = read(
      Api::openrouter_chat,
      R"({"id":"gen-1","provider":"Chutes","model":"m","object":"chat.completion","created":1,)"
      R"("choices":[{"error":{"message":"Upstream went away","code":502,"metadata":{)"
      R"("raw":"x"}},"logprobs":null,"finish_reason":"error","native_finish_reason":null,)"
      R"("index":0,"message":{"role":"assistant","content":""}}]})",
      {.http_status = 200});
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "overloaded");
  CHECK(info.error->code == "502");
  CHECK(info.error->code_is_number);
  CHECK(info.error->message == "Upstream went away");
  CHECK(finish_reasons(info) == Strings{"error"});
}

TEST_CASE("errors within a stream that came with 200, beside an empty choice") {
  auto const info =
      read(Api::openrouter_chat,
           events({R"({"id":"gen-2","object":"chat.completion.chunk","created":1,"model":"m",)"
                   R"("provider":"X","error":{"code":"server_error","message":"Disconnected"},)"
                   R"("choices":[{"index":0,"delta":{"content":""},"finish_reason":"error"}]})"}),
           {.http_status = 200});
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "server_error");
  CHECK(info.error->message == "Disconnected");
}

TEST_CASE("errors of Ollama are a text") {
  check({Api::ollama_chat, 404, R"({"error":"model 'x' not found"})", "not_found", "",
         "model 'x' not found"});
  check({Api::ollama_generate, 500, R"({"error":"llama runner process has terminated"})", "server",
         "", "llama runner process has terminated"});
}

TEST_CASE("errors of llama.cpp and vLLM, old and new") {
  check({Api::llamacpp_chat, 503,
         R"({"error":{"code":503,"message":"Loading model","type":"unavailable_error"}})",
         "unavailable_error", "503", "Loading model"});
  check({Api::vllm_chat, 404,
         R"({"object":"error","message":"The model does not exist.","type":"NotFoundError",)"
         R"("param":null,"code":404})",
         "NotFoundError", "404", "The model does not exist."});
  check({Api::vllm_chat, 400,
         R"({"error":{"message":"max_tokens","type":"BadRequestError","param":null,"code":400}})",
         "BadRequestError", "400", "max_tokens"});
}

TEST_CASE("errors of Cerebras and Perplexity") {
  check({Api::cerebras_chat, 404,
         R"({"message":"Model x does not exist","type":"not_found_error","param":"model",)"
         R"("code":"model_not_found"})",
         "not_found_error", "model_not_found", "Model x does not exist"});
  check({Api::perplexity_chat, 400,
         R"({"error":{"message":"Invalid model 'x'.","type":"invalid_model","code":400}})",
         "invalid_model", "400", "Invalid model 'x'."});
}

TEST_CASE("errors that are no JSON or nothing go by the status and keep their text") {
  check({Api::perplexity_chat, 401,
         "<html>\r\n<head><title>401 Authorization Required</title></head></html>\r\n",
         "authentication", "",
         "<html>\r\n<head><title>401 Authorization Required</title></head></html>"});
  check({Api::openai_chat, 503, "upstream connect error or disconnect/reset before headers",
         "overloaded", "", "upstream connect error or disconnect/reset before headers"});
  check({Api::openai_chat, 502, "", "overloaded", "", ""});
}

TEST_CASE("errors without a name of their own have the name of their status") {
  for (auto const& [status, name] :
       {std::pair{400, "invalid_request"}, std::pair{422, "invalid_request"},
        std::pair{401, "authentication"}, std::pair{402, "payment"}, std::pair{403, "permission"},
        std::pair{404, "not_found"}, std::pair{408, "timeout"}, std::pair{504, "timeout"},
        std::pair{413, "too_large"}, std::pair{409, "conflict"}, std::pair{424, "upstream_model"},
        std::pair{429, "rate_limit"}, std::pair{500, "server"}, std::pair{502, "overloaded"},
        std::pair{503, "overloaded"}, std::pair{529, "overloaded"}}) {
    CHECK(type_of_status(status) == name);
  }
}

TEST_CASE("errors: the id of the request may stand in a header") {
  for (auto const& [name, api] : {std::pair{"x-request-id", Api::openai_chat},
                                  std::pair{"request-id", Api::anthropic_messages},
                                  std::pair{"apim-request-id", Api::azure_chat},
                                  std::pair{"x-kong-request-id", Api::mistral_chat},
                                  std::pair{"x-debug-trace-id", Api::cohere_chat},
                                  std::pair{"x-ds-trace-id", Api::deepseek_chat},
                                  std::pair{"x-amzn-RequestId", Api::bedrock_converse}}) {
    INFO(name);
    std::array<Header, 1> const headers{{{name, "abc-1"}}};
    auto const info = read(api, R"({"message":"no"})", {.http_status = 500, .headers = headers});
    REQUIRE(info.error.has_value());
    CHECK(info.error->request_id == "abc-1");
  }
}

TEST_CASE("errors: a body that speaks of errors in its text has none") {
  for (std::string_view const body :
       {R"({"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"content":)"
        R"("{\"error\":{\"type\":\"x\"}}"},"finish_reason":"stop"}],"error":null})",
        R"({"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"content":"a",)"
        R"("error":{"type":"inner"}},"finish_reason":"stop","error":null}],"error":{}})"}) {
    CHECK_FALSE(read(Api::openai_chat, body, {.http_status = 200}).error.has_value());
  }
}
