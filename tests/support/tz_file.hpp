// SPDX-License-Identifier: MIT
// TZif files made up by a test, whole or wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace netrun::llm::testing {

/// What a file says; each part can contradict the others.
struct TzFileParts {
  struct Type {
    std::int64_t offset_s = 0;
    unsigned is_daylight = 0;
    unsigned name_at = 0;
  };
  char version = '2';
  std::vector<std::int64_t> changes;
  std::vector<unsigned> types_of_changes;
  std::vector<Type> types = {{}};
  std::string names = std::string("LMT\0", 4);
  std::size_t leap_seconds = 0;
  std::size_t standard_flags = 0;
  std::size_t utc_flags = 0;
  std::string footer = "UTC0";
};

inline void put_number(std::string& out, std::int64_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>(static_cast<std::uint64_t>(value) >> shift & 0xff);
  }
}

/// A header and a block whose times have so many bytes.
inline std::string tz_block(TzFileParts const& parts, int time_size) {
  std::string out = "TZif";
  out += parts.version;
  out.append(15, '\0');
  for (auto const count : {parts.utc_flags, parts.standard_flags, parts.leap_seconds,
                           parts.changes.size(), parts.types.size(), parts.names.size()}) {
    put_number(out, static_cast<std::int64_t>(count), 4);
  }
  for (auto const change : parts.changes) put_number(out, change, time_size);
  for (auto const type : parts.types_of_changes) put_number(out, type, 1);
  for (auto const& type : parts.types) {
    put_number(out, type.offset_s, 4);
    put_number(out, type.is_daylight, 1);
    put_number(out, type.name_at, 1);
  }
  out += parts.names;
  out.append(parts.leap_seconds * (static_cast<std::size_t>(time_size) + 4), '\0');
  return out.append(parts.standard_flags + parts.utc_flags, '\0');
}

/// The whole file; the first block is empty, as readers of the second pass over it.
inline std::string tz_file(TzFileParts const& parts) {
  if (parts.version == '\0') return tz_block(parts, 4);
  TzFileParts first;
  first.version = parts.version;
  return tz_block(first, 4) + tz_block(parts, 8) + '\n' + parts.footer + '\n';
}

/// A zone that has nothing but a rule.
inline std::string tz_file_of_rule(std::string const& rule) {
  TzFileParts parts;
  parts.footer = rule;
  return tz_file(parts);
}

}  // namespace netrun::llm::testing
