// SPDX-License-Identifier: MIT
// Handing finished calls to callbacks, on a thread of its own.
#include "core/process.hpp"
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/delivery.hpp>

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <stdexcept>

namespace netrun::llm {
namespace detail {
namespace {

constexpr std::size_t batch_records = 256;
std::atomic<std::uint64_t> threads_left_behind{0};

/// `timeout` from now on; the far future stays finite.
Delivery::Clock::time_point deadline_after(std::chrono::nanoseconds timeout) noexcept {
  auto const longest = std::chrono::hours(24 * 365);
  return Delivery::Clock::now() + std::min<std::chrono::nanoseconds>(timeout, longest);
}

}  // namespace

/// What the thread shares with its Delivery, so that either may be gone.
struct Delivery::State {
  std::mutex mutex;  // guards the rest but for `core`
  std::condition_variable wake, progress;
  std::vector<std::shared_ptr<Reader>> readers;
  std::chrono::milliseconds interval{100};
  std::thread::id thread;
  std::atomic<bool> stop{false};  // written under the mutex, read between two calls of a callback
  bool poked = false, ended = true;

  std::mutex core_mutex;  // held while the thread looks at the collector; never in a callback
  Core* core = nullptr;   // null: the collector has left this thread behind
};

Reader::Reader(std::string name, ExportCallback callback, std::uint64_t first_ticket,
               std::chrono::milliseconds remove_timeout)
    : name_(std::move(name)),
      remove_timeout_(remove_timeout),
      callback_(std::move(callback)),
      cursor_(first_ticket) {}

bool Reader::deliver(std::uint64_t ticket, LLMRequestMetrics const& record) noexcept {
  {
    std::lock_guard const guard(mutex_);
    if (removed() || ticket >= end_) return false;
    calling_ = std::this_thread::get_id();
  }
  bool failed = false;
  std::string error;
  try {
    callback_(record);
  } catch (std::exception const& thrown) {
    failed = true;
    try {
      if (char const* const text = thrown.what()) error = text;
    } catch (...) {  // no memory for the text; the failure counts all the same
    }
  } catch (...) {
    failed = true;
    error = "unknown type";  // short enough to need no memory
  }
  bool was_removed = false;
  {
    std::lock_guard const guard(mutex_);
    calling_ = {};
    if (cursor_ <= ticket) {  // else the callback forked, and this is the child, which began anew
      dropped_ += ticket - cursor_;
      cursor_ = ticket + 1;
      ++delivered_;
      if (failed) {
        ++failed_;
        last_error_.swap(error);
      }
    }
    was_removed = removed();
  }
  if (was_removed) drop_callback();
  return !was_removed;
}

void Reader::skip_to(std::uint64_t ticket) noexcept {
  std::lock_guard const guard(mutex_);
  if (ticket <= cursor_) return;
  dropped_ += ticket - cursor_;
  cursor_ = ticket;
}

void Reader::end_at(std::uint64_t ticket) noexcept {
  std::lock_guard const guard(mutex_);
  end_ = ticket;
}

void Reader::drop_callback() noexcept {
  ExportCallback gone;  // destroyed without our lock: what it holds may do anything
  std::lock_guard const guard(mutex_);
  if (calling_ == std::thread::id{}) gone.swap(callback_);
}

void Reader::remove() noexcept {
  bool inside = false;
  {
    std::lock_guard const guard(mutex_);
    removed_.store(true, std::memory_order_release);
    inside = calling_ == std::this_thread::get_id();
  }
  if (inside) return;  // deliver() sees to the rest
  auto const deadline = Delivery::Clock::now() + remove_timeout_;
  for (;;) {
    {
      std::lock_guard const guard(mutex_);
      if (calling_ == std::thread::id{}) break;
    }
    if (Delivery::Clock::now() >= deadline) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  drop_callback();
}

Reader::Place Reader::place() const noexcept {
  std::lock_guard const guard(mutex_);
  return {cursor_, end_};
}

ExportStats Reader::stats(Log const& log) const {
  std::lock_guard const guard(mutex_);
  auto const recorded = log.recorded();  // after the lock, so that it is not behind the cursor
  ExportStats stats;
  stats.name = name_;
  stats.delivered = delivered_;
  stats.dropped = stats.dropped_by_reason.lapped = dropped_;
  stats.pending = recorded - cursor_;
  stats.attempts = delivered_;
  stats.failed = failed_;
  stats.last_error = last_error_;
  return stats;
}

void Reader::restart_in_child(std::uint64_t ticket) noexcept {
  calling_ = {};
  cursor_ = ticket;
  delivered_ = failed_ = dropped_ = 0;
}

Delivery::Delivery(Core& core, std::chrono::milliseconds interval)
    : core_(core), state_(std::make_shared<State>()) {
  state_->core = &core;
  state_->interval = interval;
}

Delivery::~Delivery() { shut_down(Clock::now()); }

CallbackHandle Delivery::add(ExportCallback callback, std::chrono::milliseconds remove_timeout) {
  return add(std::move(callback), remove_timeout, core_.log().recorded());
}

std::uint64_t Delivery::end_at_newest(CallbackHandle const& handle) noexcept {
  auto const newest = core_.log().recorded();
  if (auto const reader = handle.reader_.lock()) reader->end_at(newest);
  return newest;
}

CallbackHandle Delivery::add(ExportCallback callback, std::chrono::milliseconds remove_timeout,
                             std::uint64_t first_ticket) {
  if (!callback) throw std::invalid_argument("the export callback is empty");
  std::shared_ptr<Reader> reader;
  {
    std::lock_guard const guard(state_->mutex);
    reader = std::make_shared<Reader>("callback " + std::to_string(added_ + 1), std::move(callback),
                                      first_ticket, remove_timeout);
    state_->readers.push_back(reader);
    ++added_;
    core_.log().set_has_callbacks(true);
  }
  start_thread();
  return CallbackHandle(reader);
}

void Delivery::start_thread() noexcept {
  std::lock_guard const guard(state_->mutex);
  if (!state_->ended || state_->stop || state_->readers.empty()) return;
  try {
    if (thread_.joinable()) thread_.join();
    thread_ = start_quiet_thread([state = state_] { run(state); });
    state_->ended = false;
    state_->thread = thread_.get_id();
  } catch (...) {
    core_.count_worker_failure();
  }
}

void Delivery::set_interval(std::chrono::milliseconds interval) noexcept {
  std::lock_guard const guard(state_->mutex);
  state_->interval = interval;
  state_->poked = true;
  state_->wake.notify_all();
}

void Delivery::poke() noexcept {
  std::lock_guard const guard(state_->mutex);
  if (state_->ended) return;
  state_->poked = true;
  state_->wake.notify_all();
}

void Delivery::run(std::shared_ptr<State> const& state) noexcept {
  std::unique_lock lock(state->mutex);
  while (!state->stop) {
    state->poked = false;
    if (std::erase_if(state->readers, [](auto const& reader) { return reader->removed(); }) != 0 &&
        state->readers.empty()) {
      std::lock_guard const guard(state->core_mutex);
      if (state->core != nullptr) state->core->log().set_has_callbacks(false);
    }
    std::vector<std::shared_ptr<Reader>> readers;
    try {
      readers = state->readers;
    } catch (...) {  // no memory now: the next round may find some
    }
    lock.unlock();
    bool any = false;
    for (auto const& reader : readers) any |= deliver_batch(*state, *reader);
    lock.lock();
    state->progress.notify_all();
    if (!any) {
      state->wake.wait_for(lock, state->interval, [&] { return state->poked || state->stop; });
    }
  }
  state->ended = true;
  state->progress.notify_all();
}

bool Delivery::deliver_batch(State& state, Reader& reader) noexcept {
  TakenBatch batch;
  auto const [cursor, end] = reader.place();
  if (cursor >= end) return false;
  try {
    std::lock_guard const guard(state.core_mutex);
    if (state.core == nullptr) return false;
    batch = state.core->take(cursor, std::min<std::uint64_t>(batch_records, end - cursor));
    if (batch.next == cursor) return false;
  } catch (...) {
    std::lock_guard const guard(state.core_mutex);
    if (state.core != nullptr) state.core->count_worker_failure();
    return false;  // no memory now; the records wait in the log
  }
  for (auto const& record : batch.records) {
    if (record.ticket >= end) break;
    if (state.stop || !reader.deliver(record.ticket, record.metrics)) return true;
  }
  reader.skip_to(std::min(batch.next, end));
  return true;
}

bool Delivery::flush(std::chrono::nanoseconds timeout) { return wait_for(timeout, nullptr); }

bool Delivery::flush(CallbackHandle const& handle, std::chrono::nanoseconds timeout) {
  auto const reader = handle.reader_.lock();
  return reader == nullptr || wait_for(timeout, reader.get());
}

bool Delivery::wait_for(std::chrono::nanoseconds timeout, Reader const* only) {
  auto const target = core_.log().recorded();
  auto const deadline = deadline_after(timeout);
  auto const state = state_;
  std::unique_lock lock(state->mutex);
  auto const done = [&] {
    return std::all_of(state->readers.begin(), state->readers.end(), [&](auto const& reader) {
      if ((only != nullptr && reader.get() != only) || reader->removed()) return true;
      auto const [cursor, end] = reader->place();
      return cursor >= std::min(target, end);
    });
  };
  if (state->thread == std::this_thread::get_id() && !state->ended) return false;
  if (timeout.count() <= 0) return done();
  state->poked = true;
  state->wake.notify_all();
  state->progress.wait_until(lock, deadline,
                             [&] { return done() || (state->stop && state->ended); });
  return done();
}

void Delivery::shut_down(Clock::time_point deadline) noexcept {
  auto const state = state_;
  std::unique_lock lock(state->mutex);
  state->stop = true;
  state->wake.notify_all();
  bool const inside = state->thread == std::this_thread::get_id() && !state->ended;
  if (!inside) state->progress.wait_until(lock, deadline, [&] { return state->ended; });
  if (!thread_.joinable()) return;
  std::thread thread = std::move(thread_);
  bool const ended = state->ended;
  lock.unlock();
  if (ended) {
    thread.join();
    return;
  }
  {
    std::lock_guard const guard(state->core_mutex);
    state->core = nullptr;
  }
  thread.detach();
  threads_left_behind.fetch_add(1, std::memory_order_relaxed);
}

std::vector<ExportStats> Delivery::stats() const {
  std::lock_guard const guard(state_->mutex);
  std::vector<ExportStats> all;
  for (auto const& reader : state_->readers) {
    if (!reader->removed()) all.push_back(reader->stats(core_.log()));
  }
  return all;
}

std::uint64_t Delivery::left_behind() noexcept {
  return threads_left_behind.load(std::memory_order_relaxed);
}

void Delivery::before_fork() {
  state_->mutex.lock();
  for (auto const& reader : state_->readers) reader->mutex().lock();
  state_->core_mutex.lock();
}

void Delivery::after_fork_in_parent() {
  state_->core_mutex.unlock();
  for (auto const& reader : state_->readers) reader->mutex().unlock();
  state_->mutex.unlock();
}

void Delivery::after_fork_in_child() {
  for (auto const& reader : state_->readers) reader->restart_in_child(core_.log().recorded());
  after_fork_in_parent();
  // The parent's thread may be waiting on the old state's conditions, which then must never be
  // destroyed.
  static std::vector<std::shared_ptr<State>>& kept = *new std::vector<std::shared_ptr<State>>;
  auto fresh = std::make_shared<State>();
  fresh->readers = state_->readers;
  fresh->interval = state_->interval;
  fresh->stop = state_->stop.load();
  fresh->core = &core_;
  // When the callback itself has forked, its thread goes on in the child, but not with the old
  // queue.
  state_->stop = true;
  kept.push_back(std::move(state_));
  state_ = std::move(fresh);
  leave_thread_of_parent(thread_);
}

}  // namespace detail

void CallbackHandle::remove() noexcept {
  if (auto const reader = reader_.lock()) reader->remove();
}

}  // namespace netrun::llm
