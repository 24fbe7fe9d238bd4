// SPDX-License-Identifier: MIT
// `usage`: how an answer looks, and what a body that is wrong does to it.
#include "json/support.hpp"
#include "support/catch.hpp"
#include "tool/program.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using testing::Arguments;
using testing::Ended;
using testing::Json;

/// `usage ARGUMENTS -` with `body` on standard input.
Ended read(std::string const& body, Arguments const& options = {}) {
  Arguments arguments{"usage"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.emplace_back("-");
  return testing::run(arguments, {.input = body});
}

/// The answer to a body that is read well.
Json answer_to(std::string const& body, Arguments const& arguments = {}) {
  auto const ended = read(body, arguments);
  INFO(body << "\n" << ended.out);
  CHECK(ended.status == 0);
  CHECK(ended.err.empty());
  return ended.json();
}

/// A body of OpenAI's chat with more keys.
std::string chat(std::string const& more) {
  return R"({"id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06", )"
         R"("choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, )"
         R"("finish_reason": "stop"}], )" +
         more + "}";
}

std::string const counted = chat(R"("usage": {"prompt_tokens": 1200, "completion_tokens": 8})");

std::string const counted_answer =
    R"({"input_tokens":1200,"output_tokens":8,"model":"gpt-4o-2024-08-06",)"
    R"("response_id":"chatcmpl-1","finish_reasons":["stop"],"api":"openai.chat","form":"json"})"
    "\n";

/// A body of OpenRouter's that reports this cost.
std::string costly(std::string const& cost) {
  return chat(R"("usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": )" + cost + "}");
}

TEST_CASE("usage: is one line of JSON", "[tool][response]") {
  auto const ended = read(counted, {"--api", "openai.chat"});
  CHECK(ended.status == 0);
  CHECK(ended.out == counted_answer);
  CHECK(ended.err.empty());
}

TEST_CASE("usage: reads a file as it reads standard input", "[tool][response]") {
  testing::TemporaryDirectory const directory;
  testing::set_contents(directory.file("body"), counted);
  auto const ended = testing::run({"usage", "--api", "openai.chat", directory.file("body")});
  CHECK(ended.status == 0);
  CHECK(ended.out == counted_answer);
}

TEST_CASE("usage: guesses the interface from the body", "[tool][response]") {
  CHECK(read(counted).out == counted_answer);
}

TEST_CASE("usage: what is not reported is left out", "[tool][response]") {
  auto answer = answer_to(chat(R"("usage": null)"), {"--api", "openai.chat"});
  CHECK_FALSE(answer.contains("input_tokens"));
  CHECK_FALSE(answer.contains("output_tokens"));
  CHECK_FALSE(answer.contains("service_tier"));
  CHECK(answer["model"] == "gpt-4o-2024-08-06");
}

TEST_CASE("usage: a long body is read in pieces", "[tool][response]") {
  auto const padding = "\"padding\": \"" + std::string(3'000'000, 'x') + "\", ";
  auto const body = chat(padding + R"("usage": {"prompt_tokens": 5, "completion_tokens": 6})");
  auto answer = answer_to(body, {"--api", "openai.chat"});
  CHECK(answer["input_tokens"] == 5);
  CHECK(answer["output_tokens"] == 6);
}

TEST_CASE("usage: a response that is an error is an answer", "[tool][response]") {
  auto answer =
      answer_to(R"({"error": {"message": "Slow down", "type": "rate_limit_error", "code": 429}})",
                {"--api", "openrouter.chat", "--status", "429", "--form", "error"});
  CHECK(answer["http_status"] == 429);
  CHECK(answer["error_type"] == "rate_limit_error");
  CHECK(answer["error_code"] == Json(429));
  CHECK(answer["message_prefix"] == "Slow down");
  CHECK_FALSE(answer.contains("input_tokens"));
}

TEST_CASE("usage: a code of an error that is a text stays one", "[tool][response]") {
  auto answer = answer_to(R"({"error": {"message": "No", "code": "401"}})",
                          {"--api", "azure.chat", "--status", "401"});
  CHECK(answer["error_code"] == Json("401"));
}

TEST_CASE("usage: headers and address tell what a body does not", "[tool][response]") {
  auto answer =
      answer_to(R"({"message": "Too many requests"})",
                {"--api", "bedrock.converse", "--status", "429", "--header",
                 "X-Amzn-ErrorType: ThrottlingException:http://internal.amazon.com/coral/",
                 "--header", "x-amzn-requestid:4d1ce10c", "--url",
                 "https://bedrock-runtime.us-east-1.amazonaws.com/model/m-v1%3A0/converse"});
  CHECK(answer["error_type"] == "ThrottlingException");
  CHECK(answer["request_id"] == "4d1ce10c");
  CHECK(answer["request_model"] == "m-v1:0");
}

TEST_CASE("usage: the message of an error is cut after 40 characters", "[tool][response]") {
  std::string message;
  for (int i = 0; i < 50; ++i) message += "\xc3\xa9";
  auto answer = answer_to(R"({"error": {"type": "t", "message": ")" + message + R"("}})",
                          {"--api", "openai.chat", "--status", "400"});
  CHECK(answer["message_prefix"] == message.substr(0, 80));
}

TEST_CASE("usage: bytes that are not UTF-8 are replaced", "[tool][response]") {
  auto answer = answer_to("{\"error\": {\"type\": \"t\xff\", \"message\": \"\xc3\"}}",
                          {"--api", "openai.chat", "--status", "400"});
  CHECK(answer["error_type"] == "t\xef\xbf\xbd");
  CHECK(answer["message_prefix"] == "\xef\xbf\xbd");
}

TEST_CASE("usage: a cost is printed as the shortest number that reads back", "[tool][response]") {
  auto const cost = GENERATE("0.0004970133333333333", "0.1", "1e-07", "0", "3", "123456.789");
  auto const ended = read(costly(cost), {"--api", "openrouter.chat"});
  CHECK(ended.status == 0);
  CHECK_THAT(ended.out, ContainsSubstring("\"reported_cost_usd\":" + std::string(cost) + ","));
}

TEST_CASE("usage: a number for a finish reason is named where all agree on it", "[tool][response]") {
  auto const reason = [](int number) {
    return answer_to(R"({"candidates": [{"finishReason": )" + std::to_string(number) +
                         R"(}], "usageMetadata": {"promptTokenCount": 3}})",
                     {"--api", "vertex.generate"})["finish_reasons"];
  };
  CHECK(reason(2) == Json::array({"MAX_TOKENS"}));
  CHECK(reason(9) == Json::array({9}));
}

TEST_CASE("usage: says when Ollama left the prompt uncounted", "[tool][response]") {
  auto const body = GENERATE(R"({"model": "m", "done": true, "eval_count": 7})",
                             R"({"model": "m", "done": true, "eval_count": 7, )"
                             R"("prompt_eval_count": 3})");
  auto answer = answer_to(body, {"--api", "ollama.generate"});
  CHECK(answer["output_tokens"] == 7);
  CHECK(answer.contains("prompt_eval_count_missing") != answer.contains("input_tokens"));
}

TEST_CASE("usage: calls that are billed beside the totals are listed", "[tool][response]") {
  auto answer = answer_to(
      R"({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-sonnet-4-6", )"
      R"("content": [], "stop_reason": "end_turn", "usage": {"input_tokens": 229, )"
      R"("output_tokens": 5, "iterations": [)"
      R"({"type": "compaction", "input_tokens": 100, "output_tokens": 131, )"
      R"("cache_creation_input_tokens": 55096, "cache_read_input_tokens": 0},)"
      R"({"type": "message", "input_tokens": 229, "output_tokens": 5}]}})",
      {"--api", "anthropic.messages"});
  CHECK(answer["input_tokens"] == 229);
  CHECK(answer["extra_iterations_not_in_totals"] ==
        Json::parse(R"([{"type": "compaction", "input_tokens": 55196, "output_tokens": 131,
                         "cache_write": 55096}])"));
}

TEST_CASE("usage: a body that is cut is answered as far as it goes, and fails",
          "[tool][response]") {
  testing::TemporaryDirectory const directory;
  testing::set_contents(directory.file("body"), counted.substr(0, counted.size() - 3));
  auto const ended = testing::run({"usage", "--api", "openai.chat", directory.file("body")});
  CHECK(ended.status == 1);
  CHECK(ended.json()["problem"] == "cut");
  CHECK(ended.json()["complete"] == false);
  CHECK_THAT(ended.err, StartsWith("netrun-llm: usage: " + directory.file("body") + ": "));
  CHECK_THAT(ended.err, ContainsSubstring("the body ends in the middle"));
}

TEST_CASE("usage: counts of a stream that was cut are not those of the call", "[tool][response]") {
  auto const ended = read(
      "event: message_start\n"
      R"(data: {"type":"message_start","message":{"id":"msg_1","type":"message",)"
      R"("role":"assistant","model":"claude-sonnet-4-5","content":[],)"
      R"("usage":{"input_tokens":25,"output_tokens":1}}})"
      "\n\n",
      {"--api", "anthropic.messages", "--form", "sse"});
  CHECK(ended.status == 1);
  auto answer = ended.json();
  CHECK_FALSE(answer.contains("input_tokens"));
  CHECK(answer["so_far"]["input_tokens"] == 25);
  CHECK(answer["problem"] == "cut");
}

TEST_CASE("usage: a count that is wrong is named and left out", "[tool][response]") {
  auto const ended = read(chat(R"("usage": {"prompt_tokens": -1, "completion_tokens": 8})"),
                          {"--api", "openai.chat"});
  CHECK(ended.status == 1);
  CHECK_FALSE(ended.json().contains("input_tokens"));
  CHECK(ended.json()["problem"] == "negative_count");
  CHECK(ended.json()["problem_at"] == "usage.prompt_tokens");
  CHECK(ended.err ==
        "netrun-llm: usage: standard input: usage.prompt_tokens: a count is negative; it was left "
        "out\n");
}

TEST_CASE("usage: a body of another interface gives no counts", "[tool][response]") {
  auto const ended = read(counted, {"--api", "anthropic.messages"});
  CHECK(ended.status == 1);
  CHECK_FALSE(ended.json().contains("input_tokens"));
  CHECK(ended.json()["problem"] == "wrong_api");
  CHECK_THAT(ended.err, ContainsSubstring("another interface than --api says"));
}

TEST_CASE("usage: an empty body is no response", "[tool][response]") {
  auto const ended = read("", {"--api", "openai.chat"});
  CHECK(ended.status == 1);
  CHECK(ended.json()["problem"] == "empty");
  CHECK_THAT(ended.err, ContainsSubstring("standard input: the body is empty"));
}

TEST_CASE("usage: a file that cannot be read is a failure without an answer", "[tool][response]") {
  testing::TemporaryDirectory const directory;
  auto const missing = testing::run({"usage", directory.file("missing")});
  CHECK(missing.status == 1);
  CHECK(missing.out.empty());
  CHECK_THAT(missing.err, ContainsSubstring("cannot open \"" + directory.file("missing") + "\""));
  auto const not_a_file = testing::run({"usage", directory.file(".")});
  CHECK(not_a_file.status == 1);
  CHECK_THAT(not_a_file.err, ContainsSubstring("cannot read"));
}

TEST_CASE("usage: CSV has a header and always the same columns", "[tool][response]") {
  auto const first = testing::lines_of(read(counted, {"--format", "csv"}).out);
  auto const second =
      testing::lines_of(read(R"({"error": {"type": "t", "message": "a, b"}})",
                             {"--format", "csv", "--api", "openai.chat", "--status", "400"})
                            .out);
  REQUIRE(first.size() == 2);
  REQUIRE(second.size() == 2);
  CHECK(first[0] == second[0]);
  CHECK_THAT(first[0], StartsWith("input_tokens,output_tokens,cache_read,"));
  CHECK_THAT(first[1], StartsWith("1200,8,,"));
  CHECK_THAT(second[1], ContainsSubstring("400,t,,\"a, b\""));
}

TEST_CASE("usage: a table has a row for each value", "[tool][response]") {
  auto const lines = testing::lines_of(read(counted, {"--format", "table"}).out);
  CHECK(lines == std::vector<std::string>{
                     "field           value",
                     "input_tokens    1200",
                     "output_tokens   8",
                     "model           gpt-4o-2024-08-06",
                     "response_id     chatcmpl-1",
                     "finish_reasons  stop",
                     "api             openai.chat",
                     "form            json",
                 });
}

}  // namespace
}  // namespace netrun::llm
