// SPDX-License-Identifier: MIT
// A second translation unit that includes the whole library, as any real program has.
#pragma once

#include <netrun/llm/telemetry.hpp>

#include <string_view>

namespace netrun::llm::second_unit {

TelemetryCollector& collector();
Usd usual_cost();
std::string_view version();

}  // namespace netrun::llm::second_unit
