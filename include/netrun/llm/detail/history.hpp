// SPDX-License-Identifier: MIT
// What the calls add up to that have left the ring: minutes, quarters of an hour, hours and days.
#pragma once

#include <netrun/llm/detail/cell_table.hpp>
#include <netrun/llm/detail/fold_buffer.hpp>
#include <netrun/llm/detail/name_pool.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

inline constexpr std::int64_t minute_ns = 60'000'000'000;

/// The rungs of the ladder, by the length of their steps. Quarters of an hour, because the days of
/// every time zone begin on one.
inline constexpr std::array<std::int64_t, 4> rung_ns{minute_ns, 15 * minute_ns, 60 * minute_ns,
                                                     1'440 * minute_ns};
inline constexpr std::size_t rung_count = rung_ns.size(), last_rung = rung_count - 1;

/// The greatest multiple of a length that is not above a time; the least one that there is, where
/// that would be below the range.
[[nodiscard]] std::int64_t floor_to(std::int64_t length_ns, std::int64_t wall_ns) noexcept;
/// The start of the step after the one that a time lies in; the end of the range at most.
[[nodiscard]] std::int64_t next_step(std::int64_t length_ns, std::int64_t wall_ns) noexcept;

/// How much a question needs to know of a step.
enum class Detail : std::uint8_t {
  total,      ///< All calls together.
  marginals,  ///< By route, and by tenant.
  joint,      ///< By route and tenant together, and by what is opted in.
};
inline constexpr std::size_t detail_count = 3;

/// What is kept apart beside routes and tenants.
struct Facet {
  enum class Kind : std::uint8_t { user, endpoint, tag } kind{};
  std::string key{};  ///< of the tag

  [[nodiscard]] friend bool operator==(Facet const&, Facet const&) = default;
};

/// See TelemetryOptions.
struct HistoryOptions {
  std::int64_t retention_ns = 35 * rung_ns[last_rung];  ///< and what is missing to a whole day
  std::size_t max_memory = std::size_t{96} << 20;
  std::size_t max_tenants = 16'384, max_pairs = 4'096;
  std::vector<Facet> facets{};
};

/// Sums of one stretch of time. Those of finer detail may be missing: see History::cover.
struct HistoryStep {
  CellTable total, routes, tenants, pairs;
  std::vector<CellTable> facets;

  [[nodiscard]] std::size_t memory_bytes() const noexcept;
  void drop(Detail from);
  void add(HistoryStep const& other, std::uint32_t use);
};

/// Steps of one rung with from <= start < to.
struct Segment {
  std::size_t rung = 0;
  std::int64_t from = 0, to = 0;
};

/// A stretch of time in as few steps as possible, each moment in one of them.
struct Cover {
  std::int64_t from = 0, to = 0;  ///< What is covered: the question's edges, or those of the cells.
  std::array<Segment, 2 * rung_count - 1> segments{};
  std::size_t size = 0;
};

/// Every call is in one step of each rung, as far back as that rung reaches: coarser rungs reach
/// further. So nothing is moved when time goes on; what is old is dropped from the finer rungs. A
/// step lists its calls all together, by route, by tenant, and by both; each of these tables adds
/// up to the total, but for the last, which keeps only max_pairs cells.
///
/// Thread safety: none; the fold lock guards it.
class History {
 public:
  using Rung = std::map<std::int64_t, HistoryStep>;  // by start

  /// How far ahead of the clock a call may be stamped: one that was wrong by weeks does no harm.
  static constexpr std::int64_t ahead_ns = 35 * rung_ns[last_rung];
  /// The day in which all calls are that are stamped later than that.
  static constexpr std::int64_t far_future =
      std::numeric_limits<std::int64_t>::max() / rung_ns[last_rung] * rung_ns[last_rung];
  /// The value of calls that have none.
  static constexpr std::uint32_t no_value = 0;

  explicit History(HistoryOptions options = {});

  /// The number of a tenant, made when it is new. When there is no room the longest unused ones
  /// become "other", which changes the numbers: see renumberings().
  [[nodiscard]] std::uint32_t tenant(std::string_view name, std::int64_t now_ns);
  /// The same for a value of a facet.
  [[nodiscard]] std::uint32_t value(std::size_t facet, std::string_view name, std::int64_t now_ns);
  [[nodiscard]] NamePool const& tenants() const noexcept { return tenants_; }
  [[nodiscard]] NamePool const& values(std::size_t facet) const noexcept { return values_[facet]; }
  [[nodiscard]] std::vector<Facet> const& facets() const noexcept { return options_.facets; }
  /// Times at which numbers were given to others; while it stays, they keep their names.
  [[nodiscard]] std::uint64_t renumberings() const noexcept { return renumberings_; }

  void note_use(std::uint32_t tenant) noexcept { tenants_.touch(tenant, use_); }

  /// Takes a call in. `values` has one number for each facet.
  void add(Record const& record, TokenCounts const& counts, RareTokens const* rare,
           std::uint32_t tenant, std::span<std::uint32_t const> values, std::int64_t now_ns);
  /// Puts what was taken in into the steps; to be called before anything is asked. Drops what is
  /// too old, and what is too much.
  void flush(std::int64_t now_ns);
  /// Forgets the steps before a time; of steps that it lies in, as much as finer ones can tell.
  /// Returns how many calls that were.
  std::uint64_t prune(std::int64_t before_ns, std::int64_t now_ns);
  void clear() noexcept;

  /// The steps to read for the calls from `from` to before `to`. An edge within a step that holds
  /// calls and that is not known any finer is moved outwards, to its edge. Without an edge the ends
  /// of the range stand for it.
  [[nodiscard]] Cover cover(Detail detail, std::int64_t from, std::int64_t to) const noexcept;
  /// Where the step begins or ends that would cut a moment in two, or the moment itself.
  [[nodiscard]] std::int64_t edge_before(Detail detail, std::int64_t at) const noexcept;
  [[nodiscard]] std::int64_t edge_after(Detail detail, std::int64_t at) const noexcept;
  template <class Visit>
  void for_each_step(Cover const& cover, Visit&& visit) const {
    for (std::size_t i = 0; i < cover.size; ++i) {
      auto const& rung = rungs_[cover.segments[i].rung];
      auto const to = cover.segments[i].to;
      for (auto it = rung.lower_bound(cover.segments[i].from); it != rung.end() && it->first < to;
           ++it)
        visit(it->first, it->second);
    }
  }
  /// Where the oldest calls that are known lie, as exactly as it is known; absent when there are
  /// none.
  [[nodiscard]] std::optional<std::int64_t> oldest_start() const noexcept;
  /// The end of the newest step with calls, as exactly as it is known, but for those far in the
  /// future; absent when there is none.
  [[nodiscard]] std::optional<std::int64_t> newest_end() const noexcept;
  [[nodiscard]] Rung const& rung(std::size_t which) const noexcept { return rungs_[which]; }
  [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }
  /// Calls that were older than the retention, or for which there was no memory at all.
  [[nodiscard]] std::uint64_t expired() const noexcept { return expired_; }
  /// From when on no call is missing that was known: later than the retention and prune reached.
  [[nodiscard]] std::int64_t complete_from() const noexcept { return complete_from_; }
  [[nodiscard]] std::size_t cell_count() const noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;
  /// After std::bad_alloc, when what was half done has not been counted.
  void recount_memory() noexcept;
  [[nodiscard]] std::size_t max_memory() const noexcept { return options_.max_memory; }

 private:
  struct Rooms;
  [[nodiscard]] Rooms rooms_of(std::int64_t minute);
  void leave(Rooms& rooms);
  /// Adds all of the buffer to the steps.
  void spread(std::int64_t now_ns);
  void add_row(Rooms& rooms, std::size_t row);
  void limit(HistoryStep& step);
  void forget_tenants();
  void forget_values(std::size_t facet);
  template <class Change>
  void change_all_steps(Change&& change);
  /// A node of a rung, with what the allocator adds.
  static constexpr std::size_t step_overhead_bytes = sizeof(Rung::value_type) + 48;

  [[nodiscard]] std::int64_t reference_time(std::int64_t now_ns) const noexcept;
  [[nodiscard]] std::int64_t oldest_kept(std::int64_t reference_ns) const noexcept;
  void erase_before(std::size_t rung, std::int64_t before);
  void miss_before(std::int64_t at) noexcept { complete_from_ = std::max(complete_from_, at); }
  void drop_old(std::int64_t reference_ns);
  void keep_memory();
  [[nodiscard]] bool drop_something();
  [[nodiscard]] bool forget_oldest_day();
  [[nodiscard]] bool drop_oldest(std::size_t rung, Detail detail, std::int64_t before_ns);
  void drop_before(std::size_t rung, Detail detail, std::int64_t before);
  [[nodiscard]] std::uint64_t folded_requests() const noexcept;

  /// The finest rung that knows this detail of a moment; the last where none does.
  [[nodiscard]] std::size_t finest(Detail detail, std::int64_t at) const noexcept;
  [[nodiscard]] std::int64_t& known_from(std::size_t rung, Detail detail) noexcept {
    return known_from_[rung][static_cast<std::size_t>(detail)];
  }
  [[nodiscard]] std::int64_t known_from(std::size_t rung, Detail detail) const noexcept {
    return known_from_[rung][static_cast<std::size_t>(detail)];
  }

  HistoryOptions options_;
  NamePool tenants_;
  std::vector<NamePool> values_;  // numbers less one
  FoldBuffer buffer_;
  std::array<Rung, rung_count> rungs_;
  /// From when on a rung has this detail: never falls from rung to coarser rung, nor from finer
  /// detail to coarser, and is a multiple of the length of the next coarser rung.
  std::array<std::array<std::int64_t, detail_count>, rung_count> known_from_{};
  std::array<std::size_t, rung_count> step_bytes_{};
  std::int64_t newest_start_ = 0, newest_flush_ = 0, last_minute_ = 0, complete_from_ = 0;
  std::uint64_t requests_ = 0, expired_ = 0, renumberings_ = 0;
  std::uint32_t use_ = 1;
};

}  // namespace netrun::llm::detail
