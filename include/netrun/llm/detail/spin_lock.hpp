// SPDX-License-Identifier: MIT
// A lock for sections of a few nanoseconds.
#pragma once

#include <atomic>
#include <thread>

namespace netrun::llm::detail {

/// Lets the other hyper-thread go on while this one waits.
inline void spin_pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// Held for a few nanoseconds at a time, so that waiting costs less than sleeping would; a waiter
/// that meets a holder whom the system has put aside gives up its own turn.
class SpinLock {
 public:
  [[nodiscard]] bool try_lock() noexcept {
    return !busy_.load(std::memory_order_relaxed) &&
           !busy_.exchange(true, std::memory_order_acquire);
  }
  void lock() noexcept {
    for (int spins = 0; !try_lock();) {
      spin_pause();
      if (++spins == 200) {
        spins = 0;
        std::this_thread::yield();
      }
    }
  }
  void unlock() noexcept { busy_.store(false, std::memory_order_release); }
  /// True at a moment at which nobody holds it. Acquire: what the last holder did is then seen.
  [[nodiscard]] bool is_free() const noexcept { return !busy_.load(std::memory_order_acquire); }

 private:
  std::atomic<bool> busy_{false};
};

}  // namespace netrun::llm::detail
