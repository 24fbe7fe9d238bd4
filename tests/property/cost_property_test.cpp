// SPDX-License-Identifier: MIT
// What holds for the cost of any call: parts make the whole, more is never cheaper, order is
// nothing.
#include "support/catch.hpp"
#include "support/prices.hpp"
#include <netrun/llm/price_book.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>
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
  usage.cached_image_input_tokens = take(random, input_left);
  usage.cache_read_tokens =
      usage.cached_audio_input_tokens + usage.cached_image_input_tokens + take(random, input_left);
  usage.cache_write_tokens = take(random, input_left);
  usage.cache_write_1h_tokens = below_or_at(random, usage.cache_write_tokens);
  usage.audio_input_tokens = usage.cached_audio_input_tokens + take(random, input_left);
  usage.image_input_tokens = usage.cached_image_input_tokens + take(random, input_left);
  usage.video_input_tokens = take(random, input_left);
  std::uint64_t output_left = usage.output_tokens;
  usage.reasoning_tokens = take(random, output_left);
  usage.citation_tokens = take(random, output_left);
  usage.audio_output_tokens = take(random, output_left);
  usage.image_output_tokens = take(random, output_left);
  usage.video_output_tokens = take(random, output_left);
  usage.web_search_requests = static_cast<std::uint32_t>(random() % 5);
  return usage;
}

TokenRates random_rates(Random& random, std::uint64_t below) {
  TokenRates rates;
  for (std::size_t kind = 0; kind < token_kind_count; ++kind) {
    rates[static_cast<TokenKind>(kind)] =
        testing::each(static_cast<std::int64_t>(random() % below));
  }
  return rates;
}

PriceBook random_book(Random& random) {
  return testing::book_of({.rates = random_rates(random, 100'000'000)});
}

PriceEntry only_entry(PriceBook const& book) { return book.entry(0); }

/// Built-in entries that name a price for what they read; the others make a call unpriced.
std::vector<PriceEntry> priced_entries() {
  std::vector<PriceEntry> entries;
  auto const& book = PriceBook::builtin();
  for (std::size_t i = 0; i < book.size(); ++i) {
    auto const model = book.entry(i).describe();
    bool const reads_and_writes = std::all_of(
        model.periods.begin(), model.periods.end(),
        [](PricePeriod const& period) { return period.rates.input && period.rates.output; });
    if (reads_and_writes) entries.push_back(book.entry(i));
  }
  return entries;
}

Clock::time_point const some_day{testing::day(2026, 9, 2)};

Usd cost(PriceEntry entry, TokenUsage const& usage, std::vector<Tag> const& attributes = {}) {
  auto const quote = entry.price(usage, some_day, attributes);
  REQUIRE(quote.priced);
  return quote.cost;
}

/// What a call may be billed by besides its tokens.
std::vector<Tag> random_attributes(Random& random) {
  constexpr std::string_view tiers[] = {"default", "flex", "priority", "batch"};
  std::vector<Tag> attributes{{"service_tier", tiers[random() % 4]}};
  if (random() % 2 == 0) attributes.emplace_back("inference_geo", "us");
  if (random() % 2 == 0) attributes.emplace_back("speed", "fast");
  if (random() % 2 == 0) attributes.emplace_back("search_context_size", "medium");
  return attributes;
}

TEST_CASE("cost: with one rate for all it is that rate times the whole", "[property][cost]") {
  constexpr std::uint64_t seed = 101;
  Random random(seed);
  for (int i = 0; i < 1000; ++i) {
    INFO("seed " << seed << " round " << i);
    auto const rate = static_cast<std::int64_t>(random() % 1'000'000'000);
    TokenRates rates;
    for (std::size_t kind = 0; kind < token_kind_count; ++kind) {
      rates[static_cast<TokenKind>(kind)] = testing::each(rate);
    }
    auto const book = testing::book_of({.rates = rates});
    auto const usage = random_usage(random, i % 10 == 0 ? ~std::uint64_t{0} : 1'000'000);
    Int128 const whole = static_cast<Int128>(usage.input_tokens) + usage.output_tokens;
    REQUIRE(cost(only_entry(book), usage) == Usd::from_picos(whole * rate));
  }
}

TEST_CASE("cost: the lines of a bill are disjoint and make the whole", "[property][cost]") {
  constexpr std::uint64_t seed = 102;
  Random random(seed);
  for (int i = 0; i < 1000; ++i) {
    INFO("seed " << seed << " round " << i);
    auto const book = random_book(random);
    auto const usage = random_usage(random, 10'000'000);
    auto const bill = book.itemize("p", "m", usage, some_day);
    Int128 tokens = 0;
    Int128 attos = 0;
    for (auto const& line : bill.tokens) {
      tokens += line.tokens;
      attos += static_cast<Int128>(line.tokens) * line.attos_per_token;
    }
    REQUIRE(tokens == static_cast<Int128>(usage.input_tokens) + usage.output_tokens);
    REQUIRE(bill.quote.cost == Usd::from_picos(attos / 1'000'000) + bill.search_fees);
  }
}

TEST_CASE("cost: more fresh tokens are never cheaper", "[property][cost]") {
  constexpr std::uint64_t seed = 103;
  Random random(seed);
  for (auto const entry : priced_entries()) {
    for (int i = 0; i < 20; ++i) {
      INFO("seed " << seed << " " << entry.provider() << " " << entry.model() << " round " << i);
      auto const attributes = random_attributes(random);
      auto const usage = random_usage(random, 400'000);
      auto const base = cost(entry, usage, attributes);
      TokenUsage more = usage;
      more.input_tokens += random() % 400'000;
      REQUIRE(cost(entry, more, attributes) >= base);
      more = usage;
      more.output_tokens += random() % 400'000;
      REQUIRE(cost(entry, more, attributes) >= base);
      more = usage;
      more.web_search_requests += 1;
      REQUIRE(cost(entry, more, attributes) >= base);
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
                             Kind{&TokenUsage::video_input_tokens, &TokenUsage::input_tokens},
                             Kind{&TokenUsage::video_output_tokens, &TokenUsage::output_tokens},
                             Kind{&TokenUsage::reasoning_tokens, &TokenUsage::output_tokens},
                             Kind{&TokenUsage::citation_tokens, &TokenUsage::output_tokens},
                             Kind{&TokenUsage::audio_output_tokens, &TokenUsage::output_tokens},
                             Kind{&TokenUsage::image_output_tokens, &TokenUsage::output_tokens});
  Random random(seed);
  for (int i = 0; i < 2000; ++i) {
    INFO("seed " << seed << " round " << i);
    auto const book = random_book(random);
    auto const usage = random_usage(random, 400'000);
    TokenUsage more = usage;
    auto const by = random() % 400'000;
    more.*kind.part += by;
    more.*kind.whole += by;
    REQUIRE(cost(only_entry(book), more) >= cost(only_entry(book), usage));
  }
}

TEST_CASE("cost: a part that exceeds its whole by one token is never priced", "[property][cost]") {
  constexpr std::uint64_t seed = 105;
  Random random(seed);
  auto const book = random_book(random);
  for (int i = 0; i < 5000; ++i) {
    INFO("seed " << seed << " round " << i);
    auto usage = random_usage(random, 100'000);
    auto const spoken = usage.output_tokens - usage.audio_output_tokens -
                        usage.image_output_tokens - usage.video_output_tokens -
                        usage.reasoning_tokens - usage.citation_tokens;
    usage.citation_tokens += spoken + 1;
    auto const quote = book.price("p", "m", usage);
    REQUIRE_FALSE(quote.priced);
    REQUIRE(quote.problem == PriceProblem::parts_exceed_whole);
  }
}

TEST_CASE("cost: a total does not depend on the order of its calls", "[property][cost]") {
  constexpr std::uint64_t seed = 106;
  INFO("seed " << seed);
  Random random(seed);
  auto const entries = priced_entries();
  std::vector<Usd> costs;
  for (int i = 0; i < 5000; ++i) {
    costs.push_back(cost(entries[random() % entries.size()], random_usage(random, 1'000'000),
                         random_attributes(random)));
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
