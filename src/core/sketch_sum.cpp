// SPDX-License-Identifier: MIT
// Sums of sketches, and their percentiles.
#include <netrun/llm/detail/sketch_block.hpp>

#include <array>

namespace netrun::llm::detail {

using namespace sketch;

namespace {

template <class Counter>
std::uint64_t add_all(Counter const* counters, std::size_t size, std::uint64_t* sums) noexcept {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < size; ++i) {
    sums[i] += counters[i];
    total += counters[i];
  }
  return total;
}

}  // namespace

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
  std::uint64_t total = 0;
  if (!has_block(word)) {
    total = samples_of(word);
    if (total == 0) return;
    use(sample(word, 0), sample(word, total - 1) + std::size_t{1});
    for (std::size_t i = 0; i < total; ++i) ++counts_[sample(word, i)];
  } else if (Block& block = block_of(word); block.form() == Form::pairs) {
    Pair const* at = pairs_of(block);
    Pair const* const end = at + block.size();
    use(at->bucket(), end[-1].bucket() + std::size_t{1});
    for (BucketCount next; at != end;) {
      at = read_pairs(at, end, next);
      counts_[next.bucket] += next.count;
      total += next.count;
    }
  } else {
    use(block.low(), block.low() + block.size());
    total = with_counters(block, [&, this](auto const* counters) {
      return add_all(counters, block.size(), counts_.data() + block.low());
    });
  }
  count_ += total;
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
