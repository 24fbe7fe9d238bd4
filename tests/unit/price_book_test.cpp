// SPDX-License-Identifier: MIT
// PriceBook: what known calls cost by the built-in table.
#include "support/catch.hpp"
#include <netrun/llm/price_book.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace netrun::llm {
namespace {

using namespace std::chrono_literals;

/// A day of 2026 and a time of it, UTC.
Clock::time_point at_2026(unsigned m, unsigned d, std::chrono::nanoseconds time = 12h) {
  using namespace std::chrono;
  return Clock::time_point(sys_days(year{2026} / month{m} / day{d}) + time);
}

PriceQuote quote(NameView provider, NameView model, TokenUsage const& usage,
                 Clock::time_point at = at_2026(8, 22)) {
  return PriceBook::builtin().price(provider, model, usage, at);
}

std::string cost(NameView provider, NameView model, TokenUsage const& usage,
                 Clock::time_point at = at_2026(8, 22)) {
  auto const found = quote(provider, model, usage, at);
  return found.priced ? found.cost.to_string() : "unpriced: " + std::string(found.explanation);
}

constexpr TokenUsage usual{.input_tokens = 1000, .output_tokens = 500};

TEST_CASE("PriceBook: a plain call costs input and output", "[unit][price_book]") {
  auto const found = quote("openai", "gpt-4o", usual);
  CHECK(found.cost.to_string() == "0.0075");
  CHECK(found.priced);
  CHECK(found.problem == PriceProblem::none);
  CHECK(found.explanation.empty());
  CHECK(found.provider == "openai");
  CHECK(found.model == "gpt-4o");
}

TEST_CASE("PriceBook: no tokens cost nothing and are priced", "[unit][price_book]") {
  CHECK(cost("openai", "gpt-4o", {}) == "0");
}

TEST_CASE("PriceBook: published examples with cached tokens come out exactly",
          "[unit][price_book]") {
  CHECK(cost("anthropic", "claude-sonnet-4-5",
             {.input_tokens = 12'307, .output_tokens = 550, .cache_write_tokens = 12'304}) ==
        "0.054399");
  CHECK(cost("anthropic", "claude-opus-4-5",
             {.input_tokens = 159'223, .output_tokens = 2'745, .cache_write_tokens = 159'217}) ==
        "1.06376125");
  CHECK(cost("anthropic", "claude-haiku-4-5",
             {.input_tokens = 1000, .cache_read_tokens = 200, .cache_write_tokens = 700}) ==
        "0.000995");
  CHECK(cost("openai", "gpt-5.6-sol",
             {.input_tokens = 27'985, .output_tokens = 60, .cache_read_tokens = 27'136}) ==
        "0.019613");
}

TEST_CASE("PriceBook: writes to the hour cache have a price of their own", "[unit][price_book]") {
  CHECK(cost("anthropic", "claude-3-5-sonnet-20241022",
             {.input_tokens = 54'321,
              .output_tokens = 2'345,
              .cache_read_tokens = 20'000,
              .cache_write_tokens = 30'000,
              .cache_write_1h_tokens = 12'000}) == "0.193638");
}

TEST_CASE("PriceBook: thinking tokens are billed once as output", "[unit][price_book]") {
  TokenUsage const thinking{.output_tokens = 8150, .reasoning_tokens = 8000};
  CHECK(cost("google", "gemini-2.5-flash", thinking) == "0.020375");
}

TEST_CASE("PriceBook: audio and cached audio have prices of their own", "[unit][price_book]") {
  CHECK(cost("openai", "gpt-realtime",
             {.input_tokens = 3000,
              .output_tokens = 900,
              .cache_read_tokens = 1000,
              .audio_input_tokens = 2000,
              .audio_output_tokens = 700,
              .cached_audio_input_tokens = 800}) == "0.09");
}

TEST_CASE("PriceBook: images have prices of their own", "[unit][price_book]") {
  CHECK(cost("openai", "gpt-realtime", {.input_tokens = 1000, .image_input_tokens = 400}) ==
        "0.0044");
  CHECK(cost("google", "gemini-2.5-flash-image",
             {.output_tokens = 1300, .image_output_tokens = 1290}) == "0.038725");
}

TEST_CASE("PriceBook: searches are billed one by one", "[unit][price_book]") {
  CHECK(cost("anthropic", "claude-opus-4-8",
             {.input_tokens = 2000, .output_tokens = 300, .web_search_requests = 3}) == "0.0475");
}

TEST_CASE("PriceBook: a call past the tier pays it for every token", "[unit][price_book]") {
  CHECK(cost("google", "gemini-2.5-pro", {.input_tokens = 200'000, .output_tokens = 1000}) ==
        "0.26");
  CHECK(cost("google", "gemini-2.5-pro", {.input_tokens = 200'001, .output_tokens = 1000}) ==
        "0.5150025");
}

TEST_CASE("PriceBook: cached tokens count towards the tier", "[unit][price_book]") {
  TokenUsage usage{.input_tokens = 200'000, .cache_read_tokens = 200'000};
  CHECK(cost("google", "gemini-2.5-pro", usage) == "0.025");
  usage.input_tokens = usage.cache_read_tokens = 200'001;
  CHECK(cost("google", "gemini-2.5-pro", usage) == "0.05000025");
}

TEST_CASE("PriceBook: output tokens do not count towards the tier", "[unit][price_book]") {
  CHECK(cost("google", "gemini-2.5-pro", {.input_tokens = 1, .output_tokens = 300'000}) ==
        "3.00000125");
}

TEST_CASE("PriceBook: the tier of xAI begins at its number", "[unit][price_book]") {
  CHECK(cost("xai", "grok-4.3", {.input_tokens = 199'999, .output_tokens = 1000}) == "0.25249875");
  CHECK(cost("xai", "grok-4.3", {.input_tokens = 200'000, .output_tokens = 1000}) == "0.505");
}

TEST_CASE("PriceBook: a new price holds from midnight UTC on", "[unit][price_book]") {
  TokenUsage const usage{.input_tokens = 10'000, .output_tokens = 100, .cache_read_tokens = 8000};
  CHECK(cost("xai", "grok-4.5", usage, at_2026(8, 12, -1ns)) == "0.0086");
  CHECK(cost("xai", "grok-4.5", usage, at_2026(8, 12, 0h)) == "0.007");
}

TEST_CASE("PriceBook: the oldest price holds before all dates", "[unit][price_book]") {
  CHECK(cost("xai", "grok-4.5", usual, Clock::time_point(-24h * 365)) == "0.005");
  CHECK(cost("deepseek", "deepseek-chat", usual, at_2026(1, 1) - 24h * 365) == "0.00082");
}

TEST_CASE("PriceBook: a model with four prices has each in its time", "[unit][price_book]") {
  CHECK(cost("deepseek", "deepseek-chat", usual, at_2026(1, 1)) == "0.00049");
  CHECK(cost("deepseek", "deepseek-chat", usual, at_2026(6, 1)) == "0.00028");
  CHECK(cost("deepseek", "deepseek-chat", usual, at_2026(8, 24)) == "0.00055");
}

TEST_CASE("PriceBook: peak hours of DeepSeek begin and end on the hour", "[unit][price_book]") {
  TokenUsage const usage{.input_tokens = 10'000, .output_tokens = 1000, .cache_read_tokens = 6000};
  std::string const off_peak = "0.004752";
  std::string const peak = "0.009504";
  auto const cost_at = [&](std::chrono::nanoseconds time) {
    return cost("deepseek", "deepseek-v4-pro", usage, at_2026(9, 1, time));  // a Tuesday
  };
  CHECK(cost_at(1h - 1ns) == off_peak);
  CHECK(cost_at(1h) == peak);
  CHECK(cost_at(4h - 1ns) == peak);
  CHECK(cost_at(4h) == off_peak);
  CHECK(cost_at(6h - 1ns) == off_peak);
  CHECK(cost_at(6h) == peak);
  CHECK(cost_at(10h - 1ns) == peak);
  CHECK(cost_at(10h) == off_peak);
}

TEST_CASE("PriceBook: weekends of DeepSeek have no peak hours", "[unit][price_book]") {
  auto const cost_on = [&](unsigned day) {
    return cost("deepseek", "deepseek-v4-flash", usual, at_2026(9, day, 2h));
  };
  CHECK(cost_on(4) == "0.0011");   // Friday
  CHECK(cost_on(5) == "0.00055");  // Saturday
  CHECK(cost_on(6) == "0.00055");  // Sunday
  CHECK(cost_on(7) == "0.0011");   // Monday
}

TEST_CASE("PriceBook: any model of Ollama is priced and free", "[unit][price_book]") {
  auto const found = quote("ollama", "llama3.2:3b", usual);
  CHECK(found.priced);
  CHECK(found.cost == Usd{});
  CHECK(quote("ollama", "registry.example/team/model:latest", usual).priced);
}

TEST_CASE("PriceBook: a model that is not there is unpriced and says why", "[unit][price_book]") {
  auto const found = quote("openai", "gpt-9-imaginary", usual);
  CHECK_FALSE(found.priced);
  CHECK_FALSE(found.explanation.empty());
  CHECK(found.cost == Usd{});
}

TEST_CASE("PriceBook: names that nothing is known of are unpriced", "[unit][price_book]") {
  CHECK_FALSE(quote("someone", "gpt-4o", usual).priced);
  CHECK_FALSE(quote("", "gpt-4o", usual).priced);
  CHECK_FALSE(quote("openai", "", usual).priced);
  CHECK_FALSE(quote({}, nullptr, usual).priced);
  CHECK_FALSE(quote("openai", std::string(100'000, 'a'), usual).priced);
}

TEST_CASE("PriceBook: the case of names does not matter", "[unit][price_book]") {
  CHECK(cost("OpenAI", "GPT-4o", usual) == "0.0075");
  CHECK(cost("ANTHROPIC", "Claude-Sonnet-4-5-20250929", usual) == "0.0105");
}

TEST_CASE("PriceBook: a prefix with the provider does not matter", "[unit][price_book]") {
  CHECK(cost("openai", "openai/gpt-4o", usual) == "0.0075");
  CHECK(cost("openai", "OpenAI/GPT-4o", usual) == "0.0075");
  CHECK(cost("google", "models/gemini-2.5-pro", usual) == "0.00625");
  CHECK(cost("gemini", "google/gemini-2.5-pro", usual) == "0.00625");
  CHECK(cost("xai", "x-ai/grok-4.3", usual) == "0.0025");
  CHECK(cost("mistral", "mistralai/mistral-large-latest", usual) == "0.00125");
}

TEST_CASE("PriceBook: a prefix with another provider is part of the model", "[unit][price_book]") {
  CHECK_FALSE(quote("openai", "anthropic/gpt-4o", usual).priced);
  CHECK_FALSE(quote("anthropic", "openai/claude-sonnet-4-5", usual).priced);
}

TEST_CASE("PriceBook: spellings of a provider lead to the same prices", "[unit][price_book]") {
  auto const* spelling = GENERATE("google", "gemini", "gcp.gemini", "google.generative_ai");
  CHECK(cost(spelling, "gemini-2.5-pro", usual) == "0.00625");
}

TEST_CASE("PriceBook: dated ids are priced as their model", "[unit][price_book]") {
  CHECK(cost("openai", "gpt-4o-2024-08-06", usual) == "0.0075");
  CHECK(cost("openai", "gpt-5.6-sol-2026-07-01", usual) == "0.02");
}

TEST_CASE("PriceBook: absent usage is unpriced", "[unit][price_book]") {
  auto const found = quote("openai", "gpt-4o", {.source = UsageSource::absent});
  CHECK_FALSE(found.priced);
  CHECK_FALSE(found.explanation.empty());
}

TEST_CASE("PriceBook: estimated usage is priced", "[unit][price_book]") {
  TokenUsage usage = usual;
  usage.source = UsageSource::estimated;
  CHECK(cost("openai", "gpt-4o", usage) == "0.0075");
}

TEST_CASE("PriceBook: the largest counts are priced without overflow", "[unit][price_book]") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  auto const found = quote("openai", "gpt-4o", {.input_tokens = most, .output_tokens = most});
  CHECK(found.cost == Usd::from_picos(static_cast<Int128>(most) * 12'500'000));
}

TEST_CASE("PriceBook: a model whose sources name no price is unpriced", "[unit][price_book]") {
  CHECK_FALSE(quote("google", "gemma-3", usual).priced);
}

TEST_CASE("PriceBook: searches cost what the provider asks where a model has no fee of its own",
          "[unit][price_book]") {
  CHECK(cost("openai", "gpt-4o", {.web_search_requests = 2}) == "0.02");
  CHECK(cost("xai", "grok-4", {.web_search_requests = 2}) == "0.01");
}

TEST_CASE("PriceBook: hosts of providers are known, those of regions too", "[unit][price_book]") {
  auto const& book = PriceBook::builtin();
  CHECK(book.provider_of("api.openai.com:443") == "openai");
  CHECK(book.provider_of("my-resource.openai.azure.com") == "azure");
  CHECK(book.provider_of("bedrock-runtime.eu-west-1.amazonaws.com") == "bedrock");
  CHECK(book.provider_of("us-central1-aiplatform.googleapis.com") == "vertex_ai");
  CHECK(book.provider_of("localhost:11434") == "ollama");
  CHECK(book.provider_of("example.com").empty());
}

TEST_CASE("PriceBook: an entry prices calls without another search", "[unit][price_book]") {
  auto const entry = PriceBook::builtin().find("openai", "gpt-4o");
  REQUIRE_FALSE(entry.empty());
  CHECK(entry == PriceBook::builtin().find("OpenAI", "openai/gpt-4o"));
  CHECK(entry.price(usual, at_2026(8, 22)).cost.to_string() == "0.0075");
}

}  // namespace
}  // namespace netrun::llm
