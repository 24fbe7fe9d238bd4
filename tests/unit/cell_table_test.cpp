// SPDX-License-Identifier: MIT
// CellTable: sums by key that never wrap and never get lost.
#include "support/catch.hpp"
#include <netrun/llm/detail/cell_table.hpp>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace netrun::llm::detail {
namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

Sums calls(std::uint64_t requests, Int128 cost_picos = 0) {
  Sums sums;
  sums.requests = requests;
  sums.cost_picos = cost_picos;
  sums.latency_ns = requests;
  return sums;
}

void add(CellTable& table, CellKey const& key, Sums const& sums, std::uint32_t use = 1) {
  CellDelta delta;
  delta.sums = &sums;
  table.add(key, delta, use);
}

Sums sums_of(CellTable const& table, CellKey const& key) {
  auto const at = table.find(key);
  REQUIRE(at < table.size());
  return table.sums(at);
}

Sums sum_of(CellTable const& table) {
  Sums sum;
  for (std::size_t at = 0; at < table.size(); ++at) sum.add(table.sums(at));
  return sum;
}

/// Adds the table to itself, through a copy.
void double_all(CellTable& table) {
  CellTable copy;
  copy.add(table, 1);
  table.add(copy, 1);
}

std::vector<BucketCount> counts_of(Sketch const& sketch) {
  std::vector<BucketCount> counts;
  sketch.append_to(counts);
  return counts;
}

TEST_CASE("CellTable: calls of one key share a cell", "[unit][history]") {
  CellTable table;
  add(table, {.route = 1, .tenant = 2}, calls(3, 10));
  add(table, {.route = 1, .tenant = 2}, calls(4, 20));
  CHECK(table.size() == 1);
  CHECK(sums_of(table, {.route = 1, .tenant = 2}).requests == 7);
  CHECK(bool(sums_of(table, {.route = 1, .tenant = 2}).cost_picos == 30));
}

TEST_CASE("CellTable: route, tenant and value are all part of the key", "[unit][history]") {
  CellTable table;
  add(table, {.route = 1}, calls(1));
  add(table, {.tenant = 1}, calls(2));
  add(table, {.value = 1}, calls(3));
  CHECK(table.size() == 3);
  CHECK(sums_of(table, {.value = 1}).requests == 3);
}

TEST_CASE("CellTable: a key that is not there has the place after the last", "[unit][history]") {
  CellTable table;
  CHECK(table.find({}) == 0);
  add(table, {.route = 1}, calls(1));
  CHECK(table.find({.route = 2}) == 1);
}

TEST_CASE("CellTable: every one of many keys is found", "[unit][history]") {
  CellTable table;
  for (std::uint32_t i = 0; i < 3'000; ++i) add(table, {.route = i % 50, .tenant = i}, calls(i));
  REQUIRE(table.size() == 3'000);
  for (std::uint32_t i = 0; i < 3'000; ++i)
    REQUIRE(sums_of(table, {.route = i % 50, .tenant = i}).requests == i);
  CHECK(table.find({.route = 50}) == table.size());
}

TEST_CASE("CellTable: buckets, errors and rare tokens are added up", "[unit][history]") {
  CellTable table;
  std::vector<BucketCount> const latency{{.bucket = 5, .count = 2}, {.bucket = 9, .count = 1}};
  std::vector<BucketCount> const first_token{{.bucket = 3, .count = 1}};
  std::vector<ErrorCount> const errors{{.error = 2, .count = 1}, {.error = 7, .count = 4}};
  RareTokens rare;
  rare.counts[1] = 11;
  auto const sums = calls(3);
  CellDelta const delta{.sums = &sums,
                        .latency = latency,
                        .first_token = first_token,
                        .errors = errors,
                        .rare = &rare};
  table.add({}, delta, 1);
  table.add({}, delta, 1);
  CHECK(counts_of(table.latency(0)) == std::vector<BucketCount>{{5, 4}, {9, 2}});
  CHECK(counts_of(table.first_token(0)) == std::vector<BucketCount>{{3, 2}});
  REQUIRE(table.errors(0).size() == 2);
  CHECK(table.errors(0)[1].count == 8);
  REQUIRE(table.rare(0) != nullptr);
  CHECK(table.rare(0)->counts[1] == 22);
}

TEST_CASE("CellTable: counts past 32 bits are carried", "[unit][history]") {
  CellTable table;
  Sums one;
  one.requests = 3;
  one.failed = 2;
  one.cached = one.streaming = one.unpriced = one.first_tokens = 1;
  add(table, {}, one);
  for (int i = 0; i < 40; ++i) double_all(table);
  auto const sums = sums_of(table, {});
  auto const times = std::uint64_t{1} << 40;
  CHECK(sums.requests == 3 * times);
  CHECK(sums.failed == 2 * times);
  CHECK(sums.cached == times);
  CHECK(sums.streaming == times);
  CHECK(sums.unpriced == times);
  CHECK(sums.first_tokens == times);
  CHECK(table.carrying().size() == 1);
}

TEST_CASE("CellTable: buckets and errors past 32 bits are counted", "[unit][history]") {
  CellTable table;
  std::vector<BucketCount> const latency{{.bucket = 5, .count = 3}};
  std::vector<ErrorCount> const errors{{.error = 2, .count = 5}};
  auto const sums = calls(1);
  table.add({}, {.sums = &sums, .latency = latency, .first_token = {}, .errors = errors}, 1);
  for (int i = 0; i < 40; ++i) double_all(table);
  CHECK(counts_of(table.latency(0)) == std::vector<BucketCount>{{5, std::uint64_t{3} << 40}});
  CHECK(table.errors(0)[0].count == std::uint64_t{5} << 40);
}

TEST_CASE("CellTable: money beyond 9.2 million dollars is exact", "[unit][history]") {
  CellTable table;
  Int128 const cost = 9'223'372'036'854'775'807;
  for (int i = 0; i < 1'000; ++i) add(table, {}, calls(1, cost - i));
  CHECK(bool(sums_of(table, {}).cost_picos == 1'000 * cost - 499'500));
  CHECK(sums_of(table, {}).requests == 1'000);
}

TEST_CASE("CellTable: latencies of three thousand million years add up", "[unit][history]") {
  CellTable table;
  auto const longest = to_whole_ns(1e20);
  auto sums = calls(1);
  sums.latency_ns = sums.first_token_ns = longest;
  for (int i = 0; i < 100; ++i) add(table, {}, sums);
  CHECK(bool(sums_of(table, {}).latency_ns == 100 * longest));
  CHECK(bool(sums_of(table, {}).first_token_ns == 100 * longest));
}

TEST_CASE("CellTable: token counts stop at the end of their range", "[unit][history]") {
  CellTable table;
  Sums const sums{.requests = 1,
                  .tokens = {.input = most - 1,
                             .output = most,
                             .cache_read = most / 2,
                             .cache_write = 7,
                             .reasoning = most}};
  for (int i = 0; i < 3; ++i) add(table, {}, sums);
  auto const tokens = sums_of(table, {}).tokens;
  CHECK(tokens.input == most);
  CHECK(tokens.output == most);
  CHECK(tokens.cache_read == most);
  CHECK(tokens.cache_write == 21);
  CHECK(tokens.reasoning == most);
}

TEST_CASE("CellTable: carried sums move with their cell when others go", "[unit][history]") {
  CellTable table;
  for (std::uint32_t i = 0; i < 20; ++i) {
    for (int times = 0; times < 3; ++times)
      add(table, {.tenant = i}, calls(i, Int128{9'000'000'000'000'000'000} + i), i);
  }
  table.keep_largest(5);
  REQUIRE(table.size() == 5);
  CHECK(table.carrying().size() == 5);
  for (std::uint32_t i = 15; i < 20; ++i) {
    CHECK(sums_of(table, {.tenant = i}).requests == 3 * i);
    CHECK(bool(sums_of(table, {.tenant = i}).cost_picos ==
               3 * (Int128{9'000'000'000'000'000'000} + i)));
  }
}

TEST_CASE("CellTable: keep_largest keeps what has most calls, then what was used last",
          "[unit][history]") {
  CellTable table;
  for (std::uint32_t i = 0; i < 30; ++i) add(table, {.tenant = i}, calls(1), i);
  add(table, {.tenant = 3}, calls(1), 99);
  table.keep_largest(10);
  CHECK(table.size() == 10);
  CHECK(table.find({.tenant = 3}) < table.size());
  CHECK(table.find({.tenant = 20}) == table.size());
  CHECK(table.find({.tenant = 21}) < table.size());
}

TEST_CASE("CellTable: keep_largest leaves a small table alone", "[unit][history]") {
  CellTable table;
  for (std::uint32_t i = 0; i < 10; ++i) add(table, {.tenant = i}, calls(1));
  table.keep_largest(10);
  CHECK(table.size() == 10);
}

TEST_CASE("CellTable: what goes is added to the cell that stays", "[unit][history]") {
  CellTable table;
  add(table, {}, calls(1, 5), 0);
  for (std::uint32_t i = 1; i < 30; ++i) add(table, {.tenant = i}, calls(i, 100 * i), i);
  auto const before = sum_of(table);
  table.keep_newest(10, {});
  CHECK(table.size() == 11);
  CHECK(sum_of(table).requests == before.requests);
  CHECK(bool(sum_of(table).cost_picos == before.cost_picos));
  CHECK(sums_of(table, {}).requests == 1 + 19 * 20 / 2);
}

TEST_CASE("CellTable: the cell that takes in the others is made when it is not there",
          "[unit][history]") {
  CellTable table;
  for (std::uint32_t i = 1; i < 5; ++i) add(table, {.tenant = i}, calls(i), i);
  table.keep_newest(1, {});
  CHECK(table.size() == 2);
  CHECK(sums_of(table, {}).requests == 6);
}

TEST_CASE("CellTable: tenants that are forgotten become another one", "[unit][history]") {
  CellTable table;
  for (std::uint32_t i = 0; i < 40; ++i) add(table, {.tenant = i % 4, .value = i}, calls(1));
  CellKey const other{};
  table.remove_tenants({false, true, false, true}, &other);
  CHECK(table.size() == 20);  // the cell of tenant 0 and value 0 was there
  CHECK(sums_of(table, other).requests == 21);
  CHECK(sum_of(table).requests == 40);
}

TEST_CASE("CellTable: tenants can go without a trace", "[unit][history]") {
  CellTable table;
  for (std::uint32_t i = 0; i < 4; ++i) add(table, {.tenant = i}, calls(1));
  table.remove_tenants({false, true, false, true}, nullptr);
  CHECK(table.size() == 2);
  CHECK(table.find({.tenant = 1}) == table.size());
}

TEST_CASE("CellTable: values that are forgotten go", "[unit][history]") {
  CellTable table;
  for (std::uint32_t i = 0; i < 40; ++i) add(table, {.tenant = i, .value = i % 4}, calls(1));
  table.remove_values({false, true, false, true});
  CHECK(table.size() == 20);
  CHECK(table.find({.tenant = 2, .value = 2}) < table.size());
}

TEST_CASE("CellTable: cells that go give their memory back", "[unit][history]") {
  CellTable table;
  CHECK(table.memory_bytes() == 0);
  for (std::uint32_t i = 0; i < 1'000; ++i) add(table, {.tenant = i}, calls(1), i);
  auto const full = table.memory_bytes();
  CHECK(full >= 1'000 * sizeof(Cell));
  table.keep_largest(100);
  CHECK(table.memory_bytes() < full / 5);
  table = {};
  CHECK(table.memory_bytes() == 0);
}

TEST_CASE("CellTable: nothing is lost in a random life", "[unit][history]") {
  std::mt19937_64 random(611);
  CellTable table;
  Sums expected;
  for (std::uint32_t step = 0; step < 5'000; ++step) {
    CellKey const key{.route = std::uint32_t(random() % 5), .tenant = std::uint32_t(random() % 60)};
    Sums const sums{.requests = random() % 3'000'000'000,
                    .tokens = {.input = random() >> 30},
                    .cost_picos = static_cast<std::int64_t>(random() >> 1),
                    .latency_ns = static_cast<Int128>(random())};
    add(table, key, sums, step);
    expected.add(sums);
    if (random() % 300 == 0) table.keep_newest(random() % 100, {});
    if (random() % 300 == 0) {
      std::vector<bool> which(60, false);
      for (std::size_t i = 1; i < which.size(); ++i) which[i] = random() % 3 == 0;
      CellKey const other{};
      table.remove_tenants(which, &other);
    }
    if (step % 50 != 0) continue;
    auto const sum = sum_of(table);
    REQUIRE(sum.requests == expected.requests);
    REQUIRE(sum.tokens.input == expected.tokens.input);
    REQUIRE(bool(sum.cost_picos == expected.cost_picos));
    REQUIRE(bool(sum.latency_ns == expected.latency_ns));
  }
}

}  // namespace
}  // namespace netrun::llm::detail
