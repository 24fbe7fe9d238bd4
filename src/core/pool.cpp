// SPDX-License-Identifier: MIT
// The chunks that are free, those that are closed, and the pages for texts.
#include <netrun/llm/detail/pool.hpp>

#include <mutex>
#include <new>

namespace netrun::llm::detail {
ChunkPool::~ChunkPool() {
  for (Chunk* chunk = directory(); chunk != nullptr;) {
    Chunk* const next = chunk->next_in_directory.load(std::memory_order_relaxed);
    for (auto& page : chunk->pages) delete page.load(std::memory_order_relaxed);
    delete chunk;
    chunk = next;
  }
  while (free_pages_ != nullptr) {
    TextPage* const next = free_pages_->next;
    delete free_pages_;
    free_pages_ = next;
  }
}

bool ChunkPool::exchange(Shard& shard, std::uint32_t epoch) noexcept {
  std::lock_guard const guard(lock_);
  Chunk* const open = free_.pop();
  if (open == nullptr) return false;
  free_count_.store(free_.size(), std::memory_order_relaxed);
  open->epoch.store(epoch, std::memory_order_relaxed);
  if (shard.chunk != nullptr) closed_.push(*shard.chunk);
  shard.chunk = open;
  shard.used = 0;
  shard.limit = chunk_records;
  return true;
}

Chunk* ChunkPool::make_chunk() noexcept {
  auto* const chunk = new (std::nothrow) Chunk;  // its initialisation touches every page of it
  if (chunk == nullptr) return nullptr;
  Chunk* head = directory_.load(std::memory_order_relaxed);
  do {
    chunk->next_in_directory.store(head, std::memory_order_relaxed);
  } while (!directory_.compare_exchange_weak(head, chunk, std::memory_order_release,
                                             std::memory_order_relaxed));
  chunks_.fetch_add(1, std::memory_order_relaxed);
  return chunk;
}

Chunk* ChunkPool::take_closed(std::size_t keep, std::uint64_t end) noexcept {
  std::lock_guard const guard(lock_);
  if (closed_.size() <= keep) return nullptr;
  // A closed chunk is full, so its last ticket is that of the last record.
  return load_ticket(*closed_.front(), chunk_records - 1) < end ? closed_.pop() : nullptr;
}

void ChunkPool::reset(Chunk& chunk) noexcept {
  auto state = ChunkState::unpack(chunk.state.load(std::memory_order_relaxed));
  ++state.generation;
  state.published = 0;
  chunk.state.store(state.pack(), std::memory_order_release);
  chunk.oldest_start.store(std::numeric_limits<std::int64_t>::max(), std::memory_order_relaxed);
  chunk.newest_start.store(std::numeric_limits<std::int64_t>::min(), std::memory_order_relaxed);
  chunk.text_units_used = 0;
  for (auto& slot : chunk.pages) {
    TextPage* const page = slot.exchange(nullptr, std::memory_order_acq_rel);
    if (page == nullptr) break;  // pages are taken in order
    std::lock_guard const guard(lock_);
    page->next = free_pages_;
    free_pages_ = page;
    free_page_count_.fetch_add(1, std::memory_order_relaxed);
  }
}

void ChunkPool::push_free(Chunk& chunk) noexcept {
  std::lock_guard const guard(lock_);
  free_.push(chunk);
  free_count_.store(free_.size(), std::memory_order_relaxed);
}

Chunk* ChunkPool::take_free() noexcept {
  std::lock_guard const guard(lock_);
  Chunk* const chunk = free_.pop();
  free_count_.store(free_.size(), std::memory_order_relaxed);
  return chunk;
}

void ChunkPool::destroy(Chunk& chunk) noexcept {
  // Recorders may push new chunks at the head meanwhile, so only a link below the head is cut; at
  // the head the exchange fails if one came first, and the chunk is then below it.
  Chunk* const next = chunk.next_in_directory.load(std::memory_order_relaxed);
  Chunk* head = &chunk;
  if (!directory_.compare_exchange_strong(head, next, std::memory_order_acq_rel)) {
    Chunk* before = directory();
    while (before->next_in_directory.load(std::memory_order_relaxed) != &chunk) {
      before = before->next_in_directory.load(std::memory_order_relaxed);
    }
    before->next_in_directory.store(next, std::memory_order_release);
  }
  chunks_.fetch_sub(1, std::memory_order_relaxed);
  delete &chunk;
}

TextPage* ChunkPool::make_page() noexcept {
  auto const limit = max_page_bytes_.load(std::memory_order_relaxed) / sizeof(TextPage);
  if (pages_.fetch_add(1, std::memory_order_relaxed) < limit) {
    if (auto* const page = new (std::nothrow) TextPage) return page;
  }
  pages_.fetch_sub(1, std::memory_order_relaxed);
  return nullptr;
}

TextPage* ChunkPool::take_page() noexcept {
  {
    std::lock_guard const guard(lock_);
    if (TextPage* const page = free_pages_) {
      free_pages_ = page->next;
      free_page_count_.fetch_sub(1, std::memory_order_relaxed);
      return page;
    }
  }
  return make_page();
}

void ChunkPool::refill_pages() noexcept {
  for (;;) {
    {
      std::lock_guard const guard(lock_);
      if (free_pages_count() >= pages_ready) return;
    }
    TextPage* const page = make_page();
    if (page == nullptr) return;
    std::lock_guard const guard(lock_);
    page->next = free_pages_;
    free_pages_ = page;
    free_page_count_.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace netrun::llm::detail
