// SPDX-License-Identifier: MIT
// What the owner of a worker does with it: start, wake, flush, remove, end, fork.
#include "core/call_receiver.hpp"
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/deadline.hpp>
#include <netrun/llm/detail/worker.hpp>

#include <algorithm>
#include <utility>

namespace netrun::llm::detail {
namespace {

/// What a thread is given to end, whatever the time limit.
constexpr std::chrono::milliseconds least_wait{20};
/// What a thread in nobody's code may need to come to its end, on a machine that is very busy.
constexpr std::chrono::seconds longest_own_time{10};

}  // namespace

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

Worker::~Worker() { delete signals_; }

void Worker::start() {
  std::lock_guard const guard(mutex_);
  if (!ended_ || ending_ || removed_) return;
  thread_.start([self = shared_from_this(), run = run_] { self->run(run); });
  ended_ = false;
}

void Worker::wake() noexcept {
  poked_ = true;
  signals_->wake.notify_all();
}

bool Worker::poke(LogState const& log) noexcept {
  std::lock_guard const guard(mutex_);
  if (waiting_ && log.recorded >= cursor_ + full_batch(log)) wake();
  return !removed_ && log.recorded >= cursor_ + log.capacity / 2;
}

void Worker::set_delay(std::chrono::milliseconds delay) noexcept {
  std::lock_guard const guard(mutex_);
  delay_ = bounded_time(delay);
  wake();
}

void Worker::set_remove_timeout(std::chrono::milliseconds timeout) noexcept {
  std::lock_guard const guard(mutex_);
  remove_timeout_ = bounded_time(timeout);
}

void Worker::end_at(std::uint64_t ticket) noexcept {
  std::lock_guard const guard(mutex_);
  end_ = ticket;
  due_ = std::max(due_, ticket);
  wake();
}

std::uint64_t Worker::request_flush(std::uint64_t target, Deadline deadline) {
  std::lock_guard const guard(mutex_);
  flushes_.push_back({.number = flushes_asked_ + 1, .target = target, .deadline = deadline});
  due_ = std::max(due_, target);
  wake();
  return ++flushes_asked_;
}

bool Worker::await_flush(std::uint64_t number, std::uint64_t target, Deadline deadline) noexcept {
  std::unique_lock lock(mutex_);
  auto const request = [&] {
    return std::find_if(flushes_.begin(), flushes_.end(),
                        [&](FlushRequest const& r) { return r.number == number; });
  };
  signals_->progress.wait_until(lock, deadline,
                                [&] { return request()->served || removed_ || ended_; });
  auto const answer = *request();
  flushes_.erase(request());
  if (removed_) return true;
  if (answer.served) return answer.succeeded;
  return ended_ && cursor_ >= std::min(target, end_);
}

bool Worker::is_past(std::uint64_t target) const noexcept {
  std::lock_guard const guard(mutex_);
  return removed_ || cursor_ >= std::min(target, end_);
}

void Worker::remove() noexcept {
  auto const timeout = [&] {
    std::lock_guard const guard(mutex_);
    return remove_timeout_;
  }();
  remove(deadline_after(timeout));
}

void Worker::remove(Deadline deadline) noexcept {
  std::unique_lock lock(mutex_);
  removed_ = true;
  wake();
  signals_->progress.notify_all();
  if (calling_ == std::this_thread::get_id()) return;  // the thread sees to the rest
  if (!thread_.joinable() && ended_) return drop_without_thread(lock);
  if (!await_thread(lock, deadline)) return;
  QuietThread thread = std::move(thread_);
  lock.unlock();
  if (thread.join_until(std::max(deadline, deadline_after(least_wait)))) return;
  lock.lock();
  thread_ = std::move(thread);
}

bool Worker::await_thread(std::unique_lock<std::mutex>& lock, Deadline deadline) noexcept {
  deadline = std::max(deadline, deadline_after(least_wait));
  signals_->progress.wait_until(lock, deadline, [&] { return ended_; });
  if (ended_) return true;
  if (calling_ != std::thread::id{}) return false;
  forsaken_ = true;
  wake();
  drop_without_thread(lock);
  signals_->progress.wait_until(lock, deadline_after(longest_own_time), [&] { return ended_; });
  return ended_;
}

void Worker::drop_without_thread(std::unique_lock<std::mutex>& lock) noexcept {
  if (calling_ != std::thread::id{}) return;  // the child of a fork is still in there
  std::string error;
  bool const is_told = std::exchange(told_run_, run_) == run_;
  call_receiver(lock, deadline_after(remove_timeout_), error, [&] {
    if (!is_told) receiver_after_fork();
    drop_receiver();
  });
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
  if (!thread_.joinable()) {  // it never had one, or that was seen to
    if (ended_) drop_without_thread(lock);
    return true;
  }
  bool const is_own = calling_ == std::this_thread::get_id();
  bool const ended = !is_own && await_thread(lock, deadline);
  gives_up_ = true;
  QuietThread thread = std::move(thread_);
  lock.unlock();
  // After its end it may still be in destructors of thread-local objects.
  if (ended && thread.join_until(std::max(deadline, deadline_after(least_wait)))) return true;
  {
    std::lock_guard const guard(core_mutex_);
    core_ = nullptr;
  }
  thread.detach();
  return false;
}

bool Worker::is_gone() noexcept {
  std::lock_guard const guard(mutex_);
  return removed_ && ended_ && thread_.join_until(Deadline{});
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
  flushes_.clear();
  waiting_ = poked_ = false;
  ended_ = true;
  thread_.forget();
  // The thread that forks from within somebody's code is in there still, here as well.
  if (calling_ != std::this_thread::get_id()) calling_ = {};
}

}  // namespace netrun::llm::detail
