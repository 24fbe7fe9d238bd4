// SPDX-License-Identifier: MIT
// History: every table of every rung adds up to what went in, at every moment of a life.
#include "support/catch.hpp"
#include "support/ledger.hpp"

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace netrun::llm::detail {
namespace {

using testing::call_at;
using testing::Ledger;
using Random = std::mt19937_64;

constexpr std::int64_t second_ns = 1'000'000'000, hour_ns = rung_ns[2], day_ns = rung_ns[3];
constexpr auto least = std::numeric_limits<std::int64_t>::min();
constexpr auto most = std::numeric_limits<std::int64_t>::max();

/// What kind of life is lived.
struct Plan {
  std::uint64_t seed = 0;
  HistoryOptions options{};
  std::uint64_t tenants = 20, routes = 6, values = 10;
  std::uint64_t batches = 300;
  std::int64_t longest_pause_ns = 3 * hour_ns;
  bool extremes = false;
};

std::int64_t any_stamp(Random& random, std::int64_t now) {
  auto const below = [&](std::int64_t length) {
    return static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(length));
  };
  switch (random() % 40) {
    case 0:
      return now - below(40 * day_ns);
    case 1:
      return now + below(4 * day_ns);
    case 2:
      return below(now);
    case 3:
      return now - below(3 * day_ns);
    default:
      return now - below(10 * 60 * second_ns);
  }
}

Record any_call(Random& random, Plan const& plan, std::int64_t now) {
  auto call = call_at(any_stamp(random, now), static_cast<std::uint32_t>(random() % plan.routes));
  if (random() % 6 == 0) {
    call.flags = 0;
    call.error = static_cast<std::uint16_t>(random() % 4);
  }
  if (random() % 3 == 0) call.flags |= RecordFlags::streaming;
  if (random() % 7 == 0) call.flags |= RecordFlags::cached;
  call.cost_picos = static_cast<std::int64_t>(random() >> (plan.extremes ? 1 : 20));
  call.latency_ms = static_cast<double>(random() % 10'000'000) / 77;
  if (plan.extremes && random() % 9 == 0) call.latency_ms = 1e20;
  if (random() % 4 == 0) call.time_to_first_token_ms = call.latency_ms / 9;
  return call;
}

void check(Ledger const& ledger, Random& random) {
  REQUIRE(ledger.fault() == "");
  REQUIRE(ledger.fault_between(Detail::total, least, most) == "");
  for (int i = 0; i < 30; ++i) {
    auto const detail = static_cast<Detail>(random() % detail_count);
    auto from = ledger.now_ns - static_cast<std::int64_t>(random() % (40 * day_ns));
    auto to =
        from + 1 + static_cast<std::int64_t>(random() % (random() % 2 == 0 ? hour_ns : 9 * day_ns));
    if (random() % 2 == 0) from = floor_to(rung_ns[random() % rung_count], from);
    if (random() % 9 == 0) to = most;
    INFO("from " << from << " to " << to << " detail " << int(detail));
    REQUIRE(ledger.fault_between(detail, from, to) == "");
  }
}

void move_clock(Ledger& ledger, Random& random, Plan const& plan) {
  auto const pause = static_cast<std::uint64_t>(plan.longest_pause_ns);
  ledger.now_ns += static_cast<std::int64_t>(random() % (random() % pause + 1));
  if (random() % 60 == 0) ledger.now_ns -= static_cast<std::int64_t>(random() % (day_ns / 2));
}

void live(Plan const& plan) {
  Random random(plan.seed);
  Ledger ledger(plan.options);
  for (std::uint64_t batch = 0; batch < plan.batches; ++batch) {
    INFO("seed " << plan.seed << " batch " << batch);
    move_clock(ledger, random, plan);
    auto const calls = random() % 120;
    for (std::uint64_t i = 0; i < calls; ++i) {
      std::vector<std::string> values;
      for (std::size_t facet = 0; facet < plan.options.facets.size(); ++facet)
        values.push_back("v" + std::to_string(random() % plan.values));
      TokenCounts const counts{.input = random() >> (plan.extremes ? 4 : 40),
                               .output = random() >> 45,
                               .cache_read = random() >> 50,
                               .cache_write = random() >> 50,
                               .reasoning = random() >> 50};
      ledger.add(any_call(random, plan, ledger.now_ns),
                 "t" + std::to_string(random() % plan.tenants), counts, values);
    }
    ledger.flush();
    REQUIRE(ledger.history.memory_bytes() <= plan.options.max_memory);
    if (random() % 50 == 0) {
      auto const before = ledger.now_ns - static_cast<std::int64_t>(random() % (10 * day_ns));
      ledger.prune(before);
    }
    if (random() % 10 == 0) check(ledger, random);
  }
  check(ledger, random);
}

std::vector<Facet> two_facets() {
  return {{.kind = Facet::Kind::user}, {.kind = Facet::Kind::tag, .key = "team"}};
}

TEST_CASE("History: it adds up to what went in", "[property][history]") {
  live({.seed = 6'201});
  live({.seed = 6'202, .longest_pause_ns = 30 * second_ns});
  live({.seed = 6'203, .options = {.facets = two_facets()}, .batches = 150});
  live({.seed = 6'204, .longest_pause_ns = 2 * day_ns});
}

TEST_CASE("History: it adds up when sums leave their narrow numbers", "[property][history]") {
  live({.seed = 6'211, .tenants = 3, .routes = 2, .batches = 200, .extremes = true});
}

TEST_CASE("History: it adds up when the past is short", "[property][history]") {
  live({.seed = 6'221, .options = {.retention_ns = hour_ns}});
  live({.seed = 6'222, .options = {.retention_ns = 3 * day_ns}});
}

TEST_CASE("History: it adds up when steps have room for few", "[property][history]") {
  live({.seed = 6'231,
        .options = {.max_tenants = 7, .max_pairs = 9, .facets = two_facets()},
        .tenants = 60,
        .batches = 150});
  live({.seed = 6'232,
        .options = {.max_tenants = 1, .max_pairs = 1},
        .tenants = 60,
        .batches = 150});
}

TEST_CASE("History: it adds up when names make room for each other", "[property][history]") {
  live({.seed = 6'241,
        .options = {.max_memory = std::size_t{8} << 20},
        .tenants = 30'000,
        .batches = 150});
}

TEST_CASE("History: it adds up when there is little memory", "[property][history]") {
  live({.seed = 6'251,
        .options = {.max_memory = std::size_t{8} << 20},
        .tenants = 900,
        .batches = 400});
  live({.seed = 6'252,
        .options = {.max_memory = std::size_t{8} << 20, .facets = two_facets()},
        .tenants = 300,
        .values = 900,
        .batches = 200,
        .longest_pause_ns = 12 * hour_ns});
}

}  // namespace
}  // namespace netrun::llm::detail
