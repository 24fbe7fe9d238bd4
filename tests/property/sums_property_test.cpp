// SPDX-License-Identifier: MIT
// Sums: any order and any grouping of the same calls give the same figures.
#include "support/catch.hpp"
#include <netrun/llm/detail/pending_call.hpp>
#include <netrun/llm/detail/sums.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace netrun::llm::detail {
namespace {

using Random = std::mt19937_64;
using Calls = std::vector<std::pair<Record, TokenCounts>>;

bool equal(Sums const& a, Sums const& b) {
  return a.requests == b.requests && a.failed == b.failed && a.cached == b.cached &&
         a.streaming == b.streaming && a.unpriced == b.unpriced &&
         a.first_tokens == b.first_tokens && a.tokens.input == b.tokens.input &&
         a.tokens.output == b.tokens.output && a.tokens.cache_read == b.tokens.cache_read &&
         a.tokens.cache_write == b.tokens.cache_write && a.tokens.reasoning == b.tokens.reasoning &&
         a.cost_picos == b.cost_picos && a.latency_ns == b.latency_ns &&
         a.first_token_ns == b.first_token_ns;
}

Calls random_calls(Random& random, std::size_t count) {
  Calls calls(count);
  for (auto& [record, counts] : calls) {
    record = {};
    record.flags = static_cast<std::uint16_t>(random() % 8 | random() % 6 << 3);
    record.cost_picos = static_cast<std::int64_t>(random() >> 1);
    record.latency_ms = std::lognormal_distribution<double>(6, 4)(random);
    record.time_to_first_token_ms =
        random() % 3 == 0 ? absent_ms : std::lognormal_distribution<double>(3, 2)(random);
    counts = {.input = random() >> random() % 64,
              .output = random() >> random() % 64,
              .cache_read = random() >> 40,
              .cache_write = random() >> 40,
              .reasoning = random() >> 50};
  }
  return calls;
}

Sums sum_of(Calls const& calls) {
  Sums sums;
  for (auto const& [record, counts] : calls) sums.add(record, counts);
  return sums;
}

TEST_CASE("Sums: order does not matter", "[property][sums]") {
  constexpr std::uint64_t seed = 201;
  INFO("seed " << seed);
  Random random(seed);
  auto calls = random_calls(random, 3000);
  Sums const expected = sum_of(calls);
  for (int round = 0; round < 20; ++round) {
    std::shuffle(calls.begin(), calls.end(), random);
    REQUIRE(equal(sum_of(calls), expected));
  }
}

TEST_CASE("Sums: sums of groups add up to the sum of all", "[property][sums]") {
  constexpr std::uint64_t seed = 202;
  INFO("seed " << seed);
  Random random(seed);
  auto const calls = random_calls(random, 3000);
  Sums const expected = sum_of(calls);
  for (int round = 0; round < 20; ++round) {
    std::vector<Sums> groups(1 + random() % 50);
    for (auto const& [record, counts] : calls) {
      groups[random() % groups.size()].add(record, counts);
    }
    Sums total;
    for (auto const& group : groups) total.add(group);
    REQUIRE(equal(total, expected));
  }
}

TEST_CASE("Sums: every call is counted under what it was", "[property][sums]") {
  constexpr std::uint64_t seed = 203;
  INFO("seed " << seed);
  Random random(seed);
  auto const calls = random_calls(random, 2000);
  auto const count = [&](auto&& is) {
    return static_cast<std::uint64_t>(std::count_if(
        calls.begin(), calls.end(), [&](auto const& call) { return is(call.first); }));
  };
  Sums const sums = sum_of(calls);
  CHECK(sums.requests == calls.size());
  CHECK(sums.failed == count([](Record const& r) { return !r.is(RecordFlags::success); }));
  CHECK(sums.cached == count([](Record const& r) { return r.is(RecordFlags::cached); }));
  CHECK(sums.streaming == count([](Record const& r) { return r.is(RecordFlags::streaming); }));
  CHECK(sums.unpriced ==
        count([](Record const& r) { return r.cost_source() == CostSource::unpriced; }));
  CHECK(sums.first_tokens ==
        count([](Record const& r) { return !std::isnan(r.time_to_first_token_ms); }));
}

TEST_CASE("Sums: token counts stop at the highest number", "[property][sums]") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  Sums sums;
  sums.add(Record{}, {.input = most - 1, .output = most});
  sums.add(Record{}, {.input = 1, .output = 1});
  CHECK(sums.tokens.input == most);
  CHECK(sums.tokens.output == most);
}

TEST_CASE("to_whole_ns: it never decreases and stays near its argument", "[property][sums]") {
  constexpr std::uint64_t seed = 204;
  Random random(seed);
  std::vector<double> lengths{0, 1e-7, 5e-7, 0.25, 1, 8.999999e12, 9e12, 9.000001e12, 1e20};
  for (int i = 0; i < 5000; ++i)
    lengths.push_back(std::lognormal_distribution<double>(6, 8)(random));
  std::sort(lengths.begin(), lengths.end());
  Int128 last = 0;
  for (double const ms : lengths) {
    INFO("seed " << seed << " ms " << ms);
    Int128 const ns = to_whole_ns(ms);
    REQUIRE(ns >= last);
    REQUIRE(std::fabs(static_cast<double>(ns) - ms * 1e6) <= 0.5 + ms * 1e6 * 1e-15);
    last = ns;
  }
}

TEST_CASE("to_whole_ns: what no clock shows counts as its limit", "[property][sums]") {
  Int128 const limit = to_whole_ns(1e29);
  CHECK(to_whole_ns(1e30) == limit);
  CHECK(to_whole_ns(std::numeric_limits<double>::max()) == limit);
}

}  // namespace
}  // namespace netrun::llm::detail
