// SPDX-License-Identifier: MIT
// Forty days of made-up calls: what a program of yours would have recorded.
#pragma once

#include <netrun/llm/collector.hpp>
#include <netrun/llm/time.hpp>

#include <chrono>

namespace history {

/// Ends in the evening of a Friday, five days after the clocks of Europe were put forward.
inline constexpr netrun::llm::Clock::time_point end{
    std::chrono::sys_days{std::chrono::year{2026} / std::chrono::April / 3}.time_since_epoch() +
    std::chrono::hours(18)};
inline constexpr std::chrono::hours length = std::chrono::days(40);

/// Some 200,000 calls of three tenants and four models, more by day than by night and fewer at the
/// weekend; Anthropic did not answer on the morning of 31 March. `time` begins at `end - length`
/// and is turned to `end`. The same every time.
void replay(netrun::llm::TelemetryCollector& collector, netrun::llm::ManualTime& time);

}  // namespace history
