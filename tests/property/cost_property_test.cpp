// SPDX-License-Identifier: MIT
// What holds for the cost of any call: parts make the whole, more is never cheaper, order is
// nothing.
#include "support/catch.hpp"
#include <netrun/llm/price_book.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace netrun::llm {
namespace {

using Random = std::mt19937_64;

std::uint64_t below_or_at(Random& random, std::uint64_t most) {
  return most == ~std::uint64_t{0} ? random() : random() % (most + 1);
}

/// A part of what is left of its whole; often nothing, sometimes all.
std::uint64_t take(Random& random, std::uint64_t& left) {
  auto const dice = random() % 4;
  std::uint64_t const part = dice == 0 ? 0 : dice == 1 ? left : below_or_at(random, left);
  left -= part;
  return part;
}

/// A usage of up to `most` tokens each way, whose parts never exceed their whole.
TokenUsage random_usage(Random& random, std::uint64_t most) {
  TokenUsage usage;
  usage.input_tokens = below_or_at(random, most);
  usage.output_tokens = below_or_at(random, most);
  std::uint64_t input_left = usage.input_tokens;
  usage.cached_audio_input_tokens = take(random, input_left);
  usage.cache_read_tokens = usage.cached_audio_input_tokens + take(random, input_left);
  usage.cache_write_tokens = take(random, input_left);
  usage.cache_write_1h_tokens = below_or_at(random, usage.cache_write_tokens);
  usage.audio_input_tokens = usage.cached_audio_input_tokens + take(random, input_left);
  usage.image_input_tokens = take(random, input_left);
  std::uint64_t output_left = usage.output_tokens;
  usage.reasoning_tokens = take(random, output_left);
  usage.citation_tokens = take(random, output_left);
  usage.audio_output_tokens = take(random, output_left);
  usage.image_output_tokens = take(random, output_left);
  usage.web_search_requests = static_cast<std::uint32_t>(random() % 5);
  return usage;
}

TokenRates random_rates(Random& random) {
  TokenRates rates;
  for (auto const member :
       {&TokenRates::input, &TokenRates::output, &TokenRates::cache_read, &TokenRates::cache_write,
        &TokenRates::cache_write_1h, &TokenRates::audio_input, &TokenRates::audio_output,
        &TokenRates::cached_audio_input, &TokenRates::image_input, &TokenRates::image_output,
        &TokenRates::reasoning, &TokenRates::citation}) {
    rates.*member = static_cast<std::int64_t>(random() % 100'000'000);
  }
  return rates;
}

/// The built-in rows that name a price; the others make a call unpriced.
std::vector<PriceRow> priced_rows() {
  std::vector<PriceRow> rows;
  for (auto const& row : PriceBook::builtin().rows()) {
    if (row.rates.input != TokenRates::unnamed) rows.push_back(row);
  }
  return rows;
}

Usd cost(PriceRow const& row, TokenUsage const& usage) {
  auto const quote = price_call({&row, 1}, usage, 0);
  REQUIRE(quote.priced);
  return quote.cost;
}

TEST_CASE("cost: with one rate for all it is that rate times the whole", "[property][cost]") {
  constexpr std::uint64_t seed = 101;
  Random random(seed);
  for (int i = 0; i < 5000; ++i) {
    INFO("seed " << seed << " round " << i);
    auto const rate = static_cast<std::int64_t>(random() % 1'000'000'000);
    PriceRow const row{
        .provider = "p",
        .model = "m",
        .match = "m",
        .rates = {rate, rate, rate, rate, rate, rate, rate, rate, rate, rate, rate, rate}};
    auto const usage = random_usage(random, i % 10 == 0 ? ~std::uint64_t{0} : 1'000'000);
    Int128 const whole = static_cast<Int128>(usage.input_tokens) + usage.output_tokens;
    REQUIRE(cost(row, usage) == Usd::from_picos(whole * rate));
  }
}

TEST_CASE("cost: the sum over kinds of tokens is the cost of the call", "[property][cost]") {
  constexpr std::uint64_t seed = 102;
  Random random(seed);
  for (int i = 0; i < 5000; ++i) {
    INFO("seed " << seed << " round " << i);
    PriceRow row{.provider = "p", .model = "m", .match = "m", .rates = random_rates(random)};
    row.web_search_picos = static_cast<std::int64_t>(random() % 100'000'000'000);
    auto const u = random_usage(random, 10'000'000);
    auto const part = [](std::uint64_t tokens, std::int64_t rate) {
      return Usd::from_picos(static_cast<Int128>(tokens) * rate);
    };
    auto const& r = row.rates;
    auto const fresh = u.input_tokens - u.cache_read_tokens - u.cache_write_tokens -
                       (u.audio_input_tokens - u.cached_audio_input_tokens) - u.image_input_tokens;
    auto const spoken = u.output_tokens - u.audio_output_tokens - u.image_output_tokens -
                        u.reasoning_tokens - u.citation_tokens;
    Usd const sum = part(fresh, r.input) +
                    part(u.cache_read_tokens - u.cached_audio_input_tokens, r.cache_read) +
                    part(u.cached_audio_input_tokens, r.cached_audio_input) +
                    part(u.cache_write_tokens - u.cache_write_1h_tokens, r.cache_write) +
                    part(u.cache_write_1h_tokens, r.cache_write_1h) +
                    part(u.audio_input_tokens - u.cached_audio_input_tokens, r.audio_input) +
                    part(u.image_input_tokens, r.image_input) + part(spoken, r.output) +
                    part(u.audio_output_tokens, r.audio_output) +
                    part(u.image_output_tokens, r.image_output) +
                    part(u.reasoning_tokens, r.reasoning) + part(u.citation_tokens, r.citation) +
                    part(u.web_search_requests, row.web_search_picos);
    REQUIRE(cost(row, u) == sum);
  }
}

TEST_CASE("cost: more fresh tokens are never cheaper", "[property][cost]") {
  constexpr std::uint64_t seed = 103;
  Random random(seed);
  for (auto const& row : priced_rows()) {
    for (int i = 0; i < 20; ++i) {
      INFO("seed " << seed << " " << row.provider << " " << row.model << " round " << i);
      auto const usage = random_usage(random, 400'000);
      auto const base = cost(row, usage);
      TokenUsage more = usage;
      more.input_tokens += random() % 400'000;
      REQUIRE(cost(row, more) >= base);
      more = usage;
      more.output_tokens += random() % 400'000;
      REQUIRE(cost(row, more) >= base);
      more = usage;
      more.web_search_requests += 1;
      REQUIRE(cost(row, more) >= base);
    }
  }
}

TEST_CASE("cost: more tokens of a kind within a larger whole are never cheaper",
          "[property][cost]") {
  constexpr std::uint64_t seed = 104;
  struct Kind {
    std::uint64_t TokenUsage::*part;
    std::uint64_t TokenUsage::*whole;
  };
  auto const kind = GENERATE(Kind{&TokenUsage::cache_read_tokens, &TokenUsage::input_tokens},
                             Kind{&TokenUsage::cache_write_tokens, &TokenUsage::input_tokens},
                             Kind{&TokenUsage::audio_input_tokens, &TokenUsage::input_tokens},
                             Kind{&TokenUsage::image_input_tokens, &TokenUsage::input_tokens},
                             Kind{&TokenUsage::reasoning_tokens, &TokenUsage::output_tokens},
                             Kind{&TokenUsage::citation_tokens, &TokenUsage::output_tokens},
                             Kind{&TokenUsage::audio_output_tokens, &TokenUsage::output_tokens},
                             Kind{&TokenUsage::image_output_tokens, &TokenUsage::output_tokens});
  Random random(seed);
  for (int i = 0; i < 2000; ++i) {
    INFO("seed " << seed << " round " << i);
    PriceRow const row{.provider = "p", .model = "m", .match = "m", .rates = random_rates(random)};
    auto const usage = random_usage(random, 400'000);
    TokenUsage more = usage;
    auto const by = random() % 400'000;
    more.*kind.part += by;
    more.*kind.whole += by;
    REQUIRE(cost(row, more) >= cost(row, usage));
  }
}

TEST_CASE("cost: a part that exceeds its whole by one token is never priced", "[property][cost]") {
  constexpr std::uint64_t seed = 105;
  Random random(seed);
  PriceRow const row{.provider = "p", .model = "m", .match = "m", .rates = random_rates(random)};
  for (int i = 0; i < 5000; ++i) {
    INFO("seed " << seed << " round " << i);
    auto usage = random_usage(random, 100'000);
    auto const spoken = usage.output_tokens - usage.audio_output_tokens -
                        usage.image_output_tokens - usage.reasoning_tokens - usage.citation_tokens;
    usage.citation_tokens += spoken + 1;
    auto const quote = price_call({&row, 1}, usage, 0);
    REQUIRE_FALSE(quote.priced);
    REQUIRE(quote.invalid_usage);
  }
}

TEST_CASE("cost: a total does not depend on the order of its calls", "[property][cost]") {
  constexpr std::uint64_t seed = 106;
  INFO("seed " << seed);
  Random random(seed);
  auto const rows = priced_rows();
  std::vector<Usd> costs;
  for (int i = 0; i < 5000; ++i) {
    costs.push_back(cost(rows[random() % rows.size()], random_usage(random, 1'000'000)));
  }
  auto const total = [&] {
    Usd sum;
    for (auto const one : costs) sum += one;
    return sum;
  };
  Usd const expected = total();
  CHECK(expected > Usd{});
  for (int round = 0; round < 20; ++round) {
    std::shuffle(costs.begin(), costs.end(), random);
    REQUIRE(total() == expected);
  }
}

}  // namespace
}  // namespace netrun::llm
