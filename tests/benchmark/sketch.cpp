// SPDX-License-Identifier: MIT
// What a sketch takes to be added to, and a sum of sketches to be made and asked.
//
//   build/bench/tests/benchmark/sketch
#include <netrun/llm/detail/sketch.hpp>

#include <benchmark/benchmark.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace {

using namespace netrun::llm::detail;

constexpr std::size_t samples = 4096;  // cycled over

/// Latencies around 800 ms, in milliseconds.
std::vector<double> latencies(std::size_t count) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> distribution(6.7, 1);
  std::vector<double> values(count);
  for (auto& value : values) value = distribution(random);
  return values;
}

std::vector<BucketCount> one_of(double ms) { return {{.bucket = bucket_of(ms), .count = 1}}; }

/// As many buckets, `step` apart, with the same count.
std::vector<BucketCount> row(std::size_t buckets, std::size_t step, std::uint64_t count) {
  std::vector<BucketCount> counts(buckets);
  for (std::size_t i = 0; i < buckets; ++i) {
    counts[i] = {.bucket = static_cast<Bucket>(i * step), .count = count};
  }
  return counts;
}

Sketch sketch_of(std::size_t buckets, std::uint64_t count) {
  Sketch sketch;
  sketch.add(row(buckets, 1, count));
  return sketch;
}

void find_bucket(benchmark::State& state) {
  auto const values = latencies(samples);
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(bucket_of(values[i++ % samples]));
}

void find_value(benchmark::State& state) {
  Bucket bucket = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(value_of(bucket));
    bucket = static_cast<Bucket>((bucket + 1U) % bucket_count);
  }
}

/// A sketch that comes to hold `range(0)` latencies, one by one: the time of each.
void fill(benchmark::State& state) {
  auto const values = latencies(static_cast<std::size_t>(state.range(0)));
  std::size_t bytes = 0;
  for (auto _ : state) {
    Sketch sketch;
    for (double const value : values) {
      BucketCount const one{.bucket = bucket_of(value), .count = 1};
      sketch.add({&one, 1});
    }
    bytes = sketch.memory_bytes();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.counters["bytes"] = static_cast<double>(bytes);
}

/// Counts in as many buckets, far apart: the time of adding one to one of them.
void add_one_to_pairs(benchmark::State& state) {
  auto const size = static_cast<std::size_t>(state.range(0));
  auto const counts = row(size, bucket_count / size, 4);
  std::mt19937_64 random(8);
  std::vector<BucketCount> ones(samples);
  for (auto& one : ones) one = {.bucket = counts[random() % size].bucket, .count = 1};
  Sketch sketch;
  for (std::size_t i = 0; auto _ : state) {
    if (i++ % (size * 8) == 0) {  // or counts would become large
      sketch = {};
      sketch.add(counts);
    }
    sketch.add({&ones[i % samples], 1});
  }
}

void add_one_to_counters(benchmark::State& state) {
  Sketch sketch = sketch_of(300, 1'000'000);
  BucketCount one{.bucket = 0, .count = 1};
  for (auto _ : state) {
    sketch.add({&one, 1});
    one.bucket = one.bucket == 299 ? Bucket{0} : static_cast<Bucket>(one.bucket + 1);
  }
}

/// A hundred counts at once, into a sketch that has none or pairs for all of them.
void add_many_to_pairs(benchmark::State& state) {
  auto const counts = row(100, 20, 1);
  Sketch sketch;
  for (std::size_t i = 0; auto _ : state) {
    if (i++ % 15 == 0) sketch = {};
    sketch.add(counts);
  }
}

void add_many_to_counters(benchmark::State& state) {
  Sketch sketch = sketch_of(300, 1'000'000);
  auto const counts = row(100, 3, 1);
  for (auto _ : state) sketch.add(counts);
}

void sum_counters(benchmark::State& state, std::uint64_t count) {
  Sketch const sketch = sketch_of(300, count);
  SketchSum sum;
  for (auto _ : state) sum.add(sketch);
}

/// Sums of sketches that hold `range(0)` latencies each: the time of one.
void sum_small(benchmark::State& state) {
  auto const size = static_cast<std::size_t>(state.range(0));
  auto const values = latencies(samples);
  std::vector<Sketch> sketches(samples / size);
  for (std::size_t i = 0; i < sketches.size() * size; ++i) {
    sketches[i / size].add(one_of(values[i]));
  }
  SketchSum sum;
  std::size_t i = 0;
  for (auto _ : state) sum.add(sketches[i++ % sketches.size()]);
}

void answer(benchmark::State& state) {
  SketchSum sum;
  sum.add(sketch_of(300, 1'000'000));
  for (auto _ : state) benchmark::DoNotOptimize(sum.percentiles());
}

void clear(benchmark::State& state) {
  Sketch const sketch = sketch_of(300, 1'000'000);
  SketchSum sum;
  for (auto _ : state) {
    sum.add(sketch);
    sum.clear();
  }
}

BENCHMARK(find_bucket);
BENCHMARK(find_value);
BENCHMARK(fill)->Arg(1)->Arg(5)->Arg(6)->Arg(10)->Arg(30)->Arg(100)->Arg(1000)->Arg(1'000'000);
BENCHMARK(add_one_to_pairs)->Arg(10)->Arg(100);
BENCHMARK(add_one_to_counters);
BENCHMARK(add_many_to_pairs);
BENCHMARK(add_many_to_counters);
BENCHMARK_CAPTURE(sum_counters, of_8_bits, 200);
BENCHMARK_CAPTURE(sum_counters, of_16_bits, 50'000);
BENCHMARK_CAPTURE(sum_counters, of_32_bits, 1'000'000);
BENCHMARK_CAPTURE(sum_counters, of_64_bits, 10'000'000'000);
BENCHMARK(sum_small)->Arg(1)->Arg(5)->Arg(10)->Arg(30);
BENCHMARK(answer);
BENCHMARK(clear);

}  // namespace

BENCHMARK_MAIN();
