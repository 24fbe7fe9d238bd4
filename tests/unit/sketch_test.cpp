// SPDX-License-Identifier: MIT
// Sketches: the edges of their buckets, the memory they take, and percentiles of known values.
#include "support/catch.hpp"
#include <netrun/llm/detail/sketch.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace netrun::llm::detail {
namespace {

using Counts = std::vector<BucketCount>;

constexpr std::size_t of_allocator = 16;
constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

Counts counts_of(Sketch const& sketch) {
  Counts counts;
  sketch.append_to(counts);
  return counts;
}

Sketch sketch_of(Counts const& counts) {
  Sketch sketch;
  sketch.add(counts);
  return sketch;
}

/// As many buckets, `step` apart, with the same count.
Counts row(std::size_t buckets, std::size_t step, std::uint64_t count) {
  Counts counts;
  for (std::size_t i = 0; i < buckets; ++i) {
    counts.push_back({.bucket = static_cast<Bucket>(100 + i * step), .count = count});
  }
  return counts;
}

/// The least double that is in the bucket or above it, by halving the doubles from 2^-30 to 2^80.
double least_of(Bucket bucket) {
  auto low = std::bit_cast<std::uint64_t>(0x1p-30), high = std::bit_cast<std::uint64_t>(0x1p80);
  while (low < high) {
    auto const middle = low + (high - low) / 2;
    if (bucket_of(std::bit_cast<double>(middle)) >= bucket) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return std::bit_cast<double>(low);
}

bool in_bounds(double ms) {
  return std::fabs(value_of(bucket_of(ms)) - ms) <= sketch_relative_error * ms;
}

Percentiles percentiles_of(Counts const& counts) {
  SketchSum sum;
  for (auto const& [bucket, count] : counts) sum.add(bucket, count);
  return sum.percentiles();
}

TEST_CASE("bucket_of: what is below a nanosecond counts as zero", "[unit][sketch]") {
  for (double const ms : {0.0, -0.0, 1e-300, 9.5e-7, std::nextafter(0x1p-20, 0.0)}) {
    INFO("ms " << ms);
    CHECK(bucket_of(ms) == 0);
  }
  CHECK(bucket_of(0x1p-20) == 1);
  CHECK(value_of(0) == 0);
}

TEST_CASE("bucket_of: what is no length of time counts as zero", "[unit][sketch]") {
  for (double const ms : {-1.0, -1e300, -infinite, std::nan(""), -std::nan("")}) {
    INFO("ms " << ms);
    CHECK(bucket_of(ms) == 0);
  }
}

TEST_CASE("bucket_of: what is too long is in the last bucket", "[unit][sketch]") {
  for (double const ms : {std::nextafter(0x1p70, 0.0), 0x1p70, 1e300, infinite}) {
    INFO("ms " << ms);
    CHECK(bucket_of(ms) == bucket_count - 1);
  }
}

TEST_CASE("bucket_of: buckets begin at powers of the 36th root of 2", "[unit][sketch]") {
  for (Bucket bucket = 1; bucket < bucket_count; ++bucket) {
    INFO("bucket " << bucket);
    double const expected = std::exp2((bucket - 1) / 36.0 - 20);
    double const least = least_of(bucket);
    REQUIRE(least == Approx(expected).epsilon(1e-14));
    REQUIRE(bucket_of(least) == bucket);
    REQUIRE(bucket_of(std::nextafter(least, infinite)) == bucket);
    REQUIRE(bucket_of(std::nextafter(least, 0.0)) == bucket - 1);
  }
}

TEST_CASE("value_of: it is near every value at the edge of a bucket", "[unit][sketch]") {
  for (Bucket bucket = 2; bucket < bucket_count; ++bucket) {
    INFO("bucket " << bucket);
    double const least = least_of(bucket);
    REQUIRE(in_bounds(std::nextafter(least, 0.0)));
    REQUIRE(in_bounds(least));
    REQUIRE(in_bounds(std::nextafter(least, infinite)));
  }
  CHECK(in_bounds(1e-6));
  CHECK(in_bounds(0x1p70));
}

TEST_CASE("value_of: it is as far from one end of the bucket as from the other", "[unit][sketch]") {
  for (Bucket bucket = 1; bucket < bucket_count - 1; ++bucket) {
    INFO("bucket " << bucket);
    double const low = least_of(bucket), high = least_of(bucket + 1);
    double const value = value_of(bucket);
    REQUIRE((value - low) / low == Approx((high - value) / high).epsilon(1e-10));
    REQUIRE(bucket_of(value) == bucket);
  }
}

TEST_CASE("Sketch: an empty one has no counts and takes no memory", "[unit][sketch]") {
  Sketch const sketch;
  CHECK(sketch.empty());
  CHECK(sketch.memory_bytes() == 0);
  CHECK(counts_of(sketch).empty());
}

TEST_CASE("Sketch: counts of zero leave it empty", "[unit][sketch]") {
  Sketch sketch;
  sketch.add({});
  sketch.add(row(3, 5, 0));
  CHECK(sketch.empty());
}

TEST_CASE("Sketch: counts of zero change no sketch", "[unit][sketch]") {
  for (auto const& counts : {row(2, 3, 1), row(6, 100, 1), row(100, 1, 200)}) {
    Sketch sketch = sketch_of(counts);
    auto const bytes = sketch.memory_bytes();
    sketch.add({{{.bucket = 0, .count = 0}, {.bucket = 3000, .count = 0}}});
    CHECK(counts_of(sketch) == counts);
    CHECK(sketch.memory_bytes() == bytes);
  }
}

TEST_CASE("Sketch: up to five samples take no memory", "[unit][sketch]") {
  Counts const counts{{0, 1}, {7, 2}, {bucket_count - 1, 2}};
  Sketch sketch = sketch_of(counts);
  CHECK(counts_of(sketch) == counts);
  CHECK(sketch.memory_bytes() == 0);
  sketch.add({{{.bucket = 7, .count = 1}}});
  CHECK(counts_of(sketch) == Counts{{0, 1}, {7, 3}, {bucket_count - 1, 2}});
  CHECK(sketch.memory_bytes() == of_allocator + 24);
}

TEST_CASE("Sketch: few samples take two bytes each, and an eighth to spare", "[unit][sketch]") {
  for (std::size_t buckets = 6; buckets <= 500; ++buckets) {
    INFO(buckets << " buckets");
    auto const bytes = sketch_of(row(buckets, 6, 1)).memory_bytes();
    REQUIRE(bytes >= of_allocator + 4 + 2 * buckets);
    REQUIRE(bytes <= of_allocator + 4 + 16 + buckets * 2 * 9 / 8);
  }
}

TEST_CASE("Sketch: samples that come one by one take as much as all at once", "[unit][sketch]") {
  Sketch sketch;
  Counts counts;
  for (auto const& one : row(100, 20, 1)) {
    sketch.add({&one, 1});
    counts.push_back(one);
    REQUIRE(sketch.memory_bytes() == sketch_of(counts).memory_bytes());
  }
}

TEST_CASE("Sketch: counters are as wide as the largest count needs", "[unit][sketch]") {
  std::size_t width = 1;
  for (std::uint64_t const largest : {std::uint64_t{0xff}, std::uint64_t{0xffff},
                                      std::uint64_t{0xffff'ffff}, std::uint64_t{1} << 55}) {
    INFO("largest " << largest);
    auto counts = row(300, 1, largest);
    Sketch sketch = sketch_of(counts);
    CHECK(counts_of(sketch) == counts);
    CHECK(sketch.memory_bytes() == of_allocator + std::max<std::size_t>(4, width) + 300 * width);
    sketch.add(counts);  // too large for them, but for the widest
    for (auto& [bucket, count] : counts) count *= 2;
    CHECK(counts_of(sketch) == counts);
    width = std::min<std::size_t>(8, width * 2);
    CHECK(sketch.memory_bytes() == of_allocator + std::max<std::size_t>(4, width) + 300 * width);
  }
}

TEST_CASE("Sketch: one large count does not widen all counters", "[unit][sketch]") {
  auto expected = row(300, 1, 200);
  Sketch sketch = sketch_of(expected);
  REQUIRE(sketch.memory_bytes() == of_allocator + 4 + 300);
  expected[77].count += std::uint64_t{1} << 40;
  sketch.add({{{.bucket = expected[77].bucket, .count = std::uint64_t{1} << 40}}});
  CHECK(counts_of(sketch) == expected);
  CHECK(sketch.memory_bytes() < 1400);
}

TEST_CASE("Sketch: counters give way when a bucket is too far from them", "[unit][sketch]") {
  auto const middle = row(40, 1, 200);
  Sketch sketch = sketch_of(middle);
  REQUIRE(sketch.memory_bytes() == of_allocator + 4 + 40);
  sketch.add({{{.bucket = 3, .count = 1}}});
  std::vector<BucketCount> expected{{.bucket = 3, .count = 1}};
  expected.insert(expected.end(), middle.begin(), middle.end());
  CHECK(sketch.memory_bytes() == of_allocator + 4 + 137);
  sketch.add({{{.bucket = 3000, .count = 1}}});
  expected.push_back({3000, 1});
  CHECK(sketch.memory_bytes() < of_allocator + 4 + 200);
  CHECK(counts_of(sketch) == expected);
}

TEST_CASE("Sketch: large counts far apart take little memory", "[unit][sketch]") {
  Counts const counts{{5, 100'000}, {3000, 100'000}};
  CHECK(counts_of(sketch_of(counts)) == counts);
  CHECK(sketch_of(counts).memory_bytes() == of_allocator + 24);
}

TEST_CASE("Sketch: the largest count there is is kept", "[unit][sketch]") {
  for (auto const& counts : {Counts{{5, most}}, Counts{{5, 1}, {3000, most - 1}},
                             Counts{{5, most / 2}, {6, most - most / 2}}}) {
    CHECK(counts_of(sketch_of(counts)) == counts);
    SketchSum sum;
    sum.add(sketch_of(counts));
    CHECK(sum.count() == most);
  }
}

TEST_CASE("Sketch: what was moved from is empty", "[unit][sketch]") {
  for (auto const& counts : {row(2, 1, 1), row(50, 9, 1), row(100, 1, 1000)}) {
    Sketch first = sketch_of(counts);
    Sketch second = std::move(first);
    CHECK(first.empty());  // NOLINT(bugprone-use-after-move)
    Sketch third = sketch_of(row(60, 3, 70'000));
    third = std::move(second);
    CHECK(second.empty());  // NOLINT(bugprone-use-after-move)
    CHECK(counts_of(third) == counts);
    auto& same = third;
    third = std::move(same);
    CHECK(counts_of(third) == counts);
  }
}

TEST_CASE("Sketch: a million latencies take less than 3 KB", "[unit][sketch]") {
  constexpr std::uint64_t seed = 611;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> latency(6.7, 1);
  Sketch sketch;
  for (int i = 0; i < 1'000'000; ++i) {
    BucketCount const one{.bucket = bucket_of(latency(random)), .count = 1};
    sketch.add({&one, 1});
  }
  CHECK(sketch.memory_bytes() < 1200);  // two bytes for each of some 500 buckets
}

TEST_CASE("SketchSum: all percentiles are zero of nothing", "[unit][sketch]") {
  SketchSum sum;
  sum.add(Sketch());
  sum.add(7, 0);
  CHECK(sum.count() == 0);
  CHECK(sum.percentiles().p50 == 0);
  CHECK(sum.percentiles().p95 == 0);
  CHECK(sum.percentiles().p99 == 0);
}

TEST_CASE("SketchSum: all percentiles are the value when there is one", "[unit][sketch]") {
  auto const result = percentiles_of({{700, 1}});
  CHECK(result.p50 == value_of(700));
  CHECK(result.p95 == value_of(700));
  CHECK(result.p99 == value_of(700));
}

TEST_CASE("SketchSum: the median of two values lies half way", "[unit][sketch]") {
  auto const near = bucket_of(1), far = bucket_of(1000);
  double const low = value_of(near), high = value_of(far);
  auto const result = percentiles_of({{far, 1}, {near, 1}});
  CHECK(result.p50 == Approx((low + high) / 2).epsilon(1e-14));
  CHECK(result.p95 == Approx(low + 0.95 * (high - low)).epsilon(1e-14));
  CHECK(result.p99 == Approx(low + 0.99 * (high - low)).epsilon(1e-14));
}

TEST_CASE("SketchSum: more values than a double tells apart have percentiles", "[unit][sketch]") {
  auto const same = percentiles_of({{9, most}});
  CHECK(same.p50 == value_of(9));
  CHECK(same.p99 == value_of(9));
  auto const tenths = percentiles_of({{9, most / 10 * 6}, {800, most / 10 * 3}, {900, most / 10}});
  CHECK(tenths.p50 == value_of(9));
  CHECK(tenths.p95 == value_of(900));
  auto const last = percentiles_of({{9, most - 1}, {800, 1}});
  CHECK(last.p99 == value_of(9));
}

TEST_CASE("SketchSum: it is as new after it was cleared", "[unit][sketch]") {
  SketchSum sum;
  sum.add(0, 5);
  sum.add(bucket_count - 1, 5);
  sum.add(sketch_of(row(300, 2, 70'000)));
  sum.clear();
  CHECK(sum.count() == 0);
  CHECK(sum.percentiles().p99 == 0);
  sum.add(1000);
  sum.add(2000);
  CHECK(sum.count() == 2);
  CHECK(sum.percentiles().p50 == Approx((value_of(1000) + value_of(2000)) / 2));
}

}  // namespace
}  // namespace netrun::llm::detail
