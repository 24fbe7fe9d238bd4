// SPDX-License-Identifier: MIT
// prune, retention and what they leave: the ring goes by call, the history by cell.
#include "support/calls.hpp"
#include "support/catch.hpp"

#include <cstdint>
#include <string>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

/// A collector whose clock stands at the start of a minute, an hour and a day.
struct Fixture {
  ManualTime time;
  Clock::time_point start = time.now();
  TelemetryCollector collector;

  explicit Fixture(TelemetryOptions options = {}) : collector(with(options, time)) {}

  void record(Clock::time_point at, std::string const& tenant = "acme") {
    auto call = finished_call("openai", "gpt-4o", tenant, 1, 1);
    call.timestamp = at;
    collector.record(call);
  }
  /// Records calls of another tenant until all that came before have left the ring.
  void push_out(Clock::time_point at) {
    auto const before = collector.diagnostics().recorded;
    while (collector.diagnostics().folded < before) {
      for (int i = 0; i < 256; ++i) record(at, "filler");
    }
  }
  std::uint64_t known(std::string const& tenant = "acme") {
    return collector.get_stats(StatsQuery{.tenant_id = tenant}).total_requests;
  }

 private:
  static TelemetryOptions with(TelemetryOptions options, ManualTime& time) {
    options.time_source = &time;
    return options;
  }
};

}  // namespace

TEST_CASE("prune: calls in the ring go exactly") {
  Fixture f;
  for (int second = 0; second < 60; ++second) f.record(f.start + std::chrono::seconds(second));
  CHECK(f.collector.prune(f.start + 20s) == 20);
  CHECK(f.known() == 40);
  CHECK(f.collector.size() == 40);
  REQUIRE(f.collector.snapshot().size() == 40);
  CHECK(f.collector.snapshot().front().timestamp == f.start + 20s);
  CHECK(f.collector.diagnostics().retained == 40);
}

TEST_CASE("prune: of what has left the ring whole cells go") {
  Fixture f({.max_history = 1});
  for (int second = 0; second < 180; ++second) f.record(f.start + std::chrono::seconds(second));
  f.time.advance(1h);
  f.push_out(f.time.now());
  CHECK(f.collector.prune(f.start + 90s) == 60);
  CHECK(f.known() == 120);
  auto const stats = f.collector.get_stats({.from = f.start + 90s, .tenant_id = "acme"});
  CHECK(stats.period_start == f.start + 1min);
  CHECK(stats.total_requests == 120);
}

TEST_CASE("prune: what is left of an hour and a day stays") {
  Fixture f({.max_history = 1});
  for (int hour = 0; hour < 5; ++hour) {
    for (int quarter = 0; quarter < 4; ++quarter)
      f.record(f.start + std::chrono::hours(hour) + quarter * 15min + 1min);
  }
  f.time.advance(5h);
  f.push_out(f.time.now());
  CHECK(f.collector.prune(f.start + 2h + 20min) == 10);
  CHECK(f.known() == 10);
  auto const rest =
      f.collector.get_stats({.from = f.start + 2h, .to = f.start + 4h, .tenant_id = "acme"});
  CHECK(rest.total_requests == 6);
}

TEST_CASE("prune: a period counts from now") {
  Fixture f;
  f.record(f.start);
  f.time.advance(10min);
  f.record(f.time.now());
  CHECK(f.collector.prune("5m") == 1);
  CHECK(f.known() == 1);
}

TEST_CASE("prune: nothing is forgotten or counted twice") {
  Fixture f;
  for (int second = 0; second < 60; ++second) f.record(f.start + std::chrono::seconds(second));
  CHECK(f.collector.prune(f.start + 20s) == 20);
  CHECK(f.collector.prune(f.start + 20s) == 0);
  CHECK(f.collector.prune(f.start + 10s) == 0);
  CHECK(f.collector.prune(f.start + 30s) == 10);
  CHECK(f.known() == 30);
}

TEST_CASE("prune: late calls that come afterwards are known") {
  Fixture f({.max_history = 1});
  f.record(f.start);
  f.time.advance(1h);
  CHECK(f.collector.prune(f.time.now()) == 1);
  f.record(f.start + 1s);
  CHECK(f.known() == 1);
  f.push_out(f.time.now());
  CHECK(f.known() == 1);
  CHECK(f.collector.get_stats({.to = f.start + 1min, .tenant_id = "acme"}).total_requests == 1);
}

TEST_CASE("prune: calls that were pruned in the ring do not come back when they leave it") {
  Fixture f({.max_history = 1});
  for (int i = 0; i < 10; ++i) f.record(f.start);
  f.time.advance(1h);
  CHECK(f.collector.prune(f.time.now()) == 10);
  f.push_out(f.time.now());
  CHECK(f.known() == 0);
  CHECK(f.collector.prune(f.time.now()) == 0);
}

TEST_CASE("prune: everything can be forgotten") {
  Fixture f({.max_history = 1});
  f.record(f.start);
  f.push_out(f.start + 1min);
  auto const all = f.collector.diagnostics().recorded;
  CHECK(f.collector.prune(f.start + 1h) == all);
  CHECK(f.collector.get_stats(StatsQuery{}).total_requests == 0);
  CHECK(f.collector.size() == 0);
  CHECK(f.collector.snapshot().empty());
  CHECK(f.collector.diagnostics().history_cells == 0);
}

TEST_CASE("prune: size and snapshot agree when few calls are kept") {
  Fixture f({.max_history = 10});
  for (int second = 0; second < 60; ++second) f.record(f.start + std::chrono::seconds(second));
  CHECK(f.collector.size() == 10);
  f.collector.prune(f.start + 55s);
  CHECK(f.collector.size() == 5);
  CHECK(f.collector.snapshot().size() == 5);
}

TEST_CASE("prune: callbacks are given what was pruned before they came to it") {
  ManualTime time;
  std::uint64_t seen = 0;
  TelemetryCollector collector({.time_source = &time});
  auto const handle =
      collector.add_export_callback([&](LLMRequestMetrics const& /*call*/) { ++seen; });
  auto call = finished_call("openai", "gpt-4o", "acme", 1, 1);
  call.timestamp = time.now();
  for (int i = 0; i < 100; ++i) collector.record(call);
  collector.prune(time.now() + 1h);
  REQUIRE(collector.flush(10s));
  CHECK(seen == 100);
}

TEST_CASE("retention: whole days in UTC stay until the newest call is past them") {
  Fixture f({.max_history = 1, .history_retention = 48h});
  f.record(f.start - 1s);
  f.record(f.start);
  f.time.advance(71h);
  f.push_out(f.time.now());
  CHECK(f.known() == 1);
  CHECK(f.collector.diagnostics().expired == 1);
  f.time.advance(1h);
  f.push_out(f.time.now());
  CHECK(f.known() == 0);
  CHECK(f.collector.diagnostics().expired == 2);
}

TEST_CASE("retention: calls in the ring do not expire") {
  Fixture f({.history_retention = 1h});
  f.record(f.start);
  f.time.advance(1'000h);
  f.record(f.time.now());
  CHECK(f.known() == 2);
  CHECK(f.collector.diagnostics().expired == 0);
}

TEST_CASE("retention: what is known and what is expired is all that was recorded") {
  Fixture f({.max_history = 1, .history_retention = 24h});
  for (int day = 0; day < 10; ++day) {
    f.record(f.time.now());
    f.push_out(f.time.now());
    f.time.advance(24h);
  }
  auto const known = f.collector.get_stats(StatsQuery{}).total_requests;
  auto const diagnostics = f.collector.diagnostics();
  CHECK(diagnostics.expired > 0);
  CHECK(known + diagnostics.expired == diagnostics.recorded);
}
