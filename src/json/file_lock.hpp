// SPDX-License-Identifier: MIT
// A lock between processes that write to one file.
#pragma once

#include <cstdint>

namespace netrun::llm::detail {

/// flock() with an end to its patience: it is asked for again and again, for it has no time limit
/// of its own and some other program may never give it back. A file system without locks gives
/// none. Belongs to the open file, which a child of fork() shares: a child opens its own first.
class FileLock {
 public:
  FileLock() = default;
  FileLock(FileLock const&) = delete;  // one release for one lock
  FileLock& operator=(FileLock const&) = delete;

  /// Waits a second at most; when that was in vain ten milliseconds, until the lock was free again.
  void take(int fd) noexcept;
  void release() noexcept;
  /// The descriptor is closed, and the lock went with it.
  void forget() noexcept { state_ = State::free; }

  [[nodiscard]] bool held() const noexcept { return state_ == State::held; }
  /// Somebody else has it: we go on without.
  [[nodiscard]] bool busy() const noexcept { return state_ == State::busy; }

 private:
  enum class State : std::uint8_t { free, held, busy, unsupported };

  int fd_ = -1;
  State state_ = State::free;
  bool patient_ = true;
};

}  // namespace netrun::llm::detail
