// SPDX-License-Identifier: MIT
// Case files: one JSON object a line, or one JSON document.
#include "tool/case_reader.hpp"

#include "json/text.hpp"
#include "tool/context.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm::tool {
namespace {

using Json = nlohmann::json;

/// Why a text is no JSON.
struct Problem {
  std::string reason{};
  std::size_t byte = 0;     ///< How far it was read.
  bool unfinished = false;  ///< More text might make it JSON.
};

/// JSON that is not to be trusted; what() says why.
class Refused : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Builds a value from what the parser meets: nested no deeper than a document of cases needs, for
/// copying and writing recurse, and without a key that is there twice in one object, for nobody
/// knows which of the two counts. (The parser's own callback takes quadratic time.)
class Builder : public nlohmann::json_sax<Json> {
 public:
  [[nodiscard]] Json take() { return std::move(root_); }

  bool null() override { return place(nullptr); }
  bool boolean(bool value) override { return place(value); }
  bool number_integer(number_integer_t value) override { return place(value); }
  bool number_unsigned(number_unsigned_t value) override { return place(value); }
  bool number_float(number_float_t value, string_t const&) override { return place(value); }
  bool string(string_t& value) override { return place(std::move(value)); }
  bool binary(binary_t& value) override { return place(std::move(value)); }
  bool start_object(std::size_t) override { return open(Json::object()); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (open_.back()->contains(name)) {
      throw Refused("the key \"" + detail::shortened(name) + "\" is there twice in one object");
    }
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t, std::string const&, Json::exception const& error) override {
    if (auto const* const syntax = dynamic_cast<Json::parse_error const*>(&error)) throw *syntax;
    throw Refused(error.what());  // a number out of range
  }

 private:
  Json& put(Json value) {
    if (open_.empty()) return root_ = std::move(value);
    Json& parent = *open_.back();
    if (!parent.is_array()) return parent[key_] = std::move(value);
    parent.push_back(std::move(value));
    return parent.back();
  }
  bool place(Json value) {
    put(std::move(value));
    return true;
  }
  bool open(Json container) {
    constexpr std::size_t deepest = 32;
    if (open_.size() > deepest) throw Refused("nested too deeply");
    // Nothing is added to a parent while a child is open, so the address holds.
    open_.push_back(&put(std::move(container)));
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  Json root_;
  std::vector<Json*> open_;
  std::string key_;
};

Json parse(std::string_view text) {
  Builder builder;
  Json::sax_parse(text, &builder);
  return builder.take();
}

/// Without the library's own tag in front, "[json.exception.parse_error.101] ", and the line: who
/// reads it knows another number.
std::string reason_of(std::exception const& error) {
  std::string reason = error.what();
  if (auto const tag = reason.find("] "); tag != std::string::npos) reason.erase(0, tag + 2);
  auto const line = reason.find("line ");
  auto const column = reason.find("column ");
  if (line < column && column != std::string::npos) reason.erase(line, column - line);
  constexpr std::size_t longest = 200;
  return detail::shortened(reason, longest);
}

/// Gives the parsed text, or says why it cannot be.
std::optional<Json> parse(std::string_view text, Problem& problem) {
  try {
    return parse(text);
  } catch (Json::parse_error const& error) {
    problem = {
        .reason = reason_of(error), .byte = error.byte, .unfinished = error.byte > text.size()};
  } catch (Json::exception const& error) {  // a number out of range
    problem = {.reason = reason_of(error)};
  } catch (Refused const& refused) {
    problem = {.reason = reason_of(refused)};
  }
  return std::nullopt;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

std::size_t lines_that_tell(std::string_view text) {
  std::size_t count = 0;
  for (;;) {
    auto const end = text.find('\n');
    count += static_cast<std::size_t>(!is_blank(text.substr(0, end)));
    if (end == std::string_view::npos) return count;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

std::optional<CaseReader::Item> CaseReader::next() {
  while (items_.empty()) {
    auto line = next_line();
    if (!line) return std::nullopt;
    if (!is_blank(line->text) || line->too_long) read(*std::move(line));
  }
  auto item = std::move(items_.front());
  items_.pop_front();
  return item;
}

std::optional<CaseReader::Line> CaseReader::next_line() {
  if (put_back_.empty()) return source_.next();
  auto line = std::move(put_back_.front());
  put_back_.pop_front();
  return line;
}

void CaseReader::read(Line line) {
  bool const first = std::exchange(at_start_, false);
  if (line.too_long) {
    items_.push_back({.line = line.number,
                      .problem = "longer than " + std::to_string(max_line_bytes) + " bytes"});
    return;
  }
  Problem problem;
  if (auto value = parse(line.text, problem)) {
    add(*std::move(value), line.number);
  } else if (!first || !problem.unfinished || !read_document(line)) {
    items_.push_back({.line = line.number, .problem = problem.reason});
  }
}

bool CaseReader::read_document(Line const& first) {
  // A line of a case that is cut short is refuted by one of the next two lines.
  constexpr std::size_t enough_lines = 3;
  std::string text = first.text;
  std::deque<Line> lines;
  Problem problem;
  std::size_t telling = 0;  // lines that are not blank
  for (std::size_t next_look = 1;;) {
    auto line = source_.next();
    if (line && !line->too_long) (text += '\n') += line->text;
    bool const too_large = text.size() > max_line_bytes || (line && line->too_long);
    bool const says_nothing = line && !line->too_long && is_blank(line->text);
    if (line) lines.push_back(*std::move(line));
    bool const ended = !line;
    if (!ended && !too_large && (says_nothing || ++telling < next_look)) continue;
    next_look = telling < enough_lines ? telling + 1 : telling * 2;
    if (auto value = parse(text, problem)) {
      // What follows is read as lines; in most files nothing does.
      add(*std::move(value), first.number);
      return true;
    }
    if (problem.unfinished && !ended && !too_large) continue;
    auto const good = std::string_view(text).substr(0, problem.byte);
    auto const broken_line = static_cast<std::size_t>(std::count(good.begin(), good.end(), '\n'));
    if (lines_that_tell(good) <= enough_lines) break;
    throw Failure(source_.name() + ": line " + std::to_string(first.number + broken_line) + ": " +
                  (problem.unfinished && too_large
                       ? "one JSON document of more than " + std::to_string(max_line_bytes) +
                             " bytes; write one case a line"
                       : problem.reason));
  }
  put_back_ = std::move(lines);
  return false;
}

void CaseReader::add(Json value, std::uint64_t line) {
  auto* cases = &value;
  if (value.is_object() && !value.contains("model")) {
    if (auto const found = value.find("cases"); found != value.end()) cases = &*found;
  }
  if (!cases->is_array()) {
    items_.push_back({.value = std::move(*cases), .line = line});
    return;
  }
  for (auto& one : *cases) items_.push_back({.value = std::move(one), .line = line});
}

}  // namespace netrun::llm::tool
