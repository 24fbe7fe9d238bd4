// SPDX-License-Identifier: MIT
// A background thread that leaves the program's signals to the program, and need not be waited for.
#pragma once

#include <chrono>
#include <functional>

#include <pthread.h>

namespace netrun::llm::detail {

/// Handlers for SIGTERM, SIGALRM and the like never run on it; faults and profiling ticks still
/// arrive. Unlike std::thread it can be waited for until a deadline: what runs when a thread ends
/// (destructors of thread-local objects) may be somebody else's code, and hang.
///
/// Thread safety: one thread at a time.
class QuietThread {
 public:
  QuietThread() noexcept = default;
  QuietThread(QuietThread const&) = delete;
  QuietThread& operator=(QuietThread const&) = delete;
  QuietThread(QuietThread&& other) noexcept;
  /// This one must not be joinable.
  QuietThread& operator=(QuietThread&& other) noexcept;
  ~QuietThread() { detach(); }

  /// Starts it; it must not be joinable. Throws std::system_error or std::bad_alloc.
  void start(std::function<void()> body);
  [[nodiscard]] bool joinable() const noexcept { return joinable_; }
  void join() noexcept;
  /// Waits for its end; false when it has not come at `deadline`.
  [[nodiscard]] bool join_until(std::chrono::steady_clock::time_point deadline) noexcept;
  void detach() noexcept;
  /// In the child of a fork: the thread is the parent's.
  void forget() noexcept { joinable_ = false; }

 private:
  pthread_t thread_{};
  bool joinable_ = false;
};

}  // namespace netrun::llm::detail
