// SPDX-License-Identifier: MIT
// The clocks: what the library reads, and one that tests turn by hand.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace netrun::llm {

/// Wall clock of every time stamp; UTC on all systems that the library supports.
using Clock = std::chrono::system_clock;
/// A length of time in milliseconds with fractions, as the fields that end in `_ms` hold it.
using Milliseconds = std::chrono::duration<double, std::milli>;

/// Where a collector takes its time from. The default, without any TimeSource, is
/// std::chrono::steady_clock for lengths and std::chrono::system_clock for stamps.
///
/// Thread safety: both functions are called by every recording thread at once; they must not block,
/// throw or allocate. Lifetime: must outlive the collector and all its trackers.
class TimeSource {
 public:
  TimeSource() = default;
  TimeSource(TimeSource const&) = delete;
  TimeSource& operator=(TimeSource const&) = delete;
  virtual ~TimeSource() = default;
  /// Nanoseconds since any fixed moment; never goes back.
  [[nodiscard]] virtual std::int64_t steady_ns() const noexcept = 0;
  /// Nanoseconds since 1970-01-01T00:00:00Z; may jump.
  [[nodiscard]] virtual std::int64_t wall_ns() const noexcept = 0;
};

/// A clock that moves only when it is told to: for tests, and for replaying a recorded workload.
///
/// Example:
///   ManualTime time;
///   TelemetryCollector collector({.time_source = &time});
///   { auto tracker = collector.track_request("openai", "gpt-4o");
///   time.advance(std::chrono::milliseconds(250)); } collector.get_stats("1h").latency_p50;  // 250
class ManualTime final : public TimeSource {
 public:
  /// Starts at `start` on the wall clock (default 2026-01-01T00:00:00Z) and at the same value on
  /// the steady one.
  explicit ManualTime(
      Clock::time_point start = Clock::time_point{std::chrono::hours(490'896)}) noexcept
      : steady_ns_(to_ns(start)) {}

  /// Moves both clocks forward.
  void advance(std::chrono::nanoseconds by) noexcept {
    steady_ns_.fetch_add(by.count(), std::memory_order_relaxed);
  }
  /// Sets the wall clock alone, as an administrator or NTP does.
  void set_wall(Clock::time_point to) noexcept {
    wall_ahead_ns_.store(to_ns(to) - steady_ns(), std::memory_order_relaxed);
  }
  [[nodiscard]] Clock::time_point now() const noexcept {
    return Clock::time_point{
        std::chrono::duration_cast<Clock::duration>(std::chrono::nanoseconds(wall_ns()))};
  }
  [[nodiscard]] std::int64_t steady_ns() const noexcept override {
    return steady_ns_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t wall_ns() const noexcept override {
    return steady_ns() + wall_ahead_ns_.load(std::memory_order_relaxed);
  }

 private:
  static std::int64_t to_ns(Clock::time_point at) noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
  }
  std::atomic<std::int64_t> steady_ns_;
  // Beside the steady one, so that nobody sees one clock moved and the other not yet.
  std::atomic<std::int64_t> wall_ahead_ns_{0};
};

}  // namespace netrun::llm
