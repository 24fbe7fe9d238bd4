// SPDX-License-Identifier: MIT
// Files of JSON lines, read.
#include "json/text.hpp"
#include <netrun/llm/json.hpp>
#include <netrun/llm/json_lines.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace netrun::llm {
namespace detail {
namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

/// True when brackets are open deeper than a call needs, so that a parser may be spared the rest.
bool is_too_deep(std::string_view line) noexcept {
  constexpr int deepest = 32;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    char const c = line[i];
    if (quoted) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      if (++depth > deepest) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

/// Without the library's own tag in front: "[json.exception.parse_error.101] ".
std::string reason_of(nlohmann::json::exception const& error) {
  std::string_view text = error.what();
  if (auto const tag = text.find("] "); text.starts_with('[') && tag != std::string_view::npos) {
    text.remove_prefix(tag + 2);
  }
  return shortened(text, 200);
}

}  // namespace

class LineReader {
 public:
  LineReader(std::string path, JsonLinesReaderOptions options)
      : path_(std::move(path)), options_(options) {
    if (options_.max_line_bytes == 0) {
      throw std::invalid_argument("JsonLinesReaderOptions::max_line_bytes is 0");
    }
    do {
      fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    } while (fd_ < 0 && errno == EINTR);
    if (fd_ < 0) fail("open");
    buffer_.resize(buffer_bytes);
  }
  LineReader(LineReader const&) = delete;  // it owns a descriptor
  LineReader& operator=(LineReader const&) = delete;
  ~LineReader() { ::close(fd_); }

  std::optional<LLMRequestMetrics> next() {
    torn_ = false;
    while (auto const line = next_line()) {
      if (auto call = parse(*line)) return call;
    }
    torn_ = !partial_.empty() || too_long_;
    return std::nullopt;
  }

  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
  [[nodiscard]] bool torn() const noexcept { return torn_; }
  [[nodiscard]] std::uint64_t malformed() const noexcept { return malformed_; }
  [[nodiscard]] std::vector<JsonLinesReader::Error> const& errors() const noexcept {
    return errors_;
  }

 private:
  static constexpr std::size_t buffer_bytes = 65'536;

  [[noreturn]] void fail(char const* doing) const {
    throw std::system_error(errno, std::generic_category(),
                            "cannot " + std::string(doing) + " \"" + path_ + "\"");
  }

  /// The next line that ends with '\n', without it; absent at the end of the file. Lives until the
  /// next call.
  std::optional<std::string_view> next_line() {
    if (std::exchange(give_up_partial_, false)) partial_.clear();
    for (;;) {
      if (begin_ == end_ && !fill()) return std::nullopt;
      std::string_view const rest(buffer_.data() + begin_, end_ - begin_);
      auto const newline = rest.find('\n');
      auto const piece = rest.substr(0, newline);
      begin_ += piece.size();
      bool const whole = newline != std::string_view::npos;
      if (whole) ++begin_;
      if (too_long_ || partial_.size() + piece.size() > options_.max_line_bytes) {
        if (!std::exchange(too_long_, true)) begin_too_long(piece);
        if (whole) end_too_long();
        continue;
      }
      if (!whole) {
        partial_ += piece;
        continue;
      }
      ++line_;
      if (partial_.empty()) return piece;
      partial_ += piece;
      give_up_partial_ = true;
      return partial_;
    }
  }

  /// A line past the limit is counted at once, and its rest is not kept.
  void begin_too_long(std::string_view piece) {
    constexpr std::size_t shown = 200;
    if (partial_.size() < shown) partial_ += piece.substr(0, shown);
    ++line_;
    note("longer than " + std::to_string(options_.max_line_bytes) + " bytes", partial_);
    --line_;
    partial_ = {};
  }
  void end_too_long() noexcept {
    ++line_;
    too_long_ = false;
  }

  /// Reads on; false at the end of the file.
  bool fill() {
    for (;;) {
      auto const got = ::read(fd_, buffer_.data(), buffer_.size());
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("read");
      if (got == 0 && was_cut()) continue;
      begin_ = 0;
      end_ = static_cast<std::size_t>(got);
      offset_ += end_;
      return got > 0;
    }
  }

  /// Goes back to the start when the file is shorter than what was read of it.
  bool was_cut() noexcept {
    struct stat status {};
    if (fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode) ||
        static_cast<std::uint64_t>(status.st_size) >= offset_ || lseek(fd_, 0, SEEK_SET) != 0) {
      return false;
    }
    offset_ = 0;
    line_ = 0;
    partial_.clear();
    too_long_ = false;
    return true;
  }

  std::optional<LLMRequestMetrics> parse(std::string_view line) {
    if (line_ == 1 && line.starts_with(byte_order_mark)) line.remove_prefix(byte_order_mark.size());
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return std::nullopt;
    if (is_too_deep(line)) {
      note("nested too deeply", line);
      return std::nullopt;
    }
    try {
      return nlohmann::json::parse(line).get<LLMRequestMetrics>();
    } catch (nlohmann::json::exception const& error) {
      note(reason_of(error), line);
    } catch (std::invalid_argument const& error) {
      note(error.what(), line);
    }
    return std::nullopt;
  }

  void note(std::string reason, std::string_view line) {
    ++malformed_;
    if (errors_.size() >= options_.max_errors) return;
    errors_.push_back({.line = line_, .reason = std::move(reason), .text = shortened(line)});
  }

  std::string path_;
  JsonLinesReaderOptions options_;
  int fd_ = -1;
  std::string buffer_;
  std::size_t begin_ = 0, end_ = 0;  ///< What of the buffer was not looked at yet.
  std::uint64_t offset_ = 0;         ///< How far the file was read.
  std::string partial_;              ///< The start of a line whose end was not read yet.
  bool give_up_partial_ = false;     ///< partial_ was given out, whole.
  bool too_long_ = false;            ///< Inside a line that is past the limit.
  bool torn_ = false;
  std::uint64_t line_ = 0;
  std::uint64_t malformed_ = 0;
  std::vector<JsonLinesReader::Error> errors_;
};

}  // namespace detail

JsonLinesReader::JsonLinesReader(std::string path, JsonLinesReaderOptions options)
    : reader_(std::make_unique<detail::LineReader>(std::move(path), options)) {}
JsonLinesReader::JsonLinesReader(JsonLinesReader&&) noexcept = default;
JsonLinesReader& JsonLinesReader::operator=(JsonLinesReader&&) noexcept = default;
JsonLinesReader::~JsonLinesReader() = default;

std::optional<LLMRequestMetrics> JsonLinesReader::next() { return reader_->next(); }
std::uint64_t JsonLinesReader::line() const noexcept { return reader_->line(); }
bool JsonLinesReader::torn_tail() const noexcept { return reader_->torn(); }
std::uint64_t JsonLinesReader::malformed() const noexcept { return reader_->malformed(); }
std::vector<JsonLinesReader::Error> const& JsonLinesReader::errors() const noexcept {
  return reader_->errors();
}

}  // namespace netrun::llm
