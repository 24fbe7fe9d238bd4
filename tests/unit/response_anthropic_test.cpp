// SPDX-License-Identifier: MIT
// What Anthropic's messages say.
#include "support/responses.hpp"

#include <string>
#include <string_view>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

std::string message(std::string_view usage, std::string_view stop_reason = "end_turn") {
  std::string body =
      R"({"model":"claude-sonnet-4-5-20250929","id":"msg_01Hq7","type":"message",)"
      R"("role":"assistant","content":[{"type":"thinking","thinking":"Hm","signature":"Ev"},)"
      R"({"type":"text","text":"Hi","citations":null}],"container":null,"stop_reason":")";
  body.append(stop_reason).append(R"(","stop_sequence":null,"stop_details":null,"usage":)");
  return body.append(usage).append(R"(,"context_management":{"applied_edits":[]}})");
}

/// message_start with its usage, one block of text, message_delta with its usage, message_stop.
std::string stream(std::string_view start_usage, std::string_view delta_usage) {
  std::string start =
      R"({"type":"message_start","message":{"model":"claude-haiku-4-5-20251001","id":"msg_01St",)"
      R"("type":"message","role":"assistant","content":[],"stop_reason":null,)"
      R"("stop_sequence":null,"usage":)";
  start.append(start_usage).append("}}");
  std::string delta =
      R"({"type":"message_delta","delta":{"stop_reason":"max_tokens","stop_sequence":null},)"
      R"("usage":)";
  delta.append(delta_usage).append("}");
  return named_events(
      {{"message_start", start},
       {"content_block_start",
        R"({"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"},
       {"ping", R"({"type": "ping"})"},
       {"content_block_delta",
        R"({"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hey"}})"},
       {"content_block_stop", R"({"type":"content_block_stop","index":0})"},
       {"message_delta", delta},
       {"message_stop", R"({"type":"message_stop"})"}});
}

}  // namespace

TEST_CASE("anthropic: cached and written tokens stand beside input_tokens and are added") {
  auto const info =
      read(Api::anthropic_messages,
           message(R"({"input_tokens":21,"cache_creation_input_tokens":456,)"
                   R"("cache_read_input_tokens":18800,"cache_creation":{)"
                   R"("ephemeral_5m_input_tokens":356,"ephemeral_1h_input_tokens":100},)"
                   R"("output_tokens":503,"output_tokens_details":{"thinking_tokens":280},)"
                   R"("server_tool_use":{"web_search_requests":2,"web_fetch_requests":1},)"
                   R"("service_tier":"standard","inference_geo":"us","speed":"fast"})"));
  CHECK(info.counts == ReportedCounts{.input_tokens = 21 + 456 + 18800,
                                      .output_tokens = 503,
                                      .cache_read_tokens = 18800,
                                      .cache_write_tokens = 456,
                                      .cache_write_1h_tokens = 100,
                                      .reasoning_tokens = 280,
                                      .web_searches = 2,
                                      .web_fetches = 1});
  CHECK(info.model == "claude-sonnet-4-5-20250929");
  CHECK(info.response_id == "msg_01Hq7");
  CHECK(info.service_tier == "standard");
  CHECK(info.inference_geo == "us");
  CHECK(info.speed == "fast");
  CHECK(finish_reasons(info) == Strings{"end_turn"});
  CHECK(info.problem == ReadProblem::none);
}

TEST_CASE("anthropic: an older body has no more than two counts") {
  auto const info = read(
      Api::anthropic_messages,
      R"({"id":"msg_013Z","type":"message","role":"assistant","model":"claude-3-opus-20240229",)"
      R"("content":[{"type":"text","text":"Hi"}],"stop_reason":"stop_sequence",)"
      R"("stop_sequence":"\n\nHuman:","usage":{"input_tokens":12,"output_tokens":6}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 12, .output_tokens = 6});
  CHECK(finish_reasons(info) == Strings{"stop_sequence"});
}

TEST_CASE("anthropic: what is null was not reported") {
  auto const info = read(Api::anthropic_messages,
                         message(R"({"input_tokens":5,"cache_creation_input_tokens":null,)"
                                 R"("cache_read_input_tokens":null,"cache_creation":null,)"
                                 R"("output_tokens":7,"server_tool_use":null,)"
                                 R"("service_tier":null,"inference_geo":null})",
                                 "tool_use"));
  CHECK(info.counts == ReportedCounts{.input_tokens = 5, .output_tokens = 7});
  CHECK(info.service_tier.empty());
  CHECK(finish_reasons(info) == Strings{"tool_use"});
  CHECK(info.problem == ReadProblem::none);
}

TEST_CASE("anthropic: written tokens may be told by their lifetime alone") {
  auto const info =
      read(Api::anthropic_messages,
           message(R"({"input_tokens":5,"cache_read_input_tokens":0,"cache_creation":{)"
                   R"("ephemeral_5m_input_tokens":30,"ephemeral_1h_input_tokens":12},)"
                   R"("output_tokens":7})"));
  CHECK(info.counts.cache_write_tokens == 42U);
  CHECK(info.counts.cache_write_1h_tokens == 12U);
  CHECK(info.counts.input_tokens == 47U);
}

TEST_CASE("anthropic: every stop reason is kept as it is") {
  for (std::string_view const reason : {"end_turn", "max_tokens", "stop_sequence", "tool_use",
                                        "pause_turn", "refusal", "model_context_window_exceeded"}) {
    auto const info =
        read(Api::anthropic_messages, message(R"({"input_tokens":1,"output_tokens":1})", reason));
    CHECK(finish_reasons(info) == Strings{std::string(reason)});
  }
}

TEST_CASE("anthropic: iterations that the totals leave out are told apart, the totals stay") {
  auto const info =
      read(Api::anthropic_messages,
           message(R"({"input_tokens":220,"cache_creation_input_tokens":0,)"
                   R"("cache_read_input_tokens":4000,"output_tokens":90,"iterations":[)"
                   R"({"type":"compaction","input_tokens":180,"cache_creation_input_tokens":55000,)"
                   R"("cache_read_input_tokens":16,"cache_creation":{)"
                   R"("ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":55000},)"
                   R"("output_tokens":1300},{"type":"message","input_tokens":120,)"
                   R"("cache_creation_input_tokens":0,"cache_read_input_tokens":2000,)"
                   R"("output_tokens":50},{"type":"advisor_message","model":"claude-opus-4-8",)"
                   R"("input_tokens":700,"cache_creation_input_tokens":0,)"
                   R"("cache_read_input_tokens":0,"output_tokens":60},{"type":"message",)"
                   R"("input_tokens":100,"cache_creation_input_tokens":0,)"
                   R"("cache_read_input_tokens":2000,"output_tokens":40}]})"));
  CHECK(info.counts.input_tokens == 4220U);
  CHECK(info.counts.output_tokens == 90U);
  REQUIRE(info.sub_call_count == 2);
  CHECK(info.sub_calls[0].kind == "compaction");
  CHECK(info.sub_calls[0].model.empty());
  CHECK(info.sub_calls[0].counts == ReportedCounts{.input_tokens = 180 + 55000 + 16,
                                                   .output_tokens = 1300,
                                                   .cache_read_tokens = 16,
                                                   .cache_write_tokens = 55000,
                                                   .cache_write_1h_tokens = 55000});
  CHECK(info.sub_calls[1].kind == "advisor_message");
  CHECK(info.sub_calls[1].model == "claude-opus-4-8");
  CHECK(info.sub_calls[1].counts.input_tokens == 700U);
  CHECK(info.sub_calls[1].counts.output_tokens == 60U);
}

TEST_CASE("anthropic: iterations that are all messages are no sub-calls") {
  auto const info =
      read(Api::anthropic_messages,
           message(R"({"input_tokens":3,"output_tokens":4,"iterations":[{"type":"message",)"
                   R"("input_tokens":3,"output_tokens":4}]})"));
  CHECK(info.sub_call_count == 0);
  CHECK(info.counts == ReportedCounts{.input_tokens = 3, .output_tokens = 4});
}

TEST_CASE("anthropic: the end of a stream replaces the output of its start") {
  auto const body =
      stream(R"({"input_tokens":14,"cache_creation_input_tokens":200,)"
             R"("cache_read_input_tokens":3000,"cache_creation":{)"
             R"("ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":0},)"
             R"("output_tokens":8,"service_tier":"priority","inference_geo":"global"})",
             R"({"output_tokens":77})");
  auto const info = read(Api::anthropic_messages, body);
  CHECK(info.counts == ReportedCounts{.input_tokens = 3214,
                                      .output_tokens = 77,
                                      .cache_read_tokens = 3000,
                                      .cache_write_tokens = 200,
                                      .cache_write_1h_tokens = 0});
  CHECK(info.model == "claude-haiku-4-5-20251001");
  CHECK(info.response_id == "msg_01St");
  CHECK(info.service_tier == "priority");
  CHECK(info.inference_geo == "global");
  CHECK(finish_reasons(info) == Strings{"max_tokens"});
  CHECK(info.complete);
  CHECK(info.counts_are_final);
  auto const first = bytes_to_first_token(Api::anthropic_messages, body);
  CHECK(first > body.find("event: content_block_delta"));
  CHECK(first <= body.find("event: content_block_stop"));
}

TEST_CASE("anthropic: a newer end of a stream repeats the input side and overrides it") {
  auto const info =
      read(Api::anthropic_messages,
           stream(R"({"input_tokens":2500,"cache_creation_input_tokens":0,)"
                  R"("cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,)"
                  R"("ephemeral_1h_input_tokens":0},"output_tokens":1,"service_tier":"standard"})",
                  R"({"input_tokens":10680,"cache_creation_input_tokens":0,)"
                  R"("cache_read_input_tokens":120,"output_tokens":510,)"
                  R"("output_tokens_details":{"thinking_tokens":64},)"
                  R"("server_tool_use":{"web_search_requests":1,"web_fetch_requests":0}})"));
  CHECK(info.counts.input_tokens == 10'800U);
  CHECK(info.counts.cache_read_tokens == 120U);
  CHECK(info.counts.output_tokens == 510U);
  CHECK(info.counts.reasoning_tokens == 64U);
  CHECK(info.counts.web_searches == 1U);
}

TEST_CASE("anthropic: iterations of a stream stand in its end") {
  auto const info =
      read(Api::anthropic_messages,
           stream(R"({"input_tokens":10,"output_tokens":1})",
                  R"({"input_tokens":10,"output_tokens":20,"iterations":[{"type":"compaction",)"
                  R"("input_tokens":900,"output_tokens":30},{"type":"message","input_tokens":10,)"
                  R"("output_tokens":20}]})"));
  REQUIRE(info.sub_call_count == 1);
  CHECK(info.sub_calls[0].counts.input_tokens == 900U);
  CHECK(info.counts.input_tokens == 10U);
}

TEST_CASE("anthropic: an error in the middle of a stream, with what was told before it") {
  auto body = stream(R"({"input_tokens":14,"output_tokens":3})", R"({"output_tokens":77})");
  body.resize(body.find("event: content_block_stop"));
  body += named_events({{"error", R"({"type":"error","error":{"details":null,)"
                                  R"("type":"overloaded_error","message":"Overloaded"},)"
                                  R"("request_id":"req_011C"})"}});
  auto const info = read(Api::anthropic_messages, body, {.http_status = 200});
  REQUIRE(info.error.has_value());
  CHECK(info.error->type == "overloaded_error");
  CHECK(info.error->message == "Overloaded");
  CHECK(info.error->request_id == "req_011C");
  CHECK_FALSE(info.counts_are_final);
  CHECK(info.counts.input_tokens == 14U);
  CHECK(info.usage().source == UsageSource::estimated);
}

TEST_CASE("anthropic: a stream that breaks off is an estimate") {
  auto body = stream(R"({"input_tokens":14,"output_tokens":3})", R"({"output_tokens":77})");
  body.resize(body.find("event: message_delta"));
  auto const info = read(Api::anthropic_messages, body);
  CHECK_FALSE(info.complete);
  CHECK(info.problem == ReadProblem::cut);
  CHECK_FALSE(info.counts_are_final);
  CHECK(info.counts.input_tokens == 14U);
}

TEST_CASE("anthropic: the first token may be a thought or the input of a tool") {
  for (std::string_view const delta : {R"({"type":"thinking_delta","thinking":"Let"})",
                                       R"({"type":"input_json_delta","partial_json":""})",
                                       R"({"type":"signature_delta","signature":"Eq"})"}) {
    std::string data = R"({"type":"content_block_delta","index":0,"delta":)";
    data.append(delta).append("}");
    auto const body = named_events({{"ping", R"({"type":"ping"})"}, {"content_block_delta", data}});
    CHECK(bytes_to_first_token(Api::anthropic_messages, body) < body.size());
    CHECK(bytes_to_first_token(Api::anthropic_messages, body) > 36);
  }
}

TEST_CASE("anthropic: Claude on Vertex answers in the same way") {
  auto const info = read(
      Api::vertex_anthropic,
      R"({"id":"msg_vrtx_01","type":"message","role":"assistant","model":"claude-opus-4-1-20250805",)"
      R"("content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","stop_sequence":null,)"
      R"("usage":{"input_tokens":10,"cache_creation_input_tokens":0,)"
      R"("cache_read_input_tokens":90,"output_tokens":4}})");
  CHECK(info.counts.input_tokens == 100U);
  CHECK(info.counts.cache_read_tokens == 90U);
  CHECK(info.response_id == "msg_vrtx_01");
}
