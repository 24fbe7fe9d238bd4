// SPDX-License-Identifier: MIT
// Calls on their way from the ring into the history, added up by minute.
#pragma once

#include <netrun/llm/detail/cell_table.hpp>
#include <netrun/llm/detail/record.hpp>
#include <netrun/llm/detail/sketch.hpp>
#include <netrun/llm/detail/sums.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace netrun::llm::detail {

/// Adds calls up by minute and key before they are put into the steps of the history, which costs
/// ten times as much: one minute's calls of a key become one addition to each step.
///
/// Thread safety: none.
class FoldBuffer {
 public:
  /// What is known of one key in one minute.
  struct Row {
    std::int64_t minute = 0;
    CellKey key;
    std::uint32_t facet = 0;  ///< 0: all calls; else one more than the number of what is opted in.
    Sums sums;
  };

  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }
  [[nodiscard]] bool full() const noexcept {
    return rows_.size() >= most_rows || samples_.size() >= most_samples ||
           rare_.size() >= most_rows;
  }
  /// `minute` is the start of the minute to which the call is added. `rare` may be null.
  void add(std::int64_t minute, std::uint32_t facet, CellKey const& key, Record const& record,
           TokenCounts const& counts, RareTokens const* rare);

  /// Sorts everything by row. To be called before the rest.
  void distil();
  [[nodiscard]] std::span<Row const> rows() const noexcept { return rows_; }
  /// What is to be added to the cells of a row. Valid until the next call of delta or add.
  [[nodiscard]] CellDelta delta(std::size_t row);
  /// Numbers of rows in the order of their minutes.
  [[nodiscard]] std::span<std::uint32_t const> by_minute() const noexcept { return by_minute_; }
  void clear() noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  static constexpr std::size_t most_rows = 1'024;
  static constexpr std::size_t most_samples = 16'384;
  static constexpr Bucket no_bucket = 0xffff;
  static_assert(bucket_count < no_bucket);

  struct Sample {
    std::uint32_t row = 0;
    Bucket latency = 0, first_token = 0;
  };
  struct Failure {
    std::uint32_t row = 0;
    std::uint16_t error = 0;
  };
  struct Rare {
    std::uint32_t row = 0;
    RareTokens tokens;
  };

  [[nodiscard]] std::uint32_t row_of(std::int64_t minute, std::uint32_t facet, CellKey const& key);

  std::vector<Row> rows_;
  std::vector<std::uint32_t> index_;  // open addressing, row + 1
  std::vector<Sample> samples_, sorted_;
  std::vector<Failure> failures_;
  std::vector<Rare> rare_;
  std::vector<std::uint32_t> first_sample_, by_minute_;  // of each row, and one past the last
  std::vector<Bucket> scratch_;
  std::vector<BucketCount> latency_, first_token_;
  std::vector<ErrorCount> errors_;
  RareTokens rare_sum_;
};

}  // namespace netrun::llm::detail
