// SPDX-License-Identifier: MIT
// Lines of a file or of standard input, in memory that does not depend on how much there is.
#include "tool/line_source.hpp"

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace netrun::llm::tool {

LineSource::LineSource(std::string path, std::function<void()> before_reading)
    : name_(path == "-" ? "standard input" : path),
      before_reading_(std::move(before_reading)),
      descriptor_(STDIN_FILENO),
      buffer_(buffer_bytes, '\0') {
  if (path == "-") return;
  do {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) fail("open");
}

LineSource::~LineSource() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

std::optional<LineSource::Line> LineSource::next() {
  Line line{.number = lines_ + 1};
  bool begun = false;
  while (begin_ != end_ || fill()) {
    begun = true;
    std::string_view const rest(buffer_.data() + begin_, end_ - begin_);
    auto const newline = rest.find('\n');
    auto const piece = rest.substr(0, newline);
    begin_ += piece.size();
    line.too_long = line.too_long || line.text.size() + piece.size() > max_line_bytes;
    if (!line.too_long) line.text += piece;
    if (newline == std::string_view::npos) continue;
    ++begin_;
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
  for (;;) {
    auto const got = ::read(descriptor_, buffer_.data(), buffer_.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read");
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    return got > 0;
  }
}

void LineSource::fail(char const* doing) const {
  throw std::system_error(errno, std::generic_category(),
                          "cannot " + std::string(doing) + " \"" + name_ + "\"");
}

}  // namespace netrun::llm::tool
