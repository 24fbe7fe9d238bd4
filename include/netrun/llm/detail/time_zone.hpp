// SPDX-License-Identifier: MIT
// Time zones, read from the system's database.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

namespace netrun::llm::detail {

/// A time zone of the system's TZif database (RFC 9636): its transitions and the rule for what
/// comes after the last of them.
///
/// Thread safety: immutable; a copy shares the data. Constructing one by name reads the
/// environment.
class TimeZone {
 public:
  /// UTC, which needs no database.
  TimeZone() noexcept = default;
  /// "Europe/Berlin"; "UTC" needs no database. The database lies in $TZDIR or /usr/share/zoneinfo.
  /// Throws std::invalid_argument, quoting the name, when there is no such zone or its file is
  /// broken, and when there is no database at all. A name has letters, digits, '_', '+', '-' and,
  /// between them, '/': so it leads to no file outside of the database.
  explicit TimeZone(std::string_view name);
  /// The zone that the bytes of a TZif file describe. Throws std::invalid_argument, quoting the
  /// name, when they are broken or more than 256 KiB, or count leap seconds.
  [[nodiscard]] static TimeZone from_bytes(std::string_view name, std::string_view bytes);

  /// The view lives as long as this object or a copy of it.
  [[nodiscard]] std::string_view name() const noexcept;
  /// Seconds east of UTC at a moment, in seconds since 1970; always less than 26 hours.
  [[nodiscard]] std::int64_t offset_at(std::int64_t utc_s) const noexcept;
  /// The first moment at which the local clock shows this time (in seconds since 1970-01-01T00:00
  /// local) or, where the clock is put forward over it, the moment at which it is. So it is the
  /// first moment at which the clock shows this time or a later one, and never decreases.
  [[nodiscard]] std::int64_t to_utc(std::int64_t local_s) const noexcept;

  struct Data;

 private:
  std::shared_ptr<Data const> data_;  // null: UTC
};

}  // namespace netrun::llm::detail
