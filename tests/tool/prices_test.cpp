// SPDX-License-Identifier: MIT
// `prices`, `prices show` and `prices list`.
#include "json/support.hpp"
#include "support/catch.hpp"
#include "tool/program.hpp"
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/price_file.hpp>

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
using testing::lines_of;
using testing::run;

/// `prices COMMAND ...` with acme's prices laid over the book.
Ended prices(Arguments const& arguments) {
  testing::TemporaryDirectory const directory;
  testing::set_contents(directory.file("acme.json"), testing::acme_prices);
  Arguments all{"prices"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  all.insert(all.end(), {"--prices", directory.file("acme.json")});
  return run(all);
}

TEST_CASE("prices: says how old the book is, and how large", "[tool][prices]") {
  auto const json = run({"prices", "--json"}).json();
  auto const& book = PriceBook::builtin();
  CHECK(json["entries"] == book.size());
  CHECK(json["providers"] == book.data().providers.size());
  CHECK(json["snapshot"] == book.data().snapshot);
  REQUIRE(book.age());
  CHECK(json["age_days"].get<int>() >= 0);
  auto const table = run({"prices"});
  CHECK(table.status == 0);
  CHECK_THAT(table.out, ContainsSubstring(json["newest_source"].get<std::string>() + ", " +
                                          json["age_days"].dump() + " days old"));
  CHECK_THAT(table.out, ContainsSubstring("show, list, check, diff"));
}

TEST_CASE("prices show: every period, condition, fee and source", "[tool][prices]") {
  auto const ended = prices({"show", "small", "--provider", "acme", "--at", "2026-02-01"});
  CHECK(ended.status == 0);
  for (auto const* const part :
       {"acme/small\n", "chat, context 128000", "matches   small\n", "checked   2026-09-30",
        "mail: agreed by mail", "note      by hand", "prices until 2026-03-01, in force\n",
        "prices from 2026-03-01\n", "USD per million tokens", "cache_read",
        "above 1000 input tokens      6", "flex                       1.5", "batch jobs: times 0.5",
        "per thousand: request (medium) 8", "per thousand: web_search 10"}) {
    CHECK_THAT(ended.out, ContainsSubstring(part));
  }
}

TEST_CASE("prices show: --at tells which period is in force", "[tool][prices]") {
  auto const ended = prices({"show", "small", "--provider", "acme_inc", "--at", "2026-03-01"});
  CHECK_THAT(ended.out, ContainsSubstring("prices from 2026-03-01, in force\n"));
  CHECK_THAT(ended.out, ContainsSubstring("prices until 2026-03-01\n"));
}

TEST_CASE("prices show: multipliers", "[tool][prices]") {
  CHECK_THAT(prices({"show", "LARGE-7", "--provider", "acme"}).out,
             ContainsSubstring("times 1.1 for inference_geo=us"));
}

TEST_CASE("prices show: a model at all its providers", "[tool][prices]") {
  auto const ended = run({"prices", "show", "gpt-4o", "--json"});
  CHECK(ended.status == 0);
  auto const entries = ended.json_lines();
  REQUIRE(entries.size() >= 2);
  auto const is_openai = [](Json const& entry) {
    return entry["provider"] == "openai" && entry["model"] == "gpt-4o";
  };
  CHECK(std::count_if(entries.begin(), entries.end(), is_openai) == 1);
  for (auto const& entry : entries) CHECK(entry["provider"] != "ollama");
}

TEST_CASE("prices show: JSON is the entry as it stands in a price file", "[tool][prices]") {
  auto const ended = prices({"show", "small", "--provider", "acme", "--json"});
  CHECK(ended.json() == Json::parse(testing::acme_prices)["models"][1]);
}

TEST_CASE("prices show: CSV has a row for each condition and fee", "[tool][prices]") {
  auto const lines =
      lines_of(prices({"show", "small", "--provider", "acme", "--format", "csv"}).out);
  REQUIRE_FALSE(lines.empty());
  CHECK_THAT(lines[0], StartsWith("provider,model,from,condition,input,cache_read,"));
  auto const has = [&lines](std::string const& start) {
    return std::any_of(lines.begin(), lines.end(),
                       [&start](std::string const& line) { return line.starts_with(start); });
  };
  CHECK(has("acme,small,,standard,1,"));
  CHECK(has("acme,small,2026-03-01,above 1000 input tokens,6,"));
  CHECK(has("acme,small,2026-03-01,flex,1.5,"));
  CHECK(has("acme,small,2026-03-01,request (high),"));
}

TEST_CASE("prices show: a model that is not there has neighbours", "[tool][prices]") {
  auto const ended = run({"prices", "show", "gpt-4o-m"});
  CHECK(ended.status == 1);
  CHECK(ended.out.empty());
  CHECK_THAT(ended.err, ContainsSubstring("no entry for \"gpt-4o-m\"; there are "));
  CHECK_THAT(ended.err, ContainsSubstring("gpt-4o-mini"));
  auto const elsewhere = run({"prices", "show", "gpt-4o", "--provider", "nobody"});
  CHECK(elsewhere.status == 1);
  CHECK_THAT(elsewhere.err, ContainsSubstring("no entry for \"gpt-4o\" of \"nobody\""));
}

TEST_CASE("prices list: a row for each entry, sorted", "[tool][prices]") {
  auto const lines = lines_of(prices({"list", "--provider", "acme", "--at", "2026-04-01"}).out);
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == "provider  model  input  output  cache_read  context  checked");
  CHECK(lines[1] == "acme      large      2       4");
  CHECK(lines[2] == "acme      small      3       4         0.3   128000  2026-09-30");
}

TEST_CASE("prices list: CSV", "[tool][prices]") {
  auto const ended = prices(
      {"list", "--mode", "chat", "--provider", "acme", "--format", "csv", "--at", "2026-01-01"});
  CHECK(ended.out ==
        "provider,model,input,output,cache_read,context,checked\n"
        "acme,small,1,2,,128000,2026-09-30\n");
}

TEST_CASE("prices list: all of the built-in book", "[tool][prices]") {
  auto const lines = lines_of(run({"prices", "list", "--format", "csv"}).out);
  CHECK(lines.size() == PriceBook::builtin().size() + 1);
  CHECK(std::is_sorted(lines.begin() + 1, lines.end(), [](auto const& a, auto const& b) {
    return a.substr(0, a.find(',')) < b.substr(0, b.find(','));
  }));
}

TEST_CASE("prices list: JSON is a price file that gives the same book", "[tool][prices]") {
  auto const ended = run({"prices", "list", "--json"});
  CHECK(ended.status == 0);
  std::vector<PriceMistake> mistakes;
  auto const data = parse_prices(ended.out, mistakes);
  INFO((mistakes.empty() ? "" : mistakes[0].to_string()));
  REQUIRE(mistakes.empty());
  CHECK(PriceBook(data).data() == PriceBook::builtin().data());
}

TEST_CASE("prices list: a part of the book is a price file, too", "[tool][prices]") {
  auto const ended = run({"prices", "list", "--json", "--provider", "azure"});
  std::vector<PriceMistake> mistakes;
  auto const data = parse_prices(ended.out, mistakes);
  CHECK(mistakes.empty());
  CHECK_FALSE(data.models.empty());
  for (auto const& model : data.models) CHECK(model.provider == "azure");
}

TEST_CASE("prices list: an unknown provider is a failure", "[tool][prices]") {
  auto const ended = run({"prices", "list", "--provider", "nobody"});
  CHECK(ended.status == 1);
  CHECK(ended.err == "netrun-llm: no provider \"nobody\" in the book\n");
}

}  // namespace
}  // namespace netrun::llm
