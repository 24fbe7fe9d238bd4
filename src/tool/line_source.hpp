// SPDX-License-Identifier: MIT
// Lines of a file or of standard input, in memory that does not depend on how much there is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

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
  LineSource(std::string path, std::function<void()> before_reading);
  LineSource(LineSource const&) = delete;  // it owns a descriptor
  LineSource& operator=(LineSource const&) = delete;
  ~LineSource();

  /// Absent at the end. A last line without '\n' counts; a byte order mark at the start does not.
  [[nodiscard]] std::optional<Line> next();
  /// "cases.jsonl" or "standard input", for messages.
  [[nodiscard]] std::string const& name() const noexcept { return name_; }

 private:
  static constexpr std::size_t buffer_bytes = 65'536;
  [[noreturn]] void fail(char const* doing) const;
  bool fill();

  std::string name_;
  std::function<void()> before_reading_;
  int descriptor_;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  ///< What of the buffer was not looked at yet.
  std::uint64_t lines_ = 0;
};

}  // namespace netrun::llm::tool
