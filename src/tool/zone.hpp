// SPDX-License-Identifier: MIT
// The time zone in which moments are shown to people.
#pragma once

#include <netrun/llm/time.hpp>

#include <string>

namespace netrun::llm::tool {

/// A time zone of the system's database.
///
/// The C library holds one zone for the whole process: constructing a Zone sets it. One thread.
class Zone {
 public:
  /// UTC, which needs no database.
  Zone() noexcept = default;
  /// "Europe/Berlin", "UTC", or "local" for what the environment says. Throws
  /// std::invalid_argument, quoting the name, when the system does not know it.
  explicit Zone(std::string const& name);

  /// "2026-08-22 14:00:00 CEST"
  [[nodiscard]] std::string show(Clock::time_point at) const;

 private:
  bool utc_ = true;
};

}  // namespace netrun::llm::tool
