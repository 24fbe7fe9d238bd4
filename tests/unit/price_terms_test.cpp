// SPDX-License-Identifier: MIT
// Pricing a call by what is said besides its tokens: service tier, batch, attributes, fees.
#include "support/catch.hpp"
#include "support/prices.hpp"
#include <netrun/llm/price_book.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm {
namespace {

using testing::book_of;
using testing::each;

std::string picos(PriceBook const& book, TokenUsage const& usage,
                  std::vector<Tag> const& attributes = {}) {
  auto const quote = book.price("p", "m", usage, Clock::time_point(), attributes);
  return quote.priced ? quote.cost.to_pico_string() : std::string(to_string(quote.problem));
}

TEST_CASE("price: a service tier has its own prices and changes others alike",
          "[unit][price_terms]") {
  auto const book = book_of({.rates = {.input = each(100),
                                       .cache_read = each(10),
                                       .audio_input = each(400),
                                       .output = each(1000)},
                             .flex = {.input = each(50), .output = each(300)},
                             .priority = {.input = each(250)}});
  std::vector<Tag> const flex{{"service_tier", "flex"}};
  CHECK(picos(book, {.input_tokens = 1}, flex) == "50");
  CHECK(picos(book, {.output_tokens = 1}, flex) == "300");
  CHECK(picos(book, {.input_tokens = 1, .cache_read_tokens = 1}, flex) == "5");
  CHECK(picos(book, {.input_tokens = 1, .audio_input_tokens = 1}, flex) == "200");
  CHECK(picos(book, {.output_tokens = 1, .reasoning_tokens = 1}, flex) == "300");
  CHECK(picos(book, {.input_tokens = 1}, {{"service_tier", "priority"}}) == "250");
  CHECK(picos(book, {.output_tokens = 1}, {{"service_tier", "priority"}}) == "1000");
}

TEST_CASE("price: any other service tier is the standard one", "[unit][price_terms]") {
  auto const book = book_of({.rates = {.input = each(100)}, .flex = {.input = each(50)}});
  for (auto const* const tier : {"default", "auto", "standard", "on_demand", "scale", ""}) {
    auto const quote =
        book.price("p", "m", {.input_tokens = 1}, {}, std::vector<Tag>{{"service_tier", tier}});
    CHECK(quote.cost == Usd::from_picos(100));
    CHECK_FALSE(quote.tier_unknown);
  }
}

TEST_CASE("price: a service tier without a price is priced as standard, and says so",
          "[unit][price_terms]") {
  auto const book = book_of({.rates = {.input = each(100)}});
  std::vector<Tag> const attributes{{"service_tier", "priority"}};
  auto const quote = book.price("p", "m", {.input_tokens = 1}, {}, attributes);
  CHECK(quote.cost == Usd::from_picos(100));
  CHECK(quote.tier_unknown);
}

TEST_CASE("price: above a long-context tier a service tier rises by the same ratio",
          "[unit][price_terms]") {
  auto const book = book_of({.rates = {.input = each(100), .output = each(9)},
                             .tiers = {{10, {.input = each(200), .output = each(12)}}},
                             .flex = {.input = each(50), .output = each(3)}});
  std::vector<Tag> const flex{{"service_tier", "flex"}};
  CHECK(picos(book, {.input_tokens = 11}, flex) == "1100");
  CHECK(picos(book, {.input_tokens = 11, .output_tokens = 1}, flex) == "1104");
}

TEST_CASE("price: a batch job costs the provider's part of the price", "[unit][price_terms]") {
  auto const book = book_of({.rates = {.input = each(101), .output = each(1000)}},
                            {.batch = Factor::parse("0.5")});
  CHECK(picos(book, {.input_tokens = 2, .output_tokens = 1}, {{"batch", "true"}}) == "601");
  CHECK(picos(book, {.input_tokens = 2}, {{"service_tier", "batch"}}) == "101");
  CHECK(picos(book, {.input_tokens = 2}, {{"batch", "false"}}) == "202");
  CHECK(picos(book, {.input_tokens = 2}, {{"batch", "true"}, {"service_tier", "flex"}}) == "101");
}

TEST_CASE("price: a model may have batch prices of its own", "[unit][price_terms]") {
  auto const book =
      book_of({.rates = {.input = each(100), .cache_read = each(10)}, .batch = {.input = each(60)}},
              {.batch = Factor::parse("0.5")});
  CHECK(picos(book, {.input_tokens = 1}, {{"batch", "true"}}) == "60");
  CHECK(picos(book, {.input_tokens = 1, .cache_read_tokens = 1}, {{"batch", "true"}}) == "5");
}

TEST_CASE("price: fees are not part of a batch discount", "[unit][price_terms]") {
  auto const book = book_of(
      {.rates = {.input = each(100)}, .fees = {.web_search = {.any = Usd::parse("0.000001")}}},
      {.batch = Factor::parse("0.5")});
  CHECK(picos(book, {.input_tokens = 2, .web_search_requests = 3}, {{"batch", "true"}}) == "3100");
}

TEST_CASE("price: a half picodollar is rounded once, to the even neighbour",
          "[unit][price_terms]") {
  auto const book =
      book_of({.rates = {.input = each(1), .output = each(1)}}, {.batch = Factor::parse("0.5")});
  std::vector<Tag> const batch{{"batch", "true"}};
  CHECK(picos(book, {.input_tokens = 1}, batch) == "0");
  CHECK(picos(book, {.input_tokens = 3}, batch) == "2");
  CHECK(picos(book, {.input_tokens = 5}, batch) == "2");
  CHECK(picos(book, {.input_tokens = 1, .output_tokens = 1}, batch) == "1");
}

TEST_CASE("price: multipliers of attributes stack", "[unit][price_terms]") {
  auto model = testing::entry(
      "m", {},
      {.rates = {.input = each(100)}, .fees = {.web_search = {.any = Usd::parse("0.000001")}}});
  model.multipliers = {{"inference_geo", "us", Factor::parse("1.1")},
                       {"speed", "fast", Factor::parse("6")}};
  PriceBook const book({.models = {model}});
  CHECK(picos(book, {.input_tokens = 1}, {{"inference_geo", "us"}}) == "110");
  CHECK(picos(book, {.input_tokens = 1}, {{"inference_geo", "eu"}}) == "100");
  CHECK(picos(book, {.input_tokens = 1}, {{"speed", "fast"}, {"inference_geo", "us"}}) == "660");
  CHECK(picos(book, {.input_tokens = 1, .web_search_requests = 1}, {{"speed", "fast"}}) == "1600");
}

TEST_CASE("price: attributes without end are refused, not wrapped", "[unit][price_terms]") {
  auto model = testing::entry("m", {}, {.rates = {.input = each(100)}});
  std::vector<Tag> many;
  std::vector<std::string> names;
  for (char c = 'a'; c < 'm'; ++c) names.emplace_back(1, c);
  for (auto const& name : names) {
    model.multipliers.push_back({name, "x", Factor::parse("1.000001")});
    many.emplace_back(name, "x");
  }
  PriceBook const book({.models = {model}});
  CHECK(picos(book, {.input_tokens = 1}, many) == "too_large");
}

TEST_CASE("price: of an attribute that is there twice the last counts", "[unit][price_terms]") {
  auto model =
      testing::entry("m", {}, {.rates = {.input = each(100)}, .flex = {.input = each(50)}});
  model.multipliers = {{"speed", "fast", Factor::parse("6")}};
  PriceBook const book({.models = {model}});
  CHECK(picos(book, {.input_tokens = 1}, {{"speed", "fast"}, {"speed", "fast"}}) == "600");
  CHECK(picos(book, {.input_tokens = 1}, {{"speed", "fast"}, {"speed", "slow"}}) == "100");
  CHECK(picos(book, {.input_tokens = 1}, {{"service_tier", "flex"}, {"service_tier", "default"}}) ==
        "100");
}

TEST_CASE("price: the case of tiers and sizes does not matter", "[unit][price_terms]") {
  auto const book = book_of({.rates = {.input = each(100)}, .flex = {.input = each(50)}},
                            {.batch = Factor::parse("0.25")});
  CHECK(picos(book, {.input_tokens = 1}, {{"service_tier", "FLEX"}}) == "50");
  CHECK(picos(book, {.input_tokens = 1}, {{"batch", "True"}}) == "25");
}

TEST_CASE("price: in a batch a kind without a price is billed as the kind that holds it",
          "[unit][price_terms]") {
  auto const book = book_of({.rates = {.input = each(120), .output = each(120)},
                             .batch = {.input = each(10), .output = each(20)}},
                            {.batch = Factor::parse("0.5")});
  std::vector<Tag> const batch{{"batch", "true"}};
  CHECK(picos(book, {.input_tokens = 1, .cache_read_tokens = 1}, batch) == "10");
  CHECK(picos(book, {.output_tokens = 1, .reasoning_tokens = 1}, batch) == "20");
}

TEST_CASE("price: discount and margin are on all of a call", "[unit][price_terms]") {
  auto const book = book_of(
      {.rates = {.input = each(100)}, .fees = {.web_search = {.any = Usd::parse("0.000001")}}},
      {.discount = Factor::parse("0.15"), .margin = Factor::parse("0.2")});
  CHECK(picos(book, {.input_tokens = 10, .web_search_requests = 1}) == "2040");
}

TEST_CASE("price: a fee by the size of the search needs the size", "[unit][price_terms]") {
  auto const book = book_of(
      {.rates = {.input = each(1)},
       .fees = {.request = {.low = Usd::parse("0.000005"), .high = Usd::parse("0.000012")}}});
  auto const without = book.price("p", "m", {.input_tokens = 1});
  CHECK(without.cost == Usd::from_picos(1));
  CHECK(without.fee_undecided);
  CHECK(picos(book, {.input_tokens = 1}, {{"search_context_size", "low"}}) == "5001");
  CHECK(picos(book, {.input_tokens = 1}, {{"search_context_size", "high"}}) == "12001");
  std::vector<Tag> const medium{{"search_context_size", "medium"}};
  CHECK(book.price("p", "m", {.input_tokens = 1}, {}, medium).fee_undecided);
}

TEST_CASE("price: searches without a known fee leave it open", "[unit][price_terms]") {
  auto const book = book_of({.rates = {.input = each(1)}});
  auto const quote = book.price("p", "m", {.input_tokens = 1, .web_search_requests = 2});
  CHECK(quote.priced);
  CHECK(quote.fee_undecided);
  CHECK(quote.cost == Usd::from_picos(1));
}

TEST_CASE("price: a model's own search fee comes before its provider's", "[unit][price_terms]") {
  ProviderPrices const provider{.fees = {.web_search = {.any = Usd::parse("0.000001")}}};
  TokenUsage const two_searches{.web_search_requests = 2};
  CHECK(picos(book_of({.rates = {.input = each(1)}}, provider), two_searches) == "2000");
  CHECK(picos(book_of({.rates = {.input = each(1)},
                       .fees = {.web_search = {.any = Usd::parse("0.000003")}}},
                      provider),
              two_searches) == "6000");
}

}  // namespace
}  // namespace netrun::llm
