// SPDX-License-Identifier: MIT
// The thread of one reader of the log.
#include "core/call_receiver.hpp"
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/deadline.hpp>
#include <netrun/llm/detail/worker.hpp>

#include <algorithm>

namespace netrun::llm::detail {
namespace {

/// Pause after a batch could not be taken for want of memory.
constexpr std::chrono::milliseconds pause_without_memory{10};
/// How often a thread looks whether there is a full batch. Recorders do not wake it, for that is a
/// system call; only the folder does, before the ring can have turned over.
constexpr std::chrono::milliseconds longest_sleep{100};

}  // namespace

void Worker::run(std::uint64_t run) noexcept {
  std::unique_lock lock(mutex_);
  // A child that was forked within somebody's code goes on in there, on a thread of an older run.
  signals_->wake.wait(
      lock, [&] { return calling_ == std::thread::id{} || removed_ || ending_ || run_ != run; });
  if (run != told_run_ && calling_ == std::thread::id{} && !forsaken_) {
    told_run_ = run;
    std::string error;
    call_receiver(lock, deadline_after(attempt_timeout_), error, [&] { receiver_after_fork(); });
    if (!error.empty()) note_error(error);
  }
  while (wait_for_batch(lock, run)) take_batch(lock, run);
  if (run_ == run) finish(lock, run);
}

LogState Worker::log_state() const noexcept {
  std::lock_guard const guard(core_mutex_);
  return core_ != nullptr ? core_->log_state() : LogState{.recorded = cursor_, .capacity = 1};
}

std::size_t Worker::full_batch(LogState const& log) const noexcept {
  return std::min(batch_size_, std::max<std::size_t>(1, log.capacity / 2));
}

bool Worker::flush_is_due() const noexcept {
  return std::any_of(flushes_.begin(), flushes_.end(), [&](FlushRequest const& request) {
    return !request.served && cursor_ >= std::min(request.target, end_);
  });
}

bool Worker::goes_on() const noexcept {
  return !removed_ && !forsaken_ &&
         !(ending_ && (gives_up_ || std::chrono::steady_clock::now() >= drain_until_));
}

bool Worker::wait_for_batch(std::unique_lock<std::mutex>& lock, std::uint64_t run) noexcept {
  auto waits_since = std::chrono::steady_clock::now();
  for (;;) {
    if (run_ != run || !goes_on()) return false;
    if (flush_is_due()) {
      serve_flush(lock, run);
      continue;
    }
    if (ending_ && cursor_ >= std::min(end_target_, end_)) return false;
    auto const log = log_state();
    auto const last = std::min(log.recorded, end_);
    auto const pending = last - std::min(last, cursor_);
    if (pending >= full_batch(log) || (pending > 0 && cursor_ < due_)) return true;
    auto const now = std::chrono::steady_clock::now();
    if (now - waits_since >= delay_) {
      due_ = log.recorded;
      waits_since = now;
      if (pending > 0) return true;
    }
    waiting_ = true;
    signals_->wake.wait_until(lock, std::min(waits_since + delay_, now + longest_sleep),
                              [&] { return poked_; });
    waiting_ = poked_ = false;
  }
}

void Worker::take_batch(std::unique_lock<std::mutex>& lock, std::uint64_t run) noexcept {
  auto const cursor = cursor_;
  auto const end = ending_ ? std::min(end_, end_target_) : end_;
  lock.unlock();
  auto next = cursor;
  bool failed = false;
  {
    std::lock_guard const guard(core_mutex_);
    try {
      if (core_ != nullptr) next = core_->take(cursor, end, batch_size_, batch_);
    } catch (...) {  // the records wait in the log
      failed = true;
      core_->count_worker_failure();
    }
  }
  if (next != cursor) hand_over(batch_, next);
  lock.lock();
  if (run_ != run) return;
  if (failed) signals_->wake.wait_for(lock, pause_without_memory);
  signals_->progress.notify_all();
}

bool Worker::flush(std::unique_lock<std::mutex>& lock, Deadline deadline) noexcept {
  auto const run = run_;
  bool flushed = false;
  std::string error;
  call_receiver(lock, deadline, error, [&] { flushed = flush_receiver(deadline); });
  if (flushed || run_ != run) return flushed;
  if (error.empty()) error = "flush failed";  // short enough to need no memory
  note_error(error);
  return false;
}

void Worker::serve_flush(std::unique_lock<std::mutex>& lock, std::uint64_t run) noexcept {
  auto const last = flushes_asked_;
  auto const cursor = cursor_;
  auto const is_served = [&](FlushRequest const& request) {
    return !request.served && request.number <= last && cursor >= std::min(request.target, end_);
  };
  Deadline deadline{};  // the latest: one who is in a hurry must not spoil it for the others
  for (auto const& request : flushes_) {
    if (is_served(request)) deadline = std::max(deadline, request.deadline);
  }
  bool const flushed = flush(lock, deadline);
  if (run_ != run) return;
  for (auto& request : flushes_) {
    if (!is_served(request)) continue;
    request.served = true;
    request.succeeded = flushed;
  }
  signals_->progress.notify_all();
}

void Worker::finish(std::unique_lock<std::mutex>& lock, std::uint64_t run) noexcept {
  if (ending_) {
    auto const target = std::max(std::min(end_target_, end_), cursor_);
    dropped_.shutdown += target - cursor_ - std::min(resolved_, target - cursor_);
    cursor_ = target;
    resolved_ = 0;
  }
  // A thread of an older run may still be in there.
  if (calling_ == std::thread::id{} && !forsaken_) {
    auto const deadline = ending_ ? end_deadline_ : deadline_after(remove_timeout_);
    std::string error;
    flush(lock, deadline);
    if (run_ != run) return;
    if (!call_receiver(lock, deadline, error, [&] { shut_receiver_down(deadline); })) {
      note_error(error);
    }
    if (run_ != run) return;
    // Its destructor is somebody's code as well, and may ask for its own removal.
    call_receiver(lock, deadline, error, [&] { drop_receiver(); });
    if (run_ != run) return;
  }
  ended_ = true;
  signals_->progress.notify_all();
}

void Worker::note_error(std::string& error) noexcept { account_.last_error.swap(error); }

}  // namespace netrun::llm::detail
