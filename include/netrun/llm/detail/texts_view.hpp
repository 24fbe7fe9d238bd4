// SPDX-License-Identifier: MIT
// Reading the optional texts of a call, wherever they lie.
#pragma once

#include <netrun/llm/detail/chunk.hpp>
#include <netrun/llm/detail/pending_call.hpp>
#include <netrun/llm/detail/sums.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace netrun::llm::detail {

/// The fields of packed texts, one after the other.
///
/// Example:
///   for (TextFields fields(bytes); fields.next();) if (fields.kind() == TextKind::user) ...
class TextFields {
 public:
  explicit TextFields(std::string_view bytes) noexcept : rest_(bytes) {}

  /// Goes to the next field; false after the last one, and where the bytes make no sense.
  [[nodiscard]] bool next() noexcept;
  [[nodiscard]] TextKind kind() const noexcept { return kind_; }
  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  /// Key and value of a tag.
  [[nodiscard]] std::pair<std::string_view, std::string_view> tag() const noexcept;

 private:
  std::string_view rest_, text_;
  TextKind kind_{};
};

/// The text of one kind that is not `tag`; its data() is null when it is not there.
[[nodiscard]] std::string_view find_text(std::string_view bytes, TextKind kind) noexcept;
/// True when the tag is there with this value.
[[nodiscard]] bool has_tag(std::string_view bytes, std::string_view key,
                           std::string_view value) noexcept;

/// The value of the first tag with this key; its data() is null when there is none.
[[nodiscard]] std::string_view find_tag(std::string_view bytes, std::string_view key) noexcept;
/// The user of a call, wherever it lies; empty when it has none.
[[nodiscard]] inline std::string_view user_of(Record const& record,
                                              std::string_view texts) noexcept {
  return record.inline_user().empty() ? find_text(texts, TextKind::user) : record.inline_user();
}

/// A copy of one record's texts out of its chunk. When the chunk was emptied meanwhile the bytes
/// mean nothing, as with the record itself; they are safe to walk all the same.
class TextsCopy {
 public:
  void load(Chunk& chunk, Record const& record) noexcept;
  [[nodiscard]] std::string_view bytes() const noexcept {
    return {reinterpret_cast<char const*>(words_.data()) + 2, size_};
  }

 private:
  std::array<std::uint64_t, (2 + most_packed_bytes + 7) / 8> words_;
  std::size_t size_ = 0;
};

/// All token counts of a record.
[[nodiscard]] TokenUsage usage_of(Record const& record, std::string_view texts) noexcept;
[[nodiscard]] inline TokenCounts counts_of(TokenUsage const& usage) noexcept {
  return {usage.input_tokens, usage.output_tokens, usage.cache_read_tokens,
          usage.cache_write_tokens, usage.reasoning_tokens};
}
[[nodiscard]] inline TokenCounts counts_of(Record const& record, std::string_view texts) noexcept {
  if (record.is(RecordFlags::counts)) return counts_of(usage_of(record, texts));
  return {record.input, record.output, record.cache_read, record.cache_write, record.reasoning};
}

}  // namespace netrun::llm::detail
