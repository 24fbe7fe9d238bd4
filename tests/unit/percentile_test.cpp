// SPDX-License-Identifier: MIT
// Percentiles: known answers, and the same bits as sorting gives.
#include "support/catch.hpp"
#include <netrun/llm/detail/percentile.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <vector>

namespace netrun::llm::detail {
namespace {

double by_sorting(std::vector<double> values, double q) {
  std::sort(values.begin(), values.end());
  double const rank = q * static_cast<double>(values.size() - 1);
  auto const below = static_cast<std::size_t>(rank);
  double const fraction = rank - static_cast<double>(below);
  if (fraction == 0) return values[below];
  return values[below] + (values[below + 1] - values[below]) * fraction;
}

bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

TEST_CASE("percentiles: all are zero of nothing", "[unit][percentile]") {
  std::vector<double> none;
  auto const result = percentiles(none);
  CHECK(result.p50 == 0);
  CHECK(result.p95 == 0);
  CHECK(result.p99 == 0);
}

TEST_CASE("percentiles: all are the value when there is one", "[unit][percentile]") {
  std::vector<double> one{42.5};
  auto const result = percentiles(one);
  CHECK(result.p50 == 42.5);
  CHECK(result.p95 == 42.5);
  CHECK(result.p99 == 42.5);
}

TEST_CASE("percentiles: the median of 1 and 1000 lies half way", "[unit][percentile]") {
  std::vector<double> two{1000, 1};
  auto const result = percentiles(two);
  CHECK(result.p50 == 500.5);
  CHECK(result.p95 == Approx(950.05).epsilon(1e-12));
  CHECK(result.p99 == Approx(990.01).epsilon(1e-12));
}

TEST_CASE("percentiles: ranks of 0 to 100 are the numbers themselves", "[unit][percentile]") {
  std::vector<double> values(101);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(100 - i);
  auto const result = percentiles(values);
  CHECK(result.p50 == 50);
  CHECK(result.p95 == 95);
  CHECK(result.p99 == 99);
}

TEST_CASE("percentiles: values are kept and only reordered", "[unit][percentile]") {
  std::vector<double> values{5, 3, 3, 9, 1, 7};
  static_cast<void>(percentiles(values));
  std::sort(values.begin(), values.end());
  CHECK(values == std::vector<double>{1, 3, 3, 5, 7, 9});
}

TEST_CASE("percentiles: every size has the bits that sorting gives", "[unit][percentile]") {
  using Draw = std::function<double(std::mt19937_64&)>;
  Draw const draws[] = {
      [](std::mt19937_64& random) { return std::lognormal_distribution<double>(6, 1.5)(random); },
      [](std::mt19937_64&) { return 12.25; },
      [](std::mt19937_64&) { return 0.0; },
      [](std::mt19937_64& random) { return static_cast<double>(random() % 4) * 0.1; },
      [](std::mt19937_64& random) { return random() % 100 == 0 ? 1e9 : 1e-3; },
  };
  auto const which = GENERATE(0U, 1U, 2U, 3U, 4U);
  constexpr std::uint64_t seed = 31;
  std::mt19937_64 random(seed);
  for (int round = 0; round < 400; ++round) {
    std::size_t const size =
        round < 210 ? static_cast<std::size_t>(round) + 1 : 1 + random() % 3000;
    INFO("seed " << seed << " distribution " << which << " size " << size);
    std::vector<double> values(size);
    for (auto& value : values) value = draws[which](random);
    auto shuffled = values;
    auto const result = percentiles(shuffled);
    REQUIRE(same_bits(result.p50, by_sorting(values, 0.50)));
    REQUIRE(same_bits(result.p95, by_sorting(values, 0.95)));
    REQUIRE(same_bits(result.p99, by_sorting(values, 0.99)));
  }
}

TEST_CASE("percentiles: the order of the values does not matter", "[unit][percentile]") {
  constexpr std::uint64_t seed = 8;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  std::vector<double> values(1000);
  for (auto& value : values) value = std::exponential_distribution<double>(0.01)(random);
  auto rising = values;
  std::sort(rising.begin(), rising.end());
  auto falling = rising;
  std::reverse(falling.begin(), falling.end());
  auto const expected = percentiles(values);
  CHECK(same_bits(percentiles(rising).p99, expected.p99));
  CHECK(same_bits(percentiles(falling).p99, expected.p99));
}

}  // namespace
}  // namespace netrun::llm::detail
