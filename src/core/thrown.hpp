// SPDX-License-Identifier: MIT
// The exception that is being handled, in words.
#pragma once

#include <string>

namespace netrun::llm::detail {

/// What an exception says of itself.
struct Thrown {
  /// Demangled. The default: no C++ exception, but a thread that is being cancelled, say.
  std::string type = "forced_unwind";
  std::string message;     ///< what(); empty when there is none.
  bool cancelled = false;  ///< It says that somebody gave the operation up.
};

/// The exception of the innermost handler. Call it inside one only; a destructor that runs during
/// unwinding would be told of another exception. Throws std::bad_alloc at most.
[[nodiscard]] Thrown thrown_now();

}  // namespace netrun::llm::detail
