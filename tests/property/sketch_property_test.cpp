// SPDX-License-Identifier: MIT
// Sketches: every count is kept, in any order and any grouping, through every form.
#include "support/catch.hpp"
#include <netrun/llm/detail/sketch.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <map>
#include <random>
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

bool same(Percentiles const& a, Percentiles const& b) {
  return a.p50 == b.p50 && a.p95 == b.p95 && a.p99 == b.p99;
}

bool within_error(double sketched, double exact) {
  return std::fabs(sketched - exact) <= sketch_relative_error * exact;
}

TEST_CASE("Sketch: it has the counts of a map after every step", "[property][sketch]") {
  constexpr std::uint64_t seed = 601;
  Random random(seed);
  for (int round = 0; round < 150; ++round) {
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

TEST_CASE("Sketch: order does not matter", "[property][sketch]") {
  constexpr std::uint64_t seed = 602;
  Random random(seed);
  for (int round = 0; round < 100; ++round) {
    Draw const draw = draw_kind(random);
    auto const low = static_cast<Bucket>(random() % (bucket_count - draw.buckets + 1));
    std::vector<Counts> parts(1 + random() % 50);
    for (auto& part : parts) part = random_counts(random, draw, low);
    Sketch expected;
    for (auto const& part : parts) expected.add(part);
    std::shuffle(parts.begin(), parts.end(), random);
    Sketch shuffled;
    for (auto const& part : parts) shuffled.add(part);
    INFO("seed " << seed << " round " << round);
    REQUIRE(counts_of(shuffled) == counts_of(expected));
  }
}

TEST_CASE("Sketch: parts add up to the whole", "[property][sketch]") {
  constexpr std::uint64_t seed = 603;
  Random random(seed);
  SketchSum sum;
  for (int round = 0; round < 100; ++round) {
    Draw const draw = draw_kind(random);
    auto const low = static_cast<Bucket>(random() % (bucket_count - draw.buckets + 1));
    std::vector<Sketch> parts(1 + random() % 20);
    Oracle oracle;
    for (std::size_t i = 0; i < 100; ++i) {
      auto const added = random_counts(random, draw, low);
      parts[random() % parts.size()].add(added);
      for (auto const& [bucket, count] : added) oracle[bucket] += count;
    }
    INFO("seed " << seed << " round " << round);
    Sketch whole;
    sum.clear();
    std::uint64_t total = 0;
    for (auto const& [bucket, count] : oracle) total += count;
    for (auto const& part : parts) {
      whole.add(counts_of(part));
      sum.add(part);
    }
    REQUIRE(counts_of(whole) == counts_of(oracle));
    REQUIRE(sum.count() == total);
    SketchSum expected;
    for (auto const& [bucket, count] : oracle) expected.add(bucket, count);
    REQUIRE(same(sum.percentiles(), expected.percentiles()));
  }
}

TEST_CASE("SketchSum: percentiles are those of the values of the buckets", "[property][sketch]") {
  constexpr std::uint64_t seed = 604;
  Random random(seed);
  SketchSum sum;
  for (int round = 0; round < 1000; ++round) {
    sum.clear();
    auto const size = round < 300 ? static_cast<std::size_t>(round) / 10 + 1 : 1 + random() % 3000;
    auto const buckets = 1 + random() % (random() % 2 == 0 ? 5 : bucket_count);
    std::vector<double> values(size);
    for (auto& value : values) {
      auto const bucket = static_cast<Bucket>(random() % buckets);
      sum.add(bucket);
      value = value_of(bucket);
    }
    INFO("seed " << seed << " round " << round << " size " << size);
    REQUIRE(same(sum.percentiles(), percentiles(values)));
  }
}

TEST_CASE("SketchSum: percentiles of many sorts of values are within 1 %", "[property][sketch]") {
  using Make = std::function<double(Random&)>;
  Make const makes[] = {
      [](Random& random) { return std::lognormal_distribution<double>(6, 1.5)(random); },
      [](Random& random) {
        return std::max(1e-6, std::lognormal_distribution<double>(0, 8)(random));
      },
      [](Random& random) { return std::exponential_distribution<double>(1e-3)(random); },
      [](Random&) { return 12.25; },
      [](Random&) { return 0.0; },
      [](Random& random) {
        return std::normal_distribution<double>(random() % 10 == 0 ? 3e4 : 50, 5)(random);
      },
      [](Random& random) { return static_cast<double>(random() % 4); },
      [](Random& random) { return std::ldexp(1.0, static_cast<int>(random() % 89) - 19); },
  };
  auto const which = GENERATE(range(0, 8));
  constexpr std::uint64_t seed = 605;
  Random random(seed);
  SketchSum sum;
  for (std::size_t const size : {1U, 2U, 3U, 4U, 10U, 19U, 20U, 21U, 100U, 101U, 1000U, 50'000U}) {
    sum.clear();
    std::vector<double> values(size);
    for (auto& value : values) {
      value = makes[which](random);
      sum.add(bucket_of(value));
    }
    INFO("seed " << seed << " values " << which << " size " << size);
    auto const sketched = sum.percentiles();
    auto const exact = percentiles(values);
    REQUIRE(sum.count() == size);
    REQUIRE(within_error(sketched.p50, exact.p50));
    REQUIRE(within_error(sketched.p95, exact.p95));
    REQUIRE(within_error(sketched.p99, exact.p99));
  }
}

TEST_CASE("value_of: it is near every value of its bucket", "[property][sketch]") {
  constexpr std::uint64_t seed = 606;
  Random random(seed);
  std::uniform_real_distribution<double> exponent(std::log2(1e-6), 70);
  for (int round = 0; round < 1'000'000; ++round) {
    double const ms = std::max(1e-6, std::exp2(exponent(random)));
    if (within_error(value_of(bucket_of(ms)), ms)) continue;
    FAIL("seed " << seed << " ms " << ms << " value " << value_of(bucket_of(ms)));
  }
}

TEST_CASE("bucket_of: longer is never in a lower bucket", "[property][sketch]") {
  constexpr std::uint64_t seed = 607;
  INFO("seed " << seed);
  Random random(seed);
  std::vector<double> lengths(100'000);
  for (auto& ms : lengths) ms = std::lognormal_distribution<double>(0, 20)(random);
  std::sort(lengths.begin(), lengths.end());
  CHECK(std::is_sorted(lengths.begin(), lengths.end(),
                       [](double a, double b) { return bucket_of(a) < bucket_of(b); }));
}

}  // namespace
}  // namespace netrun::llm::detail
