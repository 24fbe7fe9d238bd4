// SPDX-License-Identifier: MIT
// Sketches: every count is kept, in any order and any grouping, through every form.
#include "support/catch.hpp"
#include <netrun/llm/detail/sketch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <random>
#include <utility>
#include <vector>

namespace netrun::llm::detail {
namespace {

using Random = std::mt19937_64;
using Counts = std::vector<BucketCount>;
using Oracle = std::map<Bucket, std::uint64_t>;

/// How the counts of a random sequence are drawn.
struct Draw {
  std::size_t buckets;  // out of how many, side by side
  std::size_t most;     // entries added at once
  unsigned bits;        // of the largest count
};

Draw draw_kind(Random& random) {
  constexpr std::size_t buckets[] = {1, 2, 7, 30, 300, 1500, bucket_count};
  constexpr std::size_t most[] = {1, 1, 3, 20, 400};
  constexpr unsigned bits[] = {1, 1, 1, 4, 9, 17, 33, 50};
  return {.buckets = buckets[random() % std::size(buckets)],
          .most = most[random() % std::size(most)],
          .bits = bits[random() % std::size(bits)]};
}

Counts random_counts(Random& random, Draw const& draw, Bucket low) {
  Oracle counts;
  auto const entries = 1 + random() % draw.most;
  for (std::size_t i = 0; i < entries; ++i) {
    auto const bucket = static_cast<Bucket>(low + random() % draw.buckets);
    auto const count = random() >> (64 - draw.bits) >> random() % draw.bits;
    counts[bucket] = random() % 8 == 0 ? 0 : count;
  }
  Counts result;
  for (auto const& [bucket, count] : counts) result.push_back({bucket, count});
  return result;
}

Counts counts_of(Sketch const& sketch) {
  Counts counts;
  sketch.append_to(counts);
  return counts;
}

Counts counts_of(Oracle const& oracle) {
  Counts counts;
  for (auto const& [bucket, count] : oracle) {
    if (count != 0) counts.push_back({bucket, count});
  }
  return counts;
}

TEST_CASE("Sketch: it has the counts of a map after every step", "[property][sketch]") {
  constexpr std::uint64_t seed = 601;
  Random random(seed);
  for (int round = 0; round < 300; ++round) {
    Sketch sketch;
    Oracle oracle;
    Draw draw = draw_kind(random);
    auto low = static_cast<Bucket>(random() % (bucket_count - draw.buckets + 1));
    auto const steps = 1 + random() % 200;
    for (std::size_t step = 0; step < steps; ++step) {
      if (random() % 50 == 0) {
        draw = draw_kind(random);
        low = static_cast<Bucket>(random() % (bucket_count - draw.buckets + 1));
      }
      auto const added = random_counts(random, draw, low);
      sketch.add(added);
      for (auto const& [bucket, count] : added) oracle[bucket] += count;
      INFO("seed " << seed << " round " << round << " step " << step);
      REQUIRE(counts_of(sketch) == counts_of(oracle));
      REQUIRE(sketch.empty() == counts_of(oracle).empty());
    }
    SketchSum sum;
    sum.add(sketch);
    std::uint64_t total = 0;
    for (auto const& [bucket, count] : oracle) total += count;
    REQUIRE(sum.count() == total);
  }
}

}  // namespace
}  // namespace netrun::llm::detail
