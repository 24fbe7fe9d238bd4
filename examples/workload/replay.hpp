// SPDX-License-Identifier: MIT
// Carries a plan out: real threads, real requests, a faster clock.
#pragma once

#include "chat/client.hpp"
#include "workload/plan.hpp"
#include <netrun/llm/telemetry.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <thread>
#include <vector>

namespace workload {

/// Runs `speed` times as fast as the real clock, so that a call which is waited for 30 ms is seen
/// to take seconds. Set so that the replay, which begins in the past, ends about now.
class ReplayClock final : public netrun::llm::TimeSource {
 public:
  ReplayClock(double speed, nanoseconds length);

  [[nodiscard]] std::int64_t steady_ns() const noexcept override;
  [[nodiscard]] std::int64_t wall_ns() const noexcept override;

  /// Since the replay began.
  [[nodiscard]] nanoseconds now() const noexcept { return nanoseconds(steady_ns()); }
  void wait_until(nanoseconds moment) const;
  /// Stops the clock for good, so that a report is of one moment.
  void stop() noexcept;

 private:
  double speed_;
  std::chrono::steady_clock::time_point begin_;
  std::int64_t wall_begin_ns_;
  std::atomic<std::int64_t> stopped_at_ns_{0};
};

/// Where the requests of a replay go.
struct Target {
  chat::Endpoint openai, anthropic;  ///< The calls to Anthropic's models go to the latter.
  /// Requests say in a header what is to become of them.
  bool simulated = true;
  std::uint64_t max_output_tokens = 0;  ///< Of each answer; 0: no limit.
  chat::Limits limits{};                ///< In real time.
  /// Of the requests that are simulated as never answered.
  std::chrono::milliseconds silent_limit{2'000};
};

/// Threads that make the calls of a plan, each with a client of its own and one call at a time.
/// Whoever is free takes the next call; when nobody is, it begins later than planned.
class Replay {
 public:
  /// All arguments must outlive this.
  Replay(netrun::llm::TelemetryCollector& collector, ReplayClock const& clock,
         std::span<Call const> calls, Target const& target, unsigned threads);
  ~Replay() { wait(); }
  Replay(Replay const&) = delete;
  Replay& operator=(Replay const&) = delete;

  [[nodiscard]] bool running() const noexcept {
    return running_.load(std::memory_order_acquire) > 0;
  }
  void wait();

 private:
  void work(chat::Client& client);
  void send(chat::Client& client, Call const& call);
  void answer_from_own_cache(Call const& call);

  netrun::llm::TelemetryCollector& collector_;
  ReplayClock const& clock_;
  std::span<Call const> calls_;
  Target const& target_;
  std::atomic<std::size_t> next_{0};
  std::atomic<unsigned> running_;
  std::vector<chat::Client> clients_;
  std::vector<std::thread> threads_;
};

}  // namespace workload
