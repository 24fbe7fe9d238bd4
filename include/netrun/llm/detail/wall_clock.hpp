// SPDX-License-Identifier: MIT
// Two clock reads a call: lengths from the steady clock, stamps from it plus an offset.
#pragma once

#include <netrun/llm/time.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>

namespace netrun::llm::detail {

[[nodiscard]] inline std::int64_t steady_now_ns(TimeSource const* source) noexcept {
  if (source != nullptr) return source->steady_ns();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

[[nodiscard]] inline std::int64_t wall_now_ns(TimeSource const* source) noexcept {
  if (source != nullptr) return source->wall_ns();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
      .count();
}

/// Wall time at a moment of the steady clock. The offset between the two is read anew when it is
/// older than a second, so that a suspended machine and a clock that is set are followed; until
/// then a stamp costs one addition.
///
/// Thread safety: any number of threads. Two that find the offset old at once both read it; either
/// is right.
class WallClock {
 public:
  explicit WallClock(TimeSource const* source) noexcept : source_(source) {
    refresh(steady_now_ns(source));
  }

  [[nodiscard]] TimeSource const* source() const noexcept { return source_; }

  [[nodiscard]] std::int64_t at(std::int64_t steady_ns) noexcept {
    if (steady_ns - refreshed_ns_.load(std::memory_order_relaxed) >= 1'000'000'000)
      refresh(steady_ns);
    return steady_ns + offset_ns_.load(std::memory_order_relaxed);
  }

 private:
  /// A thread that is put aside between two reads would be off by all of that time, so a reading
  /// counts only when the steady clock hardly moved around it; the tightest of a few does
  /// otherwise.
  void refresh(std::int64_t steady_ns) noexcept {
    constexpr std::int64_t tight_ns = 1'000;
    std::int64_t best_gap = std::numeric_limits<std::int64_t>::max();
    std::int64_t offset = 0;
    for (int attempt = 0; attempt < 5 && best_gap > tight_ns; ++attempt) {
      auto const before = steady_now_ns(source_);
      auto const wall = wall_now_ns(source_);
      auto const gap = steady_now_ns(source_) - before;
      if (gap >= best_gap) continue;
      best_gap = gap;
      offset = wall - before - gap / 2;
    }
    offset_ns_.store(offset, std::memory_order_relaxed);
    refreshed_ns_.store(steady_ns, std::memory_order_relaxed);
  }

  TimeSource const* source_;
  std::atomic<std::int64_t> refreshed_ns_{0};
  std::atomic<std::int64_t> offset_ns_{0};
};

}  // namespace netrun::llm::detail
