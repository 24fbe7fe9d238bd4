// SPDX-License-Identifier: MIT
// Sums of sketches, and their percentiles.
#include <netrun/llm/detail/sketch_block.hpp>

#include <array>

namespace netrun::llm::detail {

using namespace sketch;

SketchSum::SketchSum() : counts_(bucket_count, 0) {}

void SketchSum::use(std::size_t low, std::size_t high) noexcept {
  low_ = std::min(low_, low);
  high_ = std::max(high_, high);
}

void SketchSum::add(Bucket bucket, std::uint64_t count) noexcept {
  use(bucket, bucket + std::size_t{1});
  counts_[bucket] += count;
  count_ += count;
}

void SketchSum::add(Sketch const& sketch) noexcept {
  Word const word = sketch.word_;
  if (!has_block(word)) {
    for (std::size_t i = 0; i < samples_of(word); ++i) add(sample(word, i));
    return;
  }
  Block& block = block_of(word);
  if (block.form() == Form::pairs) {
    Pair const* const end = pairs_of(block) + block.size();
    BucketCount next;
    for (Pair const* at = pairs_of(block); at != end;) {
      at = read_pairs(at, end, next);
      add(next.bucket, next.count);
    }
    return;
  }
  use(block.low(), std::size_t{block.low()} + block.size());
  with_counters(block, [&, this](auto const* counters) {
    auto* const sums = counts_.data() + block.low();
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < block.size(); ++i) {
      sums[i] += counters[i];
      total += counters[i];
    }
    count_ += total;
  });
}

void SketchSum::clear() noexcept {
  if (low_ < high_) std::fill_n(counts_.data() + low_, high_ - low_, 0);
  low_ = bucket_count;
  high_ = 0;
  count_ = 0;
}

Percentiles SketchSum::percentiles() const noexcept {
  if (count_ == 0) return {};
  constexpr std::array quantiles{0.50, 0.95, 0.99};
  std::array<double, quantiles.size()> values{};
  std::size_t bucket = low_;
  std::uint64_t before = 0;  // counts of the buckets before it
  for (std::size_t i = 0; i < quantiles.size(); ++i) {
    double const rank = quantiles[i] * static_cast<double>(count_ - 1);
    auto const below = static_cast<std::uint64_t>(rank);
    while (below - before >= counts_[bucket]) before += counts_[bucket++];
    values[i] = value_of(static_cast<Bucket>(bucket));
    double const fraction = rank - static_cast<double>(below);
    if (fraction == 0.0) continue;
    auto above = bucket;
    if (below + 1 - before >= counts_[bucket]) {
      do ++above;
      while (counts_[above] == 0);
    }
    values[i] += (value_of(static_cast<Bucket>(above)) - values[i]) * fraction;
  }
  return {.p50 = values[0], .p95 = values[1], .p99 = values[2]};
}

}  // namespace netrun::llm::detail
