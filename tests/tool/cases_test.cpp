// SPDX-License-Identifier: MIT
// `cost --cases`: what is answered, and what a bad case does to the others.
#include "json/support.hpp"
#include "support/catch.hpp"
#include "tool/program.hpp"

#include <string>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using testing::Ended;
using testing::Json;

/// Gives `text` to `cost --cases -`, priced by a price file of the test.
Ended price(std::string const& text, testing::Arguments more = {}) {
  testing::TemporaryDirectory const directory;
  testing::set_contents(directory.file("acme.json"), testing::acme_prices);
  testing::Arguments arguments{"cost", "--cases", "-", "--prices", directory.file("acme.json")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return testing::run(arguments, {.input = text});
}

/// A case of acme's "small" with more keys.
std::string small(std::string const& more) {
  return R"({"provider": "acme", "model": "small", "at": "2026-04-01", )" + more + "}\n";
}

Json answer_to(std::string const& line) {
  auto const ended = price(line);
  REQUIRE(ended.status == 0);
  REQUIRE(ended.err.empty());
  auto const answers = ended.json_lines();
  REQUIRE(answers.size() == 1);
  return answers[0];
}

/// The answer to a case of "small" with this usage.
Json answer_to_usage(std::string const& usage) { return answer_to(small("\"usage\": " + usage)); }

/// An object with this many keys.
std::string many_keys(std::size_t count) {
  std::string text = "{";
  for (std::size_t i = 0; i < count; ++i) {
    text += (i == 0 ? "\"k" : ", \"k") + std::to_string(i) + "\": 1";
  }
  return text + "}";
}

TEST_CASE("cases: are answered one a line, in order", "[tool][cases]") {
  auto const ended = price(small(R"("id": "a", "usage": {"input_tokens": 1000})") +
                           small(R"("id": "b", "usage": {"output_tokens": 1000})"));
  auto const answers = ended.json_lines();
  REQUIRE(answers.size() == 2);
  CHECK(answers[0]["id"] == "a");
  CHECK(answers[0]["cost_usd"] == "0.003");
  CHECK(answers[0]["entry"] == "acme/small");
  CHECK(answers[0]["buckets"]["input"]["tokens"] == 1000);
  CHECK_FALSE(answers[0].contains("error"));
  CHECK(answers[1]["id"] == "b");
  CHECK(answers[1]["cost_usd"] == "0.004");
}

TEST_CASE("cases: an id keeps its type", "[tool][cases]") {
  auto const id = GENERATE("7", "\"7\"", "-1.5", "true", "null", "18446744073709551615",
                           "\"\\u0007\\ud83d\\ude00\"");
  auto const answer = answer_to(small("\"id\": " + std::string(id) + R"(, "usage": {})"));
  CHECK(answer["id"] == Json::parse(id));
}

TEST_CASE("cases: what has no price says why, and the rest go on", "[tool][cases]") {
  auto const ended =
      price(R"({"id": 1, "provider": "acme", "model": "huge", "usage": {"input_tokens": 1}})"
            "\n"
            R"({"id": 2, "provider": "nobody", "model": "x", "usage": {"input_tokens": 1}})"
            "\n" +
            small(R"("id": 3, "usage": {"input_tokens": 1, "cache_read": 2})") +
            small(R"("id": 4)") + small(R"("id": 5, "usage": {"input_tokens": 1})"));
  CHECK(ended.status == 0);
  auto const answers = ended.json_lines();
  REQUIRE(answers.size() == 5);
  CHECK(answers[0]["error"] == "unknown_model");
  CHECK(answers[1]["error"] == "unknown_provider");
  CHECK(answers[2]["error"] == "parts_exceed_whole");
  CHECK(answers[3]["error"] == "absent_usage");
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(answers[i]["cost_usd"].is_null());
    CHECK_FALSE(answers[i]["explanation"].get<std::string>().empty());
  }
  CHECK(answers[4]["cost_usd"] == "0.000003");
}

TEST_CASE("cases: zero tokens are not absent ones", "[tool][cases]") {
  CHECK(answer_to_usage(R"({"input_tokens": 0, "output_tokens": 0})")["cost_usd"] == "0");
  CHECK(answer_to_usage("{}")["error"] == "absent_usage");
  CHECK(answer_to_usage(R"({"input_tokens": null})")["error"] == "absent_usage");
}

TEST_CASE("cases: a line that is no case is answered like one", "[tool][cases]") {
  struct Bad {
    std::string line, explanation;
  };
  auto const bad = GENERATE(values<Bad>({
      {R"({"id": 1, "provider": )", "parse error at column 23: "},
      {"telepathy", "parse error"},
      {"\"text\"", "expected an object, got \"text\""},
      {"17", "expected an object, got 17"},
      {"{}{}", "parse error"},
      {std::string("\xff\xfe", 2), "parse error"},
      {std::string("\0", 1), "parse error"},
      {std::string(100'000, '['), "nested too deeply"},
      {R"({"id":)" + std::string(100, '[') + std::string(100, ']') + "}", "nested too deeply"},
      {"1e999", "number overflow parsing '1e999'"},
      {R"({"usage": {"input_tokens": 1, "output_tokens": 2, "input_tokens": 3}})",
       "the key \"input_tokens\" is there twice in one object"},
  }));
  auto const good = small(R"("id": "good", "usage": {"input_tokens": 1})");
  auto const ended = price(good + bad.line + "\n" + good);
  INFO(bad.line.substr(0, 60) << '\n' << ended.out);
  CHECK(ended.status == 0);
  auto const answers = ended.json_lines();
  REQUIRE(answers.size() == 3);
  CHECK(answers[1]["id"].is_null());
  CHECK(answers[1]["cost_usd"].is_null());
  CHECK(answers[1]["error"] == "invalid_case");
  CHECK(answers[1]["line"] == 2);
  CHECK_THAT(answers[1]["explanation"].get<std::string>(), ContainsSubstring(bad.explanation));
  CHECK(answers[2]["id"] == "good");
}

TEST_CASE("cases: the first line may be the broken one", "[tool][cases]") {
  auto const broken =
      GENERATE(R"({"id": 1, "usage": )", R"({"id": 1,)", "{", R"({"id": "a)", R"({"a": [)", "[");
  auto const good = small(R"("id": "good", "usage": {"input_tokens": 1})");
  auto const ended = price(std::string(broken) + "\n" + good + good + good);
  INFO(ended.out);
  CHECK(ended.status == 0);
  auto const answers = ended.json_lines();
  REQUIRE(answers.size() == 4);
  CHECK(answers[0]["error"] == "invalid_case");
  CHECK(answers[0]["line"] == 1);
  CHECK(answers[1]["id"] == "good");
}

TEST_CASE("cases: values of wrong types are named", "[tool][cases]") {
  struct Bad {
    std::string line, error, explanation;
  };
  auto const bad = GENERATE(values<Bad>({
      {R"({"model": "small"})", "invalid_case", "provider is missing"},
      {R"({"provider": "acme", "model": null})", "invalid_case", "model is missing"},
      {R"({"provider": 5, "model": "small"})", "invalid_case", "provider: expected a text, got 5"},
      {small(R"("usage": 5)"), "invalid_usage", "usage: expected an object, got 5"},
      {small(R"("batch": "yes")"), "invalid_case", "batch: expected true or false, got \"yes\""},
      {small(R"("service_tier": 1)"), "invalid_case", "service_tier: expected a text, got 1"},
      {small(R"("attributes": [1])"), "invalid_case", "attributes: expected an object, got [1]"},
      {small(R"("attributes": {"a": {}})"), "invalid_case", "attributes.a: expected a text"},
      {small("\"attributes\": " + many_keys(101)), "invalid_case", "attributes: more than 100"},
      {R"({"provider": "acme", "model": "small", "at": "noon"})", "invalid_case", "at: "},
      {R"({"provider": "acme", "model": "small", "at": 17})", "invalid_case",
       "at: expected a text, got 17"},
  }));
  auto const answer = answer_to(bad.line);
  CHECK(answer["cost_usd"].is_null());
  CHECK(answer["error"] == bad.error);
  CHECK_THAT(answer["explanation"].get<std::string>(), ContainsSubstring(bad.explanation));
}

TEST_CASE("cases: counts that are none are never priced", "[tool][cases]") {
  auto const count = GENERATE("-1", "1.5", "\"5\"", "true", "[]", "1e300", "18446744073709551616",
                              "9007199254740994.0", "-0.5");
  auto const answer = answer_to_usage(R"({"input_tokens": )" + std::string(count) + "}");
  INFO(answer);
  CHECK(answer["cost_usd"].is_null());
  CHECK(answer["error"] == "invalid_usage");
  CHECK_THAT(answer["explanation"].get<std::string>(),
             ContainsSubstring("usage.input_tokens: expected a whole number from 0 to"));
}

TEST_CASE("cases: whole numbers may be written with a point", "[tool][cases]") {
  CHECK(answer_to_usage(R"({"input_tokens": 1000.0})")["cost_usd"] == "0.003");
  CHECK(answer_to_usage(R"({"input_tokens": 1e3})")["cost_usd"] == "0.003");
}

TEST_CASE("cases: an unknown key of a usage is never left out silently", "[tool][cases]") {
  auto const answer = answer_to_usage(R"({"input_tokens": 1, "telepathy_tokens": 5})");
  CHECK(answer["cost_usd"].is_null());
  CHECK(answer["error"] == "invalid_usage");
  CHECK_THAT(answer["explanation"].get<std::string>(), ContainsSubstring("\"telepathy_tokens\""));
}

TEST_CASE("cases: an unknown key of a usage that is null is absent", "[tool][cases]") {
  CHECK(answer_to_usage(R"({"input_tokens": 1000, "telepathy": null})")["cost_usd"] == "0.003");
}

TEST_CASE("cases: an object of very many keys is no work to speak of", "[tool][cases]") {
  auto const many = many_keys(300'000);
  CHECK(answer_to(small(R"("usage": {"input_tokens": 1000}, "tag": )" + many))["cost_usd"] ==
        "0.003");
  CHECK(answer_to_usage(many)["error"] == "invalid_usage");
}

TEST_CASE("cases: further keys of a case are ignored", "[tool][cases]") {
  auto const answer = answer_to(small(
      R"("usage": {"input_tokens": 1000}, "canonical": "x", "tag": [1, {}], "oracle": null)"));
  CHECK(answer["cost_usd"] == "0.003");
}

TEST_CASE("cases: the library's own names are known, too", "[tool][cases]") {
  auto const answer =
      answer_to_usage(R"({"input_tokens": 1000, "cache_read_tokens": 400, "output_tokens": 50,)"
                      R"( "reasoning_tokens": 10, "web_search_requests": 2})");
  CHECK(answer["cost_usd"] == "0.02212");
}

TEST_CASE("cases: a count under two names is an error", "[tool][cases]") {
  auto const answer = answer_to_usage(R"({"cache_read": 1, "cache_read_tokens": 1})");
  CHECK(answer["error"] == "invalid_usage");
}

TEST_CASE("cases: what prices depend on", "[tool][cases]") {
  auto const usage = std::string(R"("usage": {"input_tokens": 1000}, )");
  CHECK(answer_to(small(usage + R"("service_tier": "flex")"))["cost_usd"] == "0.0015");
  CHECK(answer_to(small(usage + R"("batch": true)"))["cost_usd"] == "0.0015");
  CHECK(answer_to(small(usage + R"("batch": false)"))["cost_usd"] == "0.003");
  CHECK(answer_to(small(usage + R"("attributes": {"batch": true})"))["cost_usd"] == "0.0015");
  CHECK(answer_to(small(usage + R"("attributes": {"service_tier": "flex"})"))["service_tier"] ==
        "flex");
  auto const large = std::string(R"({"provider": "acme", "model": "large", )") + usage +
                     R"("attributes": {"inference_geo": "us"}})";
  CHECK(answer_to(large)["cost_usd"] == "0.0022");
}

TEST_CASE("cases: the size of the search context has two places", "[tool][cases]") {
  CHECK(answer_to_usage(R"({"input_tokens": 0, "search_context_size": "high"})")["cost_usd"] ==
        "0.012");
  CHECK(answer_to(small(R"("usage": {"input_tokens": 0},)"
                        R"( "attributes": {"search_context_size": "low"})"))["cost_usd"] ==
        "0.005");
}

TEST_CASE("cases: --at is for those that do not say when", "[tool][cases]") {
  auto const ended =
      price(R"({"provider": "acme", "model": "small", "usage": {"input_tokens": 1000}})"
            "\n" +
                small(R"("usage": {"input_tokens": 1000})"),
            {"--at", "2026-02-01"});
  auto const answers = ended.json_lines();
  REQUIRE(answers.size() == 2);
  CHECK(answers[0]["cost_usd"] == "0.001");
  CHECK(answers[1]["cost_usd"] == "0.003");
}

TEST_CASE("cases: as CSV", "[tool][cases]") {
  auto const ended =
      price(small(R"("id": "a,b", "usage": {"input_tokens": 1000})") + "x\n", {"--format", "csv"});
  auto const lines = testing::lines_of(ended.out);
  REQUIRE(lines.size() == 3);
  CHECK_THAT(lines[0], StartsWith("id,line,cost_usd,cost_picousd,entry,error,explanation,"));
  CHECK_THAT(lines[1], StartsWith("\"a,b\",,0.003,3000000000,acme/small,,,standard,"));
  CHECK_THAT(lines[2], StartsWith(",2,,,,invalid_case,"));
}

TEST_CASE("cases: as a table", "[tool][cases]") {
  auto const ended =
      price(small(R"("id": "a", "usage": {"input_tokens": 1000})") + "x\n", {"--format", "table"});
  auto const lines = testing::lines_of(ended.out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[1] == "a                            0.003  acme/small");
  CHECK_THAT(lines[2], ContainsSubstring("line 2: invalid_case: parse error"));
}

}  // namespace
}  // namespace netrun::llm
