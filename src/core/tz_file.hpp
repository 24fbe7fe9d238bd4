// SPDX-License-Identifier: MIT
// Reading a TZif file (RFC 9636).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

/// The longest file that is read. Real ones have less than 5 KB.
inline constexpr std::size_t max_tz_file_bytes = 256 * 1024;
/// No offset is further from UTC, whatever a file says.
inline constexpr std::int64_t max_utc_offset_s = std::int64_t{26} * 3600;

/// What a file says; `footer` is a view of it.
struct TzFile {
  std::vector<std::int64_t> changes;  ///< Seconds since 1970, ascending, none beyond 2^59.
  std::vector<std::int64_t> offsets;  ///< Before the first change, and from each of them on.
  std::string_view footer;            ///< The rule after the last change; may be empty.
};

/// Throws std::invalid_argument, which says what is wrong with it.
[[nodiscard]] TzFile parse_tz_file(std::string_view bytes);

}  // namespace netrun::llm::detail
