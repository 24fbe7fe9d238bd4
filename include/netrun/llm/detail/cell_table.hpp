// SPDX-License-Identifier: MIT
// What the calls of one stretch of time add up to, by route, by tenant and the like.
#pragma once

#include <netrun/llm/detail/rare_tokens.hpp>
#include <netrun/llm/detail/sketch.hpp>
#include <netrun/llm/detail/sums.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace netrun::llm::detail {

/// What a cell is about; what a table does not tell apart is 0.
struct CellKey {
  std::uint32_t route = 0, tenant = 0;
  std::uint32_t value = 0;  ///< of a user, an endpoint or a tag

  [[nodiscard]] friend bool operator==(CellKey const&, CellKey const&) = default;
};

/// Failures of one type, by its number plus one; 0: of no type.
struct ErrorCount {
  std::uint16_t error = 0;
  std::uint64_t count = 0;
};

/// Calls that are added to a cell together.
struct CellDelta {
  Sums const* sums = nullptr;
  std::span<BucketCount const> latency, first_token;  ///< Sorted by bucket.
  std::span<ErrorCount const> errors;
  RareTokens const* rare = nullptr;
};

/// The figures of a cell that breakdowns add up, close together: a query goes over a hundred
/// thousand of them.
struct Cell {
  CellKey key;
  std::uint32_t requests = 0, failed = 0, unpriced = 0;
  std::uint64_t input = 0, output = 0;
  std::int64_t cost_picos = 0;
  std::uint64_t latency_ns = 0;
};

/// Cells by key. What does not fit the narrow numbers of a cell is carried in full width beside it,
/// so that no sum wraps.
///
/// Thread safety: none.
class CellTable {
 public:
  CellTable() noexcept = default;
  CellTable(CellTable&&) noexcept = default;
  CellTable& operator=(CellTable&&) noexcept = default;

  /// `use` tells how recently a cell was used.
  void add(CellKey const& key, CellDelta const& delta, std::uint32_t use);
  void add(CellTable const& other, std::uint32_t use);
  /// Keeps only the `keep` cells that were used last; those that go are added to the cell of
  /// `into`, which stays.
  void keep_newest(std::size_t keep, CellKey const& into);
  /// Forgets all but the `keep` cells with most calls; of equal ones those that were used last
  /// stay.
  void keep_largest(std::size_t keep);
  /// Adds the cells of the tenants that are flagged to the one of `into`, or forgets them.
  void remove_tenants(std::vector<bool> const& which, CellKey const* into);
  /// Forgets the cells of the values that are flagged.
  void remove_values(std::vector<bool> const& which);

  [[nodiscard]] std::span<Cell const> cells() const noexcept { return cells_; }
  [[nodiscard]] std::size_t size() const noexcept { return cells_.size(); }
  /// Places of the cells that have a carry().
  [[nodiscard]] std::span<std::uint32_t const> carrying() const noexcept { return carrying_; }
  [[nodiscard]] Sums const& carry(std::size_t at) const noexcept { return *rest_[at].extra->carry; }
  /// All sums of a cell, its carry included.
  [[nodiscard]] Sums sums(std::size_t at) const noexcept;
  [[nodiscard]] Sketch const& latency(std::size_t at) const noexcept { return rest_[at].latency; }
  [[nodiscard]] Sketch const& first_token(std::size_t at) const noexcept {
    return rest_[at].first_token;
  }
  [[nodiscard]] std::span<ErrorCount const> errors(std::size_t at) const noexcept;
  [[nodiscard]] RareTokens const* rare(std::size_t at) const noexcept;
  /// The cell's place, or size().
  [[nodiscard]] std::size_t find(CellKey const& key) const noexcept;

  /// What it has allocated, with what the allocator adds to each block.
  [[nodiscard]] std::size_t memory_bytes() const noexcept { return bytes_; }

 private:
  struct Extra {
    std::vector<ErrorCount> errors;
    std::unique_ptr<RareTokens> rare;
    std::unique_ptr<Sums> carry;

    [[nodiscard]] std::size_t memory_bytes() const noexcept;
  };
  /// The figures of a cell that only a few cells of a query are asked for.
  struct Rest {
    std::uint32_t cached = 0, streaming = 0, first_tokens = 0, last_use = 0;
    std::uint64_t cache_read = 0, cache_write = 0, reasoning = 0, first_token_ns = 0;
    Sketch latency, first_token;
    std::unique_ptr<Extra> extra;

    [[nodiscard]] std::size_t memory_bytes() const noexcept;
  };
  struct Scratch;

  [[nodiscard]] std::size_t place_of(CellKey const& key);
  [[nodiscard]] std::size_t slot_of(CellKey const& key) const noexcept;
  void rebuild_index(std::size_t slots);
  void add_sums(std::size_t at, Sums const& sums);
  [[nodiscard]] static bool add_narrow(Cell& cell, Rest& rest, Sums const& sums) noexcept;
  void add_extra(std::size_t at, CellDelta const& delta);
  [[nodiscard]] Extra& extra_of(std::size_t at);
  [[nodiscard]] Sums narrow_sums(std::size_t at) const noexcept;
  template <class Score>
  [[nodiscard]] std::vector<bool> all_but(std::size_t keep, Score&& score) const;
  void add_cell(CellTable const& from, std::size_t at, CellKey const& key, std::uint32_t use,
                Scratch& scratch);
  void remove(std::vector<bool> const& which, CellKey const* into);
  [[nodiscard]] std::size_t vector_bytes() const noexcept;

  std::vector<Cell> cells_;
  std::vector<Rest> rest_;
  std::vector<std::uint32_t> index_;  // open addressing, place + 1; empty while cells are few
  std::vector<std::uint32_t> carrying_;
  std::size_t bytes_ = 0;
};

}  // namespace netrun::llm::detail
