// SPDX-License-Identifier: MIT
// Splits a stream of server-sent events into the data and the names of its events.
#pragma once

#include <netrun/llm/fixed_text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace netrun::llm::detail {

/// The ends of lines in one piece of text, LF or CR. Looks at each byte once for each of the two,
/// however many lines there are, and however seldom one of the two is met.
class LineEnds {
 public:
  /// `text` is not empty.
  explicit LineEnds(std::string_view text) noexcept
      : end_(text.data() + text.size()),
        line_feed_(find('\n', text.data())),
        carriage_return_(find('\r', text.data())) {}

  /// The first LF or CR that is not before `from`, or the end of the text. `from` never goes back,
  /// and is before the end.
  [[nodiscard]] char const* next(char const* from) noexcept {
    if (line_feed_ < from) line_feed_ = find('\n', from);
    if (carriage_return_ < from) carriage_return_ = find('\r', from);
    return std::min(line_feed_, carriage_return_);
  }

 private:
  [[nodiscard]] char const* find(char c, char const* from) const noexcept {
    auto const* const found = std::memchr(from, c, static_cast<std::size_t>(end_ - from));
    return found == nullptr ? end_ : static_cast<char const*>(found);
  }

  char const* end_;
  char const* line_feed_;
  char const* carriage_return_;
};

/// Server-sent events, by the rules of the HTML standard (section 9.2.6): lines end with LF, CRLF
/// or CR, a byte order mark may be at the start, one space after the colon is no part of a value,
/// the values of several `data` fields are joined by LF, an event without any is none. Comments,
/// `id`, `retry` and unknown fields are passed over, whatever their length. How the text is cut
/// into pieces makes no difference. Bytes need not be UTF-8.
///
/// A sink has two functions:
///   void data(std::string_view piece) noexcept;  // the next part of an event's data, never empty
///   void event(std::string_view name) noexcept;  // that was all of it
/// Pieces are views into what was fed, valid during the call. The name is what the last `event`
/// field said, its first 63 bytes or less (a UTF-8 character is not cut apart), "" without one.
///
/// Holds about 80 bytes and allocates nothing. Thread safety: none.
///
/// Example:
///   SseParser parser;
///   parser.feed("event: ping\ndata: {\"type\"", sink);
///   parser.feed(": \"ping\"}\n\n", sink);  // sink.event("ping")
///   parser.end(sink);
class SseParser {
 public:
  /// The next bytes of the body.
  template <class Sink>
  void feed(std::string_view bytes, Sink& sink) noexcept {
    if (bytes.empty()) return;
    LineEnds ends(bytes);
    auto const* at = bytes.data();
    auto const* const end = at + bytes.size();
    while (at != end) {
      if (after_carriage_return_) {
        after_carriage_return_ = false;
        if (*at == '\n') {
          ++at;
          continue;
        }
      }
      auto const* const line_end = ends.next(at);
      if (line_end != at) take({at, static_cast<std::size_t>(line_end - at)}, sink);
      if (line_end == end) return;
      end_line(sink);
      after_carriage_return_ = *line_end == '\r';
      at = line_end + 1;
    }
  }

  /// The end of the body. An event whose blank line is missing counts, and so does a last line
  /// without its end: whether its data is whole shows in the data. (A browser would drop the
  /// event.) After that a new body can be fed.
  template <class Sink>
  void end(Sink& sink) noexcept {
    if (part_ != Part::field || field_size_ > 0) end_line(sink);
    dispatch(sink);
    *this = SseParser();
  }

  /// True when there was a `data` field, and not yet the blank line that ends its event.
  [[nodiscard]] bool inside_event() const noexcept { return has_data_; }

 private:
  /// Where in a line the next byte is.
  enum class Part : std::uint8_t { byte_order_mark, field, data, name, ignored };

  static constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  static constexpr std::size_t longest_field = 5;  // "event"

  /// Takes a part of a line, not empty and without its end.
  template <class Sink>
  void take(std::string_view text, Sink& sink) noexcept {
    if (part_ == Part::byte_order_mark) text = take_mark(text);
    if (part_ == Part::field) text = take_field(text, sink);
    if (text.empty() || part_ == Part::ignored) return;
    if (before_space_) {
      before_space_ = false;
      if (text.front() == ' ') text.remove_prefix(1);
      if (text.empty()) return;
    }
    if (part_ == Part::data) {
      sink.data(text);
    } else {
      name_.append(text);
    }
  }

  /// Returns what comes after the mark, or after what there is of it.
  std::string_view take_mark(std::string_view text) noexcept {
    while (!text.empty() && mark_size_ < byte_order_mark.size()) {
      if (text.front() != byte_order_mark[mark_size_]) {
        // No field of interest begins with a byte of the mark.
        part_ = mark_size_ == 0 ? Part::field : Part::ignored;
        return text;
      }
      ++mark_size_;
      text.remove_prefix(1);
    }
    if (mark_size_ == byte_order_mark.size()) part_ = Part::field;
    return text;
  }

  /// Returns what comes after the colon.
  template <class Sink>
  std::string_view take_field(std::string_view text, Sink& sink) noexcept {
    // Nearly every line, unless it was cut just there.
    if (field_size_ == 0 && text.starts_with("data:")) {
      begin_data(sink);
      return text.substr(5);
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == ':') {
        begin_value(sink);
        return text.substr(i + 1);
      }
      if (field_size_ == longest_field) {
        part_ = Part::ignored;
        break;
      }
      field_[field_size_++] = text[i];
    }
    return {};
  }

  template <class Sink>
  void begin_value(Sink& sink) noexcept {
    std::string_view const field(field_, field_size_);
    if (field == "data") {
      begin_data(sink);
    } else if (field == "event") {
      part_ = Part::name;
      before_space_ = true;
      name_.clear();
    } else {
      part_ = Part::ignored;  // a comment has a field without a name
    }
  }

  template <class Sink>
  void begin_data(Sink& sink) noexcept {
    part_ = Part::data;
    before_space_ = true;
    if (has_data_) sink.data("\n");
    has_data_ = true;
  }

  template <class Sink>
  void end_line(Sink& sink) noexcept {
    if (part_ == Part::field) {
      if (field_size_ == 0) {
        dispatch(sink);
      } else {
        begin_value(sink);  // a field without a colon has an empty value
      }
    }
    part_ = Part::field;
    field_size_ = 0;
  }

  template <class Sink>
  void dispatch(Sink& sink) noexcept {
    if (has_data_) sink.event(name_.view());
    has_data_ = false;
    name_.clear();
  }

  Part part_ = Part::byte_order_mark;
  bool after_carriage_return_ = false;
  bool before_space_ = false;  // the next byte is the first after the colon
  bool has_data_ = false;
  std::uint8_t mark_size_ = 0;
  std::uint8_t field_size_ = 0;
  char field_[longest_field] = {};
  FixedText<63> name_;
};

}  // namespace netrun::llm::detail
