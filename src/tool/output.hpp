// SPDX-License-Identifier: MIT
// Where a command writes to: standard output, with every failure noticed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace netrun::llm::tool {

/// Collects text and writes it to a file descriptor.
///
/// Errors: std::system_error, which names the output; what was collected until then is lost.
class Output {
 public:
  Output(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}

  void write(std::string_view text);
  void flush();
  /// Flushes and closes: some file systems say only then that the disk is full.
  void close();

  [[nodiscard]] bool is_terminal() const noexcept;
  /// Whether a write failed because nobody reads any more.
  [[nodiscard]] bool is_broken_pipe() const noexcept { return broken_pipe_; }

 private:
  static constexpr std::size_t buffer_bytes = 65'536;
  [[noreturn]] void fail(int error);

  int descriptor_;
  std::string name_;
  std::string buffer_;
  bool broken_pipe_ = false;
};

/// Makes sure that no file which is opened later becomes standard input, output or error: a caller
/// may have closed them. Reading from or writing to what was closed fails as if it still were.
void occupy_standard_descriptors() noexcept;

/// Writes "netrun-llm: " and `text` to standard error. `text` may quote strangers: what a terminal
/// would obey is made blank.
void complain(std::string_view text) noexcept;

}  // namespace netrun::llm::tool
