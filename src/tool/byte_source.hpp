// SPDX-License-Identifier: MIT
// The bytes of a file or of standard input, piece by piece.
#pragma once

#include <string>
#include <string_view>

namespace netrun::llm::tool {

/// Errors: std::system_error, which names the file.
class ByteSource {
 public:
  /// "-" is standard input.
  explicit ByteSource(std::string const& path);
  ByteSource(ByteSource const&) = delete;  // it owns a descriptor
  ByteSource& operator=(ByteSource const&) = delete;
  ~ByteSource();

  /// What is there, at most 64 KB, to be looked at until the next call; empty at the end.
  [[nodiscard]] std::string_view next();
  /// "body.json" or "standard input", for messages.
  [[nodiscard]] std::string const& name() const noexcept { return name_; }

 private:
  [[noreturn]] void fail(char const* doing) const;

  std::string name_;
  int descriptor_;
  std::string buffer_;
};

}  // namespace netrun::llm::tool
