// SPDX-License-Identifier: MIT
// History: per-minute sums of the calls that have left the ring.
#include "support/catch.hpp"
#include <netrun/llm/detail/history.hpp>
#include <netrun/llm/detail/pending_call.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <tuple>

namespace netrun::llm::detail {
namespace {

Record call_at(std::int64_t start_ns, std::uint32_t route = 0) {
  Record record{};
  record.start_ns = start_ns;
  record.route = route;
  record.flags = RecordFlags::success;
  record.time_to_first_token_ms = absent_ms;
  return record;
}

Record failure_at(std::int64_t start_ns, std::uint16_t error) {
  Record record = call_at(start_ns);
  record.flags = 0;
  record.error = error;
  return record;
}

TEST_CASE("floor_minute: a minute begins at its own start", "[unit][history]") {
  CHECK(floor_minute(0) == 0);
  CHECK(floor_minute(minute_ns - 1) == 0);
  CHECK(floor_minute(minute_ns) == minute_ns);
  CHECK(floor_minute(minute_ns + 1) == minute_ns);
}

TEST_CASE("floor_minute: times before 1970 go down to their minute", "[unit][history]") {
  CHECK(floor_minute(-1) == -minute_ns);
  CHECK(floor_minute(-minute_ns) == -minute_ns);
  CHECK(floor_minute(-minute_ns - 1) == -2 * minute_ns);
}

TEST_CASE("floor_minute: the ends of the range do not overflow", "[unit][history]") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  CHECK(floor_minute(most) == most - most % minute_ns);
  CHECK(floor_minute(least) % minute_ns == 0);
}

TEST_CASE("History: a new one is empty", "[unit][history]") {
  History const history;
  CHECK(history.requests() == 0);
  CHECK(history.minutes().empty());
  CHECK(history.cell_count() == 0);
}

TEST_CASE("History: calls of one minute and route and tenant share a cell", "[unit][history]") {
  History history;
  auto const tenant = history.tenant("acme");
  history.add(call_at(5), {.input = 10}, tenant);
  history.add(call_at(minute_ns - 1), {.input = 20}, tenant);
  REQUIRE(history.cell_count() == 1);
  auto const& sums = history.minutes().at(0).cells().front().sums;
  CHECK(sums.requests == 2);
  CHECK(sums.tokens.input == 30);
}

TEST_CASE("History: minutes and routes and tenants are kept apart", "[unit][history]") {
  History history;
  auto const acme = history.tenant("acme");
  auto const zeta = history.tenant("zeta");
  history.add(call_at(0, 1), {}, acme);
  history.add(call_at(0, 2), {}, acme);
  history.add(call_at(0, 1), {}, zeta);
  history.add(call_at(minute_ns, 1), {}, acme);
  CHECK(history.cell_count() == 4);
  CHECK(history.minutes().size() == 2);
  CHECK(history.requests() == 4);
}

TEST_CASE("History: calls before 1970 lie in the minute before", "[unit][history]") {
  History history;
  history.add(call_at(-1), {}, history.tenant("acme"));
  CHECK(history.minutes().begin()->first == -minute_ns);
}

TEST_CASE("History: failures are counted by their error", "[unit][history]") {
  History history;
  auto const tenant = history.tenant("acme");
  history.add(failure_at(0, 3), {}, tenant);
  history.add(failure_at(1, 3), {}, tenant);
  history.add(failure_at(2, 4), {}, tenant);
  history.add(call_at(3), {}, tenant);
  auto const& minute = history.minutes().at(0);
  CHECK(minute.errors().at({.route = 0, .tenant = tenant, .error = 3}) == 2);
  CHECK(minute.errors().at({.route = 0, .tenant = tenant, .error = 4}) == 1);
  CHECK(minute.errors().size() == 2);
  CHECK(minute.cells().front().sums.failed == 3);
}

TEST_CASE("History: tenants keep their numbers and names", "[unit][history]") {
  History history;
  auto const acme = history.tenant("acme");
  CHECK(history.tenant("acme") == acme);
  CHECK(history.find_tenant("acme") == acme);
  CHECK(history.tenant_name(acme) == "acme");
  CHECK(history.tenant_name(History::other_tenant) == "other");
  CHECK(history.find_tenant("zeta") == History::none);
}

TEST_CASE("History: tenants past the cap are counted as other", "[unit][history]") {
  History history;
  auto const first = history.tenant("t0");
  for (std::size_t i = 1; i < History::max_tenants + 10; ++i) {
    static_cast<void>(history.tenant("t" + std::to_string(i)));
  }
  CHECK(history.tenant_count() == History::max_tenants);
  CHECK(history.tenant("one too many") == History::other_tenant);
  CHECK(history.find_tenant("one too many") == History::none);
  CHECK(history.tenant("t0") == first);
}

TEST_CASE("History: clear forgets calls and tenants", "[unit][history]") {
  History history;
  history.add(call_at(0), {}, history.tenant("acme"));
  history.clear();
  CHECK(history.requests() == 0);
  CHECK(history.cell_count() == 0);
  CHECK(history.find_tenant("acme") == History::none);
  history.add(call_at(0), {}, history.tenant("zeta"));
  CHECK(history.cell_count() == 1);
}

TEST_CASE("History: memory grows with its cells", "[unit][history]") {
  History history;
  auto const before = history.memory_bytes();
  auto const tenant = history.tenant("acme");
  for (std::uint32_t route = 0; route < 100; ++route) history.add(call_at(0, route), {}, tenant);
  CHECK(history.memory_bytes() >= before + 100 * sizeof(HistoryCell));
}

TEST_CASE("History: cells add up to the calls that went in", "[unit][history]") {
  constexpr std::uint64_t seed = 17;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  History history;
  using Key = std::tuple<std::int64_t, std::uint32_t, std::string>;
  std::map<Key, Sums> expected;
  for (int i = 0; i < 20'000; ++i) {
    Record record = call_at(static_cast<std::int64_t>(random() % 40) * minute_ns / 4,
                            static_cast<std::uint32_t>(random() % 9));
    record.cost_picos = static_cast<std::int64_t>(random() >> 2);
    record.latency_ms = static_cast<double>(random() % 1'000'000) / 7;
    TokenCounts const counts{.input = random() >> 20, .output = random() >> 30};
    auto const tenant = "t" + std::to_string(random() % 50);
    history.add(record, counts, history.tenant(tenant));
    expected[{floor_minute(record.start_ns), record.route, tenant}].add(record, counts);
  }
  CHECK(history.requests() == 20'000);
  CHECK(history.cell_count() == expected.size());
  for (auto const& [start, minute] : history.minutes()) {
    for (auto const& cell : minute.cells()) {
      auto const& sums = expected.at({start, cell.route, history.tenant_name(cell.tenant)});
      REQUIRE(cell.sums.requests == sums.requests);
      REQUIRE(cell.sums.cost_picos == sums.cost_picos);
      REQUIRE(cell.sums.latency_ns == sums.latency_ns);
      REQUIRE(cell.sums.tokens.input == sums.tokens.input);
      REQUIRE(cell.sums.tokens.output == sums.tokens.output);
    }
  }
}

}  // namespace
}  // namespace netrun::llm::detail
