// SPDX-License-Identifier: MIT
// A file that whole lines are appended to, by several processes if need be.
#include "json/line_file.hpp"

#include "json/descriptor.hpp"
#include "json/rotation.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace netrun::llm::detail {
namespace {

constexpr std::size_t most_bytes_a_write = std::size_t{8} << 20;

}  // namespace

LineFile::LineFile(std::string path, LineFileOptions options, LineKind kind, std::string header)
    : path_(std::move(path)),
      target_(path_),
      options_(options),
      kind_(kind),
      header_(std::move(header)) {
  if (options_.max_age.count() < 0 || options_.sync_interval.count() < 0) {
    throw std::invalid_argument("LineFileOptions: a time is below zero, for \"" + path_ + "\"");
  }
  if (path_.find('\0') != std::string::npos) {
    throw std::invalid_argument("a file name with a zero byte in it");
  }
  auto problem = open();
  if (!problem) {
    if (regular_) target_ = resolved(path_);
    Turn const turn(*this);
    problem = begin_turn(std::nullopt);
  }
  if (problem) throw error({.error = problem, .doing = "open"});
  synced_ns_ = steady_ns();
}

LineFile::~LineFile() { close(); }

LineFileError LineFile::error(Result const& result) const {
  std::string text = "cannot " + std::string(result.doing) + " \"" + path_ + "\"";
  struct stat status {};
  auto const directory = directory_of(path_);
  if (result.error == std::errc::no_such_file_or_directory &&
      ::stat(directory.c_str(), &status) != 0) {
    text += " (there is no directory \"" + directory + "\")";
  }
  return {result.error, text, result.written};
}

std::error_code LineFile::open() {
  int const fd = open_to_append(target_.c_str());
  if (fd < 0) return last_code();
  struct stat status {};
  if (fstat(fd, &status) != 0) {
    auto const problem = last_code();
    ::close(fd);
    return problem;
  }
  close();
  fd_ = fd;
  opened_by_ = getpid();
  header_checked_ = false;
  id_ = {status.st_dev, status.st_ino};
  regular_ = S_ISREG(status.st_mode);
  size_ = 0;
  rotation_base_ = 0;
  owed_.clear();
  begun_ns_ = wall_ns();
  if (!regular_) return {};
  auto const size = static_cast<std::uint64_t>(status.st_size);
  if (size == 0) {
    sync_directory(directory_of(target_));
  } else {
    if (options_.time_source == nullptr) begun_ns_ = std::min(begun_ns_, birth_ns(fd));
    look_at_end(0, size);
  }
  return {};
}

void LineFile::look_at_end(std::uint64_t from, std::uint64_t size) {
  size_ = size;
  bool quoted = kind_ == LineKind::csv && from != 0 && owed_.size() == 2;
  owed_.clear();
  if (size == 0) return;
  // Without quotes the last byte says all.
  auto at = static_cast<off_t>(kind_ == LineKind::csv && from <= size ? from : size - 1);
  if (kind_ == LineKind::csv && from > size) {
    at = 0;
    quoted = false;
  }
  std::array<char, 65'536> piece;
  char last = '\0';  // what cannot be read counts as torn
  while (at < static_cast<off_t>(size)) {
    // No further: what another process adds meanwhile is looked at next time.
    auto const most = std::min(piece.size(), size - static_cast<std::size_t>(at));
    auto const got = pread(fd_, piece.data(), most, at);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    auto const* const end = piece.data() + got;
    if (std::count(std::as_const(piece).data(), end, '"') % 2 != 0) quoted = !quoted;
    last = *(end - 1);
    at += got;
  }
  if (kind_ == LineKind::csv && quoted) {
    owed_ = "\"\n";
  } else if (last != '\n') {
    owed_ = "\n";
  }
}

LineFile::Result LineFile::append(LineBatch const& batch) {
  Result result;
  while (result.written < batch.ends.size()) {
    std::size_t const first = result.written;
    Turn const turn(*this);
    if (auto const problem = begin_turn(batch.ends[first] - batch.begin_of(first))) {
      result.error = problem;
      result.doing = "open";
      return result;
    }
    auto const last = first + records_that_fit(batch, first);
    if (auto const problem = put(batch, first, last, result.written)) {
      result.error = problem;
      result.doing = "write to";
      break;
    }
  }
  bool const due = options_.sync == SyncPolicy::every_write ||
                   (options_.sync == SyncPolicy::interval &&
                    has_passed(options_.sync_interval, synced_ns_, steady_ns()));
  if (unsynced_ && due) {
    auto const problem = sync();
    if (problem && !result.error) {
      result.error = problem;
      result.doing = "make safe";
    }
  }
  return result;
}

std::size_t LineFile::records_that_fit(LineBatch const& batch, std::size_t first) const {
  std::uint64_t room = most_bytes_a_write;
  if (regular_ && options_.max_bytes != 0) {
    auto const before =
        size_ - std::min(size_, rotation_base_) + (size_ == 0 ? header_.size() : 0) + owed_.size();
    room = std::min<std::uint64_t>(room, options_.max_bytes - std::min(options_.max_bytes, before));
  }
  auto const end = batch.begin_of(first) + room;
  auto const from = batch.ends.begin() + static_cast<std::ptrdiff_t>(first);
  auto const fit = std::upper_bound(from, batch.ends.end(), end) - from;
  return static_cast<std::size_t>(std::max<std::ptrdiff_t>(fit, 1));
}

std::error_code LineFile::put(LineBatch const& batch, std::size_t first, std::size_t last,
                              std::size_t& written) {
  bool stuck = false;  // a write that finished no record
  while (first < last) {
    bool const begins = regular_ && size_ == 0 && !header_.empty();
    std::string_view const text(batch.text.data() + batch.begin_of(first),
                                batch.ends[last - 1] - batch.begin_of(first));
    std::array<iovec, 3> pieces{};
    int count = 0;
    for (std::string_view const piece :
         {std::string_view(owed_), begins ? std::string_view(header_) : std::string_view(), text}) {
      // writev() takes constant bytes through a pointer that is not.
      if (!piece.empty()) {
        pieces[static_cast<std::size_t>(count++)] = {const_cast<char*>(piece.data()), piece.size()};
      }
    }
    auto const bytes = write_pieces(fd_, pieces.data(), count, regular_);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return last_code();
    auto const done = account(batch, first, last, owed_.size(), begins ? header_.size() : 0,
                              static_cast<std::size_t>(bytes));
    if (done == 0 && stuck) return code_of(ENOSPC);
    stuck = done == 0;
    first += done;
    written += done;
  }
  // The last record may lack its end still.
  return pay();
}

std::size_t LineFile::account(LineBatch const& batch, std::size_t first, std::size_t last,
                              std::size_t prefix, std::size_t header, std::size_t bytes) {
  if (bytes > 0) unsynced_ = true;
  size_ += bytes;
  if (bytes < prefix) {
    owed_.erase(0, bytes);
    return 0;
  }
  bytes -= prefix;
  owed_.clear();
  if (bytes < header) {
    if (bytes > 0) take_back_header(bytes);
    return 0;
  }
  bytes -= header;
  if (header != 0) header_checked_ = true;
  std::size_t const end = batch.begin_of(first) + bytes;
  std::size_t done = 0;
  while (first + done < last && batch.ends[first + done] <= end) ++done;
  std::size_t const begin = batch.begin_of(first + done);
  if (end == begin || first + done == last) return done;
  bool const quoted = kind_ == LineKind::csv &&
                      std::count(batch.text.data() + begin, batch.text.data() + end, '"') % 2 != 0;
  owed_ = quoted ? "\"\n" : "\n";
  // What is owed makes it whole when that is all that it lacks.
  auto const missing = std::string_view(batch.text).substr(end, batch.ends[first + done] - end);
  return missing == owed_ ? done + 1 : done;
}

void LineFile::take_back_header(std::size_t bytes) {
  struct stat status {};
  // Our lock keeps away those who would write a header; a row of somebody else must stay.
  bool const alone = fstat(fd_, &status) == 0 && static_cast<std::size_t>(status.st_size) == bytes;
  if (alone && ftruncate(fd_, 0) == 0) {
    size_ = 0;
  } else {
    owed_ = "\n";
  }
}

std::error_code LineFile::pay() noexcept {
  while (!owed_.empty()) {
    iovec const piece{owed_.data(), owed_.size()};
    auto const bytes = write_pieces(fd_, &piece, 1, regular_);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return bytes < 0 ? last_code() : code_of(ENOSPC);
    unsynced_ = true;
    size_ += static_cast<std::uint64_t>(bytes);
    owed_.erase(0, static_cast<std::size_t>(bytes));
  }
  return {};
}

void LineFile::end_torn_line() noexcept {
  if (fd_ < 0 || owed_.empty()) return;
  Turn const turn(*this);
  if (regular_) {
    lock_.take(fd_);
    struct stat status {};
    auto const known = static_cast<off_t>(size_);
    if (fstat(fd_, &status) == 0 && status.st_size != known) {
      look_at_end(size_, static_cast<std::uint64_t>(status.st_size));
    }
  }
  static_cast<void>(pay());
}

std::error_code LineFile::sync() {
  if (is_inherited()) reopen_after_fork();
  if (fd_ < 0) return code_of(EBADF);
  if (unsynced_) end_torn_line();
  return make_safe();
}

std::error_code LineFile::make_safe() noexcept {
  synced_ns_ = steady_ns();
  while (fdatasync(fd_) != 0) {
    if (errno == EINTR) continue;
    // Pipes and terminals cannot be made safe, nor need they be.
    if (errno == EINVAL || errno == EROFS || errno == ENOTSUP) break;
    return last_code();
  }
  // A record that lacks nothing but its newline is not safe yet.
  unsynced_ = unsynced_ && !owed_.empty();
  return unsynced_ ? code_of(ENOSPC) : std::error_code();
}

void LineFile::close() noexcept {
  if (fd_ < 0) return;
  if (is_inherited()) return abandon();
  if (unsynced_) {
    end_torn_line();
    if (options_.sync != SyncPolicy::never) make_safe();
  }
  // Not by closing it: a child of a fork may have the same open file.
  lock_.release();
  ::close(std::exchange(fd_, -1));
  unsynced_ = false;
}

bool LineFile::is_inherited() const noexcept {
  return regular_ && fd_ >= 0 && opened_by_ != getpid();
}

void LineFile::abandon() noexcept {
  // What the parent has written is the parent's to make safe, and its lock the parent's to release.
  unsynced_ = false;
  lock_.forget();
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void LineFile::reopen_after_fork() noexcept {
  abandon();
  try {
    static_cast<void>(open());
  } catch (...) {
    // The next write opens it.
  }
}

}  // namespace netrun::llm::detail
