// SPDX-License-Identifier: MIT
// Handing finished calls to callbacks, on a thread of its own.
#pragma once

#include <netrun/llm/diagnostics.hpp>
#include <netrun/llm/exporter.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace netrun::llm::detail {

class Core;
class Log;

/// One callback and its place in the log.
class Reader {
 public:
  Reader(std::string name, ExportCallback callback, std::uint64_t first_ticket,
         std::chrono::milliseconds remove_timeout);

  /// Calls the callback for one record, unless it was removed; then false.
  bool deliver(std::uint64_t ticket, LLMRequestMetrics const& record) noexcept;
  /// Has no records from `ticket` on delivered: they are another reader's.
  void end_at(std::uint64_t ticket) noexcept;
  /// Says that everything before `ticket` is done with; what was not delivered is dropped.
  void skip_to(std::uint64_t ticket) noexcept;
  void remove() noexcept;
  [[nodiscard]] bool removed() const noexcept { return removed_.load(std::memory_order_acquire); }
  /// Where it stands, and the ticket at which it ends.
  struct Place {
    std::uint64_t cursor, end;
  };
  [[nodiscard]] Place place() const noexcept;
  [[nodiscard]] ExportStats stats(Log const& log) const;

  /// For fork: held across it; then, in the child, begins anew at `ticket`.
  [[nodiscard]] std::mutex& mutex() noexcept { return mutex_; }
  void restart_in_child(std::uint64_t ticket) noexcept;

 private:
  void drop_callback() noexcept;

  std::string const name_;
  std::chrono::milliseconds const remove_timeout_;
  std::atomic<bool> removed_{false};
  mutable std::mutex mutex_;  // guards the rest; never held while the callback runs
  ExportCallback callback_;
  std::thread::id calling_;  // the thread that is in the callback now
  std::uint64_t cursor_;
  std::uint64_t end_ = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t delivered_ = 0, failed_ = 0, dropped_ = 0;
  std::string last_error_;
};

/// The readers of one collector and the thread that serves them. When a callback does not return,
/// the thread is left behind with the state that it shares, and never looks at the collector again.
class Delivery {
 public:
  using Clock = std::chrono::steady_clock;

  Delivery(Core& core, std::chrono::milliseconds interval);
  Delivery(Delivery const&) = delete;
  Delivery& operator=(Delivery const&) = delete;
  ~Delivery();

  /// Throws std::invalid_argument when the callback is empty.
  CallbackHandle add(ExportCallback callback, std::chrono::milliseconds remove_timeout);
  /// The same, from a given ticket on.
  CallbackHandle add(ExportCallback callback, std::chrono::milliseconds remove_timeout,
                     std::uint64_t first_ticket);
  /// Ends a reader at the newest record; returns the ticket from which on another can take over.
  std::uint64_t end_at_newest(CallbackHandle const& handle) noexcept;
  void set_interval(std::chrono::milliseconds interval) noexcept;
  /// Has the thread look for new records now.
  void poke() noexcept;
  [[nodiscard]] bool flush(std::chrono::nanoseconds timeout);
  /// Waits for one reader alone.
  bool flush(CallbackHandle const& handle, std::chrono::nanoseconds timeout);
  /// Ends the thread, and leaves it behind when it has not ended at `deadline`.
  void shut_down(Clock::time_point deadline) noexcept;
  [[nodiscard]] std::vector<ExportStats> stats() const;
  /// Threads left behind by all collectors.
  [[nodiscard]] static std::uint64_t left_behind() noexcept;

  void before_fork();
  void after_fork_in_parent();
  void after_fork_in_child();
  /// Starts the thread when there are readers and it is not running. Counts a failure in the core.
  void start_thread() noexcept;

 private:
  struct State;
  static void run(std::shared_ptr<State> const& state) noexcept;
  static bool deliver_batch(State& state, Reader& reader) noexcept;
  [[nodiscard]] bool wait_for(std::chrono::nanoseconds timeout, Reader const* only);

  Core& core_;
  std::shared_ptr<State> state_;
  std::thread thread_;  // guarded by the state's mutex
  std::uint64_t added_ = 0;
};

}  // namespace netrun::llm::detail
