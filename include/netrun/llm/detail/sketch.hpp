// SPDX-License-Identifier: MIT
// Distributions in a few bytes: counts by logarithmic bucket, which add up without loss.
#pragma once

#include <netrun/llm/detail/percentile.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace netrun::llm::detail {

/// A length of time in milliseconds by its logarithm: 36 buckets for each power of two. What is
/// below 2^-20 ms, a nanosecond, is in bucket 0, whose value is 0; so are negative numbers and NaN.
/// What is above 2^70 ms is in the last one.
using Bucket = std::uint16_t;
inline constexpr Bucket bucket_count = 90 * 36 + 1;

/// By how much of a value the one that stands for its bucket is off at most, from 1e-6 to 2^70 ms:
/// (2^(1/36) - 1) / (2^(1/36) + 1) = 0.963 %.
inline constexpr double sketch_relative_error = 0.0097;

/// The same on every machine.
[[nodiscard]] Bucket bucket_of(double ms) noexcept;
/// The value in milliseconds that stands for all in the bucket, which is below `bucket_count`.
[[nodiscard]] double value_of(Bucket bucket) noexcept;

struct BucketCount {
  Bucket bucket = 0;
  std::uint64_t count = 0;

  [[nodiscard]] friend bool operator==(BucketCount const&, BucketCount const&) = default;
};

/// Counts by bucket, as small as they can be kept: up to five values in the sketch itself, sorted
/// pairs of bucket and count while they are few or far apart, an array of the narrowest counters
/// that hold them when they are many. No count is lost or capped; their sum must stay below 2^64.
///
/// Thread safety: none.
///
/// Example:
///   Sketch sketch;
///   BucketCount const one{.bucket = bucket_of(812.5), .count = 1};
///   sketch.add({&one, 1});
class Sketch {
 public:
  Sketch() noexcept = default;
  Sketch(Sketch&& other) noexcept : word_(std::exchange(other.word_, 0)) {}
  Sketch& operator=(Sketch&& other) noexcept {
    Sketch taken(std::move(other));
    std::swap(word_, taken.word_);
    return *this;
  }
  ~Sketch() {
    if (word_ != 0) release();
  }

  /// Adds counts, sorted by bucket, each bucket once. Throws std::bad_alloc, and changes nothing.
  void add(std::span<BucketCount const> counts);
  /// Appends all counts above 0, sorted by bucket.
  void append_to(std::vector<BucketCount>& counts) const;
  [[nodiscard]] bool empty() const noexcept { return word_ == 0; }
  /// What it has allocated, with 16 bytes for the allocator's own; 0 when it needs no memory.
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  friend class SketchSum;
  void release() noexcept;

  std::uintptr_t word_ = 0;  // see sketch_block.hpp
};

/// Adds sketches and values up and answers percentiles. Large (26 KB), meant to be used again and
/// again: clearing and answering cost time in proportion to the range of buckets in use. The sum of
/// all counts must stay below 2^64.
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
  void use(std::size_t low, std::size_t high) noexcept;

  std::vector<std::uint64_t> counts_;          // by bucket
  std::size_t low_ = bucket_count, high_ = 0;  // the range in use: [low_, high_)
  std::uint64_t count_ = 0;
};

}  // namespace netrun::llm::detail
