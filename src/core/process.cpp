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

namespace netrun::llm {
namespace detail {
namespace {

struct Registry {
  std::mutex mutex;
  std::vector<Core*> cores;
};

/// Never destroyed: collectors may go after static destructors have run.
Registry& registry() noexcept {
  static Registry& all = *new Registry;
  return all;
}

/// The collector of the process. Plain statics without a guard, so that a fork finds no guard
/// taken.
constinit std::mutex making;
constinit std::atomic<TelemetryCollector*> process_collector{nullptr};

void before_fork() {
  making.lock();
  registry().mutex.lock();
  for (Core* const core : registry().cores) core->before_fork();
  gates_mutex().lock();
}

void after_fork_in_parent() {
  gates_mutex().unlock();
  auto& cores = registry().cores;
  std::for_each(cores.rbegin(), cores.rend(), [](Core* core) { core->after_fork_in_parent(); });
  registry().mutex.unlock();
  making.unlock();
}

void after_fork_in_child() {
  gates_mutex().unlock();
  restart_ids_in_child();
  auto& cores = registry().cores;
  std::for_each(cores.rbegin(), cores.rend(), [](Core* core) { core->after_fork_in_child(); });
  registry().mutex.unlock();
  making.unlock();
}

void install_fork_handlers() noexcept {
  static std::atomic<bool> installed{false};
  if (!installed.exchange(true))
    pthread_atfork(before_fork, after_fork_in_parent, after_fork_in_child);
}

}  // namespace

void register_core(Core& core) {
  install_fork_handlers();
  std::lock_guard const guard(registry().mutex);
  registry().cores.push_back(&core);
}

void unregister_core(Core& core) noexcept {
  std::lock_guard const guard(registry().mutex);
  std::erase(registry().cores, &core);
}

/// Makes the collector of the process; a friend of TelemetryCollector.
struct GlobalCollector {
  static Core& core_of(TelemetryCollector& collector) noexcept { return *collector.core_; }

  /// The collector, set up with `options` when they are given; made with them, or the default ones,
  /// when it is not there.
  static TelemetryCollector& get(TelemetryOptions* options) {
    if (auto* const made = process_collector.load(std::memory_order_acquire); made != nullptr) {
      if (options != nullptr) core_of(*made).configure(std::move(*options));
      return *made;
    }
    install_fork_handlers();
    std::unique_lock lock(making);
    if (process_collector.load(std::memory_order_relaxed) != nullptr) {
      lock.unlock();
      return get(options);
    }
    auto* const made =
        new TelemetryCollector(options != nullptr ? std::move(*options) : TelemetryOptions{});
    process_collector.store(made, std::memory_order_release);
    finish_at_exit(core_of(*made));
    return *made;
  }
};

void finish_at_exit(Core& core) noexcept {
  auto* const made = process_collector.load(std::memory_order_acquire);
  if (made == nullptr || &GlobalCollector::core_of(*made) != &core) return;
  // Handlers run in the reverse order of their registration, before the statics that were there
  // first are destroyed: hence one for each callback, up to a number that nobody reaches on
  // purpose; each takes a few bytes, and all but the first to run do nothing.
  static std::atomic<int> handlers{0};
  if (handlers.fetch_add(1, std::memory_order_relaxed) >= 65'536) return;
  std::atexit([] {
    GlobalCollector::core_of(*process_collector.load(std::memory_order_acquire)).finish_delivery();
  });
}

}  // namespace detail

TelemetryCollector& get_collector() { return detail::GlobalCollector::get(nullptr); }

TelemetryCollector& configure_telemetry(TelemetryOptions options) {
  return detail::GlobalCollector::get(&options);
}

}  // namespace netrun::llm
