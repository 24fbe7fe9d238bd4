// SPDX-License-Identifier: MIT
// Opening files to append, and writing to what may be a pipe.
#include "json/descriptor.hpp"

#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

namespace netrun::llm::detail {
namespace {

int open_again(char const* path, int flags) noexcept {
  constexpr mode_t owner_only = 0600;
  int fd = -1;
  do {
    fd = ::open(path, flags, owner_only);
  } while (fd < 0 && errno == EINTR);
  return fd;
}

/// Keeps SIGPIPE from the thread that it is meant for. Blocked, not ignored: what a program does
/// with its signals is its own affair.
class NoBrokenPipeSignal {
 public:
  NoBrokenPipeSignal() noexcept {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    was_pending_ = sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
    blocked_ = pthread_sigmask(SIG_BLOCK, &pipe_, &before_) == 0;
  }
  NoBrokenPipeSignal(NoBrokenPipeSignal const&) = delete;
  NoBrokenPipeSignal& operator=(NoBrokenPipeSignal const&) = delete;
  ~NoBrokenPipeSignal() {
    if (blocked_) pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  /// Takes back the signal that a write has sent.
  void consume() noexcept {
    if (was_pending_ || !blocked_) return;
    timespec const no_time{};
    while (sigtimedwait(&pipe_, nullptr, &no_time) < 0 && errno == EINTR) {
    }
  }

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
  bool blocked_ = false;
};

}  // namespace

std::error_code code_of(int problem) noexcept { return {problem, std::generic_category()}; }
std::error_code last_code() noexcept { return code_of(errno); }

int open_to_append(char const* path) noexcept {
  constexpr int flags = O_APPEND | O_CLOEXEC | O_NOCTTY;
  struct stat status {};
  if (::stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
    // Whoever holds the reading end of a pipe himself never learns that its reader has gone, and
    // whoever waits for a reader may wait for ever.
    int const fd = open_again(path, flags | O_WRONLY | O_NONBLOCK);
    if (fd >= 0) fcntl(fd, F_SETFL, O_APPEND);
    return fd;
  }
  // Reading is to learn how it ends; a file that may only be written will do.
  int const fd = open_again(path, flags | O_CREAT | O_RDWR);
  return fd >= 0 || errno != EACCES ? fd : open_again(path, flags | O_CREAT | O_WRONLY);
}

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

std::string resolved(std::string const& path) {
  std::unique_ptr<char, decltype(&free)> const found(realpath(path.c_str(), nullptr), &free);
  return found ? std::string(found.get()) : path;
}

ssize_t write_pieces(int fd, iovec const* pieces, int count, bool regular) noexcept {
  if (regular) {
    return count == 1 ? ::write(fd, pieces->iov_base, pieces->iov_len) : writev(fd, pieces, count);
  }
  NoBrokenPipeSignal signal;
  auto const bytes = writev(fd, pieces, count);
  if (bytes < 0 && errno == EPIPE) {
    signal.consume();
    errno = EPIPE;
  }
  return bytes;
}

}  // namespace netrun::llm::detail
