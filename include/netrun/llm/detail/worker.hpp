// SPDX-License-Identifier: MIT
// One reader of the log with a thread of its own, that hands records over to somebody.
#pragma once

#include <netrun/llm/detail/batch.hpp>
#include <netrun/llm/detail/quiet_thread.hpp>
#include <netrun/llm/diagnostics.hpp>
#include <netrun/llm/exporter.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
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

/// How a worker is named, where it begins in the log, and when it takes a batch.
struct WorkerSetup {
  std::string name;
  std::uint64_t first_ticket = 0;
  std::size_t batch_size = 1;
  std::chrono::milliseconds delay{1};  ///< A record waits for others no longer than this.
  std::chrono::milliseconds attempt_timeout{1};
  std::chrono::milliseconds remove_timeout{1};
};

/// How far the log is, and how many records it is sure to hold.
struct LogState {
  std::uint64_t recorded = 0;
  std::size_t capacity = 0;
};

/// The thread takes batches out of the log and hands them over. It shares this object with its
/// owner, so that either may be gone: when it hangs in somebody's code, it is left behind with the
/// object, and never looks at the collector again.
///
/// Locks: mutex_ guards all but what is said otherwise, and is never held while somebody's code
/// runs. core_mutex_ is taken after it, and before those of the log.
class Worker : public std::enable_shared_from_this<Worker> {
 public:
  Worker(Core& core, WorkerSetup setup);
  Worker(Worker const&) = delete;
  Worker& operator=(Worker const&) = delete;
  virtual ~Worker();

  /// Starts the thread unless it is there or was told to end. Throws std::system_error.
  void start();
  /// Has the thread look for records when there is a batch of them. True while the log is
  /// close to forgetting what it has not read.
  bool poke(LogState const& log) noexcept;
  void set_delay(std::chrono::milliseconds delay) noexcept;
  void set_remove_timeout(std::chrono::milliseconds timeout) noexcept;
  /// Has no records from `ticket` on delivered: they are another reader's.
  void end_at(std::uint64_t ticket) noexcept;

  /// Asks for the delivery of all before `target`; returns a number for await_flush. Throws
  /// std::bad_alloc.
  std::uint64_t request_flush(std::uint64_t target, Deadline deadline);
  /// Waits for it. True when all is delivered or dropped, and the receiver has flushed it.
  [[nodiscard]] bool await_flush(std::uint64_t number, std::uint64_t target,
                                 Deadline deadline) noexcept;
  /// True when all before `target` is delivered or dropped, or another reader's.
  [[nodiscard]] bool is_past(std::uint64_t target) const noexcept;

  /// Takes it out of use and waits for it to end, but not for ever, nor when called by its thread.
  void remove() noexcept;
  void remove(Deadline deadline) noexcept;
  /// Has the thread end: it hands over what there is before `target`, until `drain_until`, and
  /// shuts its receiver down.
  void begin_end(std::uint64_t target, Deadline drain_until, Deadline deadline) noexcept;
  /// Waits for the end, and leaves the thread behind when it has not come at `deadline`; then
  /// false.
  [[nodiscard]] bool await_end(Deadline deadline) noexcept;
  /// Joins the thread when it has ended after remove(); then true.
  [[nodiscard]] bool is_gone() noexcept;

  [[nodiscard]] bool removed() const noexcept;
  [[nodiscard]] bool is_this_thread() const noexcept;
  [[nodiscard]] ExportStats stats(Log const& log) const;

  /// For fork: both locks are held across it.
  void lock_for_fork();
  void unlock_after_fork();
  /// In the child, before the locks go: begins anew at `ticket`, without a thread.
  void restart_in_child(std::uint64_t ticket);

 protected:
  /// Hands a batch over, on the thread and without a lock, and accounts for its records: those from
  /// the cursor up to `next`.
  virtual void hand_over(TakenBatch& batch, std::uint64_t next) noexcept = 0;
  virtual bool flush_receiver(Deadline) { return true; }
  virtual void shut_receiver_down(Deadline) {}
  virtual void receiver_after_fork() {}
  /// Destroys the receiver, if it is still there: on the thread, without a lock.
  virtual void drop_receiver() noexcept = 0;
  [[nodiscard]] virtual CircuitState circuit(Deadline) const noexcept {
    return CircuitState::closed;
  }

  // All with mutex_ held:
  /// Whether to hand over any more.
  [[nodiscard]] bool goes_on() const noexcept;
  /// Runs somebody's code without the lock; false when it throws, the text then being in `error`.
  template <class Call>
  bool call_receiver(std::unique_lock<std::mutex>& lock, Deadline until, std::string& error,
                     Call&& call) noexcept;
  void note_error(std::string& error) noexcept;

  /// What threads wait on. In the child of a fork it is left alone and a new one made, for a thread
  /// of the parent may have been waiting on it.
  struct Signals {
    std::condition_variable wake;      // of the thread
    std::condition_variable progress;  // of those who wait for it
  };

  std::string const name_;
  std::size_t const batch_size_;
  std::chrono::milliseconds const attempt_timeout_;
  std::chrono::milliseconds remove_timeout_;
  mutable std::mutex mutex_;
  Signals* signals_;
  std::uint64_t run_ = 0;       // raised in the child of a fork; a thread of an older run is done
  std::uint64_t cursor_;        // everything before it is delivered or dropped,
  std::uint64_t resolved_ = 0;  // and so many of the records from there on
  std::uint64_t end_ = std::numeric_limits<std::uint64_t>::max();
  ExportStats account_;  // but for what stats() adds
  DroppedRecords dropped_;
  bool removed_ = false, ending_ = false;
  bool gives_up_ = false;  // while ending: there is no sense in trying on
  bool forsaken_ = false;  // the receiver is no longer the thread's
  Deadline drain_until_{}, end_deadline_{};

 private:
  void run(std::uint64_t run) noexcept;
  [[nodiscard]] bool wait_for_batch(std::unique_lock<std::mutex>& lock, std::uint64_t run) noexcept;
  void take_batch(std::unique_lock<std::mutex>& lock, std::uint64_t run) noexcept;
  bool flush(std::unique_lock<std::mutex>& lock, Deadline deadline) noexcept;
  void serve_flush(std::unique_lock<std::mutex>& lock, std::uint64_t run) noexcept;
  void finish(std::unique_lock<std::mutex>& lock, std::uint64_t run) noexcept;
  void wake() noexcept;
  /// Waits for the end of the thread until `deadline`. When it is then in nobody's code, its
  /// receiver is taken from it and its end waited for; false when it is in somebody's.
  [[nodiscard]] bool await_thread(std::unique_lock<std::mutex>& lock, Deadline deadline) noexcept;
  void drop_without_thread(std::unique_lock<std::mutex>& lock) noexcept;
  /// Enough records to take; fewer than asked for when the log would forget some before.
  [[nodiscard]] std::size_t full_batch(LogState const& log) const noexcept;
  [[nodiscard]] LogState log_state() const noexcept;
  [[nodiscard]] bool flush_is_due() const noexcept;

  struct FlushRequest {
    std::uint64_t number = 0, target = 0;
    Deadline deadline{};
    bool served = false, succeeded = false;
  };

  std::chrono::milliseconds delay_;
  TakenBatch batch_;  // the thread's
  QuietThread thread_;
  bool ended_ = true;           // there is no thread, or it touches nothing any more
  bool waiting_ = false;        // for records
  bool poked_ = false;          // there is something to look at
  std::uint64_t due_ = 0;       // what is before it need not wait for a full batch
  std::thread::id calling_{};   // the thread that is in somebody's code
  Deadline call_until_{};       // and when it should be back
  std::uint64_t told_run_ = 0;  // for which the receiver knows of the fork
  std::uint64_t flushes_asked_ = 0;
  std::vector<FlushRequest> flushes_;  // of those who wait
  std::uint64_t end_target_ = 0;

  mutable std::mutex core_mutex_;
  Core* core_;  // guarded by core_mutex_; null: the collector has left this thread behind
};

}  // namespace netrun::llm::detail
