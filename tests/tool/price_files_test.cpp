// SPDX-License-Identifier: MIT
// `prices check` and `prices diff`.
#include "json/support.hpp"
#include "support/catch.hpp"
#include "tool/program.hpp"
#include <netrun/llm/json_lines.hpp>
#include <netrun/llm/timestamp.hpp>

#include <string>
#include <string_view>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using testing::Ended;
using testing::Json;
using testing::run;

/// A price file, and one in which acme's "large" costs twice as much.
struct Files {
  testing::TemporaryDirectory directory{};
  std::string before = directory.file("before.json"), after = directory.file("after.json"),
              calls = directory.file("calls.jsonl");

  Files() {
    testing::set_contents(before, testing::acme_prices);
    auto text = testing::acme_prices;
    constexpr std::string_view price = R"("rates":[{"input":2,)";
    text.replace(text.find(price), price.size(), R"("rates":[{"input":4,)");
    testing::set_contents(after, text);
  }
};

LLMRequestMetrics call_of(std::string const& model) {
  auto call = testing::plain_call("id of " + model);
  call.provider = "acme";
  call.model = model;
  call.input_tokens = 1'000;
  call.timestamp = parse_iso8601("2026-04-01");
  call.cost_source = CostSource::price_book;
  return call;
}

TEST_CASE("prices check: a file without mistakes", "[tool][price_files]") {
  Files const files;
  auto const ended = run({"prices", "check", files.before});
  CHECK(ended.status == 0);
  CHECK(ended.err.empty());
  CHECK_THAT(ended.out, ContainsSubstring("before.json: no mistakes, 2 entries\n"));
  CHECK_THAT(ended.out, ContainsSubstring("adds to the built-in book 2:\n    acme/large\n"));
}

TEST_CASE("prices check: what it would replace and add", "[tool][price_files]") {
  Files const files;
  testing::set_contents(files.before,
                        R"({"models":[{"provider":"openai","model":"gpt-4o","match":["gpt-4o"],)"
                        R"("rates":[{"input":1}]},)"
                        R"({"provider":"openai","model":"mine","rates":[{"input":1}]}]})");
  auto const json = run({"prices", "check", files.before, "--json"}).json();
  CHECK(json["valid"] == true);
  CHECK(json["entries"] == 2);
  CHECK(json["replaces"] == Json::parse(R"(["openai/gpt-4o"])"));
  CHECK(json["adds"] == Json::parse(R"(["openai/mine"])"));
}

TEST_CASE("prices check: every mistake with its line", "[tool][price_files]") {
  Files const files;
  testing::set_contents(files.before,
                        "{\"models\":[\n"
                        R"({"provider":"acme","model":"a","rates":[{"input":-1}]},)"
                        "\n"
                        R"({"provider":"acme","model":"b","colour":1,"rates":[{"input":1}]}]})"
                        "\n");
  auto const table = run({"prices", "check", files.before});
  CHECK(table.status == 1);
  auto const lines = testing::lines_of(table.out);
  REQUIRE(lines.size() == 3);
  CHECK_THAT(lines[0], ContainsSubstring("line  where"));
  CHECK_THAT(lines[1], ContainsSubstring("   2  acme/a"));
  CHECK_THAT(lines[2], ContainsSubstring("   3  acme/b"));
  CHECK_THAT(table.err, ContainsSubstring("before.json: 2 mistakes"));

  auto const json = run({"prices", "check", files.before, "--json"});
  CHECK(json.status == 1);
  CHECK(json.json()["valid"] == false);
  REQUIRE(json.json()["mistakes"].size() == 2);
  CHECK(json.json()["mistakes"][0]["line"] == 2);
  CHECK(json.json()["mistakes"][0]["where"] == "acme/a");
  CHECK_THAT(json.json()["mistakes"][0]["reason"].get<std::string>(), ContainsSubstring("-1"));

  auto const csv = run({"prices", "check", files.before, "--format", "csv"});
  CHECK(csv.status == 1);
  CHECK_THAT(csv.out, Catch::Matchers::StartsWith("line,where,path,reason\n2,acme/a,"));
}

TEST_CASE("prices check: a file that cannot be read is a mistake", "[tool][price_files]") {
  auto const ended = run({"prices", "check", "/none/prices.json", "--json"});
  CHECK(ended.status == 1);
  REQUIRE(ended.json()["mistakes"].size() == 1);
  CHECK(ended.json()["mistakes"][0]["line"].is_null());
}

TEST_CASE("prices check: what cannot be laid over the book is a mistake", "[tool][price_files]") {
  testing::TemporaryDirectory const directory;
  auto const file = directory.file("mine.json");
  testing::set_contents(file, "{\"providers\":\n{\"azure\":{\"fallback\":[\"opnai\"]}}}");
  auto const ended = run({"prices", "check", file, "--json"});
  CHECK(ended.status == 1);
  CHECK_THAT(ended.json()["mistakes"][0]["reason"].get<std::string>(), ContainsSubstring("opnai"));
}

TEST_CASE("prices check: says what prices do not use", "[tool][price_files]") {
  testing::TemporaryDirectory const directory;
  auto const file = directory.file("mine.json");
  testing::set_contents(file, R"({"providers":{"acme":{"multipliers":{"x=y":3}}}})");
  auto const ended = run({"prices", "check", file});
  CHECK(ended.status == 0);
  CHECK_THAT(ended.out, ContainsSubstring("provider acme: multipliers.x=y"));
}

TEST_CASE("prices diff: a file can be laid over the book", "[tool][price_files]") {
  testing::TemporaryDirectory const directory;
  auto const file = directory.file("mine.json");
  testing::set_contents(
      file,
      R"({"models":[{"provider":"openai","model":"gpt-4o","rates":[{"input":2,"output":10}]}]})");
  auto const changes =
      run({"prices", "diff", "builtin", "builtin+" + file, "--json"}).json()["changes"];
  REQUIRE_FALSE(changes.empty());
  for (auto const& change : changes) CHECK(change["model"] == "gpt-4o");
  CHECK(changes[0] == Json::parse(R"({"provider": "openai", "model": "gpt-4o",
      "what": "cache_read", "before": "1.25", "after": ""})"));
}

TEST_CASE("prices diff: equal books", "[tool][price_files]") {
  auto const ended = run({"prices", "diff", "builtin", "builtin"});
  CHECK(ended.status == 0);
  CHECK(ended.out == "no price differs\n");
  CHECK(run({"prices", "diff", "builtin", "builtin", "--json"}).json()["changes"].empty());
}

TEST_CASE("prices diff: the book and its own list are equal", "[tool][price_files]") {
  Files const files;
  testing::set_contents(files.before, run({"prices", "list", "--json"}).out);
  CHECK(run({"prices", "diff", "builtin", files.before}).out == "no price differs\n");
}

TEST_CASE("prices diff: what changed", "[tool][price_files]") {
  Files const files;
  auto const ended = run({"prices", "diff", files.before, files.after, "--json"});
  CHECK(ended.status == 0);
  CHECK(ended.json() == Json::parse(R"({"changes": [{"provider": "acme", "model": "large",
      "what": "input", "before": "2", "after": "4"}]})"));
  CHECK(run({"prices", "diff", files.before, files.after, "--format", "csv"}).out ==
        "provider,model,what,before,after\nacme,large,input,2,4\n");
}

TEST_CASE("prices diff: what calls cost by each book", "[tool][price_files]") {
  Files const files;
  auto given = call_of("large");
  given.cost_source = CostSource::manual;
  given.exact_cost = Usd::parse("7");
  given.cost_usd = 7;
  JsonLinesWriter(files.calls)
      .write(std::vector{call_of("large"), call_of("small"), call_of("huge"), given});
  auto const arguments =
      testing::Arguments{"prices", "diff", files.before, files.after, "--calls", files.calls};
  auto with_json = arguments;
  with_json.emplace_back("--json");
  auto const json = run(with_json).json()["calls"];
  CHECK(json["requests"] == 4);
  CHECK(json["repriced"] == 3);
  CHECK(json["unpriced_before"] == 1);
  CHECK(json["unpriced_after"] == 1);
  CHECK(json["cost_usd_before"] == "7.005");
  CHECK(json["cost_usd_after"] == "7.007");
  CHECK(json["difference_usd"] == "0.002");
  CHECK(json["by_model"]["acme/small"]["cost_usd_after"] == "0.003");
  CHECK(json["by_model"]["acme/large"]["cost_usd_before"] == "7.002");

  auto const table = run(arguments);
  CHECK(table.status == 0);
  CHECK_THAT(table.out, ContainsSubstring("acme      large  input"));
  CHECK_THAT(table.out, ContainsSubstring("total"));

  auto with_csv = arguments;
  with_csv.insert(with_csv.end(), {"--format", "csv"});
  auto const lines = testing::lines_of(run(with_csv).out);
  REQUIRE(lines.size() == 5);
  CHECK(lines[0] ==
        "model,requests,repriced,unpriced_before,unpriced_after,cost_usd_before,cost_usd_after,"
        "difference_usd");
  CHECK(lines[4] == "total,4,3,1,1,7.005,7.007,0.002");
}

TEST_CASE("prices diff: lines that are no calls are skipped, and said so", "[tool][price_files]") {
  Files const files;
  JsonLinesWriter(files.calls).write(call_of("large"));
  testing::set_contents(files.calls, "telepathy\n" + testing::contents(files.calls) + "{");
  auto const ended =
      run({"prices", "diff", files.before, files.after, "--calls", files.calls, "--json"});
  CHECK(ended.status == 0);
  CHECK(ended.json()["calls"]["requests"] == 1);
  CHECK_THAT(ended.err, ContainsSubstring("1 line is no call and was skipped; line 1: "));
  CHECK_THAT(ended.err, ContainsSubstring("the last line has no end and was skipped"));
}

TEST_CASE("prices diff: a file that is not there is a failure", "[tool][price_files]") {
  Files const files;
  CHECK(run({"prices", "diff", "builtin", "/none/prices.json"}).status == 1);
  auto const calls = run({"prices", "diff", "builtin", "builtin", "--calls", "/none/calls.jsonl"});
  CHECK(calls.status == 1);
  CHECK_THAT(calls.err, ContainsSubstring("/none/calls.jsonl"));
}

}  // namespace
}  // namespace netrun::llm
