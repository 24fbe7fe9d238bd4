// SPDX-License-Identifier: MIT
// Inner numbers in the units of public answers.
#pragma once

#include <netrun/llm/time.hpp>
#include <netrun/llm/usd.hpp>

#include <chrono>
#include <cstdint>

namespace netrun::llm::detail {

/// 0 of nothing.
[[nodiscard]] inline double average_ms(Int128 sum_ns, std::uint64_t count) noexcept {
  if (count == 0) return 0;
  return static_cast<double>(static_cast<long double>(sum_ns) / static_cast<long double>(count) /
                             1e6L);
}

[[nodiscard]] inline Clock::time_point to_time(std::int64_t ns) noexcept {
  return Clock::time_point(
      std::chrono::duration_cast<Clock::duration>(std::chrono::nanoseconds(ns)));
}

}  // namespace netrun::llm::detail
