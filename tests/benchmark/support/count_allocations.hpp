// SPDX-License-Identifier: MIT
// Counts what is allocated, by replacing operator new in the program that this is linked into.
#pragma once

#include <cstdint>

namespace netrun::llm::benchmarks {
/// Allocations of the calling thread so far, by operator new.
[[nodiscard]] std::uint64_t allocations() noexcept;
}  // namespace netrun::llm::benchmarks
