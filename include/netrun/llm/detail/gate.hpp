// SPDX-License-Identifier: MIT
// The way into a collector's log that stays there when the collector has gone.
#pragma once

#include <netrun/llm/detail/chunk.hpp>
#include <netrun/llm/detail/spin_lock.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace netrun::llm::detail {

class Core;

inline constexpr std::size_t max_shards = 64;

/// One open chunk and the lock that a recorder holds while it writes a record into it. Everything
/// but the lock is guarded by it.
struct alignas(64) Shard {
  SpinLock lock;
  std::uint32_t used = 0;  ///< Records in the chunk.
  std::uint32_t limit =
      0;  ///< Where the slow path begins: the chunk's size, or 0 when there is something to do.
  Chunk* chunk = nullptr;
  Core* core = nullptr;
  std::uint64_t generation = 0;  ///< Of the gate, when this collector took it.
};

/// A set of shards. Gates are never freed but handed to the next collector with a higher
/// generation. So a tracker that outlives its collector finds, under a shard's lock that it takes
/// anyway, that it came too late; no reference is counted on the caller's path.
struct Gate {
  std::uint64_t generation = 0;
  std::size_t const shard_mask =
      choose_mask();                          ///< Fixed: trackers that come too late still read it.
  std::atomic<std::uint32_t> fold_signal{0};  ///< Raised and notified when a chunk was closed.
  Gate* next_free = nullptr;
  std::array<Shard, max_shards> shards;

  [[nodiscard]] std::size_t shard_count() const noexcept { return shard_mask + 1; }
  [[nodiscard]] static std::size_t choose_mask() noexcept;
  /// Waits until each shard has been free at some moment since the call: whatever was going on in
  /// them then is over and seen by this thread.
  void wait_until_each_was_free() const noexcept;
  /// Locks and unlocks each shard: the same, and whoever enters one afterwards sees what this
  /// thread did before. A recorder that finds its shard busy meanwhile takes the next.
  void pass_through_each() noexcept;
};

/// A collector's hold on a gate.
class GateHold {
 public:
  /// Takes a gate and opens its shards for `core`. Throws std::bad_alloc.
  explicit GateHold(Core& core);
  GateHold(GateHold const&) = delete;
  GateHold& operator=(GateHold const&) = delete;
  ~GateHold();
  /// Closes all shards: from now on no recorder comes in, and none is inside.
  void close() noexcept;
  [[nodiscard]] Gate& gate() const noexcept { return gate_; }

 private:
  Gate& gate_;
};

/// For fork: held across it, so that the child finds the list of free gates whole.
[[nodiscard]] std::mutex& gates_mutex() noexcept;

/// Locks a shard of this thread's choice, the next when that one is busy.
[[nodiscard]] Shard& lock_shard(Gate& gate) noexcept;

}  // namespace netrun::llm::detail
