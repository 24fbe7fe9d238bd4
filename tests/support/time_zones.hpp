// SPDX-License-Identifier: MIT
// The time zones of the system, and what the C library makes of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::testing {

/// Sets a variable of the environment; puts back what it was at the end.
class Variable {
 public:
  Variable(std::string name, std::string const& value);
  Variable(Variable const&) = delete;
  Variable& operator=(Variable const&) = delete;
  ~Variable();

 private:
  std::string name_;
  std::optional<std::string> before_;
};

/// A time zone database of a test's own, empty at first; TZDIR leads to it while this lives.
class ZoneDatabase {
 public:
  ZoneDatabase();
  ZoneDatabase(ZoneDatabase const&) = delete;
  ZoneDatabase& operator=(ZoneDatabase const&) = delete;
  ~ZoneDatabase();
  [[nodiscard]] std::filesystem::path path(std::string_view name) const {
    return directory_ / name;
  }
  void put(std::string_view name, std::string_view bytes) const;

 private:
  std::filesystem::path directory_;
  std::optional<Variable> variable_;
};

/// Names of all zones of the system's database, sorted, without those that count leap seconds and
/// further copies; none where there is no database.
std::vector<std::string> all_zones();
/// The bytes of a zone's file.
std::string zone_file(std::string_view name);

/// Seconds east of UTC as the C library has them. One at a time, on one thread: it holds one zone
/// for the whole process.
class CLibraryZone {
 public:
  /// The name of a zone, or a rule.
  explicit CLibraryZone(std::string const& name);
  CLibraryZone(CLibraryZone const&) = delete;
  CLibraryZone& operator=(CLibraryZone const&) = delete;
  ~CLibraryZone();
  [[nodiscard]] std::int64_t offset_at(std::int64_t utc_s) const;
  /// The first moment at which the clock shows this time or a later one.
  [[nodiscard]] std::int64_t to_utc(std::int64_t local_s) const;
  /// The moments of that span at which the offset changes, found by looking every `step_s`.
  [[nodiscard]] std::vector<std::int64_t> changes(std::int64_t from_s, std::int64_t to_s,
                                                  std::int64_t step_s) const;

 private:
  std::optional<Variable> variable_;
};

}  // namespace netrun::llm::testing
