// SPDX-License-Identifier: MIT
// Readers that fail in every way, beside each other: nobody harms anybody, and nothing is lost
// uncounted.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/exporters.hpp"

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

void check_conserved(ExportStats const& stats, std::uint64_t recorded) {
  INFO(stats.name);
  CHECK(stats.delivered + stats.dropped + stats.pending == recorded);
  CHECK(stats.dropped == stats.dropped_by_reason.total());
}

/// Fails at random in every way that a result allows, and knows what it has taken and refused.
class Unreliable {
 public:
  explicit Unreliable(std::uint32_t seed) : random_(seed) {}

  ExportResult operator()(ExportBatch const& batch) {
    switch (random_() % 8) {
      case 0:
        throw std::runtime_error("reset");
      case 1:
        throw 7;
      case 2:
        return ExportResult::retry("503", std::chrono::milliseconds(random_() % 3));
      case 3:
        return some(batch);
      case 4:
        refused += batch.size();
        return ExportResult::drop("400");
      case 5: {
        auto const count = random_() % (batch.size() + 1);
        refused += count;
        take(batch, count, batch.size());
        return ExportResult::partly_refused(count, "too old");
      }
      default:
        take(batch, 0, batch.size());
        return ExportResult::delivered();
    }
  }

  std::set<std::uint64_t> taken;
  std::uint64_t refused = 0, doubles = 0;

 private:
  void take(ExportBatch const& batch, std::size_t from, std::size_t to) {
    for (auto i = from; i < to; ++i) {
      if (!taken.insert(batch[i].input_tokens).second) ++doubles;
    }
  }
  ExportResult some(ExportBatch const& batch) {
    auto result = ExportResult::retry("206", 0ms);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      if (random_() % 2 == 0) {
        result.retry_indexes.push_back(i);
      } else {
        take(batch, i, i + 1);
      }
    }
    if (result.retry_indexes.empty()) return ExportResult::delivered();
    return result;
  }
  std::mt19937 random_;
};

}  // namespace

TEST_CASE("delivery: one hangs and one throws and one is slow and the fourth gets every record") {
  constexpr std::uint64_t count = 20'000;
  Hook hook;
  Inbox inbox;
  auto const left_behind = TelemetryCollector().diagnostics().workers_left_behind;
  {
    TelemetryCollector collector({.max_history = 50'000, .shutdown_timeout = 1s});
    collector.add_exporter(scripted({.name = "hangs", .export_batch = [hook](ExportBatch const&) {
                                       hook.hang();
                                       return ExportResult::delivered();
                                     }}));
    collector.add_exporter(scripted({.name = "throws",
                                     .export_batch = [](ExportBatch const&) -> ExportResult {
                                       throw std::runtime_error("no route to host");
                                     }}),
                           quick_options());
    collector.add_exporter(scripted({.name = "slow", .export_batch = [](ExportBatch const&) {
                                       std::this_thread::sleep_for(5ms);
                                       return ExportResult::delivered();
                                     }}));
    auto handle = collector.add_exporter(scripted(inbox.script()), quick_options());
    collector.add_export_callback([hook](LLMRequestMetrics const&) { hook.hang(); });
    std::atomic<std::uint64_t> called{0};
    collector.add_export_callback([&](LLMRequestMetrics const&) {
      ++called;
      throw std::runtime_error("full");
    });
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] { record_numbers(collector, t * count / 4, count / 4); });
    }
    for (auto& thread : threads) thread.join();
    // The hanging ones keep a flush of all from success; those that work have all the same got
    // everything, which is waited for by count.
    while (inbox.numbers().size() < count || called < count) std::this_thread::yield();
    CHECK_FALSE(collector.flush(1ms));
    auto received = inbox.numbers();
    std::sort(received.begin(), received.end());
    CHECK(received == numbers_between(0, count));
    for (auto const& stats : collector.export_stats()) check_conserved(stats, count);
    CHECK(collector.export_stats()[1].delivered == 0);
    CHECK(collector.diagnostics().lost_records == 0);
  }
  CHECK(TelemetryCollector().diagnostics().workers_left_behind == left_behind + 2);
  hook.release();
}

TEST_CASE("delivery: an exporter that fails in every way accounts for every record once") {
  constexpr std::uint64_t count = 3'000;
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    Unreliable unreliable(seed);
    TelemetryCollector collector;
    auto options = quick_options();
    options.max_batch_size = 64;
    collector.add_exporter(scripted({.export_batch = std::ref(unreliable)}), options);
    std::thread other([&] { record_numbers(collector, count / 2, count / 2); });
    record_numbers(collector, 0, count / 2);
    other.join();
    REQUIRE(collector.flush(60s));
    auto const stats = only_stats(collector);
    CHECK(stats.delivered == unreliable.taken.size());
    CHECK(stats.dropped_by_reason.refused == unreliable.refused);
    CHECK(unreliable.doubles == 0);
    CHECK(stats.pending == 0);
    check_conserved(stats, count);
  }
}

TEST_CASE("delivery: the account is right at every moment of a fault") {
  Unreliable unreliable(5);
  TelemetryCollector collector({.max_history = 100});
  auto options = quick_options();
  options.retry_limit = 2ms;
  collector.add_exporter(scripted({.export_batch = std::ref(unreliable)}), options);
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> wrong{0};
  std::thread watching([&] {
    while (!stop) {
      auto const before = collector.diagnostics().recorded;
      auto const stats = only_stats(collector);
      auto const after = collector.diagnostics().recorded;
      auto const sum = stats.delivered + stats.dropped + stats.pending;
      if (sum < before || sum > after) ++wrong;
    }
  });
  record_numbers(collector, 0, 100'000);
  stop = true;
  watching.join();
  CHECK(wrong == 0);
  REQUIRE(collector.flush(60s));
  check_conserved(only_stats(collector), 100'000);
}

TEST_CASE("flush: returns in time whatever an exporter does") {
  Hook hook;
  std::vector<Script> const faults{
      {.name = "hangs in export",
       .export_batch =
           [hook](ExportBatch const&) {
             hook.hang();
             return ExportResult::delivered();
           }},
      {.name = "hangs in flush",
       .flush =
           [hook](Deadline) {
             hook.hang();
             return true;
           }},
      {.name = "hangs in shutdown", .shutdown = [hook](Deadline) { hook.hang(); }},
      {.name = "asks for an hour",
       .export_batch = [](ExportBatch const&) { return ExportResult::retry("429", 1h); }},
      {.name = "throws in export",
       .export_batch = [](ExportBatch const&) -> ExportResult { throw 1; }},
      {.name = "throws in flush", .flush = [](Deadline) -> bool { throw 1; }},
      {.name = "cannot flush", .flush = [](Deadline) { return false; }},
  };
  for (auto const& fault : faults) {
    INFO(fault.name);
    auto const start = std::chrono::steady_clock::now();
    {
      TelemetryCollector collector({.shutdown_timeout = 50ms});
      collector.add_exporter(scripted(fault), {.max_batch_delay = 1ms, .retry_limit = 2h});
      record_numbers(collector, 0, 1'000);
      CHECK(collector.flush(50ms) == (fault.name == "hangs in shutdown"));
    }
    CHECK(std::chrono::steady_clock::now() - start < 20s);
  }
  hook.release();
}

TEST_CASE("delivery: exporters come and go while calls are recorded") {
  TelemetryCollector collector;
  std::atomic<bool> stop{false};
  std::thread recording([&] {
    while (!stop) record_numbers(collector, 0, 100);
  });
  for (int i = 0; i < 30; ++i) {
    auto one = collector.add_exporter(scripted({}), quick_options());
    auto two = collector.add_export_callback([](auto const&) {});
    std::thread removing([&] { one.remove(); });
    two.remove();
    one.remove();
    removing.join();
  }
  stop = true;
  recording.join();
  CHECK(collector.export_stats().empty());
}
