// SPDX-License-Identifier: MIT
// Pricing a call: the rules, shown on books made for the purpose.
#include "support/catch.hpp"
#include "support/prices.hpp"
#include <netrun/llm/price_book.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm {
namespace {

using namespace std::chrono_literals;
using testing::book_of;
using testing::day;
using testing::each;

/// Prices that are powers of two, so that a sum shows which of them were taken.
TokenRates const every_rate{.input = each(1),
                            .cache_read = each(4),
                            .cached_audio_input = each(128),
                            .cached_image_input = each(4096),
                            .cache_write = each(8),
                            .cache_write_1h = each(16),
                            .audio_input = each(32),
                            .image_input = each(256),
                            .video_input = each(8192),
                            .output = each(2),
                            .audio_output = each(64),
                            .image_output = each(512),
                            .video_output = each(16384),
                            .reasoning = each(1024),
                            .citation = each(2048)};

constexpr TokenUsage every_part{.input_tokens = 9,
                                .output_tokens = 6,
                                .cache_read_tokens = 3,
                                .cache_write_tokens = 2,
                                .cache_write_1h_tokens = 1,
                                .reasoning_tokens = 1,
                                .citation_tokens = 1,
                                .audio_input_tokens = 2,
                                .audio_output_tokens = 1,
                                .cached_audio_input_tokens = 1,
                                .image_input_tokens = 2,
                                .image_output_tokens = 1,
                                .cached_image_input_tokens = 1,
                                .video_input_tokens = 1,
                                .video_output_tokens = 1};

std::string picos(PriceBook const& book, TokenUsage const& usage,
                  std::vector<Tag> const& attributes = {},
                  Clock::time_point at = Clock::time_point()) {
  auto const quote = book.price("p", "m", usage, at, attributes);
  return quote.priced ? quote.cost.to_pico_string() : std::string(to_string(quote.problem));
}
std::string picos_at(PriceBook const& book, std::chrono::sys_days date,
                     std::chrono::nanoseconds time = 0ns) {
  using std::chrono::duration_cast;
  return picos(book, {.input_tokens = 1}, {},
               Clock::time_point(date) + duration_cast<Clock::duration>(time));
}

TEST_CASE("price: every kind of token has its own price once", "[unit][price_rules]") {
  CHECK(picos(book_of({.rates = every_rate}), every_part) == "32767");
}

TEST_CASE("price: kinds without a price fall back to the kind that holds them",
          "[unit][price_rules]") {
  auto const book = book_of({.rates = {.input = each(100),
                                       .cache_read = each(10),
                                       .cache_write = each(7),
                                       .output = each(1000)}});
  CHECK(picos(book, {.input_tokens = 1, .cache_read_tokens = 1}) == "10");
  CHECK(picos(book, {.input_tokens = 1, .cache_write_tokens = 1, .cache_write_1h_tokens = 1}) ==
        "7");
  CHECK(picos(book, {.input_tokens = 1, .audio_input_tokens = 1}) == "100");
  CHECK(picos(book, {.input_tokens = 1,
                     .cache_read_tokens = 1,
                     .audio_input_tokens = 1,
                     .cached_audio_input_tokens = 1}) == "10");
  CHECK(picos(book, {.input_tokens = 1,
                     .cache_read_tokens = 1,
                     .image_input_tokens = 1,
                     .cached_image_input_tokens = 1}) == "10");
  CHECK(picos(book, {.input_tokens = 1, .image_input_tokens = 1}) == "100");
  CHECK(picos(book, {.input_tokens = 1, .video_input_tokens = 1}) == "100");
  CHECK(picos(book, {.output_tokens = 1, .reasoning_tokens = 1}) == "1000");
  CHECK(picos(book, {.output_tokens = 1, .citation_tokens = 1}) == "1000");
  CHECK(picos(book, {.output_tokens = 1, .audio_output_tokens = 1}) == "1000");
  CHECK(picos(book, {.output_tokens = 1, .image_output_tokens = 1}) == "1000");
  CHECK(picos(book, {.output_tokens = 1, .video_output_tokens = 1}) == "1000");
}

TEST_CASE("price: cached tokens without any price cost as input", "[unit][price_rules]") {
  auto const book = book_of({.rates = {.input = each(100)}});
  CHECK(picos(book, {.input_tokens = 2, .cache_read_tokens = 1, .cache_write_tokens = 1}) == "200");
}

TEST_CASE("price: a provider may ask a part of the input price for cached tokens",
          "[unit][price_rules]") {
  auto const book =
      book_of({.rates = {.input = each(101)}}, {.cache_read_factor = Factor::parse("0.5")});
  CHECK(picos(book, {.input_tokens = 2, .cache_read_tokens = 2}) == "101");
}

TEST_CASE("price: a kind without any price makes the call unpriced", "[unit][price_rules]") {
  auto const embedding = book_of({.rates = {.input = each(1)}});
  CHECK(picos(embedding, {.input_tokens = 5}) == "5");
  CHECK(picos(embedding, {.input_tokens = 5, .output_tokens = 1}) == "no_rate");
  CHECK(picos(embedding, {.input_tokens = 5, .output_tokens = 1, .reasoning_tokens = 1}) ==
        "no_rate");
}

TEST_CASE("price: a price that the tier does not name stays", "[unit][price_rules]") {
  auto const book =
      book_of({.rates = {.input = each(10), .cache_read = each(1), .output = each(20)},
               .tiers = {{100, {.input = each(1000)}}}});
  CHECK(picos(book, {.input_tokens = 100, .output_tokens = 1}) == "1020");
  CHECK(picos(book, {.input_tokens = 101, .output_tokens = 1, .cache_read_tokens = 101}) == "121");
  CHECK(picos(book, {.input_tokens = 101, .output_tokens = 1}) == "101020");
}

TEST_CASE("price: of several tiers the highest that is reached counts alone",
          "[unit][price_rules]") {
  auto const book =
      book_of({.rates = {.input = each(1), .output = each(1)},
               .tiers = {{10, {.input = each(2), .output = each(5)}}, {20, {.input = each(3)}}}});
  CHECK(picos(book, {.input_tokens = 10, .output_tokens = 1}) == "11");
  CHECK(picos(book, {.input_tokens = 11, .output_tokens = 1}) == "27");
  // The second tier names no output: the price is the one without a tier.
  CHECK(picos(book, {.input_tokens = 21, .output_tokens = 1}) == "64");
}

TEST_CASE("price: a tier may begin at its number", "[unit][price_rules]") {
  auto const book = book_of({.rates = {.input = each(1)}, .tiers = {{10, {.input = each(2)}}}},
                            {.tier_is_inclusive = true});
  CHECK(picos(book, {.input_tokens = 9}) == "9");
  CHECK(picos(book, {.input_tokens = 10}) == "20");
}

TEST_CASE("price: billed counts decide about the tier too", "[unit][price_rules]") {
  auto const book = book_of({.rates = {.input = each(1)}, .tiers = {{10, {.input = each(2)}}}});
  CHECK(picos(book, {.input_tokens = 100, .billed_input_tokens = 5}) == "5");
}

TEST_CASE("price: each period holds from midnight UTC of its first day", "[unit][price_rules]") {
  auto model = testing::entry("m", {}, {.rates = {.input = each(1)}});
  model.periods.push_back({.from = day(2026, 3, 1), .rates = {.input = each(2)}});
  PriceBook const book({.models = {model}});
  CHECK(picos_at(book, day(1960, 1, 1)) == "1");
  CHECK(picos_at(book, day(2026, 3, 1), -1ns * 1000) == "1");
  CHECK(picos_at(book, day(2026, 3, 1)) == "2");
}

TEST_CASE("price: before the first day of a model there is no price", "[unit][price_rules]") {
  auto const book = book_of({.from = day(2026, 3, 1), .rates = {.input = each(2)}});
  CHECK(picos_at(book, day(2026, 2, 28)) == "not_in_force");
}

TEST_CASE("price: a window begins and ends to the minute", "[unit][price_rules]") {
  auto const book =
      book_of({.rates = {.input = each(1)},
               .windows = {{.utc = {{90, 150}, {1380, 30}}, .rates = {.input = each(5)}}}});
  auto const date = day(2026, 9, 4);
  CHECK(picos_at(book, date, 90min - 1us) == "1");
  CHECK(picos_at(book, date, 90min) == "5");
  CHECK(picos_at(book, date, 150min - 1us) == "5");
  CHECK(picos_at(book, date, 150min) == "1");
  CHECK(picos_at(book, date, 23h) == "5");  // past midnight
  CHECK(picos_at(book, date, 24h + 30min - 1us) == "5");
  CHECK(picos_at(book, date, 24h + 30min) == "1");
}

TEST_CASE("price: the weekend begins and ends at midnight in Beijing", "[unit][price_rules]") {
  auto const book =
      book_of({.rates = {.input = each(1)},
               .windows = {{.utc = {{0, 1440}}, .days = 31, .rates = {.input = each(5)}}}});
  auto const friday = day(2026, 9, 4);
  CHECK(picos_at(book, friday, 16h - 1us) == "5");
  CHECK(picos_at(book, friday, 16h) == "1");
  CHECK(picos_at(book, friday, 48h + 16h - 1us) == "1");
  CHECK(picos_at(book, friday, 48h + 16h) == "5");
  CHECK_FALSE(picos(book, {.input_tokens = 1}, {}, Clock::time_point::max()).empty());
  CHECK(picos_at(book, day(1969, 12, 31)) == "5");  // Wednesday
  CHECK(picos_at(book, day(1969, 12, 28)) == "1");  // Sunday
}

TEST_CASE("price: parts that exceed their whole are unpriced and named", "[unit][price_rules]") {
  struct Bad {
    TokenUsage usage;
    char const* part;
    char const* whole;
  };
  auto const bad =
      GENERATE(Bad{{.input_tokens = 1, .cache_read_tokens = 2}, "cached", "input_tokens"},
               Bad{{.input_tokens = 3, .cache_read_tokens = 2, .cache_write_tokens = 2},
                   "cached",
                   "input_tokens"},
               Bad{{.input_tokens = 1, .audio_input_tokens = 2}, "audio", "input_tokens"},
               Bad{{.input_tokens = 1, .image_input_tokens = 2}, "image", "input_tokens"},
               Bad{{.output_tokens = 1, .reasoning_tokens = 2}, "reasoning", "output_tokens"},
               Bad{{.output_tokens = 1, .audio_output_tokens = 2}, "audio", "output_tokens"},
               Bad{{.output_tokens = 1, .image_output_tokens = 2}, "image", "output_tokens"},
               Bad{{.output_tokens = 1, .citation_tokens = 2}, "citation", "output_tokens"},
               Bad{{.input_tokens = 9, .cache_write_tokens = 1, .cache_write_1h_tokens = 2},
                   "cache_write_1h_tokens",
                   "cache_write_tokens"},
               Bad{{.input_tokens = 9,
                    .cache_read_tokens = 2,
                    .audio_input_tokens = 1,
                    .cached_audio_input_tokens = 2},
                   "cached_audio_input_tokens",
                   "audio_input_tokens"},
               Bad{{.input_tokens = 9,
                    .cache_read_tokens = 1,
                    .audio_input_tokens = 2,
                    .cached_audio_input_tokens = 2},
                   "cached audio",
                   "cache_read_tokens"},
               Bad{{.input_tokens = 9,
                    .cache_read_tokens = 2,
                    .image_input_tokens = 1,
                    .cached_image_input_tokens = 2},
                   "cached_image_input_tokens",
                   "image_input_tokens"},
               Bad{{.input_tokens = 1, .video_input_tokens = 2}, "video", "input_tokens"},
               Bad{{.output_tokens = 1, .video_output_tokens = 2}, "video", "output_tokens"});
  auto const quote = PriceBook::builtin().price("openai", "gpt-4o", bad.usage);
  CHECK_FALSE(quote.priced);
  CHECK(quote.problem == PriceProblem::parts_exceed_whole);
  CHECK(quote.cost == Usd{});
  CHECK_THAT(std::string(quote.explanation), Catch::Matchers::ContainsSubstring(bad.part));
  CHECK_THAT(std::string(quote.explanation), Catch::Matchers::ContainsSubstring(bad.whole));
}

TEST_CASE("price: billed counts take the place of processed ones", "[unit][price_rules]") {
  auto const book = book_of({.rates = {.input = each(1), .output = each(20)}});
  CHECK(picos(book, {.input_tokens = 70,
                     .output_tokens = 9,
                     .billed_input_tokens = 5,
                     .billed_output_tokens = 3}) == "65");
  CHECK(picos(book, {.input_tokens = 70, .output_tokens = 9, .billed_input_tokens = 5}) == "185");
  CHECK(picos(book, {.input_tokens = 70, .output_tokens = 9, .billed_output_tokens = 3}) == "130");
}

TEST_CASE("price: the largest counts at the highest price do not wrap", "[unit][price_rules]") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  auto const highest = Usd::parse("999999.999999");
  TokenUsage const usage{.input_tokens = most, .output_tokens = most};
  auto const plain = book_of({.rates = {.input = highest, .output = highest}});
  CHECK(plain.price("p", "m", usage).cost ==
        Usd::from_picos(static_cast<Int128>(most) * 2 * 999'999'999'999));
  auto model = testing::entry("m", {}, {.rates = {.input = highest, .output = highest}});
  model.multipliers = {{"speed", "fast", Factor::parse("999.999999")},
                       {"geo", "us", Factor::parse("999.999999")}};
  CHECK(picos(PriceBook({.models = {model}}), usage, {{"speed", "fast"}, {"geo", "us"}}) ==
        "too_large");
}

TEST_CASE("itemize: every kind of token stands once with its rate", "[unit][price_rules]") {
  auto const book = book_of({.rates = every_rate});
  auto const bill = book.itemize("p", "m", every_part);
  REQUIRE(bill.tokens.size() == token_kind_count);
  Int128 attos = 0;
  for (auto const& line : bill.tokens) {
    attos += static_cast<Int128>(line.tokens) * line.attos_per_token;
  }
  CHECK(attos == bill.quote.cost.picos() * 1'000'000);
}

TEST_CASE("itemize: says which period, tier, service and multipliers were used",
          "[unit][price_rules]") {
  auto model = testing::entry("m", {}, {.rates = {.input = each(1)}});
  model.periods.push_back({.from = day(2026, 3, 1),
                           .rates = {.input = each(4)},
                           .tiers = {{10, {.input = each(8)}}},
                           .flex = {.input = each(2)},
                           .fees = {.request = {.any = Usd::parse("0.000001")},
                                    .web_search = {.any = Usd::parse("0.000002")}}});
  model.multipliers = {{"speed", "fast", Factor::parse("6")}};
  PriceBook const book({.models = {model}});
  auto const bill = book.itemize(
      "p", "m", {.input_tokens = 11, .web_search_requests = 3}, Clock::time_point(day(2026, 3, 2)),
      std::vector<Tag>{
          {"service_tier", "flex"}, {"speed", "fast"}, {"search_context_size", "low"}});
  CHECK(bill.from == day(2026, 3, 1));
  CHECK(bill.tier_above_tokens == 10);
  CHECK(bill.service_tier == ServiceTier::flex);
  CHECK(bill.multipliers == model.multipliers);
  CHECK(bill.request_fee == Usd::from_picos(1000));
  CHECK(bill.search_fees == Usd::from_picos(6000));
  CHECK(bill.tokens.at(0).attos_per_token == 4'000'000);
  CHECK(bill.quote.cost == Usd::from_picos(11 * 4 * 6 + 7000));
}

}  // namespace
}  // namespace netrun::llm
