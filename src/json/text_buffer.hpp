// SPDX-License-Identifier: MIT
// Appends numbers and texts to a string with few checks and no stream.
#pragma once

#include <netrun/llm/time.hpp>
#include <netrun/llm/usd.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace netrun::llm::detail {

/// Writes behind the end of a string. What was written stays only after commit(): when something
/// throws, the string is as it was.
class TextBuffer {
 public:
  explicit TextBuffer(std::string& out) noexcept
      : out_(out), start_(out.size()), used_(out.size()) {}
  TextBuffer(TextBuffer const&) = delete;  // two would write to the same place
  TextBuffer& operator=(TextBuffer const&) = delete;
  ~TextBuffer() { out_.resize(committed_ ? used_ : start_); }

  void commit() noexcept { committed_ = true; }

  /// A place for `bytes` more; wrote_to() says where they end.
  [[nodiscard]] char* room(std::size_t bytes) {
    if (out_.size() - used_ < bytes) grow(bytes);
    return out_.data() + used_;
  }
  void wrote_to(char const* end) noexcept { used_ = static_cast<std::size_t>(end - out_.data()); }

  void raw(char c) {
    char* const to = room(1);
    *to = c;
    wrote_to(to + 1);
  }
  void raw(std::string_view text) {
    if (text.empty()) return;  // it may be a null pointer, which memcpy() must not see
    char* const to = room(text.size());
    std::memcpy(to, text.data(), text.size());
    wrote_to(to + text.size());
  }

  void number(std::uint64_t value);
  /// The shortest form that reads back as the same double, always with a point or an exponent: then
  /// -0.0 stays what it is. `value` must be finite.
  void number(double value);
  /// Whole picodollars, without quotes.
  void picos(Usd amount);
  void time(Clock::time_point at);
  /// A JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD. All control characters
  /// are escaped (terminals obey them), and U+2028 and U+2029, which some programs take for the end
  /// of a line.
  void json_string(std::string_view text);
  /// A CSV field, in quotes where RFC 4180 demands them. Bytes that are not UTF-8 become U+FFFD.
  void csv_field(std::string_view text);

 private:
  void grow(std::size_t bytes);

  std::string& out_;
  std::size_t start_;
  std::size_t used_;
  bool committed_ = false;
};

}  // namespace netrun::llm::detail
