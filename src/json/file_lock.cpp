// SPDX-License-Identifier: MIT
// A lock between processes that write to one file.
#include "json/file_lock.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <sched.h>
#include <sys/file.h>
#include <time.h>

namespace netrun::llm::detail {
namespace {

constexpr std::chrono::milliseconds longest_wait(1000);
/// When that was in vain: enough for a write, should the holder be one of ours that is back at
/// work.
constexpr std::chrono::milliseconds short_wait(10);

/// A write of one line is over before a sleep has begun; one of megabytes is not.
void pause_before(int attempt) noexcept {
  constexpr int yields = 10;
  constexpr long shortest_ns = 20'000;
  constexpr int most_doublings = 6;
  if (attempt < yields) {
    sched_yield();
    return;
  }
  timespec const pause{.tv_sec = 0,
                       .tv_nsec = shortest_ns << std::min(attempt - yields, most_doublings)};
  nanosleep(&pause, nullptr);
}

}  // namespace

void FileLock::take(int fd) noexcept {
  if (held()) return;
  fd_ = fd;
  auto const wait = patient_ ? longest_wait : short_wait;
  // Not the clock of the options: a clock that stands still would make this wait for ever.
  std::chrono::steady_clock::time_point begun{};
  for (int attempt = 0;; ++attempt) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
      state_ = State::held;
      patient_ = true;
      return;
    }
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) {
      state_ = State::unsupported;
      return;
    }
    auto const now = std::chrono::steady_clock::now();
    if (attempt == 0) begun = now;
    if (now - begun >= wait) {
      state_ = State::busy;
      patient_ = false;
      return;
    }
    pause_before(attempt);
  }
}

void FileLock::release() noexcept {
  if (held()) flock(fd_, LOCK_UN);
  state_ = State::free;
}

}  // namespace netrun::llm::detail
