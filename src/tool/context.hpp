// SPDX-License-Identifier: MIT
// What all commands share: exit statuses, errors, and how answers are to look.
#pragma once

#include "tool/output.hpp"
#include "tool/zone.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>

namespace netrun::llm::tool {

/// Exit statuses; docs/tool.md promises them.
inline constexpr int exit_done = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_wrong_usage = 2;

/// The command line is wrong: exit status 2.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A command cannot do what it was told to: exit status 1.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

enum class Format : std::uint8_t { table, json, csv };

/// Given to each command when it is added; lives until the end of the program.
struct Context {
  Output& out;
  std::optional<Format> format{};  ///< Absent: what the command thinks best.
  Zone zone{};
  bool no_color = false;
  /// What the command line asks for, set when it has been read; returns the exit status.
  std::function<int()> action{};

  [[nodiscard]] Format format_or(Format otherwise) const { return format.value_or(otherwise); }
  /// True when answers may be coloured: they go to a terminal, and nobody objects.
  [[nodiscard]] bool color() const noexcept;
};

}  // namespace netrun::llm::tool
