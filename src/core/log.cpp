// SPDX-License-Identifier: MIT
// The log: writing into the ring.
#include <netrun/llm/detail/log.hpp>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <thread>

namespace netrun::llm::detail {
namespace {

/// Chunks that may be made beyond the pool while somebody holds the fold lock: 32 MiB.
constexpr std::size_t most_extra_chunks = 1'024;
/// How often a recorder tries to find room: a tenth of a second in all.
constexpr int most_attempts = 1'064;
constexpr int attempts_without_sleep = 64;
/// The ring turns over in about this many epochs.
constexpr std::size_t epochs_in_ring = 8;

void store_min(std::atomic<std::int64_t>& bound, std::int64_t value) noexcept {
  if (value < bound.load(std::memory_order_relaxed)) bound.store(value, std::memory_order_relaxed);
}
void store_max(std::atomic<std::int64_t>& bound, std::int64_t value) noexcept {
  if (value > bound.load(std::memory_order_relaxed)) bound.store(value, std::memory_order_relaxed);
}

}  // namespace

std::string_view endpoint_of(Record const& record, std::string_view texts, Names& names) noexcept {
  if (record.endpoint == 0) return {};
  auto const in_texts = find_text(texts, TextKind::endpoint);
  if (in_texts.data() != nullptr) return in_texts;
  return names.endpoints().by_id(record.endpoint - 1U).text;
}

Log::Log(Names& names, Gate& gate, WallClock& clock, LogOptions options)
    : names_(names),
      gate_(gate),
      clock_(clock),
      pool_(options.max_text_memory),
      history_(std::move(options.history)) {
  resize(options.max_history);
  pool_.refill_pages();
}

void Log::set_sizes(std::size_t max_history) noexcept {
  auto const records = std::max(max_history, least_records);
  auto const ring = (records + chunk_records - 1) / chunk_records;
  max_history_.store(max_history, std::memory_order_relaxed);
  closed_to_keep_.store(ring + gate_.shard_count(), std::memory_order_relaxed);
  chunks_per_epoch_.store(
      static_cast<std::uint32_t>(std::max<std::size_t>(1, ring / epochs_in_ring)),
      std::memory_order_relaxed);
}

std::size_t Log::most_chunk_bytes() const noexcept {
  return (wanted_chunks() + most_extra_chunks) * sizeof(Chunk);
}

std::size_t Log::wanted_chunks() const noexcept {
  return closed_to_keep_.load(std::memory_order_relaxed) + gate_.shard_count() + spare_chunks + 1;
}

void Log::resize(std::size_t max_history) {
  std::lock_guard const guard(fold_lock_);
  auto const before = max_history_.load(std::memory_order_relaxed);
  set_sizes(max_history);
  while (pool_.chunk_count() < wanted_chunks()) {
    Chunk* const chunk = pool_.make_chunk();
    if (chunk == nullptr) {
      if (before != 0) set_sizes(before);
      throw std::bad_alloc();
    }
    pool_.push_free(*chunk);
  }
}

bool Log::open(Shard& shard, bool& wake) noexcept {
  if (shard.chunk != nullptr && shard.used < chunk_records) return true;
  bool const closed = shard.chunk != nullptr;
  if (!open_chunk(shard)) return false;
  wake = closed && wants_folder();
  return true;
}

void Log::push(Shard& shard, Record& record, std::string_view texts) noexcept {
  Chunk& chunk = *shard.chunk;
  record.texts = texts.empty() ? std::uint16_t{0} : store_texts(chunk, texts);
  // Release: who sees this ticket drawn also sees this shard locked, until the record is published.
  record.ticket = ticket_.fetch_add(1, std::memory_order_release);
  if (shard.used == 0) chunk.first_ticket.store(record.ticket, std::memory_order_relaxed);
  store_min(chunk.oldest_start, record.start_ns);
  store_max(chunk.newest_start, record.start_ns);
  RecordWords words;
  std::memcpy(&words, &record, sizeof words);
  store_words(chunk.records[shard.used].data(), words.data(), words.size());
  auto state = ChunkState::unpack(chunk.state.load(std::memory_order_relaxed));
  state.published = ++shard.used;
  chunk.state.store(state.pack(), std::memory_order_release);  // pairs with the readers' acquire
}

bool Log::wants_folder() const noexcept {
  return pool_.free_count() <= spare_chunks / 2 || pool_.wants_pages() ||
         names_.tenants().crowded();
}

std::uint16_t Log::store_texts(Chunk& chunk, std::string_view texts) noexcept {
  constexpr std::size_t page_units = text_page_bytes / text_unit;
  std::uint16_t const size = static_cast<std::uint16_t>(texts.size());
  std::size_t const units = (sizeof size + texts.size() + text_unit - 1) / text_unit;
  std::size_t at = std::max<std::size_t>(1, chunk.text_units_used);  // 0 means no texts
  if (at / page_units != (at + units - 1) / page_units) at = (at / page_units + 1) * page_units;
  std::size_t const page_number = at / page_units;
  if (page_number >= text_pages_per_chunk) {
    counters_.dropped_texts.fetch_add(1, std::memory_order_relaxed);
    return 0;
  }
  TextPage* page = chunk.pages[page_number].load(std::memory_order_relaxed);
  if (page == nullptr) {
    page = pool_.take_page();
    if (page == nullptr) {
      counters_.dropped_texts.fetch_add(1, std::memory_order_relaxed);
      return 0;
    }
    chunk.pages[page_number].store(page, std::memory_order_release);
  }
  std::array<std::uint64_t, (most_packed_bytes + sizeof size + text_unit) / 8> words;
  words[(sizeof size + texts.size()) / 8] = 0;
  auto* const bytes = reinterpret_cast<char*>(words.data());
  std::memcpy(bytes, &size, sizeof size);
  std::memcpy(bytes + sizeof size, texts.data(), texts.size());
  store_words(page->words.data() + at % page_units * (text_unit / 8), words.data(),
              (sizeof size + texts.size() + 7) / 8);
  chunk.text_units_used = static_cast<std::uint32_t>(at + units);
  return static_cast<std::uint16_t>(at);
}

bool Log::open_chunk(Shard& shard) noexcept {
  // Another recorder may take the chunk that this one has just made free, hence more than one
  // attempt.
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    if (pool_.exchange(shard, epoch())) {
      note_opened();
      return true;
    }
    if (fold_lock_.try_lock()) {
      bool const folded = fold_one();
      fold_lock_.unlock();
      if (folded) {
        counters_.folds_by_callers.fetch_add(1, std::memory_order_relaxed);
        continue;
      }
    }
    Chunk* const chunk =
        extra_.load(std::memory_order_relaxed) < most_extra_chunks ? pool_.make_chunk() : nullptr;
    if (chunk == nullptr) {
      // Somebody who holds the fold lock was put aside for so long that a quarter of a million
      // calls have piled up. To wait for a moment, so that they can go on, is better than to lose a
      // call; only for a moment, for a recorder must not wait for ever.
      if (attempt < attempts_without_sleep) {
        std::this_thread::yield();
      } else {
        std::this_thread::sleep_for(std::chrono::microseconds(100));
      }
      continue;
    }
    extra_.fetch_add(1, std::memory_order_relaxed);
    counters_.extra_chunks.fetch_add(1, std::memory_order_relaxed);
    pool_.push_free(*chunk);
  }
  counters_.lost_records.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void Log::note_opened() noexcept {
  auto const opened = opened_in_epoch_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (opened >= chunks_per_epoch_.load(std::memory_order_relaxed)) {
    opened_in_epoch_.store(0, std::memory_order_relaxed);
    epoch_.fetch_add(1, std::memory_order_relaxed);
  }
}

std::uint64_t Log::in_ring() const noexcept {
  // In this order, so that neither is ahead of what it is taken from.
  auto const gone = floor_ticket() + folded_since_clear_.load(std::memory_order_acquire);
  auto const all = recorded();
  return all - std::min(all, gone);
}

std::vector<ChunkSight> Log::sight(std::uint64_t first_ticket) const {
  std::vector<ChunkSight> chunks;
  if (first_ticket == 0) chunks.reserve(pool_.chunk_count() + 8);
  for (Chunk* chunk = pool_.directory(); chunk != nullptr;
       chunk = chunk->next_in_directory.load(std::memory_order_acquire)) {
    ChunkSight sight{.chunk = chunk,
                     .state = ChunkState::unpack(chunk->state.load(std::memory_order_acquire))};
    if (sight.state.published == 0) continue;
    if (load_ticket(*chunk, sight.state.published - 1) < first_ticket) continue;
    sight.first_ticket = chunk->first_ticket.load(std::memory_order_relaxed);
    sight.oldest_start = chunk->oldest_start.load(std::memory_order_relaxed);
    sight.newest_start = chunk->newest_start.load(std::memory_order_relaxed);
    chunks.push_back(sight);
  }
  std::sort(chunks.begin(), chunks.end(), [](ChunkSight const& a, ChunkSight const& b) {
    return a.first_ticket < b.first_ticket;
  });
  return chunks;
}

}  // namespace netrun::llm::detail
