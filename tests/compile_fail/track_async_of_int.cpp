// expect: ReturnsCoroutine
// SPDX-License-Identifier: MIT
// A function that returns no coroutine type belongs into track.
#include <netrun/llm/telemetry.hpp>

void use(netrun::llm::TelemetryCollector& collector) {
  collector.track_async({.provider = "openai"}, [](netrun::llm::RequestTracker&) { return 1; });
}
