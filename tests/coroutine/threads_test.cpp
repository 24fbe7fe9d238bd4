// SPDX-License-Identifier: MIT
// Many tracked coroutines that hop between threads: every one that was made is recorded once.
#include "support/catch.hpp"
#include "support/task.hpp"
#include <netrun/llm/telemetry.hpp>

#include <condition_variable>
#include <coroutine>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

/// Threads that resume coroutines, until `most` times; what comes after is left where it is.
class Pool {
 public:
  Pool(int threads, std::uint64_t most) : left_(most) {
    for (int t = 0; t < threads; ++t) threads_.emplace_back([this] { run(); });
  }

  void resume_later(std::coroutine_handle<> coroutine) {
    std::lock_guard const lock(mutex_);
    waiting_.push_back(coroutine);
    changed_.notify_one();
  }
  /// Goes on with whoever awaits it on one of the threads.
  auto hop() {
    struct Awaiter {
      Pool& pool;
      static bool await_ready() noexcept { return false; }
      void await_suspend(std::coroutine_handle<> held) { pool.resume_later(held); }
      static void await_resume() noexcept {}
    };
    return Awaiter{*this};
  }
  /// Waits until nothing moves any more.
  void join() {
    {
      std::lock_guard const lock(mutex_);
      no_more_ = true;
      changed_.notify_all();
    }
    for (auto& thread : threads_) thread.join();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return !waiting_.empty() || (no_more_ && running_ == 0); });
      if (waiting_.empty()) return;
      auto const coroutine = waiting_.front();
      waiting_.pop_front();
      if (left_ == 0) continue;
      --left_;
      ++running_;
      lock.unlock();
      coroutine.resume();
      lock.lock();
      if (--running_ == 0) changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::coroutine_handle<>> waiting_;
  std::uint64_t left_;
  int running_ = 0;
  bool no_more_ = false;
  std::vector<std::thread> threads_;
};

Task<int> hopping_call(TelemetryCollector& collector, Pool& pool, int number) {
  return collector.track_async(
      {.provider = "openai", .model = "gpt-4o", .tenant_id = "t" + std::to_string(number % 7)},
      [&pool, number](RequestTracker& tracker) -> Task<int> {
        co_await pool.hop();
        tracker.set_tokens(number, 1);
        co_await pool.hop();
        if (number % 3 == 0) throw std::runtime_error("third");
        co_await pool.hop();
        co_return number;
      });
}

/// Makes `count` calls of which only some come to their end, and gives back how they ended.
AggregatedMetrics run_calls(int count, std::uint64_t most_resumptions) {
  TelemetryCollector collector;
  {
    std::vector<Task<int>> tasks;
    Pool pool(4, most_resumptions);
    for (int i = 0; i < count; ++i) tasks.push_back(hopping_call(collector, pool, i));
    for (auto const& task : tasks) pool.resume_later(task.handle());
    pool.join();
  }
  return collector.get_stats(StatsQuery{});
}

}  // namespace

TEST_CASE("threads: coroutines that hop between threads are recorded once each") {
  constexpr int count = 6'000;
  auto const stats = run_calls(count, UINT64_MAX);
  CHECK(stats.total_requests == count);
  CHECK(stats.failed_requests == count / 3);
  CHECK(stats.errors_by_type.at("std::runtime_error") == count / 3);
  CHECK(stats.total_input_tokens == std::uint64_t{count} * (count - 1) / 2);
}

TEST_CASE("threads: coroutines that stop midway are recorded once each, as abandoned") {
  constexpr int count = 6'000;
  auto const stats = run_calls(count, count * 2);
  CHECK(stats.total_requests == count);
  CHECK(stats.errors_by_type.at("abandoned") > 0);
  std::uint64_t errors = 0;
  for (auto const& [type, number] : stats.errors_by_type) errors += number;
  CHECK(stats.failed_requests == errors);
  CHECK(stats.successful_requests + errors == count);
}
