// SPDX-License-Identifier: MIT
// All callbacks and exporters of one collector.
#include "core/callback_worker.hpp"
#include "core/exporter_worker.hpp"
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/deadline.hpp>
#include <netrun/llm/detail/delivery.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <string>

namespace netrun::llm {
namespace detail {
namespace {

/// A callback is given records when a chunk of the log is full, if not sooner.
constexpr std::size_t callback_batch_size = chunk_records;
std::atomic<std::uint64_t> threads_left_behind{0};

}  // namespace

Delivery::Delivery(Core& core, std::chrono::milliseconds interval,
                   std::chrono::milliseconds remove_timeout)
    : core_(core), interval_(interval), remove_timeout_(remove_timeout) {}

Delivery::~Delivery() {
  auto const now = std::chrono::steady_clock::now();
  shut_down(now, now);
}

CallbackHandle Delivery::add(ExportCallback callback) {
  return add(std::move(callback), core_.log().recorded());
}

CallbackHandle Delivery::add(ExportCallback callback, std::uint64_t first_ticket) {
  if (!callback) throw std::invalid_argument("the export callback is empty");
  std::shared_ptr<Worker> worker;
  {
    std::lock_guard const guard(mutex_);
    worker = std::make_shared<CallbackWorker>(
        core_,
        WorkerSetup{.name = "callback " + std::to_string(callbacks_added_ + 1),
                    .first_ticket = first_ticket,
                    .batch_size = callback_batch_size,
                    .delay = interval_,
                    .attempt_timeout = ExporterOptions{}.attempt_timeout,
                    .remove_timeout = remove_timeout_},
        std::move(callback));
    callbacks_.push_back(worker);
    ++callbacks_added_;
  }
  return insert(std::move(worker));
}

ExporterHandle Delivery::add(std::unique_ptr<Exporter> exporter, ExporterOptions const& options) {
  if (exporter == nullptr) throw std::invalid_argument("the exporter is null");
  check_options(options);
  auto name = exporter->name();
  auto const remove_timeout = [&] {
    std::lock_guard const guard(mutex_);
    return remove_timeout_;
  }();
  return insert(
      std::make_shared<ExporterWorker>(core_,
                                       WorkerSetup{.name = std::move(name),
                                                   .first_ticket = core_.log().recorded(),
                                                   .batch_size = options.max_batch_size,
                                                   .delay = options.max_batch_delay,
                                                   .attempt_timeout = options.attempt_timeout,
                                                   .remove_timeout = remove_timeout},
                                       std::move(exporter), options));
}

CallbackHandle Delivery::insert(std::shared_ptr<Worker> worker) {
  std::lock_guard const guard(mutex_);
  sweep();
  workers_.push_back(worker);
  start(*worker);
  return CallbackHandle(worker);
}

void Delivery::start(Worker& worker) noexcept {
  if (shut_down_) return;
  try {
    worker.start();
  } catch (...) {
    core_.count_worker_failure();
  }
}

void Delivery::start_threads() noexcept {
  std::lock_guard const guard(mutex_);
  for (auto const& worker : workers_) start(*worker);
}

void Delivery::sweep() noexcept {
  if (shut_down_) return;  // which goes through them by number
  auto const is_gone = [](auto const& worker) { return worker->is_gone(); };
  if (std::erase_if(workers_, is_gone) > 0) std::erase_if(callbacks_, is_gone);
}

std::uint64_t Delivery::end_at_newest(CallbackHandle const& handle) noexcept {
  auto const newest = core_.log().recorded();
  if (auto const worker = handle.worker_.lock()) worker->end_at(newest);
  return newest;
}

void Delivery::set_times(std::chrono::milliseconds interval,
                         std::chrono::milliseconds remove_timeout) noexcept {
  std::lock_guard const guard(mutex_);
  interval_ = interval;
  remove_timeout_ = remove_timeout;
  for (auto const& worker : callbacks_) worker->set_delay(interval);
  for (auto const& worker : workers_) worker->set_remove_timeout(remove_timeout);
}

bool Delivery::poke() noexcept {
  auto const state = core_.log_state();
  std::lock_guard const guard(mutex_);
  sweep();
  bool late = false;
  for (auto const& worker : workers_) {
    start(*worker);  // in case that failed before
    late |= worker->poke(state);
  }
  return late;
}

Delivery::Workers Delivery::workers() const {
  std::lock_guard const guard(mutex_);
  return workers_;
}

bool Delivery::flush(std::chrono::nanoseconds timeout) {
  auto const all = workers();
  auto const target = core_.log().recorded();
  auto const deadline = deadline_after(timeout);
  for (auto const& worker : all) {
    if (worker->is_this_thread()) return false;
  }
  if (timeout.count() <= 0) {
    return std::all_of(all.begin(), all.end(),
                       [&](auto const& worker) { return worker->is_past(target); });
  }
  std::vector<std::uint64_t> numbers;
  for (auto const& worker : all) numbers.push_back(worker->request_flush(target, deadline));
  bool flushed = true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    flushed &= all[i]->await_flush(numbers[i], target, deadline);
  }
  return flushed;
}

void Delivery::retire(CallbackHandle const& handle, Deadline deadline) noexcept {
  auto const worker = handle.worker_.lock();
  if (worker == nullptr) return;
  if (!worker->is_this_thread()) {
    try {
      auto const target = core_.log().recorded();
      (void)worker->await_flush(worker->request_flush(target, deadline), target, deadline);
    } catch (...) {  // no memory to wait with
    }
  }
  worker->remove(deadline);
}

void Delivery::shut_down(Deadline drain_until, Deadline deadline) noexcept {
  auto const target = core_.log().recorded();
  std::unique_lock lock(mutex_);
  shut_down_ = true;
  for (auto const& worker : workers_) worker->begin_end(target, drain_until, deadline);
  // One after the other, without our lock: what runs on them may ask for it.
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    auto const worker = workers_[i];
    lock.unlock();
    if (!worker->await_end(deadline)) {
      threads_left_behind.fetch_add(1, std::memory_order_relaxed);
    }
    lock.lock();
  }
}

std::vector<ExportStats> Delivery::stats() const {
  std::vector<ExportStats> all;
  for (auto const& worker : workers()) {
    if (!worker->removed()) all.push_back(worker->stats(core_.log()));
  }
  return all;
}

std::uint64_t Delivery::left_behind() noexcept {
  return threads_left_behind.load(std::memory_order_relaxed);
}

void Delivery::before_fork() {
  mutex_.lock();
  for (auto const& worker : workers_) worker->lock_for_fork();
}

void Delivery::after_fork_in_parent() {
  for (auto const& worker : workers_) worker->unlock_after_fork();
  mutex_.unlock();
}

void Delivery::after_fork_in_child() {
  for (auto const& worker : workers_) worker->restart_in_child(core_.log().recorded());
  after_fork_in_parent();
}

}  // namespace detail

void CallbackHandle::remove() noexcept {
  if (auto const worker = worker_.lock()) worker->remove();
}

}  // namespace netrun::llm
