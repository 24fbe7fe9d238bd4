// SPDX-License-Identifier: MIT
// Tenants made into small numbers, forgotten ones making room for new ones.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

/// A fixed number of slots that hold the names of the tenants in the ring.
///
/// A slot is given to another tenant only when no retained record can refer to it. That is known by
/// epochs: a number that the log raises as it moves on. A tenant's slot notes the epoch of its last
/// use, and the log knows the epoch of its oldest record.
///
/// Thread safety: find and insert run inside a shard of the log (detail::Shard), and nowhere else.
/// So when every shard has been seen free once, no thread still looks at a slot that was unlinked
/// before. The other members run under the fold lock of the log.
class TenantTable {
 public:
  static constexpr std::uint32_t none = 0xffffffff;
  static constexpr std::uint32_t other = 0;  ///< Slot of "other": those that found no room.

  TenantTable(std::size_t cap, std::uint64_t seed);

  [[nodiscard]] std::uint64_t hash(std::string_view name) const noexcept;
  /// The slot of a tenant, its last use noted; `none` when it is not there.
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, std::string_view name,
                                   std::uint32_t epoch) noexcept;
  /// The slot of a tenant, made when it is new; `none` when there is no room or no memory.
  [[nodiscard]] std::uint32_t insert(std::uint64_t hash, std::string_view name,
                                     std::uint32_t epoch) noexcept;

  /// Takes out up to `most` tenants whose last use lies before `oldest_epoch`, longest unused
  /// first. They keep their names until release_unlinked, for a thread may still be looking at
  /// them.
  void unlink_unused(std::uint32_t oldest_epoch, std::size_t most);
  /// Gives back the slots that were taken out and not used since. To be called after every shard
  /// was seen free once. A tenant that was used in between keeps its old slot until its records are
  /// gone, and has a new one beside it.
  void release_unlinked(std::uint32_t oldest_epoch) noexcept;
  /// True when fewer than an eighth of the slots are free.
  [[nodiscard]] bool crowded() const noexcept {
    return free_count_.load(std::memory_order_relaxed) < cap_ / 8;
  }

  [[nodiscard]] std::string_view name(std::uint32_t slot) const noexcept {
    return slots_[slot].name;
  }
  /// All slots that have this name: one, or two for a tenant that came back while it was taken out.
  [[nodiscard]] std::vector<std::uint32_t> slots_of(std::string_view name) const;
  /// One more than the highest slot ever used.
  [[nodiscard]] std::uint32_t size() const noexcept {
    return used_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept;
  /// What memory_bytes() will never exceed.
  [[nodiscard]] std::size_t memory_limit() const noexcept;
  /// For fork: held across it, so that the child finds the table whole.
  [[nodiscard]] std::mutex& mutex() noexcept { return mutex_; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::atomic<std::uint32_t> next{none};
    std::atomic<std::uint32_t> last_use{0};
    std::string name;
  };
  [[nodiscard]] std::uint32_t lookup(std::uint64_t hash, std::string_view name) const noexcept;

  std::size_t cap_;
  std::uint64_t seed_;
  std::size_t mask_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> heads_;
  std::unique_ptr<Slot[]> slots_;
  std::vector<std::uint32_t>
      free_;  // guarded by mutex_; has room for all slots, so never allocates
  std::vector<std::uint32_t> unlinked_;  // guarded by the fold lock
  std::atomic<std::size_t> free_count_{0};
  std::atomic<std::uint32_t> used_{0};
  std::atomic<std::size_t> text_bytes_{0};
  std::mutex mutex_;
};

}  // namespace netrun::llm::detail
