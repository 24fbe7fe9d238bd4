// SPDX-License-Identifier: MIT
// Short ways to put calls into a collector.
#pragma once

#include <netrun/llm/telemetry.hpp>

#include <chrono>
#include <string>

namespace netrun::llm::testing {

/// A finished call with a cost of its own, so that sums are easy to foresee.
LLMRequestMetrics finished_call(std::string provider, std::string model, std::string tenant,
                                double latency_ms = 100, double cost_usd = 0);

/// Tracks one call that takes `latency` on a clock that is turned by hand.
void track_call(TelemetryCollector& collector, ManualTime& time, NameView provider, NameView model,
                NameView tenant, std::chrono::milliseconds latency, unsigned input = 0,
                unsigned output = 0);

/// The only record of a collector; fails the test when there is none or more than one.
LLMRequestMetrics only_call(TelemetryCollector const& collector);

}  // namespace netrun::llm::testing
