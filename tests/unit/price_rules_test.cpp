// SPDX-License-Identifier: MIT
// PriceBook: the rules of choice and billing, shown on books made for the purpose.
#include "support/catch.hpp"
#include <netrun/llm/price_book.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace netrun::llm {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t micro = 1'000'000;  // picodollars: a token at one dollar per million

/// Prices that are powers of two, so that a sum shows which of them were taken.
constexpr TokenRates every_rate{.input = 1,
                                .output = 2,
                                .cache_read = 4,
                                .cache_write = 8,
                                .cache_write_1h = 16,
                                .audio_input = 32,
                                .audio_output = 64,
                                .cached_audio_input = 128,
                                .image_input = 256,
                                .image_output = 512,
                                .reasoning = 1024,
                                .citation = 2048};

constexpr TokenUsage every_part{.input_tokens = 7,
                                .output_tokens = 5,
                                .cache_read_tokens = 2,
                                .cache_write_tokens = 2,
                                .cache_write_1h_tokens = 1,
                                .reasoning_tokens = 1,
                                .citation_tokens = 1,
                                .audio_input_tokens = 2,
                                .audio_output_tokens = 1,
                                .cached_audio_input_tokens = 1,
                                .image_input_tokens = 1,
                                .image_output_tokens = 1};

std::string picos(PriceRow const& row, TokenUsage const& usage,
                  std::chrono::nanoseconds since_1970 = 0ns) {
  auto const quote = price_call({&row, 1}, usage, since_1970.count());
  return quote.priced ? quote.cost.to_pico_string() : "unpriced";
}

std::string_view chosen(std::span<PriceRow const> rows, NameView provider, NameView model) {
  auto const entry = PriceBook(rows).find(provider, model);
  return entry.empty() ? "none" : entry.front().model;
}

TEST_CASE("price_call: every kind of token has its own price once", "[unit][price_book]") {
  PriceRow const row{.provider = "p", .model = "m", .match = "m", .rates = every_rate};
  CHECK(picos(row, every_part) == "4095");
}

TEST_CASE("price_call: kinds without a price fall back to the kind that holds them",
          "[unit][price_book]") {
  PriceRow const row{.provider = "p",
                     .model = "m",
                     .match = "m",
                     .rates = {.input = 100, .output = 1000, .cache_read = 10, .cache_write = 7}};
  CHECK(picos(row, {.input_tokens = 1, .cache_read_tokens = 1}) == "10");
  CHECK(picos(row, {.input_tokens = 1, .cache_write_tokens = 1, .cache_write_1h_tokens = 1}) ==
        "7");
  CHECK(picos(row, {.input_tokens = 1, .audio_input_tokens = 1}) == "100");
  CHECK(picos(row, {.input_tokens = 1,
                    .cache_read_tokens = 1,
                    .audio_input_tokens = 1,
                    .cached_audio_input_tokens = 1}) == "10");
  CHECK(picos(row, {.input_tokens = 1, .image_input_tokens = 1}) == "100");
  CHECK(picos(row, {.output_tokens = 1, .reasoning_tokens = 1}) == "1000");
  CHECK(picos(row, {.output_tokens = 1, .citation_tokens = 1}) == "1000");
  CHECK(picos(row, {.output_tokens = 1, .audio_output_tokens = 1}) == "1000");
  CHECK(picos(row, {.output_tokens = 1, .image_output_tokens = 1}) == "1000");
}

TEST_CASE("price_call: cached tokens without any price cost as input", "[unit][price_book]") {
  PriceRow const row{.provider = "p", .model = "m", .match = "m", .rates = {.input = 100}};
  CHECK(picos(row, {.input_tokens = 2, .cache_read_tokens = 1, .cache_write_tokens = 1}) == "200");
}

TEST_CASE("price_call: a price that the tier does not name stays", "[unit][price_book]") {
  PriceRow const row{.provider = "p",
                     .model = "m",
                     .match = "m",
                     .rates = {.input = 10, .output = 20, .cache_read = 1},
                     .tier_above_tokens = 100,
                     .tier_rates = {.input = 1000}};
  CHECK(picos(row, {.input_tokens = 100, .output_tokens = 1}) == "1020");
  CHECK(picos(row, {.input_tokens = 101, .output_tokens = 1, .cache_read_tokens = 101}) == "121");
  CHECK(picos(row, {.input_tokens = 101, .output_tokens = 1}) == "101020");
}

TEST_CASE("price_call: the weekend begins and ends at midnight in Beijing", "[unit][price_book]") {
  PriceRow const row{.provider = "p",
                     .model = "m",
                     .match = "m",
                     .rates = {.input = 1},
                     .peak_hours = 0xffffff,
                     .peak_rates = {.input = 5}};
  constexpr TokenUsage one{.input_tokens = 1};
  constexpr std::chrono::nanoseconds friday = 24h * 20'700;  // 2026-09-04
  CHECK(picos(row, one, friday + 16h - 1ns) == "5");
  CHECK(picos(row, one, friday + 16h) == "1");
  CHECK(picos(row, one, friday + 48h + 16h - 1ns) == "1");
  CHECK(picos(row, one, friday + 48h + 16h) == "5");
}

TEST_CASE("price_call: days before 1970 keep their weekday", "[unit][price_book]") {
  PriceRow const row{.provider = "p",
                     .model = "m",
                     .match = "m",
                     .rates = {.input = 1},
                     .peak_hours = 0xffffff,
                     .peak_rates = {.input = 5}};
  constexpr TokenUsage one{.input_tokens = 1};
  CHECK(picos(row, one, -24h) == "5");      // Wednesday
  CHECK(picos(row, one, -24h * 4) == "1");  // Sunday
}

TEST_CASE("price_call: parts that exceed their whole are unpriced and named",
          "[unit][price_book]") {
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
                   "cached_audio_input_tokens",
                   "cache_read_tokens"});
  auto const quote = PriceBook::builtin().price("openai", "gpt-4o", bad.usage);
  CHECK_FALSE(quote.priced);
  CHECK(quote.invalid_usage);
  CHECK(quote.cost == Usd{});
  CHECK_THAT(std::string(quote.problem), Catch::Matchers::ContainsSubstring(bad.part));
  CHECK_THAT(std::string(quote.problem), Catch::Matchers::ContainsSubstring(bad.whole));
}

TEST_CASE("price_call: billed counts take the place of processed ones", "[unit][price_book]") {
  PriceRow const row{
      .provider = "p", .model = "m", .match = "m", .rates = {.input = micro, .output = 2 * micro}};
  CHECK(picos(row, {.input_tokens = 70,
                    .output_tokens = 9,
                    .billed_input_tokens = 5,
                    .billed_output_tokens = 3}) == "11000000");
}

TEST_CASE("price_call: a billed count of zero means the processed one", "[unit][price_book]") {
  PriceRow const row{
      .provider = "p", .model = "m", .match = "m", .rates = {.input = micro, .output = 2 * micro}};
  CHECK(picos(row, {.input_tokens = 70, .output_tokens = 9, .billed_input_tokens = 5}) ==
        "23000000");
  CHECK(picos(row, {.input_tokens = 70, .output_tokens = 9, .billed_output_tokens = 3}) ==
        "76000000");
}

TEST_CASE("PriceBook: an exact alias beats every pattern", "[unit][price_book]") {
  PriceRow const rows[] = {{.provider = "p", .model = "wide", .match = "abc*"},
                           {.provider = "p", .model = "exact", .match = "abcd"},
                           {.provider = "p", .model = "narrow", .match = "abcd*"}};
  CHECK(chosen(rows, "p", "abcd") == "exact");
}

TEST_CASE("PriceBook: the pattern with the most characters wins", "[unit][price_book]") {
  PriceRow const rows[] = {{.provider = "p", .model = "short", .match = "gpt-*"},
                           {.provider = "p", .model = "long", .match = "*gpt-4o*"},
                           {.provider = "p", .model = "other", .match = "gpt-4*"}};
  CHECK(chosen(rows, "p", "gpt-4o-2024") == "long");
  CHECK(chosen(rows, "p", "gpt-41") == "other");
  CHECK(chosen(rows, "p", "gpt-5") == "short");
}

TEST_CASE("PriceBook: a number sign stands for one digit", "[unit][price_book]") {
  PriceRow const rows[] = {{.provider = "p", .model = "m", .match = "m-##"}};
  CHECK(chosen(rows, "p", "m-42") == "m");
  CHECK(chosen(rows, "p", "m-4") == "none");
  CHECK(chosen(rows, "p", "m-4x") == "none");
  CHECK(chosen(rows, "p", "m-423") == "none");
}

TEST_CASE("PriceBook: a star stands for any run", "[unit][price_book]") {
  PriceRow const rows[] = {{.provider = "p", .model = "m", .match = "a*b*c"}};
  CHECK(chosen(rows, "p", "abc") == "m");
  CHECK(chosen(rows, "p", "a-b-b-c-c") == "m");
  CHECK(chosen(rows, "p", "acb") == "none");
}

TEST_CASE("PriceBook: an entry holds all rows of its model", "[unit][price_book]") {
  PriceRow const rows[] = {{.provider = "p", .model = "a", .match = "a"},
                           {.provider = "p", .model = "b", .match = "b"},
                           {.provider = "p", .model = "b", .match = "b", .from_day = 10},
                           {.provider = "q", .model = "b", .match = "b"}};
  auto const entry = PriceBook(rows).find("p", "b");
  REQUIRE(entry.size() == 2);
  CHECK(entry.data() == &rows[1]);
}

TEST_CASE("PriceBook: a foreign prefix stays with a provider of its own", "[unit][price_book]") {
  PriceRow const rows[] = {{.provider = "house", .model = "m", .match = "m"}};
  CHECK(chosen(rows, "house", "m") == "m");
  CHECK(chosen(rows, "house", "other/m") == "none");
}

TEST_CASE("PriceBook: an empty book knows no price", "[unit][price_book]") {
  PriceBook const empty({});
  CHECK(empty.find("openai", "gpt-4o").empty());
  CHECK_FALSE(empty.price("openai", "gpt-4o", {.input_tokens = 1}).priced);
}

}  // namespace
}  // namespace netrun::llm
