// SPDX-License-Identifier: MIT
// Lines of a file or of standard input, in memory that does not depend on how much there is.
#pragma once

#include "tool/byte_source.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace netrun::llm::tool {

/// Longest line that is kept, in bytes.
inline constexpr std::size_t max_line_bytes = std::size_t{16} << 20;

/// Errors: std::system_error, which names the file.
class LineSource {
 public:
  struct Line {
    std::uint64_t number = 0;  ///< From 1.
    std::string text{};        ///< Without its end; the start of it when it is too long.
    bool too_long = false;
  };

  /// "-" is standard input. `before_reading` is called each time before the system is asked for
  /// more, which may take as long as somebody types.
  LineSource(std::string const& path, std::function<void()> before_reading)
      : bytes_(path), before_reading_(std::move(before_reading)) {}

  /// Absent at the end. A last line without '\n' counts; a byte order mark at the start does not.
  [[nodiscard]] std::optional<Line> next();
  /// "cases.jsonl" or "standard input", for messages.
  [[nodiscard]] std::string const& name() const noexcept { return bytes_.name(); }

 private:
  bool fill();

  ByteSource bytes_;
  std::function<void()> before_reading_;
  std::string_view rest_{};  ///< What of the last piece was not looked at yet.
  std::uint64_t lines_ = 0;
};

}  // namespace netrun::llm::tool
