// SPDX-License-Identifier: MIT
// The way into a collector's log that stays there when the collector has gone.
#include <netrun/llm/detail/gate.hpp>

#include <algorithm>
#include <bit>
#include <mutex>
#include <thread>

namespace netrun::llm::detail {
namespace {

/// Gates that no collector uses; they are reused, never freed.
struct FreeGates {
  std::mutex mutex;
  Gate* first = nullptr;
};
FreeGates& free_gates() noexcept {
  static FreeGates& gates =
      *new FreeGates;  // outlives static destructors that still finish trackers
  return gates;
}

Gate& take_gate() {
  auto& gates = free_gates();
  std::lock_guard const guard(gates.mutex);
  Gate* const gate = gates.first;
  if (gate == nullptr) return *new Gate;
  gates.first = gate->next_free;
  return *gate;
}

std::size_t home_shard() noexcept {
  static std::atomic<std::size_t> threads{0};
  thread_local std::size_t const home = threads.fetch_add(1, std::memory_order_relaxed);
  return home;
}

}  // namespace

std::size_t Gate::choose_mask() noexcept {
  // Four shards for each processor make it unlikely that a recorder finds its own one busy.
  std::size_t const processors = std::max(1U, std::thread::hardware_concurrency());
  return std::bit_ceil(std::min(4 * processors, max_shards)) - 1;
}

std::mutex& gates_mutex() noexcept { return free_gates().mutex; }

void Gate::wait_until_each_was_free() const noexcept {
  for (std::size_t i = 0; i < shard_count(); ++i) {
    for (int spins = 0; !shards[i].lock.is_free(); ++spins) {
      spin_pause();
      if (spins % 100 == 99) std::this_thread::yield();
    }
  }
}

void Gate::pass_through_each() noexcept {
  for (std::size_t i = 0; i < shard_count(); ++i) std::lock_guard const guard(shards[i].lock);
}

GateHold::GateHold(Core& core) : gate_(take_gate()) {
  ++gate_.generation;
  for (std::size_t i = 0; i < gate_.shard_count(); ++i) {
    Shard& shard = gate_.shards[i];
    std::lock_guard const guard(shard.lock);
    shard.used = 0;
    shard.limit = 0;
    shard.chunk = nullptr;
    shard.core = &core;
    shard.generation = gate_.generation;
  }
}

GateHold::~GateHold() {
  close();
  auto& gates = free_gates();
  std::lock_guard const guard(gates.mutex);
  gate_.next_free = gates.first;
  gates.first = &gate_;
}

void GateHold::close() noexcept {
  for (std::size_t i = 0; i < gate_.shard_count(); ++i) {
    std::lock_guard const guard(gate_.shards[i].lock);
    gate_.shards[i].core = nullptr;
    gate_.shards[i].chunk = nullptr;
    gate_.shards[i].generation = 0;
  }
}

Shard& lock_shard(Gate& gate) noexcept {
  std::size_t const mask = gate.shard_mask;
  for (std::size_t i = home_shard() & mask;; i = (i + 1) & mask) {
    if (gate.shards[i].lock.try_lock()) return gate.shards[i];
  }
}

}  // namespace netrun::llm::detail
