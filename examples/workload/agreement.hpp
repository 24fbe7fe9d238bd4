// SPDX-License-Identifier: MIT
// Whether the collector has what the provider sent.
#pragma once

#include "local_provider/provider.hpp"
#include "workload/text.hpp"
#include <netrun/llm/telemetry.hpp>

namespace workload {

/// Compares requests, outcomes and tokens of the two sides, when nothing is under way any more, and
/// prints what it finds; false when they differ.
[[nodiscard]] bool print_agreement(netrun::llm::TelemetryCollector const& collector,
                                   local_provider::Counts const& sent, Style const& style);

}  // namespace workload
