// expect: no matching (member )?function for call to .*set_tokens
// SPDX-License-Identifier: MIT
// Token counts are numbers.
#include <netrun/llm/telemetry.hpp>

void use(netrun::llm::RequestTracker& tracker) { tracker.set_tokens("1000", "500"); }
