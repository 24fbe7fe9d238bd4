// SPDX-License-Identifier: MIT
// A file that whole lines are appended to, by several processes if need be.
#include "json/line_file.hpp"

#include "json/rotation.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace netrun::llm::detail {
namespace {

constexpr std::size_t most_bytes_a_write = std::size_t{8} << 20;

std::error_code code_of(int problem) noexcept { return {problem, std::generic_category()}; }
std::error_code last_code() noexcept { return code_of(errno); }

int open_to_append(char const* path) noexcept {
  constexpr int flags = O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY;
  constexpr mode_t owner_only = 0600;
  int fd = -1;
  // Reading is for the last byte alone; a file that may only be written will do.
  for (int const access : {O_RDWR, O_WRONLY}) {
    do {
      fd = ::open(path, flags | access, owner_only);
    } while (fd < 0 && errno == EINTR);
    if (fd >= 0 || errno != EACCES) break;
  }
  return fd;
}

/// When a file was made, in nanoseconds since 1970; of its last change where nobody knows.
std::int64_t birth_ns(int fd) noexcept {
  auto const ns = [](auto const& t) { return std::int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec; };
#ifdef STATX_BTIME
  struct statx extended {};
  if (statx(fd, "", AT_EMPTY_PATH, STATX_BTIME, &extended) == 0 &&
      (extended.stx_mask & STATX_BTIME) != 0) {
    return ns(extended.stx_btime);
  }
#endif
  struct stat status {};
  return fstat(fd, &status) == 0 ? ns(status.st_mtim) : 0;
}

/// Compared in milliseconds: the longest of them are more nanoseconds than 64 bits hold.
bool has_passed(std::chrono::milliseconds length, std::int64_t since_ns,
                std::int64_t now_ns) noexcept {
  return (now_ns - since_ns) / 1'000'000 >= length.count();
}

/// A lock between processes, for the moments in which they could replace a file twice or begin it
/// twice. A file system without locks gives none: those moments are then short, no more.
class FileLock {
 public:
  explicit FileLock(int fd) noexcept : fd_(fd) {
    while (flock(fd_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  FileLock(FileLock const&) = delete;
  FileLock& operator=(FileLock const&) = delete;
  ~FileLock() { flock(fd_, LOCK_UN); }

 private:
  int fd_;
};

}  // namespace

LineFile::LineFile(std::string path, LineFileOptions options, LineKind kind, std::string header)
    : path_(std::move(path)), options_(options), kind_(kind), header_(std::move(header)) {
  if (options_.max_age.count() < 0 || options_.sync_interval.count() < 0) {
    throw std::invalid_argument("LineFileOptions: a time is below zero, for \"" + path_ + "\"");
  }
  if (path_.find('\0') != std::string::npos) {
    throw std::invalid_argument("a file name with a zero byte in it");
  }
  if (auto const problem = open()) throw error({.error = problem, .doing = "open"});
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
  int const fd = open_to_append(path_.c_str());
  if (fd < 0) return last_code();
  struct stat status {};
  if (fstat(fd, &status) != 0) {
    auto const problem = last_code();
    ::close(fd);
    return problem;
  }
  close();
  fd_ = fd;
  id_ = {status.st_dev, status.st_ino};
  regular_ = S_ISREG(status.st_mode);
  size_ = 0;
  rotation_base_ = 0;
  owed_.clear();
  begun_ns_ = wall_ns();
  if (!regular_) return {};
  auto const size = static_cast<std::uint64_t>(status.st_size);
  if (size == 0) {
    sync_directory(directory_of(path_));
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
    auto const got = pread(fd_, piece.data(), piece.size(), at);
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

std::error_code LineFile::prepare() {
  if (fd_ >= 0 && !regular_) return {};
  struct stat status {};
  bool const is_there = fd_ >= 0 && ::stat(path_.c_str(), &status) == 0;
  if (!is_there || id_ != Id{status.st_dev, status.st_ino}) {
    return open();
  }
  // Somebody else has written, or cut it.
  auto const size = static_cast<std::uint64_t>(status.st_size);
  if (size != size_) look_at_end(size_, size);
  return {};
}

LineFile::Result LineFile::append(LineBatch const& batch) {
  Result result;
  while (result.written < batch.ends.size()) {
    std::size_t const first = result.written;
    if (auto const problem = prepare()) {
      result.error = problem;
      result.doing = "open";
      return result;
    }
    if (rotation_is_due(batch.ends[first] - batch.begin_of(first))) rotate();
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
    std::optional<FileLock> lock;
    if (begins) {
      lock.emplace(fd_);
      struct stat status {};
      if (fstat(fd_, &status) == 0 && status.st_size != 0) {
        look_at_end(0, static_cast<std::uint64_t>(status.st_size));
        continue;  // another process was faster
      }
    }
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
    auto const bytes =
        count == 1 ? ::write(fd_, text.data(), text.size()) : writev(fd_, pieces.data(), count);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) return last_code();
    auto const done = account(batch, first, last, owed_.size(), begins ? header_.size() : 0,
                              static_cast<std::size_t>(bytes));
    if (done == 0 && stuck) return code_of(ENOSPC);
    stuck = done == 0;
    first += done;
    written += done;
  }
  return {};
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
  std::size_t const end = batch.begin_of(first) + bytes;
  std::size_t done = 0;
  while (first + done < last && batch.ends[first + done] <= end) ++done;
  std::size_t const begin = batch.begin_of(first + done);
  if (end == begin || first + done == last) return done;
  // All but the newline is a whole record, for any reader, as soon as something follows it.
  if (end + 1 == batch.ends[first + done]) ++done;
  bool const quoted = kind_ == LineKind::csv &&
                      std::count(batch.text.data() + begin, batch.text.data() + end, '"') % 2 != 0;
  owed_ = quoted ? "\"\n" : "\n";
  return done;
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

void LineFile::end_torn_line() noexcept {
  if (fd_ < 0 || owed_.empty()) return;
  auto const bytes = ::write(fd_, owed_.data(), owed_.size());
  if (bytes <= 0) return;
  unsynced_ = true;
  size_ += static_cast<std::uint64_t>(bytes);
  owed_.erase(0, static_cast<std::size_t>(bytes));
}

std::error_code LineFile::sync() {
  if (fd_ < 0) return code_of(EBADF);
  if (unsynced_) end_torn_line();
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
  if (unsynced_) {
    if (options_.sync == SyncPolicy::never) {
      end_torn_line();
    } else {
      sync();
    }
  }
  ::close(std::exchange(fd_, -1));
  unsynced_ = false;
}

void LineFile::reopen_after_fork() noexcept {
  // What the parent has written is the parent's to make safe.
  unsynced_ = false;
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  try {
    static_cast<void>(open());
  } catch (...) {
    // The next write opens it.
  }
}

bool LineFile::rotation_is_due(std::size_t next_bytes) const {
  // A header alone is not worth a file.
  if (!regular_ || size_ <= header_.size() || size_ <= rotation_base_) return false;
  if (options_.max_bytes != 0 &&
      size_ - rotation_base_ + owed_.size() + next_bytes > options_.max_bytes) {
    return true;
  }
  return options_.max_age.count() != 0 && has_passed(options_.max_age, begun_ns_, wall_ns());
}

void LineFile::rotate() {
  {
    FileLock const lock(fd_);
    struct stat status {};
    if (::stat(path_.c_str(), &status) == 0 && id_ == Id{status.st_dev, status.st_ino}) {
      // Nothing is put aside that a crash could still take.
      if (sync() || put_aside(path_, wall_ns())) return postpone_rotation();
      sync_directory(directory_of(path_));
      if (options_.max_files != 0) delete_oldest(path_, options_.max_files);
    }
  }
  // If that fails the lines go to the end of the file that was put aside, and the next write tries
  // again.
  static_cast<void>(open());
}

void LineFile::postpone_rotation() noexcept {
  rotation_base_ = size_;
  begun_ns_ = wall_ns();
}

std::int64_t LineFile::wall_ns() const noexcept {
  if (options_.time_source != nullptr) return options_.time_source->wall_ns();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
      .count();
}

std::int64_t LineFile::steady_ns() const noexcept {
  if (options_.time_source != nullptr) return options_.time_source->steady_ns();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace netrun::llm::detail
