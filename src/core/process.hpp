// SPDX-License-Identifier: MIT
// What all collectors of a process share: the handlers for fork, and how threads are started.
#pragma once

#include <functional>
#include <thread>

namespace netrun::llm::detail {

class Core;

/// Makes fork safe for this collector, from now until unregister_core.
void register_core(Core& core);
void unregister_core(Core& core) noexcept;

/// Has the callbacks of this collector finished when the process ends, if it is the one of the
/// process: before the destruction of the statics that are there now.
void finish_at_exit(Core& core) noexcept;

/// Starts a thread that leaves the program's signals to the program: handlers for SIGTERM, SIGALRM
/// and the like never run on it. Faults and profiling ticks still arrive. Throws std::system_error.
[[nodiscard]] std::thread start_quiet_thread(std::function<void()> body);

/// In the child of a fork, forgets a thread that only the parent has: neither join nor destruction
/// of the object would be right.
void leave_thread_of_parent(std::thread& thread);

}  // namespace netrun::llm::detail
