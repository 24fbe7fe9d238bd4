// SPDX-License-Identifier: MIT
// Time limits that can be computed with, whatever a user asks for.
#pragma once

#include <algorithm>
#include <chrono>

namespace netrun::llm::detail {

inline constexpr std::chrono::hours longest_time{24 * 365};

/// "For ever" is a year.
[[nodiscard]] constexpr std::chrono::milliseconds bounded_time(
    std::chrono::milliseconds time) noexcept {
  return std::min<std::chrono::milliseconds>(time, longest_time);
}

/// `timeout` from now on; the far future stays finite.
[[nodiscard]] inline std::chrono::steady_clock::time_point deadline_after(
    std::chrono::nanoseconds timeout) noexcept {
  return std::chrono::steady_clock::now() +
         std::min<std::chrono::nanoseconds>(timeout, longest_time);
}

}  // namespace netrun::llm::detail
