// SPDX-License-Identifier: MIT
// The other half of the check that every header may be in several translation units.
#include "contract/second_unit.hpp"

#include <netrun/llm/telemetry.hpp>

namespace netrun::llm::second_unit {

TelemetryCollector& collector() { return get_collector(); }
Usd usual_cost() {
  return PriceBook::builtin().price("openai", "gpt-4o", {.input_tokens = 1}).cost;
}
std::string_view version() { return llm::version; }

}  // namespace netrun::llm::second_unit
