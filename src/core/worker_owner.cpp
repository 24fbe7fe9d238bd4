// SPDX-License-Identifier: MIT
// What the owner of a worker does with it: start, wake, flush, remove, end, fork.
#include "core/process.hpp"
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/deadline.hpp>
#include <netrun/llm/detail/worker.hpp>

#include <algorithm>

namespace netrun::llm::detail {

Worker::Worker(Core& core, WorkerSetup setup)
    : name_(std::move(setup.name)),
      batch_size_(setup.batch_size),
      attempt_timeout_(bounded_time(setup.attempt_timeout)),
      remove_timeout_(bounded_time(setup.remove_timeout)),
      signals_(new Signals),
      cursor_(setup.first_ticket),
      delay_(bounded_time(setup.delay)),
      batch_(core.shared_names()),
      core_(&core) {}

Worker::~Worker() {
  if (thread_.joinable()) thread_.detach();  // it is this thread
  delete signals_;
}

void Worker::start() {
  std::lock_guard const guard(mutex_);
  if (!ended_ || ending_ || removed_) return;
  if (thread_.joinable()) thread_.join();
  thread_ = start_quiet_thread([self = shared_from_this(), run = run_] { self->run(run); });
  ended_ = false;
}

void Worker::wake() noexcept {
  poked_ = true;
  signals_->wake.notify_all();
}

void Worker::poke(std::uint64_t recorded) noexcept {
  std::lock_guard const guard(mutex_);
  if (waiting_ && recorded >= cursor_ + batch_size_) wake();
}

void Worker::set_delay(std::chrono::milliseconds delay) noexcept {
  std::lock_guard const guard(mutex_);
  delay_ = bounded_time(delay);
  wake();
}

void Worker::end_at(std::uint64_t ticket) noexcept {
  std::lock_guard const guard(mutex_);
  end_ = ticket;
  due_ = std::max(due_, ticket);
  wake();
}

std::uint64_t Worker::request_flush(std::uint64_t target, Deadline deadline) noexcept {
  std::lock_guard const guard(mutex_);
  flush_target_ = std::max(flush_target_, target);
  due_ = std::max(due_, target);
  flush_deadline_ = deadline;
  ++flushes_wanted_;
  wake();
  return flushes_wanted_;
}

bool Worker::await_flush(std::uint64_t number, std::uint64_t target, Deadline deadline) noexcept {
  std::unique_lock lock(mutex_);
  signals_->progress.wait_until(lock, deadline,
                                [&] { return flushes_served_ >= number || removed_ || ended_; });
  if (removed_) return true;
  if (flushes_served_ >= number) return flush_succeeded_;
  return ended_ && cursor_ >= std::min(target, end_);
}

bool Worker::is_past(std::uint64_t target) const noexcept {
  std::lock_guard const guard(mutex_);
  return removed_ || cursor_ >= std::min(target, end_);
}

void Worker::remove() noexcept {
  std::unique_lock lock(mutex_);
  removed_ = true;
  wake();
  signals_->progress.notify_all();
  if (calling_ == std::this_thread::get_id()) return;  // the thread sees to the rest
  auto const deadline = deadline_after(remove_timeout_);
  signals_->progress.wait_until(lock, deadline, [&] { return ended_; });
  if (!ended_) return;
  if (thread_.joinable()) {
    thread_.join();
  } else {  // it never had a thread
    lock.unlock();
    drop_receiver();
  }
}

void Worker::begin_end(std::uint64_t target, Deadline drain_until, Deadline deadline) noexcept {
  std::lock_guard const guard(mutex_);
  if (ending_) return;
  ending_ = true;
  end_target_ = target;
  due_ = std::max(due_, target);
  drain_until_ = drain_until;
  end_deadline_ = deadline;
  wake();
}

bool Worker::await_end(Deadline deadline) noexcept {
  std::unique_lock lock(mutex_);
  if (calling_ != std::this_thread::get_id()) {
    signals_->progress.wait_until(lock, deadline, [&] { return ended_; });
  }
  gives_up_ = true;
  if (!thread_.joinable()) return true;
  std::thread thread = std::move(thread_);
  bool const ended = ended_;
  lock.unlock();
  if (ended) {
    thread.join();
    return true;
  }
  {
    std::lock_guard const guard(core_mutex_);
    core_ = nullptr;
  }
  thread.detach();
  return false;
}

bool Worker::is_gone() noexcept {
  std::lock_guard const guard(mutex_);
  if (!removed_ || !ended_) return false;
  if (thread_.joinable()) thread_.join();
  return true;
}

bool Worker::removed() const noexcept {
  std::lock_guard const guard(mutex_);
  return removed_;
}

bool Worker::is_this_thread() const noexcept {
  std::lock_guard const guard(mutex_);
  return calling_ == std::this_thread::get_id();
}

ExportStats Worker::stats(Log const& log) const {
  auto const now = std::chrono::steady_clock::now();
  std::lock_guard const guard(mutex_);
  auto const recorded = log.recorded();  // after the lock, so that it is not behind the cursor
  ExportStats stats = account_;
  stats.name = name_;
  stats.dropped_by_reason = dropped_;
  stats.dropped = dropped_.total();
  stats.pending = recorded - cursor_ - resolved_;
  stats.circuit = circuit(now);
  stats.stuck = calling_ != std::thread::id{} && now > call_until_;
  return stats;
}

void Worker::lock_for_fork() {
  mutex_.lock();
  core_mutex_.lock();
}

void Worker::unlock_after_fork() {
  core_mutex_.unlock();
  mutex_.unlock();
}

void Worker::restart_in_child(std::uint64_t ticket) {
  signals_ = new Signals;  // the old one is left: a thread of the parent may wait on it for ever
  ++run_;
  cursor_ = ticket;
  resolved_ = 0;
  account_ = {};
  dropped_ = {};
  due_ = 0;
  flushes_served_ = flushes_wanted_;
  waiting_ = poked_ = false;
  ended_ = true;
  leave_thread_of_parent(thread_);
  // The thread that forks from within somebody's code is in there still, here as well.
  if (calling_ != std::this_thread::get_id()) calling_ = {};
}

}  // namespace netrun::llm::detail
