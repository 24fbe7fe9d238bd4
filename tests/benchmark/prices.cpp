// SPDX-License-Identifier: MIT
// What it takes to find a price, and to price a call.
//
//   build/bench/tests/benchmark/prices
//
// `find_known` cycles over pairs that were found before; `find_unknown` over model ids that no
// provider has, so that nothing is remembered. `find_and_price_*` minus `find_known` is the cost.
#include "support/count_allocations.hpp"
#include <netrun/llm/price_book.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace netrun::llm;

using Pair = std::pair<std::string_view, std::string_view>;

/// Twelve models of seven providers, as a gateway sees them.
constexpr std::array<Pair, 12> known{{{"openai", "gpt-4o"},
                                      {"openai", "gpt-4o-mini-2024-07-18"},
                                      {"openai", "gpt-5.4"},
                                      {"anthropic", "claude-sonnet-4-5-20250929"},
                                      {"anthropic", "claude-opus-4-6"},
                                      {"google", "gemini-2.5-pro"},
                                      {"bedrock", "us.anthropic.claude-sonnet-4-5-20250929-v1:0"},
                                      {"azure", "gpt-4.1"},
                                      {"mistral", "mistral-large-latest"},
                                      {"mistral", "codestral-latest"},
                                      {"xai", "grok-4.3"},
                                      {"deepseek", "deepseek-chat"}}};

constexpr TokenUsage plain{.input_tokens = 1200, .output_tokens = 350};
constexpr TokenUsage cached{.input_tokens = 12'345,
                            .output_tokens = 678,
                            .cache_read_tokens = 8'000,
                            .cache_write_tokens = 2'000,
                            .reasoning_tokens = 300};
Clock::time_point const at{std::chrono::sys_days{std::chrono::year{2026} / 9 / 2}};

void count_allocations(benchmark::State& state, std::uint64_t before) {
  state.counters["allocations"] = benchmark::Counter(
      static_cast<double>(benchmarks::allocations() - before), benchmark::Counter::kAvgIterations);
}

void find_known(benchmark::State& state) {
  auto const& book = PriceBook::builtin();
  for (auto const& [provider, model] : known) {
    if (book.find(provider, model).empty()) state.SkipWithError("a model is not in the book");
  }
  std::size_t i = 0;
  auto const before = benchmarks::allocations();
  for (auto _ : state) {
    auto const& [provider, model] = known[i++ % known.size()];
    benchmark::DoNotOptimize(book.find(provider, model));
  }
  count_allocations(state, before);
}

/// An id of the provider's own kind that is not there: all of its patterns are looked at.
void find_unknown(benchmark::State& state, std::string_view provider, std::string_view model) {
  auto const& book = PriceBook::builtin();
  if (!book.find(provider, model).empty()) state.SkipWithError("the model is in the book");
  auto const before = benchmarks::allocations();
  for (auto _ : state) benchmark::DoNotOptimize(book.find(provider, model));
  count_allocations(state, before);
}

void find_and_price(benchmark::State& state, TokenUsage const& usage,
                    std::vector<Tag> const& attributes) {
  auto const& book = PriceBook::builtin();
  std::size_t i = 0;
  auto const before = benchmarks::allocations();
  for (auto _ : state) {
    auto const& [provider, model] = known[i++ % known.size()];
    benchmark::DoNotOptimize(book.price(provider, model, usage, at, attributes));
  }
  count_allocations(state, before);
}

void price_only(benchmark::State& state, TokenUsage const& usage,
                std::vector<Tag> const& attributes) {
  std::vector<PriceEntry> entries;
  for (auto const& [provider, model] : known) {
    entries.push_back(PriceBook::builtin().find(provider, model));
  }
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(entries[i++ % entries.size()].price(usage, at, attributes));
  }
}

void make_own_book(benchmark::State& state) {
  PriceData const mine{.models = {{.provider = "openai",
                                   .model = "ft:gpt-4o:acme",
                                   .periods = {{.rates = {.input = Usd::parse("3.75"),
                                                          .output = Usd::parse("15")}}}}}};
  for (auto _ : state) benchmark::DoNotOptimize(PriceBook::builtin().with(mine));
}

BENCHMARK(find_known);
BENCHMARK_CAPTURE(find_unknown, openai, "openai", "gpt-9-turbo-2031-01-01");
BENCHMARK_CAPTURE(find_unknown, openrouter, "openrouter", "nobody/unheard-of-model-70b");
BENCHMARK_CAPTURE(find_unknown, fireworks, "fireworks", "accounts/fireworks/models/unheard-of");
BENCHMARK_CAPTURE(find_unknown, azure_then_openai, "azure", "unheard-of-deployment-name");
BENCHMARK_CAPTURE(find_unknown, bedrock_arn, "bedrock",
                  "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.unheard.of-v1:0");
BENCHMARK_CAPTURE(find_unknown, vertex, "vertex_ai", "publishers/google/models/unheard-of");
BENCHMARK_CAPTURE(find_unknown, provider, "no-such-provider", "gpt-4o");
BENCHMARK_CAPTURE(find_and_price, plain, plain, std::vector<Tag>{});
BENCHMARK_CAPTURE(find_and_price, cached, cached, std::vector<Tag>{});
BENCHMARK_CAPTURE(price_only, plain, plain, std::vector<Tag>{});
BENCHMARK_CAPTURE(price_only, cached, cached, std::vector<Tag>{});
BENCHMARK_CAPTURE(price_only, batch, cached, std::vector<Tag>{{"service_tier", "batch"}});
BENCHMARK_CAPTURE(price_only, multiplied, cached, std::vector<Tag>{{"inference_geo", "us"}});
BENCHMARK(make_own_book);

}  // namespace

BENCHMARK_MAIN();
