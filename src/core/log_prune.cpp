// SPDX-License-Identifier: MIT
// Forgetting calls before their time: those in the ring stay where they are, and are passed over.
#include <netrun/llm/detail/log.hpp>

#include <algorithm>

namespace netrun::llm::detail {
namespace {

/// How many records of the ring are wanted; to be called under the fold lock.
template <class Wanted>
std::uint64_t count_records(Chunk* directory, Wanted&& wanted) noexcept {
  std::uint64_t count = 0;
  for (Chunk* chunk = directory; chunk != nullptr;
       chunk = chunk->next_in_directory.load(std::memory_order_acquire)) {
    auto const published =
        ChunkState::unpack(chunk->state.load(std::memory_order_acquire)).published;
    for (std::uint32_t i = 0; i < published; ++i) {
      if (wanted(load_record(*chunk, i))) ++count;
    }
  }
  return count;
}

}  // namespace

std::uint64_t Log::prune(std::int64_t before_ns) {
  auto const end = recorded();
  // A ticket is drawn inside a shard: now every record before `end` is finished, and counted below.
  gate_.wait_until_each_was_free();
  std::lock_guard const guard(fold_lock_);
  forgotten_.reserve(forgotten_.size() + 1);
  auto pruned = history_.prune(before_ns, now_ns());
  auto const floor = floor_ticket();
  // In the same moment, or what leaves the ring in between would count twice.
  pruned += count_records(pool_.directory(), [&](Record const& record) {
    return record.ticket >= floor && record.ticket < end && record.start_ns < before_ns &&
           !is_forgotten(forgotten_, record.ticket, record.start_ns);
  });
  // One that reaches as far or further says all that those before it said.
  std::erase_if(forgotten_, [&](Forgotten const& some) {
    return some.before_ns <= before_ns && some.end_ticket <= end;
  });
  forgotten_.push_back({.end_ticket = end, .before_ns = before_ns});
  has_forgotten_.store(true, std::memory_order_release);
  return pruned;
}

void Log::forget_what_has_gone() noexcept {
  if (!has_forgotten_.load(std::memory_order_relaxed)) return;
  std::lock_guard const guard(fold_lock_);
  // Tickets below the oldest of the ring have gone; chunks are not quite in the order of tickets.
  auto oldest = recorded();
  for (Chunk* chunk = pool_.directory(); chunk != nullptr;
       chunk = chunk->next_in_directory.load(std::memory_order_acquire)) {
    if (ChunkState::unpack(chunk->state.load(std::memory_order_acquire)).published == 0) continue;
    oldest = std::min(oldest, chunk->first_ticket.load(std::memory_order_relaxed));
  }
  std::erase_if(forgotten_, [&](Forgotten const& some) { return some.end_ticket <= oldest; });
  has_forgotten_.store(!forgotten_.empty(), std::memory_order_release);
}

std::uint64_t Log::count_forgotten(std::size_t most) noexcept {
  if (!has_forgotten_.load(std::memory_order_acquire)) return 0;
  std::lock_guard const guard(fold_lock_);
  auto const newest = recorded();
  auto const first = std::max(floor_ticket(), newest - std::min<std::uint64_t>(newest, most));
  return count_records(pool_.directory(), [&](Record const& record) {
    return record.ticket >= first && is_forgotten(forgotten_, record.ticket, record.start_ns);
  });
}

}  // namespace netrun::llm::detail
