// SPDX-License-Identifier: MIT
// PriceBook: which entry a model id means, and what changes do to a book.
#include "support/catch.hpp"
#include "support/prices.hpp"
#include <netrun/llm/price_book.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm {
namespace {

using testing::each;
using testing::entry;

/// Name of the entry that is found; of the book, which must live on.
std::string chosen(PriceBook const& book, NameView provider, NameView model) {
  auto const found = book.find(provider, model);
  return found.empty() ? "none" : std::string(found.model());
}

PriceBook book_of_entries(std::vector<ModelPrices> models, ProviderPrices provider = {}) {
  provider.name = "p";
  return PriceBook({.providers = {provider}, .models = std::move(models)});
}

TEST_CASE("PriceBook: an exact alias beats every pattern", "[unit][price_match]") {
  auto const book = book_of_entries(
      {entry("wide", {"abc*"}), entry("exact", {"abcd"}), entry("narrow", {"abcd*"})});
  CHECK(chosen(book, "p", "abcd") == "exact");
}

TEST_CASE("PriceBook: the pattern with the most characters wins", "[unit][price_match]") {
  auto const book = book_of_entries(
      {entry("short", {"gpt-*"}), entry("long", {"*gpt-4o*"}), entry("other", {"gpt-4*"})});
  CHECK(chosen(book, "p", "gpt-4o-2024") == "long");
  CHECK(chosen(book, "p", "gpt-41") == "other");
  CHECK(chosen(book, "p", "gpt-5") == "short");
}

TEST_CASE("PriceBook: a number sign stands for one digit", "[unit][price_match]") {
  auto const book = book_of_entries({entry("m", {"m-##"})});
  CHECK(chosen(book, "p", "m-42") == "m");
  CHECK(chosen(book, "p", "m-4") == "none");
  CHECK(chosen(book, "p", "m-4x") == "none");
  CHECK(chosen(book, "p", "m-423") == "none");
}

TEST_CASE("PriceBook: a star stands for any run", "[unit][price_match]") {
  auto const book = book_of_entries({entry("m", {"a*b*c"})});
  CHECK(chosen(book, "p", "abc") == "m");
  CHECK(chosen(book, "p", "a-b-b-c-c") == "m");
  CHECK(chosen(book, "p", "acb") == "none");
  CHECK(chosen(book, "p", "abcd") == "none");
}

TEST_CASE("PriceBook: without patterns a model is found by its own name", "[unit][price_match]") {
  auto const book = book_of_entries({entry("Mixed-Case", {})});
  CHECK(chosen(book, "p", "mixed-case") == "Mixed-Case");
  CHECK(chosen(book, "p", "MIXED-CASE") == "Mixed-Case");
}

TEST_CASE("PriceBook: prefixes of a provider are taken off, one after another",
          "[unit][price_match]") {
  auto const book =
      book_of_entries({entry("m", {"m"})}, {.strip = {"arn:*:profile/", "bedrock/", "converse/"}});
  CHECK(chosen(book, "p", "bedrock/m") == "m");
  CHECK(chosen(book, "p", "bedrock/converse/m") == "m");
  CHECK(chosen(book, "p", "arn:aws:us-east-1:profile/m") == "m");
  CHECK(chosen(book, "p", "other/m") == "none");
  CHECK(chosen(book, "p", "bedrock/") == "none");
}

TEST_CASE("PriceBook: the id with its prefix may be an alias itself", "[unit][price_match]") {
  auto const book =
      book_of_entries({entry("plain", {"m*"}), entry("prefixed", {"x/m"})}, {.strip = {"x/"}});
  CHECK(chosen(book, "p", "x/m") == "prefixed");
  CHECK(chosen(book, "p", "x/m2") == "plain");
}

TEST_CASE("PriceBook: a region is taken off only when nothing else is found",
          "[unit][price_match]") {
  auto const book = book_of_entries({entry("regional", {"eu.m"}), entry("plain", {"m"})},
                                    {.geo_prefixes = {"eu.", "us."}});
  CHECK(chosen(book, "p", "eu.m") == "regional");
  CHECK(chosen(book, "p", "us.m") == "plain");
  CHECK(chosen(book, "p", "jp.m") == "none");
}

TEST_CASE("PriceBook: what a provider lacks is looked for at its fallback", "[unit][price_match]") {
  auto own = entry("own", {"a"});
  auto foreign = entry("foreign", {"a", "b"});
  foreign.provider = "q";
  PriceBook const book({.providers = {{.name = "p", .strip = {"p/"}, .fallback = {"q"}},
                                      {.name = "q", .fallback = {"p"}}},
                        .models = {own, foreign}});
  CHECK(chosen(book, "p", "a") == "own");
  CHECK(chosen(book, "p", "b") == "foreign");
  CHECK(chosen(book, "p", "p/b") == "foreign");
  CHECK(chosen(book, "p", "c") == "none");
  CHECK(book.find("p", "b").provider() == "q");
}

TEST_CASE("PriceBook: a provider is known by other spellings and by its hosts",
          "[unit][price_match]") {
  auto const book = book_of_entries(
      {entry("m", {})}, {.ids = {"pp"}, .hosts = {"api.p.com", "runtime.*.p.net", "local:80"}});
  for (auto const* const name : {"p", "P", "pp", "api.p.com", "eu.api.p.com", "api.p.com:443",
                                 "runtime.x.p.net", "API.P.COM", "local:80"}) {
    INFO(name);
    CHECK(book.provider_of(name) == "p");
    CHECK(chosen(book, name, "m") == "m");
  }
  for (auto const* const name : {"", "q", "p.com", "xapi.p.com", "api.p.com.evil"}) {
    INFO(name);
    CHECK(book.provider_of(name).empty());
  }
}

TEST_CASE("PriceBook: an empty book knows no price", "[unit][price_match]") {
  PriceBook const empty{PriceData{}};
  CHECK(empty.size() == 0);
  CHECK(empty.find("openai", "gpt-4o").empty());
  auto const quote = empty.price("openai", "gpt-4o", {.input_tokens = 1});
  CHECK_FALSE(quote.priced);
  CHECK(quote.problem == PriceProblem::unknown_provider);
}

TEST_CASE("PriceBook: an unknown model says whether its provider is known", "[unit][price_match]") {
  auto const book = book_of_entries({entry("m", {})});
  CHECK(book.price("p", "x", {}).problem == PriceProblem::unknown_model);
  CHECK(book.price("q", "m", {}).problem == PriceProblem::unknown_provider);
}

TEST_CASE("with: an entry of the same name is replaced", "[unit][price_match]") {
  auto const before = book_of_entries({entry("m", {"m", "n"}, {.rates = {.input = each(1)}})});
  auto const after = before.with({.models = {entry("m", {"m"}, {.rates = {.input = each(2)}})}});
  CHECK(after.size() == 1);
  CHECK(after.price("p", "m", {.input_tokens = 1}).cost == Usd::from_picos(2));
  CHECK(after.find("p", "n").empty());
  CHECK(before.price("p", "n", {.input_tokens = 1}).cost == Usd::from_picos(1));
}

TEST_CASE("with: what was added later comes first, a pattern before an alias too",
          "[unit][price_match]") {
  auto const first = book_of_entries({entry("listed", {"m-1", "m*"})});
  auto const second = first.with({.models = {entry("mine", {"m-*"})}});
  auto const third = second.with({.models = {entry("newest", {"m-1"})}});
  CHECK(chosen(first, "p", "m-1") == "listed");
  CHECK(chosen(second, "p", "m-1") == "mine");
  CHECK(chosen(third, "p", "m-1") == "newest");
  CHECK(chosen(third, "p", "m-2") == "mine");
  CHECK(chosen(third, "p", "mm") == "listed");
}

TEST_CASE("with: an entry that is replaced takes no ids from others", "[unit][price_match]") {
  auto const book = book_of_entries({entry("opus-5", {"opus-5*"}), entry("opus-5-5", {"opus-5-5*"}),
                                     entry("dated", {"opus-5-2026"})});
  auto const mine = book.with({.models = {entry("opus-5", {"opus-5*", "opus-5-mine*"})}});
  CHECK(chosen(mine, "p", "opus-5-1") == "opus-5");
  CHECK(chosen(mine, "p", "opus-5-5-1") == "opus-5-5");
  CHECK(chosen(mine, "p", "opus-5-2026") == "dated");
  CHECK(chosen(mine, "p", "opus-5-mine-2026") == "opus-5");
}

TEST_CASE("with: who names no ids keeps those that were there", "[unit][price_match]") {
  auto const book = book_of_entries({entry("m", {"m", "m-2024*"}, {.rates = {.input = each(1)}})});
  auto const mine = book.with({.models = {entry("m", {}, {.rates = {.input = each(2)}})}});
  CHECK(mine.price("p", "m-2024-08", {.input_tokens = 1}).cost == Usd::from_picos(2));
}

TEST_CASE("with: the last of many changes comes first", "[unit][price_match]") {
  auto book = book_of_entries({entry("m", {"m*"})});
  for (int i = 0; i < 300; ++i) {
    book = book.with({.models = {entry(i % 2 == 0 ? "even" : "odd", {"m-" + std::to_string(i)})}});
  }
  CHECK(chosen(book, "p", "m-299") == "odd");
  CHECK(chosen(book, "p", "m-298") == "even");
  CHECK(chosen(book, "p", "m-1") == "m");
}

TEST_CASE("with: a discount belongs to who bills, not to who lists the price",
          "[unit][price_match]") {
  auto listed = entry("m", {}, {.rates = {.input = each(100)}});
  listed.provider = "q";
  PriceBook const book(
      {.providers = {{.name = "p", .fallback = {"q"}}, {.name = "q"}}, .models = {listed}});
  auto const cost = [&](PriceBook const& by, NameView provider) {
    return by.price(provider, "m", {.input_tokens = 1}).cost.to_pico_string();
  };
  auto const tenth = Factor::parse("0.1");
  auto const of_p = book.with({.providers = {{.name = "p", .discount = tenth}}});
  CHECK(cost(of_p, "p") == "90");
  CHECK(cost(of_p, "q") == "100");
  auto const of_q = book.with({.providers = {{.name = "q", .discount = tenth}}});
  CHECK(cost(of_q, "p") == "100");
  CHECK(cost(of_q, "q") == "90");
  CHECK(of_p.itemize("p", "m", {.input_tokens = 1}).discount == tenth);
}

TEST_CASE("PriceBook: a long row of fallbacks is asked to its end", "[unit][price_match]") {
  auto last = entry("m", {});
  last.provider = "e";
  PriceBook const book({.providers = {{.name = "p", .fallback = {"a", "b", "c", "d", "e"}},
                                      {.name = "a"},
                                      {.name = "b"},
                                      {.name = "c"},
                                      {.name = "d"},
                                      {.name = "e"}},
                        .models = {last}});
  CHECK(book.find("p", "m").provider() == "e");
}

TEST_CASE("with: of a provider only what is named changes", "[unit][price_match]") {
  auto const book = book_of_entries({entry("m", {}, {.rates = {.input = each(10)}})},
                                    {.ids = {"pp"}, .batch = Factor::parse("0.5")});
  auto const mine = book.with({.providers = {{.name = "p", .discount = Factor::parse("0.1")}}});
  CHECK(mine.price("pp", "m", {.input_tokens = 1}).cost == Usd::from_picos(9));
  std::vector<Tag> const batch{{"batch", "true"}};
  CHECK(mine.price("pp", "m", {.input_tokens = 10}, {}, batch).cost == Usd::from_picos(45));
}

TEST_CASE("with: a model of a new provider needs no more than its name", "[unit][price_match]") {
  auto house = entry("our-llm", {}, {.rates = {.input = each(3)}});
  house.provider = "house";
  auto const book = PriceBook::builtin().with({.models = {house}});
  CHECK(book.price("house", "our-llm", {.input_tokens = 2}).cost == Usd::from_picos(6));
  CHECK(book.size() == PriceBook::builtin().size() + 1);
  CHECK(book.price("openai", "gpt-4o", {.input_tokens = 1}).priced);
}

TEST_CASE("with: a provider may be called by another spelling", "[unit][price_match]") {
  auto mine = entry("m", {}, {.rates = {.input = each(3)}});
  mine.provider = "Gemini";
  auto const book = PriceBook::builtin().with({.models = {mine}});
  CHECK(book.find("google", "m").provider() == "google");
}

TEST_CASE("PriceBook: prefixes are taken off whatever their case", "[unit][price_match]") {
  auto const book = book_of_entries({entry("m", {"m"})}, {.strip = {"tunedModels/"}});
  CHECK(chosen(book, "p", "tunedModels/M") == "m");
}

TEST_CASE("with: a mistake is refused and quoted", "[unit][price_match]") {
  auto bad = entry("m", {}, {.rates = {.input = Usd::parse("-1")}});
  CHECK_THROWS_WITH(
      PriceBook::builtin().with({.models = {bad}}),
      Catch::Matchers::ContainsSubstring("p/m") && Catch::Matchers::ContainsSubstring("-1"));
}

TEST_CASE("data: gives back what the book was made from", "[unit][price_match]") {
  auto const data = PriceBook::builtin().data();
  CHECK(PriceBook(data).data() == data);
}

TEST_CASE("age: counts from the newest day that the snapshot names", "[unit][price_match]") {
  PriceBook const book({.snapshot = "2026-08-24, newest facts 2026-10-09"});
  CHECK(book.newest_source() == testing::day(2026, 10, 9));
  CHECK(book.age(testing::day(2026, 10, 19)) == std::chrono::days(10));
  CHECK_FALSE(PriceBook(PriceData{}).age().has_value());
  CHECK(PriceBook::builtin().age().has_value());
}

}  // namespace
}  // namespace netrun::llm
