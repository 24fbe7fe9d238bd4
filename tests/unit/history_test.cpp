// SPDX-License-Identifier: MIT
// History: what has left the ring stays known, in coarser and coarser steps, to the last
// picodollar.
#include "support/catch.hpp"
#include "support/ledger.hpp"

#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace netrun::llm::detail {
namespace {

using testing::call_at;
using testing::Ledger;
using testing::same;
using testing::sum_of;

constexpr std::int64_t quarter_ns = rung_ns[1], hour_ns = rung_ns[2], day_ns = rung_ns[3];
constexpr auto most = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

/// The length of the finest step that a moment is known by; 0 when it lies in none.
std::int64_t step_at(History const& history, std::int64_t at) {
  auto const edge = history.edge_before(Detail::joint, at);
  return edge == at ? 0 : history.edge_after(Detail::joint, at) - edge;
}

TEST_CASE("floor_to: a step begins at its own start", "[unit][history]") {
  CHECK(floor_to(minute_ns, 0) == 0);
  CHECK(floor_to(minute_ns, minute_ns - 1) == 0);
  CHECK(floor_to(minute_ns, minute_ns) == minute_ns);
}

TEST_CASE("floor_to: times before 1970 go down to their step", "[unit][history]") {
  CHECK(floor_to(minute_ns, -1) == -minute_ns);
  CHECK(floor_to(minute_ns, -minute_ns) == -minute_ns);
  CHECK(floor_to(minute_ns, -minute_ns - 1) == -2 * minute_ns);
}

TEST_CASE("floor_to and next_step: the ends of the range do not overflow", "[unit][history]") {
  for (auto const length : rung_ns) {
    CHECK(floor_to(length, most) == most - most % length);
    CHECK(floor_to(length, least) % length == 0);
    CHECK(next_step(length, most) == most);
    CHECK(next_step(length, least) > least);
  }
}

TEST_CASE("History: a new one is empty", "[unit][history]") {
  Ledger const ledger;
  CHECK(ledger.history.requests() == 0);
  CHECK(ledger.history.cell_count() == 0);
  CHECK_FALSE(ledger.history.oldest_start());
  CHECK(ledger.fault_between(Detail::joint, least, most).empty());
}

TEST_CASE("History: a call is in one step of each rung", "[unit][history]") {
  Ledger ledger;
  auto const start = ledger.now_ns + 3 * hour_ns + 17 * minute_ns + 5;
  ledger.now_ns = start;
  ledger.add(call_at(start));
  ledger.flush();
  for (std::size_t r = 0; r < rung_count; ++r) {
    REQUIRE(ledger.history.rung(r).size() == 1);
    CHECK(ledger.history.rung(r).begin()->first == floor_to(rung_ns[r], start));
  }
  CHECK(ledger.history.oldest_start() == floor_to(minute_ns, start));
}

TEST_CASE("History: a cover reads nothing beyond its edges", "[unit][history]") {
  Ledger ledger;
  auto const day = ledger.now_ns;
  ledger.now_ns += 5 * hour_ns;
  for (std::int64_t minute = 0; minute < 5 * 60; ++minute)
    ledger.add(call_at(day + minute * minute_ns));
  ledger.flush();
  for (std::int64_t from = 0; from < 150; from += 7) {
    for (std::int64_t to = from + 1; to < 300; to += 11) {
      INFO("minutes " << from << " to " << to);
      REQUIRE(ledger.fault_between(Detail::joint, day + from * minute_ns, day + to * minute_ns) ==
              "");
    }
  }
}

TEST_CASE("History: an edge within a minute that holds calls goes to its end", "[unit][history]") {
  Ledger ledger;
  auto const minute = ledger.now_ns;
  ledger.add(call_at(minute + 30));
  ledger.flush();
  auto const cover = ledger.history.cover(Detail::joint, minute + 40, minute + 50);
  CHECK(cover.from == minute);
  CHECK(cover.to == minute + minute_ns);
}

TEST_CASE("History: an edge where there are no calls stays", "[unit][history]") {
  Ledger ledger;
  auto const minute = ledger.now_ns;
  ledger.add(call_at(minute));
  ledger.flush();
  auto const from = minute - minute_ns + 7;
  auto const to = minute + minute_ns + 9;
  auto const cover = ledger.history.cover(Detail::joint, from, to);
  CHECK(cover.from == from);
  CHECK(cover.to == to);
}

TEST_CASE(
    "History: minutes are known for six hours at the least, quarters for two days, hours for "
    "36 days",
    "[unit][history]") {
  Ledger ledger;
  auto const start = ledger.now_ns;
  constexpr std::int64_t days = 36;
  for (std::int64_t hour = 0; hour <= days * 24; ++hour) {
    ledger.now_ns = start + hour * hour_ns;
    ledger.add(call_at(ledger.now_ns + minute_ns));
    ledger.add(call_at(ledger.now_ns + minute_ns));
    ledger.flush();
  }
  auto const newest = ledger.now_ns + minute_ns;
  auto const known_by = [&](std::int64_t age) {
    // Between the second minute of an hour and the third one.
    return step_at(ledger.history, floor_to(hour_ns, newest - age) + minute_ns + 1);
  };
  CHECK(known_by(0) == minute_ns);
  CHECK(known_by(6 * hour_ns) == minute_ns);
  CHECK(known_by(2 * day_ns) == quarter_ns);
  CHECK(known_by(35 * day_ns) == hour_ns);
  CHECK(ledger.fault() == "");
}

TEST_CASE("History: a clock that was ahead for a while leaves new calls known by the minute",
          "[unit][history]") {
  Ledger ledger;
  auto const now = ledger.now_ns;
  ledger.add(call_at(now));
  ledger.flush();
  ledger.now_ns = now + 20 * day_ns;
  ledger.add(call_at(ledger.now_ns));
  ledger.flush();
  ledger.now_ns = now + 2 * day_ns;
  ledger.add(call_at(ledger.now_ns + 5));
  ledger.flush();
  CHECK(step_at(ledger.history, ledger.now_ns + 3) == minute_ns);
  CHECK(ledger.fault() == "");
}

TEST_CASE("History: the past goes by whole days in UTC", "[unit][history]") {
  Ledger ledger({.retention_ns = 2 * day_ns});
  auto const day = ledger.now_ns;
  ledger.add(call_at(day - 1));
  ledger.add(call_at(day));
  ledger.flush();
  ledger.now_ns = day + 2 * day_ns;
  ledger.add(call_at(ledger.now_ns - 1));
  ledger.flush();
  CHECK(ledger.history.expired() == 0);
  ledger.add(call_at(ledger.now_ns));
  ledger.flush();
  CHECK(ledger.history.expired() == 1);
  ledger.now_ns += day_ns - 1;
  ledger.add(call_at(ledger.now_ns));
  ledger.flush();
  CHECK(ledger.history.expired() == 1);
  CHECK(ledger.history.oldest_start() == day);
  CHECK(ledger.fault() == "");
}

TEST_CASE("History: calls that come when they are too old are expired", "[unit][history]") {
  Ledger ledger({.retention_ns = day_ns});
  ledger.add(call_at(ledger.now_ns));
  ledger.flush();
  ledger.add(call_at(0));
  ledger.add(call_at(ledger.now_ns - day_ns - 1));
  ledger.flush();
  CHECK(ledger.history.expired() == 2);
  CHECK(ledger.history.requests() == 1);
}

TEST_CASE("History: a workload of long ago ages by its own time", "[unit][history]") {
  Ledger ledger({.retention_ns = day_ns});
  ledger.add(call_at(1'000 * day_ns));
  ledger.flush();
  CHECK(ledger.history.expired() == 0);
  CHECK(step_at(ledger.history, 1'000 * day_ns + 1) == minute_ns);
}

TEST_CASE("History: a call of the far future does not make the rest old", "[unit][history]") {
  Ledger ledger;
  ledger.add(call_at(ledger.now_ns));
  ledger.add(call_at(most));
  ledger.flush();
  ledger.add(call_at(ledger.now_ns + 1));
  ledger.flush();
  CHECK(ledger.history.expired() == 0);
  CHECK(step_at(ledger.history, ledger.now_ns + 1) == minute_ns);
}

TEST_CASE("History: calls of the far future share one day", "[unit][history]") {
  Ledger ledger;
  for (std::int64_t i = 0; i < 100; ++i) ledger.add(call_at(ledger.now_ns + (36 + i) * day_ns));
  ledger.flush();
  CHECK(ledger.history.rung(last_rung).size() == 1);
  CHECK(ledger.history.rung(0).empty());
  CHECK(ledger.history.rung(last_rung).contains(History::far_future));
  CHECK(ledger.fault() == "");
  CHECK(ledger.fault_between(Detail::joint, least, most) == "");
}

TEST_CASE("History: tenants past the cap of a step become \"other\"", "[unit][history]") {
  Ledger ledger({.max_tenants = 8});
  for (int i = 0; i < 40; ++i) {
    auto call = call_at(ledger.now_ns);
    call.cost_picos = 1'000 + i;
    ledger.add(call, "t" + std::to_string(i));
    ledger.flush();
    REQUIRE(ledger.fault() == "");
  }
  auto const& step = ledger.history.rung(last_rung).begin()->second;
  CHECK(step.tenants.size() <= 8);
  auto const newest = ledger.history.tenants().find("t39");
  CHECK(step.tenants.find({.tenant = newest}) < step.tenants.size());
  auto const other = step.tenants.find({.tenant = NamePool::other});
  REQUIRE(other < step.tenants.size());
  CHECK(step.tenants.sums(other).requests >= 32);
}

TEST_CASE("History: names past their cap become \"other\", the longest unused first",
          "[unit][history]") {
  Ledger ledger({.max_memory = std::size_t{8} << 20});
  auto const cap = static_cast<int>(ledger.history.tenants().cap());
  for (int i = 0; i < cap + 10; ++i) {
    ledger.add(call_at(ledger.now_ns), "t" + std::to_string(i));
    if (i % 100 == 0) ledger.add(call_at(ledger.now_ns), "regular");
  }
  ledger.flush();
  CHECK(ledger.history.renumberings() > 0);
  CHECK(ledger.history.tenants().find("t0") == NamePool::none);
  CHECK(ledger.history.tenants().find("regular") != NamePool::none);
  CHECK(ledger.history.tenants().find("t" + std::to_string(cap + 9)) != NamePool::none);
  CHECK(ledger.fault() == "");
}

TEST_CASE("History: values past their cap make room for new ones", "[unit][history]") {
  Ledger ledger({.max_memory = std::size_t{8} << 20, .facets = {{.kind = Facet::Kind::user}}});
  auto const cap = static_cast<int>(ledger.history.values(0).cap());
  for (int i = 0; i < cap + 10; ++i)
    ledger.add(call_at(ledger.now_ns), "acme", {}, {"u" + std::to_string(i)});
  ledger.flush();
  CHECK(ledger.history.values(0).find("u0") == NamePool::none);
  CHECK(ledger.history.values(0).find("u" + std::to_string(cap + 9)) != NamePool::none);
  CHECK(ledger.fault() == "");
}

TEST_CASE("History: names of all kinds together leave room for the sums", "[unit][history]") {
  HistoryOptions options{.max_memory = std::size_t{16} << 20};
  for (int i = 0; i < 10; ++i)
    options.facets.push_back({.kind = Facet::Kind::tag, .key = std::to_string(i)});
  Ledger ledger(options);
  for (int i = 0; i < 6'000; ++i) {
    if (i % 100 == 0) ledger.now_ns += 10 * minute_ns;
    auto const name = std::string(240, 'x') + std::to_string(i);
    ledger.add(call_at(ledger.now_ns), name, {}, std::vector<std::string>(10, name));
    if (i % 100 == 99) ledger.flush();
  }
  CHECK(ledger.history.memory_bytes() <= options.max_memory);
  CHECK(step_at(ledger.history, ledger.now_ns - hour_ns + 1) <= hour_ns);
}

TEST_CASE("History: where even days find no memory the oldest go, and are counted",
          "[unit][history]") {
  HistoryOptions const options{.retention_ns = 10'000 * day_ns, .max_memory = std::size_t{8} << 20};
  Ledger ledger(options);
  for (int day = 0; day < 5'000; ++day) {
    ledger.now_ns += day_ns;
    for (int i = 0; i < 80; ++i) {
      auto call = call_at(ledger.now_ns);
      call.latency_ms = 1 << (i % 30);
      call.latency_ms *= 1 + i / 30 * 0.3;
      ledger.add(call);
    }
    if (day % 10 == 9) ledger.flush();
  }
  CHECK(ledger.history.memory_bytes() <= options.max_memory);
  CHECK(ledger.history.expired() > 0);
  CHECK(ledger.history.requests() > 100'000);
  CHECK(ledger.fault() == "");
  CHECK(ledger.fault_between(Detail::total, least, most) == "");
}

TEST_CASE("History: money and latencies beyond 64 bits add up in every table", "[unit][history]") {
  Ledger ledger;
  auto call = call_at(ledger.now_ns);
  call.cost_picos = most;
  call.latency_ms = 1e20;
  call.time_to_first_token_ms = 1e20;
  for (int i = 0; i < 1'000; ++i) {
    ledger.add(call, "t" + std::to_string(i % 7));
    if (i % 10 == 0) ledger.flush();
  }
  ledger.flush();
  CHECK(ledger.fault() == "");
}

TEST_CASE("History: clear forgets calls and how far back it knew", "[unit][history]") {
  Ledger ledger;
  ledger.add(call_at(ledger.now_ns));
  ledger.flush();
  ledger.now_ns += 3 * day_ns;
  ledger.add(call_at(ledger.now_ns));
  ledger.flush();
  ledger.clear();
  CHECK(ledger.history.requests() == 0);
  CHECK(ledger.history.cell_count() == 0);
  ledger.now_ns -= 3 * day_ns;
  ledger.add(call_at(ledger.now_ns));
  ledger.flush();
  CHECK(step_at(ledger.history, ledger.now_ns + 1) == minute_ns);
  CHECK(ledger.fault() == "");
}

TEST_CASE("History: prune forgets whole minutes", "[unit][history]") {
  Ledger ledger;
  auto const minute = ledger.now_ns;
  for (std::int64_t second = 0; second < 180; ++second)
    ledger.add(call_at(minute + second * 1'000'000'000));
  CHECK(ledger.prune(minute + 90'000'000'000) == 60);
  CHECK(ledger.history.oldest_start() == minute + minute_ns);
  CHECK(ledger.fault() == "");
}

TEST_CASE("History: prune forgets everything when all of it is older", "[unit][history]") {
  Ledger ledger;
  ledger.add(call_at(ledger.now_ns));
  CHECK(ledger.prune(ledger.now_ns + 1) == 1);
  CHECK(ledger.history.requests() == 0);
  CHECK(ledger.history.cell_count() == 0);
}

TEST_CASE("History: prune with a time that lies before everything forgets nothing",
          "[unit][history]") {
  Ledger ledger;
  ledger.add(call_at(ledger.now_ns));
  CHECK(ledger.prune(ledger.now_ns) == 0);
  CHECK(ledger.prune(0) == 0);
  CHECK(ledger.prune(least) == 0);
  CHECK(ledger.history.requests() == 1);
}

TEST_CASE("History: late calls of a time that was pruned are known again", "[unit][history]") {
  Ledger ledger;
  auto const minute = ledger.now_ns;
  ledger.add(call_at(minute));
  ledger.add(call_at(minute + hour_ns));
  CHECK(ledger.prune(minute + minute_ns) == 1);
  ledger.add(call_at(minute + 1));
  ledger.flush();
  CHECK(ledger.history.oldest_start() == minute);
  CHECK(ledger.fault() == "");
}

}  // namespace
}  // namespace netrun::llm::detail
