// SPDX-License-Identifier: MIT
// Lines of a file or of standard input, in memory that does not depend on how much there is.
#include "tool/line_source.hpp"

namespace netrun::llm::tool {

std::optional<LineSource::Line> LineSource::next() {
  Line line{.number = lines_ + 1};
  bool begun = false;
  while (!rest_.empty() || fill()) {
    begun = true;
    auto const newline = rest_.find('\n');
    auto const piece = rest_.substr(0, newline);
    rest_.remove_prefix(piece.size());
    line.too_long = line.too_long || line.text.size() + piece.size() > max_line_bytes;
    if (!line.too_long) line.text += piece;
    if (newline == std::string_view::npos) continue;
    rest_.remove_prefix(1);
    break;
  }
  if (!begun) return std::nullopt;
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
  if (++lines_ == 1 && line.text.starts_with(byte_order_mark)) {
    line.text.erase(0, byte_order_mark.size());
  }
  return line;
}

bool LineSource::fill() {
  before_reading_();
  rest_ = bytes_.next();
  return !rest_.empty();
}

}  // namespace netrun::llm::tool
