// expect: (ignoring returned value of type .*RequestTracker|ignoring return value)
// SPDX-License-Identifier: MIT
// A tracker that nobody keeps would record an empty call at once.
#include <netrun/llm/telemetry.hpp>

void use(netrun::llm::TelemetryCollector& collector) {
  collector.track_request("openai", "gpt-4o");
}
