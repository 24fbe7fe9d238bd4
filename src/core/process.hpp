// SPDX-License-Identifier: MIT
// What all collectors of a process share: the handlers for fork and for the end.
#pragma once

namespace netrun::llm::detail {

class Core;

/// Makes fork safe for this collector, from now until unregister_core.
void register_core(Core& core);
void unregister_core(Core& core) noexcept;

/// Has the callbacks of this collector finished when the process ends, if it is the one of the
/// process: before the destruction of the statics that are there now.
void finish_at_exit(Core& core) noexcept;

}  // namespace netrun::llm::detail
