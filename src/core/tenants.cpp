// SPDX-License-Identifier: MIT
// Tenants made into small numbers, forgotten ones making room for new ones.
#include <netrun/llm/detail/hash.hpp>
#include <netrun/llm/detail/tenants.hpp>
#include <netrun/llm/metrics.hpp>

#include <algorithm>
#include <bit>
#include <utility>

namespace netrun::llm::detail {

TenantTable::TenantTable(std::size_t cap, std::uint64_t seed)
    : cap_(cap),
      seed_(seed),
      mask_(std::bit_ceil(cap) - 1),
      heads_(std::make_unique<std::atomic<std::uint32_t>[]>(mask_ + 1)),
      slots_(std::make_unique<Slot[]>(cap)) {
  for (std::size_t i = 0; i <= mask_; ++i) heads_[i].store(none, std::memory_order_relaxed);
  free_.reserve(cap);
  for (std::size_t i = cap; i > 1; --i) free_.push_back(static_cast<std::uint32_t>(i - 1));
  free_count_.store(free_.size(), std::memory_order_relaxed);
  slots_[other].name = "other";  // in no chain, so that a tenant of that name has a slot of its own
  used_.store(1, std::memory_order_relaxed);
}

std::uint64_t TenantTable::hash(std::string_view name) const noexcept {
  return hash_text(name, seed_);
}

std::uint32_t TenantTable::lookup(std::uint64_t hash, std::string_view name) const noexcept {
  std::uint32_t slot = heads_[hash & mask_].load(std::memory_order_acquire);
  while (slot != none) {
    Slot const& s = slots_[slot];
    if (s.hash == hash && equal_short(s.name, name)) break;
    slot = s.next.load(std::memory_order_acquire);
  }
  return slot;
}

std::uint32_t TenantTable::find(std::uint64_t hash, std::string_view name,
                                std::uint32_t epoch) noexcept {
  auto const slot = lookup(hash, name);
  if (slot == none) return none;
  // Written once in an epoch only: the line is shared by all recorders of a busy tenant.
  auto last = slots_[slot].last_use.load(std::memory_order_relaxed);
  while (last < epoch &&
         !slots_[slot].last_use.compare_exchange_weak(last, epoch, std::memory_order_relaxed)) {
  }
  return slot;
}

std::uint32_t TenantTable::insert(std::uint64_t hash, std::string_view name,
                                  std::uint32_t epoch) noexcept {
  std::lock_guard const guard(mutex_);
  if (auto const slot = find(hash, name, epoch); slot != none) return slot;
  if (free_.empty()) return none;
  auto const slot = free_.back();
  Slot& s = slots_[slot];
  try {
    s.name.assign(name);
  } catch (...) {
    return none;
  }
  free_.pop_back();
  free_count_.store(free_.size(), std::memory_order_relaxed);
  text_bytes_.fetch_add(name.size(), std::memory_order_relaxed);
  s.hash = hash;
  s.last_use.store(epoch, std::memory_order_relaxed);
  auto& head = heads_[hash & mask_];
  s.next.store(head.load(std::memory_order_relaxed), std::memory_order_relaxed);
  head.store(slot, std::memory_order_release);
  used_.store(std::max(used_.load(std::memory_order_relaxed), slot + 1), std::memory_order_release);
  return slot;
}

void TenantTable::unlink_unused(std::uint32_t oldest_epoch, std::size_t most) {
  std::lock_guard const guard(mutex_);
  std::vector<std::pair<std::uint32_t, std::uint32_t>> unused;  // last use, slot
  for (std::size_t bucket = 0; bucket <= mask_; ++bucket) {
    for (auto slot = heads_[bucket].load(std::memory_order_relaxed); slot != none;
         slot = slots_[slot].next.load(std::memory_order_relaxed)) {
      auto const last = slots_[slot].last_use.load(std::memory_order_relaxed);
      if (last < oldest_epoch) unused.emplace_back(last, slot);
    }
  }
  std::sort(unused.begin(), unused.end());
  if (unused.size() > most) unused.resize(most);
  unlinked_.reserve(unlinked_.size() + unused.size());
  for (auto const& [last, slot] : unused) {
    auto* link = &heads_[slots_[slot].hash & mask_];
    while (link->load(std::memory_order_relaxed) != slot) {
      link = &slots_[link->load(std::memory_order_relaxed)].next;
    }
    // A reader that stands on this slot still finds its way on, for its own link stays.
    link->store(slots_[slot].next.load(std::memory_order_relaxed), std::memory_order_release);
    unlinked_.push_back(slot);
  }
}

void TenantTable::release_unlinked(std::uint32_t oldest_epoch) noexcept {
  std::lock_guard const guard(mutex_);
  auto const kept = std::partition(unlinked_.begin(), unlinked_.end(), [&](std::uint32_t slot) {
    return slots_[slot].last_use.load(std::memory_order_relaxed) >= oldest_epoch;
  });
  for (auto it = kept; it != unlinked_.end(); ++it) {
    text_bytes_.fetch_sub(slots_[*it].name.size(), std::memory_order_relaxed);
    free_.push_back(*it);
  }
  unlinked_.erase(kept, unlinked_.end());
  free_count_.store(free_.size(), std::memory_order_relaxed);
}

std::vector<std::uint32_t> TenantTable::slots_of(std::string_view name) const {
  std::vector<std::uint32_t> found;
  auto const wanted = hash(name);
  if (auto const slot = lookup(wanted, name); slot != none) found.push_back(slot);
  for (auto const slot : unlinked_) {
    if (slots_[slot].hash == wanted && slots_[slot].name == name) found.push_back(slot);
  }
  return found;
}

std::size_t TenantTable::memory_limit() const noexcept {
  return (mask_ + 1) * sizeof(std::uint32_t) +
         cap_ * (sizeof(Slot) + 2 * sizeof(std::uint32_t) + max_name_bytes + 1);
}

std::size_t TenantTable::memory_bytes() const noexcept {
  return (mask_ + 1) * sizeof(std::uint32_t) + cap_ * (sizeof(Slot) + 2 * sizeof(std::uint32_t)) +
         text_bytes_.load(std::memory_order_relaxed);
}

}  // namespace netrun::llm::detail
