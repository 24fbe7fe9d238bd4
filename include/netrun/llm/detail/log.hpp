// SPDX-License-Identifier: MIT
// The log: a bounded ring of finished calls, and the sums of those that have left it.
#pragma once

#include <netrun/llm/detail/chunk.hpp>
#include <netrun/llm/detail/gate.hpp>
#include <netrun/llm/detail/history.hpp>
#include <netrun/llm/detail/names.hpp>
#include <netrun/llm/detail/pool.hpp>
#include <netrun/llm/detail/texts_view.hpp>
#include <netrun/llm/detail/wall_clock.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <mutex>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

/// A chunk as it was at one moment.
struct ChunkSight {
  Chunk* chunk = nullptr;
  ChunkState state;
  std::uint64_t first_ticket = 0;
  std::int64_t oldest_start = 0, newest_start = 0;
};

/// Copies a record that may be overwritten meanwhile; see load_words.
[[nodiscard]] inline Record load_record(Chunk& chunk, std::uint32_t index) noexcept {
  RecordWords words;
  load_words(words.data(), chunk.records[index].data(), words.size());
  Record record;
  std::memcpy(&record, &words, sizeof record);
  return record;
}

/// True when the chunk still holds what it held at the sight.
[[nodiscard]] inline bool is_unchanged(ChunkSight const& sight) noexcept {
  return ChunkState::unpack(sight.chunk->state.load(std::memory_order_acquire)).generation ==
         sight.state.generation;
}

/// What the log has had to do that it would rather not; see Diagnostics.
struct LogCounters {
  std::atomic<std::uint64_t> lost_records{0}, folds_by_callers{0}, extra_chunks{0},
      fold_failures{0};
  std::atomic<std::uint64_t> dropped_texts{0};
};

/// See TelemetryOptions.
struct LogOptions {
  std::size_t max_history = 0, max_text_memory = 0;
  HistoryOptions history{};
};

/// Calls that were to be forgotten: those older than a time, of the ones recorded by then.
struct Forgotten {
  std::uint64_t end_ticket = 0;
  std::int64_t before_ns = 0;
};
[[nodiscard]] inline bool is_forgotten(std::vector<Forgotten> const& all, std::uint64_t ticket,
                                       std::int64_t start_ns) noexcept {
  for (auto const& some : all) {
    if (ticket < some.end_ticket && start_ns < some.before_ns) return true;
  }
  return false;
}

/// The endpoint of a call; empty when it has none.
[[nodiscard]] std::string_view endpoint_of(Record const& record, std::string_view texts,
                                           Names& names) noexcept;

/// One log, many readers.
///
/// Recorders write under the lock of a shard that no reader ever takes. Readers look at a chunk's
/// generation before and after they read it. The fold lock orders the readers and the folder among
/// themselves; a recorder only tries it, when the folder has fallen behind and no chunk is free.
///
/// Every record is in exactly one of two places, the ring or the history, and changes over under
/// the fold lock. So a reader that notes, under that lock, the chunks and the sums it wants has a
/// consistent view, and keeps it as long as no chunk that it has yet to read is emptied.
class Log {
 public:
  /// The ring's size is never below this, so that callbacks have time to fetch what a small history
  /// forgets.
  static constexpr std::size_t least_records = 4'096;

  Log(Names& names, Gate& gate, WallClock& clock, LogOptions options);

  /// Recorder, inside a shard. Sees to it that there is room in its chunk; false when there is no
  /// memory at all. To be called before names are looked up: a tenant's last use must not lie
  /// before the chunk's epoch. Sets `wake` when a chunk was closed and the folder should look.
  bool open(Shard& shard, bool& wake) noexcept;
  /// Recorder, after open(). Writes a record, sets its ticket and the place of its texts.
  void push(Shard& shard, Record& record, std::string_view texts) noexcept;
  [[nodiscard]] std::uint32_t epoch() const noexcept {
    return epoch_.load(std::memory_order_relaxed);
  }

  /// Whether recorders can go on for a while without anything being folded.
  [[nodiscard]] bool has_spare_chunks() const noexcept;
  /// A reader: empties closed chunks when few are free and it has read them, those before `end`,
  /// for the folder may have to wait for a processor that readers keep busy.
  void help_folding(std::uint64_t end) noexcept;
  /// Folder: empties closed chunks until enough are free, and lets forgotten tenants go.
  void fold_ahead() noexcept;
  /// Sets how many records are kept; the newest stay. Throws std::bad_alloc and changes nothing.
  void resize(std::size_t max_history);
  void clear() noexcept;
  /// Forgets the calls that started before a time: exactly those in the ring, and of the others all
  /// but what shares a cell with younger ones. Returns how many calls that were.
  std::uint64_t prune(std::int64_t before_ns);

  /// Number of records ever written.
  [[nodiscard]] std::uint64_t recorded() const noexcept {
    return ticket_.load(std::memory_order_acquire);
  }
  /// Number of records in the ring that have not been cleared.
  [[nodiscard]] std::uint64_t in_ring() const noexcept;
  /// Number of records that have left the ring for the history, cleared or not.
  [[nodiscard]] std::uint64_t folded() const noexcept {
    return folded_.load(std::memory_order_relaxed);
  }
  /// Records from this ticket on have not been cleared.
  [[nodiscard]] std::uint64_t floor_ticket() const noexcept {
    return floor_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::size_t max_history() const noexcept {
    return max_history_.load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::mutex& fold_lock() noexcept { return fold_lock_; }
  /// The rest under the fold lock.
  [[nodiscard]] std::uint64_t clears() const noexcept { return clears_; }
  [[nodiscard]] History const& history() const noexcept { return history_; }
  /// The history with everything in it that has left the ring.
  [[nodiscard]] History const& up_to_date_history();
  /// What readers of the ring are to leave out.
  [[nodiscard]] std::vector<Forgotten> const& forgotten() const noexcept { return forgotten_; }
  /// All chunks that hold records of this ticket or later ones, oldest first.
  [[nodiscard]] std::vector<ChunkSight> sight(std::uint64_t first_ticket = 0) const;
  /// Times at which slots of tenants were given back; while it stays, the ring's tenant numbers
  /// keep their names.
  [[nodiscard]] std::uint64_t tenant_releases() const noexcept { return tenant_releases_; }

  /// How many of the last `most` records are to be left out; takes the fold lock.
  [[nodiscard]] std::uint64_t count_forgotten(std::size_t most) noexcept;

  [[nodiscard]] ChunkPool& pool() noexcept { return pool_; }
  /// What chunks will never exceed.
  [[nodiscard]] std::size_t most_chunk_bytes() const noexcept;
  [[nodiscard]] LogCounters& counters() noexcept { return counters_; }

  /// While it lives, no chunk is freed; to be made under the fold lock, and to go without it.
  class Reading {
   public:
    explicit Reading(Log& log) noexcept : log_(log) {
      log_.readers_.fetch_add(1, std::memory_order_relaxed);
    }
    Reading(Reading const&) = delete;
    Reading& operator=(Reading const&) = delete;
    ~Reading() { log_.readers_.fetch_sub(1, std::memory_order_release); }

   private:
    Log& log_;
  };

 private:
  /// Chunks that stand ready for recorders while the folder sleeps: 4,096 calls.
  static constexpr std::size_t spare_chunks = 16;

  [[nodiscard]] bool wants_folder() const noexcept;
  [[nodiscard]] bool open_chunk(Shard& shard) noexcept;
  void note_opened() noexcept;
  [[nodiscard]] std::uint16_t store_texts(Chunk& chunk, std::string_view texts) noexcept;
  bool fold_one(std::uint64_t end = std::numeric_limits<std::uint64_t>::max()) noexcept;
  void fold_chunk(Chunk& chunk) noexcept;
  void fold_records(Chunk& chunk);
  void shrink() noexcept;
  void reclaim_tenants() noexcept;
  void fold_idle_chunks() noexcept;
  [[nodiscard]] std::uint32_t oldest_epoch() const noexcept;
  [[nodiscard]] std::uint32_t history_tenant(std::uint32_t slot, std::int64_t now);
  void find_values(Record const& record, std::string_view texts, std::int64_t now);
  void forget_what_has_gone() noexcept;
  [[nodiscard]] std::int64_t now_ns() noexcept { return clock_.at(steady_now_ns(clock_.source())); }
  [[nodiscard]] std::size_t wanted_chunks() const noexcept;
  void set_sizes(std::size_t max_history) noexcept;

  Names& names_;
  Gate& gate_;
  WallClock& clock_;
  ChunkPool pool_;
  std::mutex fold_lock_;
  History history_;
  // The ring's tenant number to the history's; none: not known. Good for one numbering.
  std::vector<std::uint32_t> tenant_cache_;
  std::uint64_t tenant_cache_numbering_ = 0;
  std::vector<std::uint32_t> values_;  // of the facets of one record
  std::vector<Forgotten> forgotten_;
  std::atomic<bool> has_forgotten_{false};
  std::uint64_t tenant_releases_ = 0, clears_ = 0;
  std::atomic<std::size_t> readers_{0};
  std::atomic<std::size_t> max_history_{0};
  std::atomic<std::size_t> closed_to_keep_{0};
  std::atomic<std::uint32_t> chunks_per_epoch_{1};
  std::atomic<std::uint32_t> opened_in_epoch_{0};
  std::atomic<std::size_t> extra_{0};
  std::atomic<std::uint64_t> floor_{0};
  std::atomic<std::uint64_t> folded_{0}, folded_since_clear_{0};
  LogCounters counters_;
  std::atomic<std::uint32_t> epoch_{1};
  alignas(64) std::atomic<std::uint64_t> ticket_{0};
};

}  // namespace netrun::llm::detail
