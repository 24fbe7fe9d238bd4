// SPDX-License-Identifier: MIT
// What the telemetry itself costs.
#include <netrun/llm/report.hpp>

#include <algorithm>
#include <chrono>
#include <limits>

namespace netrun::llm {
namespace {

constexpr int rounds = 5;

/// Keeps the compiler from leaving a loop out.
void keep(std::size_t value) noexcept { asm volatile("" : : "r"(value) : "memory"); }

template <class Body>
double nanoseconds_each(std::size_t calls, Body&& body) {
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < rounds; ++round) {
    auto const start = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < calls; ++i) {
      body();
      keep(i);
    }
    std::chrono::duration<double, std::nano> const time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count() / static_cast<double>(calls));
  }
  return best;
}

}  // namespace

OverheadReport measure_overhead(std::size_t calls) {
  OverheadReport report{.calls = std::max<std::size_t>(1, calls)};
  TelemetryCollector collector;
  report.empty_loop_ns = nanoseconds_each(report.calls, [] {});
  report.clock_reads_ns = nanoseconds_each(report.calls, [] {
    (void)std::chrono::steady_clock::now();
    (void)std::chrono::steady_clock::now();
  });
  report.tracked_call_ns = nanoseconds_each(
      report.calls, [&] { auto const tracker = collector.track_request("test", "test", "test"); });
  report.overhead_ns = report.tracked_call_ns - report.empty_loop_ns;
  report.times_clock_reads =
      report.clock_reads_ns > 0 ? report.overhead_ns / report.clock_reads_ns : 0;
  return report;
}

}  // namespace netrun::llm
