// SPDX-License-Identifier: MIT
// Before a write: whose turn it is, which file the name means, and whether that is to be put aside.
#include "json/descriptor.hpp"
#include "json/line_file.hpp"
#include "json/rotation.hpp"

#include <cerrno>
#include <chrono>

#include <sys/stat.h>
#include <unistd.h>

namespace netrun::llm::detail {

std::error_code LineFile::begin_turn(std::optional<std::size_t> next_bytes) {
  if (is_inherited()) reopen_after_fork();
  constexpr int most_tries = 100;  // others may put aside what we have just opened
  for (int i = 0; i < most_tries; ++i) {
    if (fd_ < 0) {
      if (auto const problem = open()) return problem;
    }
    if (!regular_) return {};
    lock_.take(fd_);
    struct stat status {};
    bool const is_there = ::stat(target_.c_str(), &status) == 0;
    if (!is_there || id_ != Id{status.st_dev, status.st_ino}) {
      if (auto const problem = open()) return problem;
      continue;
    }
    // Somebody else has written, or cut it. Without the lock he may be half-way.
    auto const size = static_cast<std::uint64_t>(status.st_size);
    if (size != size_) look_at_end(size_, size);
    if (is_foreign()) {
      if (auto const problem = set_aside()) return problem;
      if (auto const problem = open()) return problem;
      continue;
    }
    if (!next_bytes || !rotation_is_due(*next_bytes) || !rotate()) return {};
    // If that fails the lines go to the end of the file that was put aside, and the next write
    // tries again.
    if (open()) return {};
  }
  return {};
}

bool LineFile::is_foreign() {
  // A header may be half-way when its writer has the lock.
  if (header_checked_ || header_.empty() || size_ == 0 || lock_.busy()) return false;
  std::string start(header_.size(), '\0');
  std::size_t known = 0;
  while (known < start.size()) {
    auto const got =
        pread(fd_, start.data() + known, start.size() - known, static_cast<off_t>(known));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;  // a file that may not be read
    if (got == 0) break;
    known += static_cast<std::size_t>(got);
  }
  header_checked_ = start == header_;
  return !header_checked_;
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

bool LineFile::rotate() {
  // Whoever has the lock may be doing just this.
  if (lock_.busy()) return false;
  // Nothing is put aside that a crash could still take.
  if (sync() || set_aside()) {
    postpone_rotation();
    return false;
  }
  return true;
}

std::error_code LineFile::set_aside() {
  if (auto const problem = put_aside(target_, wall_ns())) return problem;
  sync_directory(directory_of(target_));
  if (options_.max_files != 0) delete_oldest(target_, options_.max_files);
  return {};
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
