// SPDX-License-Identifier: MIT
// What the bodies of OpenAI's responses say, and those of services that took them over.
#include "support/responses.hpp"

#include <string>
#include <string_view>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

/// A response with what all have around the given status, output and usage.
std::string response(std::string_view status, std::string_view output, std::string_view usage,
                     std::string_view error = "null", std::string_view incomplete = "null") {
  std::string body = R"({"id":"resp_0a7c","object":"response","created_at":1767400000,"status":")";
  body.append(status).append(R"(","background":false,"error":)").append(error);
  body.append(R"(,"incomplete_details":)").append(incomplete);
  body.append(R"(,"instructions":null,"max_output_tokens":null,"max_tool_calls":null,)");
  body.append(R"("model":"gpt-5-mini-2025-08-07","output":)").append(output);
  body.append(R"(,"parallel_tool_calls":true,"previous_response_id":null,"reasoning":{)");
  body.append(R"("effort":"medium","summary":null},"service_tier":"default","store":true,)");
  body.append(R"("temperature":1.0,"text":{"format":{"type":"text"},"verbosity":"medium"},)");
  body.append(R"("tool_choice":"auto","tools":[{"type":"web_search"}],"top_p":1.0,)");
  body.append(R"("truncation":"disabled","usage":)").append(usage);
  return body.append(R"(,"user":null,"metadata":{}})");
}

constexpr std::string_view message_output =
    R"([{"id":"rs_1","type":"reasoning","content":[],"summary":[]},{"id":"msg_1",)"
    R"("type":"message","status":"completed","content":[{"type":"output_text","annotations":[],)"
    R"("logprobs":[],"text":"Hello"}],"role":"assistant"}])";

constexpr std::string_view whole_usage =
    R"({"input_tokens":3210,"input_tokens_details":{"cached_tokens":2048,"cache_write_tokens":512},)"
    R"("output_tokens":460,"output_tokens_details":{"reasoning_tokens":320},"total_tokens":3670})";

/// An event that carries a response.
std::string carrying(std::string_view type, std::string_view response_body) {
  std::string data = R"({"type":")";
  data.append(type).append(R"(","sequence_number":1,"response":)").append(response_body);
  return data.append("}");
}

/// A stream that begins as all do, and goes on with events of its own.
std::string stream(std::initializer_list<std::pair<std::string_view, std::string_view>> rest) {
  auto const created = carrying("response.created", response("in_progress", "[]", "null"));
  auto const begun = carrying("response.in_progress", response("in_progress", "[]", "null"));
  auto body = named_events({{"response.created", created},
                            {"response.in_progress", begun},
                            {"response.output_item.added",
                             R"({"type":"response.output_item.added","output_index":0,"item":{)"
                             R"("id":"msg_1","type":"message","status":"in_progress",)"
                             R"("content":[],"role":"assistant"},"sequence_number":2})"}});
  for (auto const& event : rest) body += named_events({event});
  return body;
}

constexpr std::pair<std::string_view, std::string_view> first_delta{
    "response.output_text.delta",
    R"({"type":"response.output_text.delta","item_id":"msg_1","output_index":0,)"
    R"("content_index":0,"delta":"Hel","logprobs":[],"sequence_number":4,"obfuscation":"q"})"};

}  // namespace

TEST_CASE("responses: cached, written and reasoning tokens are parts") {
  auto const info = read(Api::openai_responses, response("completed", message_output, whole_usage));
  CHECK(info.counts == ReportedCounts{.input_tokens = 3210,
                                      .output_tokens = 460,
                                      .cache_read_tokens = 2048,
                                      .cache_write_tokens = 512,
                                      .reasoning_tokens = 320});
  CHECK(info.model == "gpt-5-mini-2025-08-07");
  CHECK(info.response_id == "resp_0a7c");
  CHECK(info.service_tier == "default");
  CHECK(finish_reasons(info) == Strings{"completed"});
  CHECK_FALSE(info.error.has_value());
  CHECK(info.problem == ReadProblem::none);
}

TEST_CASE("responses: a job that is queued or under way has no counts yet") {
  for (std::string_view const status : {"queued", "in_progress"}) {
    auto const info = read(Api::openai_responses, response(status, "[]", "null"));
    CHECK(info.counts == ReportedCounts{});
    CHECK(finish_reasons(info) == Strings{std::string(status)});
    CHECK_FALSE(info.error.has_value());
    CHECK(info.problem == ReadProblem::none);
  }
}

TEST_CASE("responses: a job that was cancelled is no error") {
  auto const info = read(Api::openai_responses, response("cancelled", "[]", "null"));
  CHECK(finish_reasons(info) == Strings{"cancelled"});
  CHECK_FALSE(info.error.has_value());
  CHECK(info.complete);
}

TEST_CASE("responses: one that failed has the error that it names") {
  auto const info = read(
      Api::openai_responses,
      response("failed", "[]", "null",
               R"({"code":"server_error","message":"The model failed to generate a response."})"));
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "server_error");
  CHECK(info.error->code == "server_error");
  CHECK(info.error->message == "The model failed to generate a response.");
  CHECK(finish_reasons(info) == Strings{"failed"});
}

TEST_CASE("responses: one that was cut short for its length is billed and no error") {
  auto const info =
      read(Api::openai_responses, response("incomplete", message_output, whole_usage, "null",
                                           R"({"reason":"max_output_tokens"})"));
  CHECK(finish_reasons(info) == Strings{"incomplete"});
  CHECK(info.counts.output_tokens == 460U);
  CHECK_FALSE(info.error.has_value());
}

TEST_CASE("responses: tools that are billed by the call are counted by their items") {
  auto const info = read(
      Api::openai_responses,
      response("completed",
               R"([{"id":"ws_1","type":"web_search_call","status":"completed","action":{)"
               R"("type":"search","query":"news"}},{"id":"ws_2","type":"web_search_call",)"
               R"("status":"completed","action":{"type":"search","query":"more"}},{"id":"fs_1",)"
               R"("type":"file_search_call","queries":["q"],"results":null,"status":"completed"},)"
               R"({"id":"ci_1","type":"code_interpreter_call","code":"1 + 1","outputs":null,)"
               R"("status":"completed"},{"id":"fc_1","type":"function_call","name":"f",)"
               R"("arguments":"{\"type\":\"web_search_call\"}","call_id":"c"},{"id":"msg_1",)"
               R"("type":"message","role":"assistant","content":[{"type":"output_text",)"
               R"("text":"x","annotations":[{"type":"web_search_call"}]}]}])",
               whole_usage));
  CHECK(info.counts.web_searches == 2U);
  CHECK(info.counts.file_searches == 1U);
  CHECK(info.counts.code_runs == 1U);
}

TEST_CASE("responses: an answer without tools does not say that none was used") {
  auto const info = read(Api::openai_responses, response("completed", message_output, whole_usage));
  CHECK_FALSE(info.counts.web_searches.has_value());
}

TEST_CASE("responses: the last event of a stream has counts and status") {
  auto const completed =
      carrying("response.completed", response("completed", message_output, whole_usage));
  auto const body = stream({first_delta, {"response.completed", completed}});
  auto const info = read(Api::openai_responses, body);
  CHECK(info.counts.input_tokens == 3210U);
  CHECK(info.counts.output_tokens == 460U);
  CHECK(info.counts.cache_read_tokens == 2048U);
  CHECK(info.counts.reasoning_tokens == 320U);
  CHECK(finish_reasons(info) == Strings{"completed"});
  CHECK(info.response_id == "resp_0a7c");
  CHECK(info.model == "gpt-5-mini-2025-08-07");
  CHECK(info.complete);
  auto const first = bytes_to_first_token(Api::openai_responses, body);
  CHECK(first > body.find("\"delta\":\""));
  CHECK(first < body.find("event: response.completed"));
}

TEST_CASE("responses: tools of a stream are counted once") {
  auto const item = std::string_view(
      R"({"type":"response.output_item.done","output_index":0,"item":{"id":"ws_1",)"
      R"("type":"web_search_call","status":"completed"},"sequence_number":3})");
  auto const completed = carrying(
      "response.completed",
      response("completed", R"([{"id":"ws_1","type":"web_search_call","status":"completed"}])",
               whole_usage));
  auto const info =
      read(Api::openai_responses,
           stream({{"response.output_item.done", item}, {"response.completed", completed}}));
  CHECK(info.counts.web_searches == 1U);
}

TEST_CASE("responses: a stream that ends incomplete is billed") {
  auto const last =
      carrying("response.incomplete", response("incomplete", message_output, whole_usage, "null",
                                               R"({"reason":"content_filter"})"));
  auto const info =
      read(Api::openai_responses, stream({first_delta, {"response.incomplete", last}}));
  CHECK(info.counts.output_tokens == 460U);
  CHECK(info.complete);
  CHECK(finish_reasons(info) == Strings{"incomplete"});
}

TEST_CASE("responses: a stream that fails tells its error") {
  auto const last =
      carrying("response.failed",
               response("failed", "[]", "null",
                        R"({"code":"rate_limit_exceeded","message":"Please slow down."})"));
  auto const info = read(Api::openai_responses, stream({{"response.failed", last}}));
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "rate_limit_exceeded");
  CHECK(info.error->message == "Please slow down.");
  CHECK(finish_reasons(info) == Strings{"failed"});
}

TEST_CASE("responses: an error event is an error, however it is nested") {
  for (std::string_view const data :
       {R"({"type":"error","code":"server_error","message":"Overloaded now","param":null,)"
        R"("sequence_number":5})",
        R"({"type":"error","sequence_number":5,"error":{"type":"server_error",)"
        R"("code":"server_error","message":"Overloaded now","param":null}})"}) {
    auto const info = read(Api::openai_responses, stream({first_delta, {"error", data}}));
    REQUIRE(info.error.has_value());
    CHECK(info.error->type == "server_error");
    CHECK(info.error->code == "server_error");
    CHECK(info.error->message == "Overloaded now");
    CHECK(info.counts == ReportedCounts{});
  }
}

TEST_CASE("responses: a stream that breaks off has no counts and is not complete") {
  auto const info = read(Api::openai_responses, stream({first_delta}));
  CHECK_FALSE(info.complete);
  CHECK(info.problem == ReadProblem::cut);
  CHECK(info.counts == ReportedCounts{});
  CHECK(info.response_id == "resp_0a7c");
}

TEST_CASE("responses: the first token may be a summary of thoughts or arguments of a function") {
  for (std::string_view const type :
       {"response.reasoning_summary_text.delta", "response.reasoning_text.delta",
        "response.function_call_arguments.delta", "response.refusal.delta"}) {
    std::string data = R"({"type":")";
    data.append(type).append(R"(","item_id":"x","output_index":0,"delta":"{"})");
    auto const body = stream({{type, data}});
    CHECK(bytes_to_first_token(Api::openai_responses, body) > stream({}).size());
    CHECK(bytes_to_first_token(Api::openai_responses, body) < body.size());
  }
}

TEST_CASE("responses: xAI counts reasoning within the output, ticks and tools") {
  auto const info = read(
      Api::xai_responses,
      R"({"created_at":1767500000,"completed_at":1767500004,"id":"c0ffee-1","model":"grok-4-fast",)"
      R"("object":"response","output":[{"id":"rs_1","summary":[],"type":"reasoning"},)"
      R"({"content":[{"type":"output_text","text":"x","annotations":[]}],"id":"msg_1",)"
      R"("role":"assistant","type":"message","status":"completed"}],"parallel_tool_calls":true,)"
      R"("status":"completed","store":true,"usage":{"input_tokens":1200,"input_tokens_details":{)"
      R"("cached_tokens":600},"output_tokens":500,"output_tokens_details":{"reasoning_tokens":420},)"
      R"("total_tokens":1700,"num_sources_used":4,"num_server_side_tools_used":3,)"
      R"("cost_in_usd_ticks":51235000,"server_side_tool_usage_details":{"web_search_calls":2,)"
      R"("x_search_calls":0,"code_interpreter_calls":1,"file_search_calls":0,"mcp_calls":0}},)"
      R"("incomplete_details":null,"error":null})");
  CHECK(info.counts.input_tokens == 1200U);
  CHECK(info.counts.output_tokens == 500U);
  CHECK(info.counts.cache_read_tokens == 600U);
  CHECK(info.counts.reasoning_tokens == 420U);
  CHECK(info.counts.web_searches == 2U);
  CHECK(info.counts.code_runs == 1U);
  REQUIRE(info.reported_cost_usd.has_value());
  CHECK(*info.reported_cost_usd == Approx(0.0051235));
  CHECK(info.response_id == "c0ffee-1");
}

TEST_CASE("responses: Azure's and Groq's are as OpenAI's") {
  for (auto const api : {Api::azure_responses, Api::groq_responses, Api::openrouter_responses}) {
    auto const info = read(api, response("completed", message_output, whole_usage));
    CHECK(info.api == api);
    CHECK(info.counts.input_tokens == 3210U);
    CHECK(info.counts.reasoning_tokens == 320U);
  }
}

TEST_CASE("responses: what OpenRouter charged stands in the usage of theirs too") {
  auto const info = read(
      Api::openrouter_responses,
      response(
          "completed", message_output,
          R"({"input_tokens":10,"input_tokens_details":{"cached_tokens":0},"output_tokens":5,)"
          R"("output_tokens_details":{"reasoning_tokens":0},"total_tokens":15,)"
          R"("cost":0.00125,"is_byok":false,"cost_details":{"upstream_inference_cost":null}})"));
  CHECK(info.reported_cost_usd == 0.00125);
  CHECK_FALSE(info.upstream_cost_usd.has_value());
}
