// SPDX-License-Identifier: MIT
// The history and time series while everything else goes on: names are given up, the ring turns
// over and changes its size, calls are pruned and cleared.
#include "support/catch.hpp"
#include "support/series.hpp"

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

std::uint64_t scaled(std::uint64_t full) {
  return std::getenv("NETRUN_LLM_FULL") != nullptr ? full : full / 10;
}

/// A check on any thread: Catch2's own may be used on the main one only.
void must(bool holds, char const* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

Usd const a_tenth_of_a_cent = Usd::parse("0.001");

/// A call of one of more tenants than there is room for, on one of several models.
void track_one(TelemetryCollector& collector, std::uint64_t number) {
  auto const text = std::to_string(number);
  auto tracker = collector.track_request({.provider = "openai",
                                          .model = number % 3 == 0 ? "gpt-4o" : "o3",
                                          .tenant_id = "tenant-" + text,
                                          .user_id = "user-" + std::to_string(number % 5'000)});
  tracker.set_tokens(3, 2);
  tracker.set_cost(a_tenth_of_a_cent);
}

/// Threads that do something again and again until they are stopped.
class Repeating {
 public:
  Repeating() = default;
  Repeating(Repeating const&) = delete;
  Repeating& operator=(Repeating const&) = delete;
  ~Repeating() { stop(); }
  void start(std::function<void()> body) {
    threads_.emplace_back([this, body = std::move(body)] {
      do body();
      while (!stop_);
    });
  }
  void stop() {
    stop_ = true;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

void record_on_threads(TelemetryCollector& collector, std::uint64_t threads, std::uint64_t each) {
  std::vector<std::thread> recorders;
  for (std::uint64_t t = 0; t < threads; ++t) {
    recorders.emplace_back([&collector, t, each] {
      for (std::uint64_t i = 0; i < each; ++i) track_one(collector, t * each + i);
    });
  }
  for (auto& recorder : recorders) recorder.join();
}

/// What must hold of each answer whatever goes on.
TimeSeriesPoint checked(TimeSeries const& series) {
  must(adds_up(series), "points abut and groups add up to them");
  auto const sum = sum_of(series.points);
  must(sum.tokens == 5 * sum.requests, "tokens of a series are of its calls");
  must(sum.exact_cost == a_tenth_of_a_cent * static_cast<std::int64_t>(sum.requests),
       "money of a series is of its calls");
  return sum;
}

void check_stats(AggregatedMetrics const& stats) {
  std::uint64_t by_tenant = 0;
  std::uint64_t by_model = 0;
  for (auto const& [name, figures] : stats.by_tenant) by_tenant += figures.requests;
  for (auto const& [name, figures] : stats.by_model) by_model += figures.requests;
  must(by_tenant == stats.total_requests && by_model == stats.total_requests,
       "breakdowns add up to the total");
  must(stats.total_cost == a_tenth_of_a_cent * static_cast<std::int64_t>(stats.total_requests),
       "money is of the calls");
}

TimeSeries series_by(TelemetryCollector const& collector, GroupBy what, NameView tenant = {}) {
  return collector.get_timeseries({.period = "2h", .tenant_id = tenant}, "10m",
                                  {.group_by = what, .max_groups = 20});
}

/// A ring that is small, and a history with room for fewer tenants than call.
TelemetryOptions tight() {
  return {.max_history = 100,
          .max_tenants = 2'000,
          .history_memory = std::size_t{8} << 20,
          .history_tenants = 500,
          .history_pairs = 300,
          .history_users = true};
}

}  // namespace

TEST_CASE("history: nothing is lost while threads record thousands of tenants and others ask") {
  TelemetryCollector collector(tight());
  auto const each = scaled(100'000);
  Repeating others;
  others.start([&, last = std::uint64_t{0}]() mutable {
    auto const total = checked(series_by(collector, GroupBy::none)).requests;
    must(total >= last, "the total of a series only grows");
    last = total;
  });
  others.start([&, i = 0]() mutable {
    checked(series_by(collector, static_cast<GroupBy>(++i % 4)));
    checked(series_by(collector, GroupBy::model, "tenant-7"));
    checked(series_by(collector, GroupBy::tenant, "other"));
    checked(collector.get_timeseries({.user_id = "user-7"}, "1m"));
  });
  others.start([&] {
    check_stats(collector.get_stats(StatsQuery{}));
    check_stats(collector.get_stats("1h", "other"));
  });
  others.start([&] {
    auto const memory = collector.memory_usage();
    must(memory.total <= memory.limit, "memory stays within its limit");
    must(collector.diagnostics().lost_records == 0, "no record is lost");
    must(collector.prune(Clock::time_point(1h)) == 0, "nothing is that old");
  });
  record_on_threads(collector, 3, each);
  others.stop();
  auto const stats = collector.get_stats(StatsQuery{});
  check_stats(stats);
  CHECK(stats.total_requests == 3 * each);
  CHECK(checked(series_by(collector, GroupBy::tenant)).requests == 3 * each);
  CHECK(collector.diagnostics().recorded == 3 * each);
}

TEST_CASE("history: answers hold together while calls are pruned, cleared and asked for") {
  TelemetryCollector collector(tight());
  Repeating others;
  std::atomic<std::uint64_t> clears{0};
  others.start([&] {
    checked(series_by(collector, GroupBy::tenant));
    checked(series_by(collector, GroupBy::model, "tenant-3"));
  });
  others.start([&] { check_stats(collector.get_stats(StatsQuery{})); });
  others.start([&] {
    collector.prune(Clock::now() - 20ms);
    static_cast<void>(collector.memory_usage());
    std::this_thread::yield();
  });
  others.start([&] {
    if (++clears % 50 == 0) collector.clear();
    static_cast<void>(collector.snapshot());
    static_cast<void>(collector.diagnostics());
  });
  record_on_threads(collector, 3, scaled(100'000));
  others.stop();
  collector.clear();
  CHECK(collector.get_stats(StatsQuery{}).total_requests == 0);
  CHECK(collector.get_timeseries({}, "1m").points.empty());
  record_on_threads(collector, 2, 10'000);
  CHECK(checked(series_by(collector, GroupBy::tenant)).requests == 20'000);
}

TEST_CASE("history: a series loses nothing while the ring of the process changes its size") {
  auto& collector = configure_telemetry({.max_history = 1'000});
  collector.clear();
  auto const each = scaled(100'000);
  Repeating others;
  others.start([&, i = 0]() mutable {
    configure_telemetry({.max_history = ++i % 2 == 0 ? 30'000U : 100U});
  });
  others.start([&, last = std::uint64_t{0}]() mutable {
    auto const total = checked(series_by(collector, GroupBy::model)).requests;
    must(total >= last, "the total of a series only grows");
    last = total;
  });
  others.start([&] { static_cast<void>(collector.memory_usage()); });
  record_on_threads(collector, 3, each);
  others.stop();
  CHECK(checked(series_by(collector, GroupBy::tenant)).requests == 3 * each);
  CHECK(collector.get_stats(StatsQuery{}).total_requests == 3 * each);
  collector.clear();
  configure_telemetry({});
}
