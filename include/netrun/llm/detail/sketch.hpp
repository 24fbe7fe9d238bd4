// SPDX-License-Identifier: MIT
// Distributions in a few bytes: counts by logarithmic bucket, which add up without loss.
#pragma once

#include <netrun/llm/detail/percentile.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace netrun::llm::detail {

/// A length of time in milliseconds by its logarithm: 36 buckets for each power of two, so that the
/// middle of a bucket is off by at most 1 % (2^(1/72) - 1 = 0.97 %) from any value in it. What is
/// below a nanosecond is in bucket 0, whose value is 0; what is above 2^70 ms is in the last.
using Bucket = std::uint16_t;
inline constexpr double sketch_relative_error = 0.0097;
inline constexpr Bucket bucket_count = 90 * 36 + 1;

[[nodiscard]] Bucket bucket_of(double ms) noexcept;
/// The value that stands for all in the bucket.
[[nodiscard]] double value_of(Bucket bucket) noexcept;

struct BucketCount {
  Bucket bucket = 0;
  std::uint64_t count = 0;

  [[nodiscard]] friend bool operator==(BucketCount const&, BucketCount const&) = default;
};

/// Counts by bucket, as small as they can be kept: sorted pairs while they are few, an array of the
/// narrowest counters that hold them when they are many. An empty one owns nothing.
///
/// Thread safety: none.
class Sketch {
 public:
  Sketch() noexcept = default;
  Sketch(Sketch&& other) noexcept : block_(other.block_) { other.block_ = nullptr; }
  Sketch& operator=(Sketch&& other) noexcept;
  ~Sketch();

  /// Adds counts, sorted by bucket, each bucket once. Throws std::bad_alloc, and changes nothing.
  void add(std::span<BucketCount const> counts);
  /// Appends all counts above 0, sorted by bucket.
  void append_to(std::vector<BucketCount>& counts) const;
  [[nodiscard]] bool empty() const noexcept { return block_ == nullptr; }
  /// What it has allocated, with 16 bytes for the allocator's own.
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  friend class SketchSum;
  struct Block;
  Block* block_ = nullptr;
};

/// Adds sketches and values up and answers percentiles. Large (26 KB), meant to be used again and
/// again: clearing and answering cost time in proportion to the range of buckets in use.
///
/// Thread safety: none.
class SketchSum {
 public:
  SketchSum();

  void add(Sketch const& sketch) noexcept;
  void add(Bucket bucket, std::uint64_t count = 1) noexcept;
  void clear() noexcept;
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// As detail::percentiles of the values themselves, each of which is taken for its bucket's: the
  /// value at rank q * (count - 1), between two ranks interpolated linearly.
  [[nodiscard]] Percentiles percentiles() const noexcept;

 private:
  std::vector<std::uint64_t> counts_;  // by bucket
  std::size_t low_, high_;             // the range in use: [low_, high_)
  std::uint64_t count_ = 0;
};

}  // namespace netrun::llm::detail
