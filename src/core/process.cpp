// SPDX-License-Identifier: MIT
// What all collectors of a process share: the handlers for fork, and the collector that is there
// for all.
#include "core/process.hpp"

#include <netrun/llm/collector.hpp>
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/ids.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

#include <pthread.h>
#include <signal.h>

namespace netrun::llm {
namespace detail {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<Core*> cores;
  std::vector<std::thread> threads_of_parent;
};

/// Never destroyed: collectors may go after static destructors have run.
Registry& registry() noexcept {
  static Registry& all = *new Registry;
  return all;
}

void before_fork() {
  registry().mutex.lock();
  for (Core* const core : registry().cores) core->before_fork();
}

void after_fork_in_parent() {
  auto& cores = registry().cores;
  std::for_each(cores.rbegin(), cores.rend(), [](Core* core) { core->after_fork_in_parent(); });
  registry().mutex.unlock();
}

void after_fork_in_child() {
  restart_ids_in_child();
  auto& cores = registry().cores;
  std::for_each(cores.rbegin(), cores.rend(), [](Core* core) { core->after_fork_in_child(); });
  registry().mutex.unlock();
}

}  // namespace

void register_core(Core& core) {
  static bool const installed =
      pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child) == 0;
  (void)installed;
  std::lock_guard const guard(registry().mutex);
  registry().cores.push_back(&core);
}

void unregister_core(Core& core) noexcept {
  std::lock_guard const guard(registry().mutex);
  std::erase(registry().cores, &core);
}

std::thread start_quiet_thread(std::function<void()> body) {
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  for (int const signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF}) {
    sigdelset(&blocked, signal);
  }
  pthread_sigmask(SIG_SETMASK, &blocked, &before);  // a thread inherits the mask of its maker
  try {
    std::thread thread(std::move(body));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
}

void leave_thread_of_parent(std::thread& thread) {
  if (thread.joinable()) registry().threads_of_parent.push_back(std::move(thread));
}

/// Makes the collector of the process; a friend of TelemetryCollector.
struct GlobalCollector {
  static Core& core_of(TelemetryCollector& collector) noexcept { return *collector.core_; }

  /// The collector, set up with `options` when they are given; made with them, or the default ones,
  /// when it is not there.
  static TelemetryCollector& get(TelemetryOptions* options) {
    static GlobalCollector& global =
        *new GlobalCollector;  // callers may come after static destructors
    if (auto* const made = global.collector_.load(std::memory_order_acquire); made != nullptr) {
      if (options != nullptr) core_of(*made).configure(std::move(*options));
      return *made;
    }
    std::unique_lock lock(global.mutex_);
    if (global.collector_.load(std::memory_order_relaxed) != nullptr) {
      lock.unlock();
      return get(options);
    }
    auto* const made =
        new TelemetryCollector(options != nullptr ? std::move(*options) : TelemetryOptions{});
    core_at_exit = &core_of(*made);
    std::atexit([] { core_at_exit->finish_delivery(); });
    global.collector_.store(made, std::memory_order_release);
    return *made;
  }

 private:
  std::mutex mutex_;
  std::atomic<TelemetryCollector*> collector_{nullptr};
  static inline Core* core_at_exit = nullptr;
};

}  // namespace detail

TelemetryCollector& get_collector() { return detail::GlobalCollector::get(nullptr); }

TelemetryCollector& configure_telemetry(TelemetryOptions options) {
  return detail::GlobalCollector::get(&options);
}

}  // namespace netrun::llm
