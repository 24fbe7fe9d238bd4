// SPDX-License-Identifier: MIT
// The time that a query is about.
#pragma once

#include <netrun/llm/query.hpp>
#include <netrun/llm/time.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

namespace netrun::llm::detail {

inline constexpr std::int64_t beginning = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t forever = std::numeric_limits<std::int64_t>::max();

inline std::int64_t to_ns(Clock::time_point at) noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}

/// How far the stamps of two threads may differ: they take the same clock at different moments.
inline constexpr std::int64_t stamp_tolerance_ns = 1'000'000;

/// The query's window in nanoseconds, both ends included.
struct Window {
  std::int64_t from = beginning, last = forever;
  std::int64_t now = 0;
  bool ends_now = true;
  bool empty = false;

  Window(StatsQuery const& query, std::int64_t now_ns) : now(now_ns) {
    if (query.from) from = to_ns(*query.from);
    if (query.to) {
      empty = to_ns(*query.to) == beginning;
      last = empty ? beginning : to_ns(*query.to) - 1;
      ends_now = false;
    }
    if (query.period) {
      from = std::max(from, now_ns - query.period->length().count());
      if (now_ns + stamp_tolerance_ns <= last) {
        last = now_ns + stamp_tolerance_ns;
        ends_now = true;
      }
    }
    empty |= from > last;
  }
  [[nodiscard]] bool holds(std::int64_t start_ns) const noexcept {
    return start_ns >= from && start_ns <= last;
  }
  [[nodiscard]] std::int64_t end() const noexcept { return ends_now ? now : last + 1; }
};

}  // namespace netrun::llm::detail
