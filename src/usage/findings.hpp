// SPDX-License-Identifier: MIT
// Collects the fields of a body while it is scanned.
#pragma once

#include "usage/field.hpp"
#include "usage/json_scanner.hpp"
#include "usage/raw_response.hpp"
#include <netrun/llm/fixed_text.hpp>
#include <netrun/llm/response.hpp>

#include <cstdint>
#include <optional>
#include <string_view>

namespace netrun::llm::detail {

/// The handler of a JsonScanner. What a document says counts when the document is over; until then
/// it can be taken back.
class Findings {
 public:
  // What a JsonScanner calls.
  void begin_document() noexcept;
  void end_document() noexcept;
  void begin(Field field, bool array) noexcept;
  void end(Field field) noexcept;
  void text_begin(Field) noexcept {
    capture_.clear();
    text_is_empty_ = true;
  }
  void text_piece(Field field, std::string_view piece) noexcept {
    text_is_empty_ = false;
    if (!is_content(field)) capture_.append(piece);
  }
  void text_end(Field field) noexcept;
  void number(Field field, std::string_view digits, bool whole) noexcept;
  void literal(Field field, Literal value) noexcept;

  /// While true, documents are parts of something larger, which calls begin_part and end_part.
  void set_in_parts(bool in_parts) noexcept { in_parts_ = in_parts; }
  void begin_part() noexcept { saved_ = saved_sub_calls_ = false; }
  /// Keeps what the part said, or takes it back.
  void end_part(bool keep) noexcept;

  /// Sets a count that does not stand in the body (from a header).
  void set_count(Field field, std::string_view digits) noexcept;
  void set_mark(unsigned mark) noexcept;
  /// An error that is told of beside the document.
  void set_error(std::string_view type, std::string_view message) noexcept;
  void mark_content(bool reasoning = false) noexcept {
    ++content_marks_;
    reasoning_seen_ = reasoning_seen_ || reasoning;
  }
  void note_problem(ReadProblem problem, std::string_view at) noexcept;

  [[nodiscard]] RawResponse const& raw() const noexcept { return raw_; }
  [[nodiscard]] RawResponse& raw() noexcept { return raw_; }
  [[nodiscard]] RawSubCalls const& sub_calls() const noexcept { return sub_calls_; }
  /// Grows whenever content or reasoning was seen.
  [[nodiscard]] std::uint64_t content_marks() const noexcept { return content_marks_; }
  /// True when what the model thought was in the body, and not only its count.
  [[nodiscard]] bool reasoning_seen() const noexcept { return reasoning_seen_; }
  [[nodiscard]] std::uint64_t documents() const noexcept { return documents_; }
  [[nodiscard]] ReadProblem problem() const noexcept { return problem_; }
  [[nodiscard]] FixedText<64> const& problem_at() const noexcept { return problem_at_; }

 private:
  void touch() noexcept;
  void touch_sub_calls() noexcept;
  template <std::size_t size>
  void keep(FixedText<size>& slot) noexcept;
  void keep_type() noexcept;
  bool keep_error(Field field) noexcept;
  void keep_name(Field field) noexcept;
  void add_count(Field field, std::uint64_t value) noexcept;
  void spoil_count(Field field, ReadProblem problem) noexcept;
  void spoil_details(ReadProblem problem) noexcept;
  void spoil_amount(Field field) noexcept;
  void number_in_iteration(Field field, std::uint64_t value) noexcept;
  void end_choice() noexcept;
  void end_modality() noexcept;
  void end_iteration() noexcept;
  void replace_usage() noexcept;
  void renew_usage(CountSet const& counts) noexcept;
  void drop_counts(CountSet const& which) noexcept;

  RawResponse raw_{}, before_{};
  RawSubCalls sub_calls_{}, sub_calls_before_{};
  bool saved_ = false, saved_sub_calls_ = false, in_parts_ = false;
  bool text_is_empty_ = true, reasoning_seen_ = false;
  std::uint64_t content_marks_ = 0, documents_ = 0;
  ReadProblem problem_ = ReadProblem::none;
  FixedText<64> problem_at_{};
  FixedText<255> capture_{};

  // Of the document under way.
  CountSet seen_{};
  FixedText<64> type_{};
  bool has_root_message_ = false, has_choices_ = false;
  std::size_t next_choice_ = 0;
  // Of the element under way.
  std::optional<std::uint64_t> choice_index_{}, entry_tokens_{};
  FixedText<32> choice_finish_{}, choice_stop_{};
  Field details_ = Field::none;  ///< Which list of modalities.
  FixedText<16> entry_name_{};
  bool in_iteration_ = false;
  RawSubCall iteration_{};
};

}  // namespace netrun::llm::detail
