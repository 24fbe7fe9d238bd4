// SPDX-License-Identifier: MIT
// 256 records that are filled, closed, folded and used again together.
#pragma once

#include <netrun/llm/detail/record.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace netrun::llm::detail {

inline constexpr std::uint32_t chunk_records = 256;
inline constexpr std::size_t text_unit = 16;
inline constexpr std::size_t text_page_bytes = 16'384;
/// Enough for 256 calls with texts of the greatest size: at least four of them fit on a page, the
/// first of which lacks one unit.
inline constexpr std::size_t text_pages_per_chunk = 64;
static_assert(4 * ((2 + most_packed_bytes + text_unit - 1) / text_unit * text_unit) + text_unit <=
              text_page_bytes);

/// Space for the texts of calls.
struct TextPage {
  alignas(64) std::array<std::uint64_t, text_page_bytes / 8> words;
  TextPage* next = nullptr;  // in the list of free pages
};

/// Generation and number of published records in one word, so that both are read at once. The
/// generation is raised when a chunk is emptied; a reader that finds it raised has read what it
/// must not use.
struct ChunkState {
  std::uint32_t generation = 0, published = 0;

  [[nodiscard]] static ChunkState unpack(std::uint64_t word) noexcept {
    return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
  }
  [[nodiscard]] std::uint64_t pack() const noexcept {
    return std::uint64_t{generation} << 32 | published;
  }
};

struct alignas(64) Chunk {
  std::atomic<std::uint64_t> state{0};
  std::atomic<Chunk*> next_in_directory{nullptr};
  std::atomic<std::uint64_t> first_ticket{0};
  /// Bounds of start_ns over the published records.
  std::atomic<std::int64_t> oldest_start{std::numeric_limits<std::int64_t>::max()};
  std::atomic<std::int64_t> newest_start{std::numeric_limits<std::int64_t>::min()};
  std::atomic<std::uint32_t> epoch{0};  ///< Epoch in which it was opened; see TenantTable.
  std::uint32_t text_units_used = 0;    // the owning shard's, or the folder's once it is closed
  Chunk* next_in_queue = nullptr;       // guarded by the pool's lock
  alignas(64) std::array<std::atomic<TextPage*>, text_pages_per_chunk> pages{};
  alignas(64) std::array<RecordWords, chunk_records> records{};
};

/// The ticket of a record that may be overwritten meanwhile.
[[nodiscard]] inline std::uint64_t load_ticket(Chunk& chunk, std::uint32_t index) noexcept {
  static_assert(offsetof(Record, ticket) % sizeof(std::uint64_t) == 0);
  std::uint64_t ticket = 0;
  load_words(&ticket, &chunk.records[index][offsetof(Record, ticket) / sizeof ticket], 1);
  return ticket;
}

}  // namespace netrun::llm::detail
