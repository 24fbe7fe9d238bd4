// SPDX-License-Identifier: MIT
// What a response says, as the command `usage` answers it.
#pragma once

#include "tool/context.hpp"
#include <netrun/llm/response.hpp>

namespace netrun::llm::tool {

/// Prints one object on one line, a line of CSV below its header, or a table. What the response
/// does not report is left out; in CSV, whose columns are always the same, it is empty.
void print_usage(Context& context, ResponseInfo const& info, Format format);

}  // namespace netrun::llm::tool
