// SPDX-License-Identifier: MIT
// `cost` of one call.
#include "json/support.hpp"
#include "support/catch.hpp"
#include "tool/program.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using testing::Arguments;
using testing::Ended;
using testing::Json;

/// Prices a call of acme's "small" unless `more` names another model, by a price file of the test.
Ended cost(Arguments more) {
  testing::TemporaryDirectory const directory;
  testing::set_contents(directory.file("acme.json"), testing::acme_prices);
  Arguments arguments{"cost", "--provider", "acme", "--prices", directory.file("acme.json")};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return testing::run(arguments);
}

/// The same for "small" in April 2026, as JSON.
Json cost_of_small(Arguments more) {
  more.insert(more.begin(), {"--model", "small", "--at", "2026-04-01", "--json"});
  auto const ended = cost(std::move(more));
  REQUIRE(ended.status == 0);
  REQUIRE(ended.err.empty());
  return ended.json();
}

TEST_CASE("cost: a call by the built-in book", "[tool][cost]") {
  auto const ended = testing::run({"cost", "--provider", "openai", "--model", "gpt-4o", "--input",
                                   "1000", "--output", "500", "--json"});
  CHECK(ended.status == 0);
  auto const json = ended.json();
  CHECK(json["provider"] == "openai");
  CHECK(json["model"] == "gpt-4o");
  CHECK(json["cost_usd"] == "0.0075");
  CHECK(json["cost_picousd"] == "7500000000");
  CHECK(json["entry"] == "openai/gpt-4o");
  CHECK_FALSE(json.contains("error"));
}

TEST_CASE("cost: every bucket says its tokens, its price and its part", "[tool][cost]") {
  auto const json = cost_of_small({"--input", "1000", "--cache-read", "400", "--output", "50"});
  CHECK(json["buckets"] == Json::parse(R"({
      "input": {"tokens": 600, "usd_per_million": "3", "cost_usd": "0.0018"},
      "cache_read": {"tokens": 400, "usd_per_million": "0.3", "cost_usd": "0.00012"},
      "output": {"tokens": 50, "usd_per_million": "4", "cost_usd": "0.0002"}})"));
  CHECK(json["cost_usd"] == "0.00212");
  CHECK(json["service_tier"] == "standard");
  CHECK(json["tier_above"].is_null());
  CHECK(json["prices_from"] == "2026-03-01");
}

TEST_CASE("cost: --at chooses the prices that were in force", "[tool][cost]") {
  auto const before =
      cost({"--model", "small", "--input", "1000000", "--at", "2026-02-28T23:59:59Z", "--json"});
  CHECK(before.json()["cost_usd"] == "1");
  CHECK(before.json()["prices_from"].is_null());
  // Two hours east of Greenwich March begins earlier.
  auto const east =
      cost({"--model", "small", "--input", "1000", "--at", "2026-03-01T01:00:00+02:00", "--json"});
  CHECK(east.json()["cost_usd"] == "0.001");
  CHECK(cost({"--model", "small", "--input", "1000", "--at", "2026-03-01", "--json"})
            .json()["cost_usd"] == "0.003");
}

TEST_CASE("cost: a long input moves all of the call to its tier", "[tool][cost]") {
  auto const json = cost_of_small({"--input", "1001", "--output", "10"});
  CHECK(json["tier_above"] == 1000);
  CHECK(json["cost_usd"] == "0.006086");
}

TEST_CASE("cost: the service tier that served the call is named", "[tool][cost]") {
  auto const json = cost_of_small({"--input", "1000", "--service-tier", "flex"});
  CHECK(json["service_tier"] == "flex");
  CHECK(json["cost_usd"] == "0.0015");
}

TEST_CASE("cost: a service tier without a price is noted", "[tool][cost]") {
  auto const ended =
      cost({"--model", "large", "--input", "1000", "--service-tier", "priority", "--json"});
  CHECK(ended.json()["cost_usd"] == "0.002");
  CHECK(ended.json()["notes"] == Json::parse(R"(["tier_unknown"])"));
}

TEST_CASE("cost: batch jobs", "[tool][cost]") {
  CHECK(cost_of_small({"--input", "1000", "--batch"})["cost_usd"] == "0.0015");
  CHECK(cost_of_small({"--input", "1000", "--service-tier", "batch"})["cost_usd"] == "0.0015");
}

TEST_CASE("cost: attributes that multiply", "[tool][cost]") {
  auto const ended = cost({"--model", "large-2", "--input", "1000", "--attribute",
                           "inference_geo=us", "--attribute", "color=red", "--json"});
  CHECK(ended.json()["cost_usd"] == "0.0022");
  CHECK(ended.json()["multipliers"] == Json::parse(R"({"inference_geo=us": "1.1"})"));
  CHECK(ended.json()["entry"] == "acme/large");
}

TEST_CASE("cost: fees by size of the search context and by search", "[tool][cost]") {
  auto const json =
      cost_of_small({"--input", "0", "--web-search", "3", "--search-context-size", "medium"});
  CHECK(json["fees"] == Json::parse(R"({"request": "0.008", "web_search": "0.03"})"));
  CHECK(json["cost_usd"] == "0.038");
  CHECK(json["notes"].empty());
}

TEST_CASE("cost: a fee that cannot be decided is noted", "[tool][cost]") {
  auto const json = cost_of_small({"--input", "1000"});
  CHECK(json["cost_usd"] == "0.003");
  CHECK(json["notes"] == Json::parse(R"(["fee_undecided"])"));
}

TEST_CASE("cost: the table has all that led to the cost", "[tool][cost]") {
  auto const ended = cost({"--model", "small", "--input", "1000", "--cache-read", "400", "--output",
                           "50", "--at", "2026-04-01"});
  CHECK(ended.status == 0);
  CHECK_THAT(ended.out, StartsWith("acme/small\n"));
  CHECK_THAT(ended.out, ContainsSubstring("2026-04-01 00:00:00 UTC"));
  CHECK_THAT(ended.out, ContainsSubstring("from 2026-03-01, standard"));
  CHECK_THAT(ended.out, ContainsSubstring("checked   2026-09-30"));
  CHECK_THAT(ended.out, ContainsSubstring("mail: agreed by mail"));
  CHECK_THAT(ended.out, ContainsSubstring("kind        tokens  USD per million      USD"));
  CHECK_THAT(ended.out, ContainsSubstring("cache_read     400              0.3  0.00012"));
  CHECK_THAT(ended.out, ContainsSubstring("total                                0.00212"));
}

TEST_CASE("cost: CSV has the same on one row", "[tool][cost]") {
  auto const ended =
      cost({"--model", "small", "--input", "1000", "--at", "2026-04-01", "--format", "csv"});
  auto const lines = testing::lines_of(ended.out);
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[0], StartsWith("provider,model,cost_usd,cost_picousd,entry,error,"));
  CHECK_THAT(lines[1], StartsWith("acme,small,0.003,3000000000,acme/small,,,standard,"));
  CHECK(std::count(lines[0].begin(), lines[0].end(), ',') ==
        std::count(lines[1].begin(), lines[1].end(), ','));
}

TEST_CASE("cost: no price is a failure, and null in JSON", "[tool][cost]") {
  auto const ended = cost({"--model", "medium", "--input", "1000", "--json"});
  CHECK(ended.status == 1);
  CHECK(ended.json()["cost_usd"].is_null());
  CHECK(ended.json()["entry"].is_null());
  CHECK(ended.json()["error"] == "unknown_model");
  CHECK_THAT(ended.err, ContainsSubstring("no price for \"medium\" of \"acme\": unknown_model"));
}

TEST_CASE("cost: no price prints no table", "[tool][cost]") {
  auto const ended = testing::run({"cost", "--provider", "nobody", "--model", "x", "--input", "1"});
  CHECK(ended.status == 1);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, ContainsSubstring("unknown_provider"));
}

TEST_CASE("cost: parts larger than their whole have no price", "[tool][cost]") {
  auto const ended = cost({"--model", "small", "--input", "10", "--cache-read", "11", "--json"});
  CHECK(ended.status == 1);
  CHECK(ended.json()["error"] == "parts_exceed_whole");
}

TEST_CASE("cost: the largest counts are exact or refused, never wrapped", "[tool][cost]") {
  auto const json = cost_of_small({"--input", "0", "--output", "18446744073709551615"});
  CHECK(json["cost_usd"] == "73786976294838.20646");
}

TEST_CASE("cost: a price file that is not there is named", "[tool][cost]") {
  auto const ended = testing::run(
      {"cost", "--provider", "a", "--model", "b", "--input", "1", "--prices", "/none/prices.json"});
  CHECK(ended.status == 1);
  CHECK_THAT(ended.err, ContainsSubstring("/none/prices.json"));
  CHECK_THAT(ended.err, ContainsSubstring("No such file"));
}

TEST_CASE("cost: a price file with mistakes is refused with their lines", "[tool][cost]") {
  testing::TemporaryDirectory const directory;
  auto const file = directory.file("wrong.json");
  testing::set_contents(file,
                        "{\"models\":[\n{\"provider\":\"acme\",\"model\":\"x\",\"rates\":"
                        "[{\"input\":-1}]}]}\n");
  auto const ended = testing::run(
      {"cost", "--provider", "acme", "--model", "x", "--input", "1", "--prices", file});
  CHECK(ended.status == 1);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, ContainsSubstring(file));
  CHECK_THAT(ended.err, ContainsSubstring("line 2"));
}

TEST_CASE("cost: of several price files the last one counts", "[tool][cost]") {
  testing::TemporaryDirectory const directory;
  auto const file = directory.file("dearer.json");
  testing::set_contents(file, R"({"models":[{"provider":"acme","model":"small","match":["small"],)"
                              R"("rates":[{"input":70}]}]})");
  auto const ended = cost({"--prices", file, "--model", "small", "--input", "1000", "--json"});
  CHECK(ended.status == 0);
  CHECK(ended.json()["cost_usd"] == "0.07");
}

}  // namespace
}  // namespace netrun::llm
