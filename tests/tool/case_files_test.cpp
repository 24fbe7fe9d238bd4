// SPDX-License-Identifier: MIT
// `cost --cases`: files of all shapes.
#include "json/support.hpp"
#include "support/catch.hpp"
#include "tool/program.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using testing::Ended;
using testing::Json;

/// A case that costs by the built-in book 0.0075 USD.
std::string gpt4o(std::string const& id) {
  return R"({"id": ")" + id + R"(", "provider": "openai", "model": "gpt-4o",)" +
         R"( "usage": {"input_tokens": 1000, "output_tokens": 500}})";
}

Ended price(std::string const& text) {
  return testing::run({"cost", "--cases", "-"}, {.input = text});
}

/// The ids of what was priced right, one after the other; "-" for what was not.
std::string ids_in(Ended const& ended) {
  std::string ids;
  for (auto const& answer : ended.json_lines()) {
    ids += answer["cost_usd"] == "0.0075" ? answer["id"].get<std::string>() : "-";
  }
  return ids;
}

TEST_CASE("case files: a file by its name", "[tool][case_files]") {
  testing::TemporaryDirectory const directory;
  testing::set_contents(directory.file("cases.jsonl"), gpt4o("a") + "\n");
  auto const ended = testing::run({"cost", "--cases", directory.file("cases.jsonl")});
  CHECK(ended.status == 0);
  CHECK(ids_in(ended) == "a");
}

TEST_CASE("case files: a file that cannot be read is a failure", "[tool][case_files]") {
  auto const missing = testing::run({"cost", "--cases", "/none/cases.jsonl"});
  CHECK(missing.status == 1);
  CHECK(missing.out.empty());
  CHECK(missing.err ==
        "netrun-llm: cannot open \"/none/cases.jsonl\": No such file or directory\n");
  auto const directory = testing::run({"cost", "--cases", "/"});
  CHECK(directory.status == 1);
  CHECK(directory.err == "netrun-llm: cannot read \"/\": Is a directory\n");
}

TEST_CASE("case files: recorded calls are cases", "[tool][case_files]") {
  auto const ended = price(
      R"({"request_id":"r1","timestamp":"2026-10-01T00:00:00Z","provider":"openai","model":"gpt-4o",)"
      R"("input_tokens":1000,"output_tokens":500,"cache_read_tokens":0,"usage_source":"reported"})"
      "\n"
      R"({"request_id":"r2","provider":"openai","model":"gpt-4o","input_tokens":0,)"
      R"("usage_source":"absent"})"
      "\n");
  CHECK(ids_in(ended) == "r1-");
  CHECK(ended.json_lines()[1]["error"] == "absent_usage");
}

TEST_CASE("case files: blank lines after a broken first case do not matter", "[tool][case_files]") {
  CHECK(ids_in(price("{\"id\":\"b\",\n\n\n\n\n" + gpt4o("g") + "\n")) == "-g");
}

TEST_CASE("case files: keys that nobody asked for may hold a lot", "[tool][case_files]") {
  std::string junk = "0";
  for (int i = 0; i < 100'000; ++i) junk += ",{}";
  auto text = gpt4o("a");
  text.insert(1, "\"x\":[" + junk + "],");
  CHECK(ids_in(price(text + "\n" + gpt4o("b"))) == "ab");
}

TEST_CASE("case files: a key that is there twice is named", "[tool][case_files]") {
  auto const answers = price(R"({"id":"a","usage":{},"usage":{}})").json_lines();
  CHECK(answers[0]["error"] == "invalid_case");
  CHECK_THAT(answers[0]["explanation"].get<std::string>(), ContainsSubstring("\"usage\""));
}

TEST_CASE("case files: who has no id is known by the line", "[tool][case_files]") {
  auto const answers = price(
                           "\n"
                           R"({"provider":"x","model":"y"})")
                           .json_lines();
  CHECK(answers[0]["line"] == 2);
  CHECK(answers[0]["explanation"] == "the price book has no such provider: \"x\"");
}

TEST_CASE("case files: an empty file has no answers", "[tool][case_files]") {
  auto const ended = price("");
  CHECK(ended.status == 0);
  CHECK(ended.out.empty());
}

TEST_CASE("case files: CRLF, blank lines, a byte order mark and no last newline",
          "[tool][case_files]") {
  auto const ended =
      price("\xef\xbb\xbf\r\n" + gpt4o("a") + "\r\n\n  \t\r\n" + gpt4o("b") + "\n" + gpt4o("c"));
  CHECK(ids_in(ended) == "abc");
}

TEST_CASE("case files: lines are counted with the blank ones", "[tool][case_files]") {
  auto const answers = price("\n\n" + gpt4o("a") + "\n\nx\n").json_lines();
  REQUIRE(answers.size() == 2);
  CHECK(answers[1]["line"] == 5);
}

TEST_CASE("case files: one JSON document", "[tool][case_files]") {
  auto const cases = gpt4o("a") + ",\n" + gpt4o("b") + ",\n" + gpt4o("c");
  CHECK(ids_in(price("{\"about\": \"x\",\n\"cases\": [\n" + cases + "\n]}\n")) == "abc");
  CHECK(ids_in(price("{\"cases\": [" + gpt4o("a") + "]}")) == "a");
  CHECK(ids_in(price("[" + cases + "]")) == "abc");
  CHECK(ids_in(price("[\n" + cases + "\n]\n\n")) == "abc");
  CHECK(ids_in(price("[" + gpt4o("a") + ", " + gpt4o("b") + "]\n" + gpt4o("c"))) == "abc");
}

TEST_CASE("case files: a pretty-printed document", "[tool][case_files]") {
  Json document;
  document["cases"] = {Json::parse(gpt4o("a")), Json::parse(gpt4o("b"))};
  CHECK(ids_in(price(document.dump(4))) == "ab");
  CHECK(ids_in(price(Json::parse(gpt4o("a")).dump(2))) == "a");
}

TEST_CASE("case files: a document's cases that are none", "[tool][case_files]") {
  auto const answers = price("[" + gpt4o("a") + ",\n5, null,\n" + gpt4o("b") + "]").json_lines();
  REQUIRE(answers.size() == 4);
  CHECK(answers[1]["error"] == "invalid_case");
  CHECK_THAT(answers[1]["explanation"].get<std::string>(), ContainsSubstring("got 5"));
  CHECK(answers[3]["id"] == "b");
}

TEST_CASE("case files: a broken document is one failure, not one per line", "[tool][case_files]") {
  std::string cases;
  for (int i = 0; i < 20; ++i) cases += gpt4o("a") + ",\n";
  auto const ended = price("{\"cases\": [\n" + cases + "telepathy\n]}\n");
  CHECK(ended.status == 1);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, ContainsSubstring("standard input: line 22: parse error"));
  auto const cut = price("{\"cases\": [\n" + cases);
  CHECK(cut.status == 1);
  CHECK_THAT(cut.err, ContainsSubstring("unexpected end of input"));
}

TEST_CASE("case files: a line past 16 MB is answered, and passed by", "[tool][case_files]") {
  auto const answers =
      price(gpt4o("a") + "\n" + std::string(17'000'000, 'x') + "\n" + gpt4o("b") + "\n")
          .json_lines();
  REQUIRE(answers.size() == 3);
  CHECK(answers[1]["error"] == "invalid_case");
  CHECK(answers[1]["line"] == 2);
  CHECK(answers[1]["explanation"] == "longer than 16777216 bytes");
  CHECK(answers[2]["id"] == "b");
}

TEST_CASE("case files: answers are there before more is asked for", "[tool][case_files]") {
  testing::Conversation const conversation({"cost", "--cases", "-"});
  conversation.say(gpt4o("a") + "\n" + gpt4o("b") + "\n");
  CHECK(Json::parse(conversation.next_line())["id"] == "a");
  CHECK(Json::parse(conversation.next_line())["id"] == "b");
  conversation.say(gpt4o("c") + "\n");
  CHECK(Json::parse(conversation.next_line())["id"] == "c");
}

TEST_CASE("case files: every line is answered, whatever bytes are changed", "[tool][case_files]") {
  constexpr std::uint64_t seed = 701;
  INFO("seed " << seed);
  testing::Random random(seed);
  constexpr std::string_view hostile("{}[]\",:\\0e-.\xff\x80 \t\0\r", 18);
  constexpr std::size_t count = 3'000;
  std::string text = gpt4o("first") + "\n";
  for (std::size_t i = 1; i < count; ++i) {
    auto line = gpt4o("x");
    for (auto changes = random() % 4; changes > 0; --changes) {
      line[random() % line.size()] = hostile[random() % hostile.size()];
    }
    text += line + "\n";
  }
  auto const ended = price(text);
  CHECK(ended.status == 0);
  CHECK(ended.err.empty());
  auto const answers = ended.json_lines();
  REQUIRE(answers.size() == count);
  for (auto const& answer : answers) {
    REQUIRE(answer["cost_usd"].is_null() == answer.contains("error"));
  }
}

TEST_CASE("case files: many cases are all answered", "[tool][case_files]") {
  constexpr std::size_t count = 20'000;
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += gpt4o("x") + "\n";
  auto const ended = price(text);
  CHECK(ended.status == 0);
  CHECK(ids_in(ended) == std::string(count, 'x'));
}

}  // namespace
}  // namespace netrun::llm
