// expect: ignoring return value
// SPDX-License-Identifier: MIT
// A question whose answer nobody reads is a mistake.
#include <netrun/llm/telemetry.hpp>

void use(netrun::llm::TelemetryCollector& collector) { collector.get_stats("1h"); }
