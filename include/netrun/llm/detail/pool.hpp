// SPDX-License-Identifier: MIT
// The chunks that are free, those that are closed, and the pages for texts.
#pragma once

#include <netrun/llm/detail/chunk.hpp>
#include <netrun/llm/detail/gate.hpp>
#include <netrun/llm/detail/spin_lock.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace netrun::llm::detail {

/// First in, first out list of chunks, linked through Chunk::next_in_queue.
class ChunkQueue {
 public:
  void push(Chunk& chunk) noexcept {
    chunk.next_in_queue = nullptr;
    (tail_ != nullptr ? tail_->next_in_queue : head_) = &chunk;
    tail_ = &chunk;
    ++size_;
  }
  [[nodiscard]] Chunk* pop() noexcept {
    Chunk* const chunk = head_;
    if (chunk == nullptr) return nullptr;
    head_ = chunk->next_in_queue;
    if (head_ == nullptr) tail_ = nullptr;
    --size_;
    return chunk;
  }
  [[nodiscard]] Chunk* front() const noexcept { return head_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  Chunk* head_ = nullptr;
  Chunk* tail_ = nullptr;
  std::size_t size_ = 0;
};

/// All chunks of a log. Recorders and the folder take its lock for a few instructions each; queries
/// never do: they walk the directory, which only grows at its head while they may be looking.
///
/// Chunks are folded in the order in which they were closed, and only while at least
/// `closed_to_keep` stay closed behind the one that goes. That keeps the last records exactly: of
/// the chunks closed after it, at most one per shard was begun before it was closed; the others
/// were filled entirely afterwards.
class ChunkPool {
 public:
  explicit ChunkPool(std::size_t max_page_bytes) noexcept : max_page_bytes_(max_page_bytes) {}
  ChunkPool(ChunkPool const&) = delete;
  ChunkPool& operator=(ChunkPool const&) = delete;
  ~ChunkPool();

  /// Closes the shard's chunk, when it has one, and opens a free one in its place; false, and
  /// nothing changed, when none is free. All under the pool's lock, so that a fork finds every
  /// chunk in one place.
  [[nodiscard]] bool exchange(Shard& shard, std::uint32_t epoch) noexcept;
  /// Makes a chunk and puts it into the directory, not into a queue. Null when memory is out.
  [[nodiscard]] Chunk* make_chunk() noexcept;

  /// The oldest closed chunk, taken out, when more than `keep` are closed and all of its tickets
  /// are below `end`; else null.
  [[nodiscard]] Chunk* take_closed(std::size_t keep, std::uint64_t end) noexcept;
  /// Empties a closed chunk: raises its generation and takes its pages back.
  void reset(Chunk& chunk) noexcept;
  void push_free(Chunk& chunk) noexcept;
  /// Takes a free chunk out of the pool for good; null when none is free.
  [[nodiscard]] Chunk* take_free() noexcept;
  /// Frees chunks that were taken out. Nobody may be walking the directory.
  void destroy(Chunk& chunk) noexcept;

  /// A page for texts; null when memory or the permitted amount is out.
  [[nodiscard]] TextPage* take_page() noexcept;
  /// Keeps a few pages ready, so that recorders need not ask the system.
  void refill_pages() noexcept;
  [[nodiscard]] bool wants_pages() const noexcept { return free_pages_count() < pages_ready / 2; }
  void set_max_page_bytes(std::size_t bytes) noexcept {
    max_page_bytes_.store(bytes, std::memory_order_relaxed);
  }

  [[nodiscard]] Chunk* directory() const noexcept {
    return directory_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::size_t free_count() const noexcept {
    return free_count_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t chunk_count() const noexcept {
    return chunks_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] std::size_t chunk_bytes() const noexcept { return chunk_count() * sizeof(Chunk); }
  [[nodiscard]] std::size_t page_bytes() const noexcept {
    return pages_.load(std::memory_order_relaxed) * sizeof(TextPage);
  }
  [[nodiscard]] std::size_t max_page_bytes() const noexcept {
    return max_page_bytes_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] SpinLock& lock() noexcept { return lock_; }

 private:
  static constexpr std::size_t pages_ready = 8;

  [[nodiscard]] std::size_t free_pages_count() const noexcept {
    return free_page_count_.load(std::memory_order_relaxed);
  }
  [[nodiscard]] TextPage* make_page() noexcept;

  SpinLock lock_;
  ChunkQueue free_, closed_;        // guarded by lock_
  TextPage* free_pages_ = nullptr;  // guarded by lock_
  std::atomic<Chunk*> directory_{nullptr};
  std::atomic<std::size_t> free_count_{0};
  std::atomic<std::size_t> chunks_{0};
  std::atomic<std::size_t> pages_{0}, free_page_count_{0};
  std::atomic<std::size_t> max_page_bytes_;
};

}  // namespace netrun::llm::detail
