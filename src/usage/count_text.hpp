// SPDX-License-Identifier: MIT
// Counts and amounts as they stand in JSON.
#pragma once

#include <netrun/llm/response.hpp>

#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

/// The largest count that is taken: 2^53, up to where the numbers of JSON are exact everywhere.
inline constexpr std::uint64_t largest_count = std::uint64_t{1} << 53U;

struct ReadCount {
  std::uint64_t value = 0;
  ReadProblem problem = ReadProblem::none;
};

/// A count from a JSON number: whole, not negative, at most largest_count. "8.0" and "1e2" are
/// whole.
[[nodiscard]] ReadCount read_count(std::string_view number) noexcept;

/// A JSON number as a double; not a number when it is none, or too large for one.
[[nodiscard]] double read_double(std::string_view number) noexcept;

}  // namespace netrun::llm::detail
