// SPDX-License-Identifier: MIT
// A JSON text as a tree that knows the line of each value, and numbers as they were written.
#include "json/lined_json.hpp"

#include "json/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>

namespace netrun::llm::detail {
namespace {

using Json = nlohmann::json;

/// The line in which the character before `position` stands.
std::size_t line_at(std::string_view text, std::size_t position) noexcept {
  auto const before = text.substr(0, position == 0 ? 0 : position - 1);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

/// What went wrong, without the tag and the place that the parser puts in front:
/// "[json.exception.parse_error.101] parse error at line 1, column 5: syntax error while ...".
std::string reason_of(char const* what) {
  std::string_view reason = what;
  for (std::string_view const mark : {"] ", ": ", "syntax error "}) {
    auto const at = reason.find(mark);
    if (at != std::string_view::npos) reason.remove_prefix(at + mark.size());
  }
  constexpr std::size_t shown_bytes = 200;
  return "not JSON: " + shortened(reason, shown_bytes);
}

/// How far the parser has read. It copies its iterators, so this is beside them.
struct Progress {
  std::size_t newlines = 0;
  char last = '\0';

  /// Of the value that was read last. Only behind a number the parser has read one character more.
  [[nodiscard]] std::size_t line() const noexcept { return newlines + (last == '\n' ? 0 : 1); }
};

class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;  // NOLINT(readability-identifier-naming)
  using value_type = char;
  using difference_type = std::ptrdiff_t;  // NOLINT(readability-identifier-naming)
  using pointer = char const*;
  using reference = char const&;

  CountingIterator(char const* at, Progress* progress) noexcept : at_(at), progress_(progress) {}
  reference operator*() const noexcept { return *at_; }
  CountingIterator& operator++() noexcept {
    progress_->last = *at_++;
    if (progress_->last == '\n') ++progress_->newlines;
    return *this;
  }
  CountingIterator operator++(int) noexcept {
    auto const before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(CountingIterator const& a, CountingIterator const& b) noexcept {
    return a.at_ == b.at_;
  }

 private:
  char const* at_;
  Progress* progress_;
};

}  // namespace

std::string_view to_string(JsonKind kind) noexcept {
  switch (kind) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return "true or false";
    case JsonKind::number:
      return "a number";
    case JsonKind::string:
      return "a text";
    case JsonKind::array:
      return "a list";
    case JsonKind::object:
      return "an object";
  }
  return "unknown";
}

/// Is told by the parser what it reads; each function says whether to go on.
class LinedJson::Builder {
 public:
  Builder(LinedJson& document, std::string_view text, Progress const& progress,
          LinedJsonError& error)
      : document_(document), text_(text), progress_(progress), error_(error) {}

  // The names are the parser's.
  bool null() { return add(JsonKind::null, "null"); }
  bool boolean(bool value) { return add(JsonKind::boolean, value ? "true" : "false"); }
  bool number_integer(Json::number_integer_t value) {
    return add(JsonKind::number, std::to_string(value));
  }
  bool number_unsigned(Json::number_unsigned_t value) {
    return add(JsonKind::number, std::to_string(value));
  }
  bool number_float(Json::number_float_t /*value*/, std::string const& text) {
    return add(JsonKind::number, text);
  }
  bool string(std::string const& text) { return add(JsonKind::string, text); }
  bool binary(Json::binary_t const& /*bytes*/) { return refuse("binary data"); }
  bool start_object(std::size_t /*size*/) { return open(JsonKind::object); }
  bool end_object() { return close(); }
  bool start_array(std::size_t /*size*/) { return open(JsonKind::array); }
  bool end_array() { return close(); }
  bool key(std::string const& text) {
    key_begin_ = put(text);
    key_size_ = text.size();
    return true;
  }
  bool parse_error(std::size_t position, std::string const& last_token,
                   nlohmann::detail::exception const& error) {
    constexpr int out_of_range = 406;
    error_.line = line_at(text_, position);
    if (position > text_.size()) {
      error_.line = line_at(text_, text_.size() + 1);
      error_.reason = "the text ends in the middle";
    } else if (error.id == out_of_range) {
      error_.reason = "the number " + shortened(last_token) + " is too large";
    } else {
      error_.reason = reason_of(error.what());
    }
    return false;
  }

 private:
  bool refuse(std::string reason) {
    error_ = {progress_.line(), std::move(reason)};
    return false;
  }

  std::size_t put(std::string_view text) {
    auto const begin = document_.texts_.size();
    document_.texts_ += text;
    return begin;
  }

  bool add(JsonKind kind, std::string_view text) {
    auto& nodes = document_.nodes_;
    if (nodes.size() == max_values) {
      return refuse("there are more than " + std::to_string(max_values) + " values in the text");
    }
    if (!open_.empty()) ++nodes[open_.back()].count;
    auto const narrow = [](std::size_t number) { return static_cast<std::uint32_t>(number); };
    nodes.push_back({.line = narrow(progress_.line()),
                     .text_begin = narrow(put(text)),
                     .text_size = narrow(text.size()),
                     .key_begin = narrow(key_begin_),
                     .key_size = narrow(key_size_),
                     .end = narrow(nodes.size() + 1),
                     .kind = kind});
    key_size_ = 0;
    return true;
  }

  bool open(JsonKind kind) {
    if (open_.size() == max_depth) {
      return refuse("nested deeper than " + std::to_string(max_depth) + " levels");
    }
    if (!add(kind, {})) return false;
    open_.push_back(document_.nodes_.size() - 1);
    return true;
  }

  bool close() {
    auto& nodes = document_.nodes_;
    nodes[open_.back()].end = static_cast<std::uint32_t>(nodes.size());
    open_.pop_back();
    return true;
  }

  LinedJson& document_;
  std::string_view text_;
  Progress const& progress_;
  LinedJsonError& error_;
  std::vector<std::size_t> open_{};  ///< Indices of what was begun and has not ended.
  std::size_t key_begin_ = 0, key_size_ = 0;
};

bool LinedJson::parse(std::string_view text, LinedJsonError& error) {
  nodes_.clear();
  texts_.clear();
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    error = {line_at(text, text.size() + 1), "the text is empty"};
    return false;
  }
  // The parser takes it for the end, and would not look at what follows.
  if (auto const zero = text.find('\0'); zero != std::string_view::npos) {
    error = {line_at(text, zero + 1), "not JSON: a zero byte"};
    return false;
  }
  Progress progress;
  Builder builder(*this, text, progress, error);
  CountingIterator const begin(text.data(), &progress);
  CountingIterator const end(text.data() + text.size(), &progress);
  return Json::sax_parse(begin, end, &builder);
}

LinedJson::Value LinedJson::root() const noexcept { return {this, 0}; }

}  // namespace netrun::llm::detail
