// SPDX-License-Identifier: MIT
// Carries a plan out: real threads, real waiting, a faster clock.
#pragma once

#include "workload/plan.hpp"
#include <netrun/llm/telemetry.hpp>

#include <atomic>
#include <chrono>
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

/// Threads that make the calls of a plan. Each has many calls open at once, as the event loop of a
/// gateway does, and takes every n-th call of the plan.
class Replay {
 public:
  /// All arguments must outlive this.
  Replay(netrun::llm::TelemetryCollector& collector, ReplayClock const& clock,
         std::span<Call const> calls, unsigned threads);
  ~Replay() { wait(); }
  Replay(Replay const&) = delete;
  Replay& operator=(Replay const&) = delete;

  [[nodiscard]] bool running() const noexcept {
    return running_.load(std::memory_order_acquire) > 0;
  }
  void wait();

 private:
  std::atomic<unsigned> running_;
  std::vector<std::thread> threads_;
};

}  // namespace workload
