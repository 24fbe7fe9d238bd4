// SPDX-License-Identifier: MIT
// The last step of a call.
#pragma once

#include <netrun/llm/detail/pending_call.hpp>

namespace netrun::llm::detail {

/// Records a call through its gate, unless its collector has gone.
void commit(PendingNumbers& call, CallTexts& texts) noexcept;

}  // namespace netrun::llm::detail
