// expect: (use of deleted function|call to deleted constructor).*RequestTracker
// SPDX-License-Identifier: MIT
// A call is recorded once, so its tracker cannot be copied.
#include <netrun/llm/telemetry.hpp>

void use(netrun::llm::RequestTracker& tracker) { netrun::llm::RequestTracker copy = tracker; }
