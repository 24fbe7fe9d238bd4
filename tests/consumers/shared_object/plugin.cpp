// SPDX-License-Identifier: MIT
#include <netrun/llm/telemetry.hpp>

extern "C" void* plugin_collector() {
  auto& collector = netrun::llm::get_collector();
  collector.track_request("openai", "gpt-4o", "plugin").set_tokens(1000, 500);
  return &collector;
}
