// SPDX-License-Identifier: MIT
// Case files: one JSON object a line, or one JSON document.
#pragma once

#include "tool/line_source.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace netrun::llm::tool {

/// Gives the cases of a file one after the other.
///
/// A line holds a case, an array of cases, or an object with an array `cases`. When the file begins
/// with an array or such an object that goes on over further lines, all of the file is one
/// document, which is read as a whole; then it may have 16 MB.
///
/// Errors: std::system_error when the file cannot be opened or read; Failure when it is a document
/// that is too large or broken.
class CaseReader {
 public:
  struct Item {
    nlohmann::json value{};
    std::uint64_t line = 0;  ///< From 1; of a document its first.
    std::string problem{};   ///< Why the line holds no JSON; empty when it does.
  };

  /// As LineSource.
  CaseReader(std::string path, std::function<void()> before_reading)
      : source_(std::move(path), std::move(before_reading)) {}

  /// Absent at the end.
  [[nodiscard]] std::optional<Item> next();

 private:
  using Line = LineSource::Line;

  std::optional<Line> next_line();
  /// Puts what `line` holds into items_.
  void read(Line line);
  /// Reads on until a document that begins with `first` is whole. False when it is none: then its
  /// lines have been put back.
  bool read_document(Line const& first);
  void add(nlohmann::json value, std::uint64_t line);

  LineSource source_;
  std::deque<Line> put_back_;
  std::deque<Item> items_;
  bool at_start_ = true;
};

}  // namespace netrun::llm::tool
