// SPDX-License-Identifier: MIT
// The last section of the report: what the telemetry itself costs.
#include "workload/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>

namespace workload {
namespace {

namespace llm = netrun::llm;

template <class Body>
double ns_per_turn(Body const& body) {
  constexpr int turns = 100'000;
  auto const begin = std::chrono::steady_clock::now();
  for (int i = 0; i < turns; ++i) body();
  std::chrono::duration<double, std::nano> const took = std::chrono::steady_clock::now() - begin;
  return took.count() / turns;
}

}  // namespace

Overhead measure_overhead() {
  llm::TelemetryCollector collector;
  auto const tracked_call = [&] { auto tracker = collector.track_request("test", "test", "test"); };
  // The clock is a call into another library, so the compiler cannot leave out an unused read of
  // it.
  auto const clock_reads = [] {
    (void)std::chrono::steady_clock::now();
    (void)std::chrono::steady_clock::now();
  };
  // Turns about, and the median of each: other programs disturb both alike.
  std::array<double, 11> calls{}, clocks{};
  for (std::size_t round = 0; round < calls.size(); ++round) {
    calls[round] = ns_per_turn(tracked_call);
    clocks[round] = ns_per_turn(clock_reads);
  }
  auto const median = [](auto& values) {
    auto const middle = values.begin() + values.size() / 2;
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
  };
  return {.call_ns = median(calls), .clocks_ns = median(clocks)};
}

void Report::print_tracking(std::uint64_t exported) const {
  auto const overhead = measure_overhead();
  auto const diagnostics = collector_.diagnostics();
  print_heading("WHAT THE TRACKING COST");
  fmt::print(
      "  time         {:.0f} ns a call; {:.0f} ns of it are the two clock reads of any timing\n",
      overhead.call_ns, overhead.clocks_ns);
  if (stats_.latency_p50 > 0) {
    fmt::print("               a median call ({}) takes {:.1f} million times as long\n",
               duration_text(stats_.latency_p50), stats_.latency_p50 / overhead.call_ns);
  }
  fmt::print("  memory       {:.1f} MB with {} calls kept\n",
             static_cast<double>(diagnostics.memory_bytes) / 1e6, grouped(diagnostics.retained));
  for (auto const& reader : diagnostics.readers) {
    bool const adds_up =
        diagnostics.recorded == reader.delivered + reader.dropped && exported == reader.delivered;
    fmt::print(adds_up ? fmt::text_style{} : style_.warning,
               "  export       {} recorded {} {} delivered + {} dropped; the callback counted {}",
               grouped(diagnostics.recorded), adds_up ? "=" : "but", grouped(reader.delivered),
               grouped(reader.dropped), grouped(exported));
    fmt::print("\n");
  }
  if (diagnostics.lost_records > 0) {
    fmt::print(style_.warning, "  lost         {} records", grouped(diagnostics.lost_records));
    fmt::print("\n");
  }
}

}  // namespace workload
