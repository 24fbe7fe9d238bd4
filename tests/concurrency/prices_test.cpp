// SPDX-License-Identifier: MIT
// Replacing the price book while calls are recorded.
#include "support/prices.hpp"

#include "support/catch.hpp"
#include <netrun/llm/telemetry.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace netrun::llm {
namespace {

using testing::each;

PriceBook book_at(std::int64_t picos) {
  return PriceBook({.models = {testing::entry(
                        "m", {"m*"}, {.rates = {.input = each(picos), .output = each(picos)}})}});
}

TEST_CASE("set_prices: while calls run, each is priced by one book and none is lost",
          "[concurrency][prices]") {
  constexpr int threads = 4;
  constexpr int calls = 3'000;
  // Few names find room, so that calls are priced by their route and by the book.
  TelemetryCollector collector(
      {.max_history = threads * calls, .prices = book_at(1), .max_models = 3});
  std::atomic<bool> stop{false};
  std::thread changer([&] {
    for (std::int64_t picos = 1; !stop.load(); picos = picos == 1 ? 1'000 : 1) {
      collector.set_prices(book_at(picos));
    }
  });
  std::thread asker([&] {
    while (!stop.load()) {
      CHECK(collector.estimate("p", "m", {.input_tokens = 1}).priced);
      CHECK(collector.prices().size() == 1);
      static_cast<void>(collector.reprice(book_at(5), {.period = Period("1h")}));
    }
  });
  std::vector<std::thread> recorders;
  for (int t = 0; t < threads; ++t) {
    recorders.emplace_back([&, t] {
      for (int i = 0; i < calls; ++i) {
        auto tracker = collector.track_request("p", "m" + std::to_string((t + i) % 5));
        if (i % 2 == 0) {
          tracker.set_tokens(1, 1);
        } else {
          tracker.set_usage({.input_tokens = 1, .output_tokens = 1, .reasoning_tokens = 1});
        }
      }
    });
  }
  for (auto& recorder : recorders) recorder.join();
  stop = true;
  changer.join();
  asker.join();

  Usd sum;
  auto const all = collector.snapshot();
  REQUIRE(all.size() == threads * calls);
  for (auto const& call : all) {
    auto const cost = call.exact_cost.value();
    REQUIRE((cost == Usd::from_picos(2) || cost == Usd::from_picos(2'000)));
    sum += cost;
  }
  CHECK(collector.get_stats(StatsQuery{}).total_cost == sum);
}

TEST_CASE("PriceBook: threads that look for the same new names find the same entries",
          "[concurrency][prices]") {
  PriceBook const book(PriceBook::builtin().data());
  std::vector<std::thread> threads;
  std::vector<std::vector<PriceEntry>> found(4);
  for (auto& mine : found) {
    threads.emplace_back([&] {
      for (std::size_t i = 0; i < 300; ++i) {
        mine.push_back(book.find("openai", "gpt-4o"));
        mine.push_back(book.find("anthropic", "claude-sonnet-4-5-" + std::to_string(i)));
        mine.push_back(book.entry(i));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (auto const& other : found) CHECK((other == found.front()));
  CHECK_FALSE(found.front().front().empty());
}

}  // namespace
}  // namespace netrun::llm
