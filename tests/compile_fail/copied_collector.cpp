// expect: (use of deleted function|call to deleted constructor).*TelemetryCollector
// SPDX-License-Identifier: MIT
// A collector holds the calls of many threads, so it cannot be copied.
#include <netrun/llm/telemetry.hpp>

void use(netrun::llm::TelemetryCollector& collector) {
  netrun::llm::TelemetryCollector copy = collector;
}
