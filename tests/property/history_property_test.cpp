// SPDX-License-Identifier: MIT
// Ring and history together answer like a collector that keeps every call.
#include "support/catch.hpp"
#include "support/random_calls.hpp"
#include "support/reference.hpp"
#include <netrun/llm/collector.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string>

namespace netrun::llm::testing {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000, minute_ns = 60 * second_ns,
                       hour_ns = 60 * minute_ns, day_ns = 24 * hour_ns;
constexpr std::int64_t cells[] = {minute_ns, 15 * minute_ns, hour_ns, day_ns};
constexpr auto beginning = std::numeric_limits<std::int64_t>::min();
constexpr auto forever = std::numeric_limits<std::int64_t>::max();
/// What is stamped so much after now still belongs to a period that ends now.
constexpr std::int64_t tolerance_ns = 1'000'001;

std::int64_t ns(Clock::time_point at) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch()).count();
}
Clock::time_point at(std::int64_t ns) {
  return Clock::time_point(
      std::chrono::duration_cast<Clock::duration>(std::chrono::nanoseconds(ns)));
}
std::int64_t floor_to(std::int64_t length, std::int64_t ns) { return ns - ns % length; }

/// A life of one collector, and what is to be expected of it.
struct Life {
  Random random;
  Names names;
  bool opted_in;
  ManualTime time{};
  TelemetryCollector collector;
  Reference reference{};
  std::int64_t oldest_ns = forever, newest_ns = 0, latest_now_ns = 0;

  Life(std::uint64_t seed, Names of, bool with_users)
      : random(seed),
        names(of),
        opted_in(with_users),
        collector({.max_history = 1 + seed % 6'000,
                   .time_source = &time,
                   .history_memory = std::size_t{1} << 30,
                   .history_pairs = 1'000'000,
                   .history_users = with_users,
                   .history_endpoints = with_users,
                   .history_tags = with_users ? std::vector<std::string>{"team"}
                                              : std::vector<std::string>{}}) {}

  [[nodiscard]] std::int64_t now_ns() const { return ns(time.now()); }
  void move_clock(std::uint64_t calls);
  void record();
  [[nodiscard]] std::uint64_t folded() const { return collector.diagnostics().folded; }
};

void Life::move_clock(std::uint64_t calls) {
  auto by = any_size(random, second_ns);
  if (one_in(random, 20)) by = any_size(random, 3 * minute_ns);
  if (one_in(random, calls / 30)) by = any_size(random, 3 * hour_ns);
  if (one_in(random, calls / 6)) by = any_size(random, 2 * day_ns);
  time.advance(std::chrono::nanoseconds(by));
  if (one_in(random, calls / 4)) {
    // Not so far back that a call lies more than a day ahead: those are kept apart.
    auto const low = std::max(now_ns() - 18 * hour_ns, newest_ns - 18 * hour_ns);
    auto const high = now_ns() + day_ns;
    time.set_wall(at(low + static_cast<std::int64_t>(random() % std::uint64_t(high - low))));
    time.advance(std::chrono::seconds(1));  // after a second it is followed
  }
  latest_now_ns = std::max(latest_now_ns, now_ns());
}

void Life::record() {
  auto call = random_call(random, names);
  auto start = now_ns();
  if (one_in(random, 15)) start -= any_size(random, one_in(random, 5) ? 5 * day_ns : hour_ns);
  if (one_in(random, 60)) start += any_size(random, 6 * hour_ns);
  call.timestamp = at(start);
  oldest_ns = std::min(oldest_ns, start);
  newest_ns = std::max(newest_ns, start);
  reference.add(call);
  collector.record(std::move(call));
}

/// A question, and its window in numbers.
struct Question {
  Conditions conditions;
  StatsQuery query;
  std::int64_t from_ns = beginning, to_ns = forever;
  bool ends_now = true;

  void set_period(Period const& period, std::int64_t now_ns) {
    query.period = period;
    from_ns = std::max(from_ns, now_ns - period.length().count());
    if (now_ns + tolerance_ns < to_ns) {
      to_ns = now_ns + tolerance_ns;
      ends_now = true;
    }
  }
  void set_from(std::int64_t from) {
    query.from = at(from);
    from_ns = from;
  }
  void set_to(std::int64_t to) {
    query.to = at(to);
    to_ns = to;
    ends_now = false;
  }
  [[nodiscard]] std::string describe() const {
    return conditions.describe() + " from " + std::to_string(from_ns) + " to " +
           std::to_string(to_ns);
  }
};

std::int64_t any_moment(Life& life) {
  auto const low = life.oldest_ns - hour_ns;
  auto const high = life.newest_ns + hour_ns;
  auto moment = low + static_cast<std::int64_t>(life.random() % std::uint64_t(high - low));
  if (one_in(life.random, 3)) moment = life.now_ns() - any_size(life.random, 3 * day_ns);
  return one_in(life.random, 2) ? floor_to(cells[life.random() % 4], moment) : moment;
}

Question any_question(Life& life) {
  constexpr char const* periods[] = {"1m", "5m", "1h", "6h", "24h", "7d", "35d"};
  Question question;
  if (!one_in(life.random, 4)) question.conditions = random_conditions(life.random, life.names);
  auto const kind = life.random() % 8;
  if (kind >= 3) question.set_from(any_moment(life));
  if (kind >= 4) question.set_to(any_moment(life));
  if (kind == 1 || kind == 2 || kind == 7)
    question.set_period(periods[life.random() % 7], life.now_ns());
  return question;
}

void check_groups(ByName<UsageBreakdown> const& found, ByName<UsageBreakdown> const& expected) {
  REQUIRE(found.size() == expected.size());
  for (auto const& [name, group] : expected) {
    INFO("group \"" << name << '"');
    REQUIRE(found.contains(name));
    auto same = found.at(name);
    CHECK(same.latency_avg == Approx(group.latency_avg).epsilon(1e-9).margin(1e-6));
    same.latency_avg = group.latency_avg;
    REQUIRE(same == group);
  }
}

void check_percentiles(std::vector<double> const& values, bool exact,
                       std::array<double, 3> const& found) {
  constexpr double quantiles[] = {0.5, 0.95, 0.99};
  for (std::size_t i = 0; i < 3; ++i) {
    auto const expected = value_at_rank(values, quantiles[i]);
    CHECK(found[i] == Approx(expected).epsilon(exact ? 1e-12 : 0.01).margin(0));
  }
}

void check_figures(AggregatedMetrics const& found, Expected const& expected) {
  auto same = found;
  auto const& all = expected.figures;
  check_groups(found.by_provider, all.by_provider);
  check_groups(found.by_model, all.by_model);
  check_groups(found.by_tenant, all.by_tenant);
  check_groups(found.by_user, all.by_user);
  CHECK(found.errors_by_type == all.errors_by_type);
  CHECK(found.total_requests == all.total_requests);
  CHECK(found.total_cost == all.total_cost);
  CHECK(found.latency_avg == Approx(all.latency_avg).epsilon(1e-9).margin(1e-6));
  CHECK(found.ttft_avg == Approx(all.ttft_avg).epsilon(1e-9).margin(1e-6));
  CHECK(found.latency_percentiles_exact == (expected.folded == 0));
  CHECK(found.ttft_percentiles_exact == (expected.folded_first_tokens == 0));
  check_percentiles(expected.latencies_ms, found.latency_percentiles_exact,
                    {found.latency_p50, found.latency_p95, found.latency_p99});
  check_percentiles(expected.first_tokens_ms, found.ttft_percentiles_exact,
                    {found.ttft_p50, found.ttft_p95, found.ttft_p99});
  // The rest must be equal to the last picodollar.
  for (auto const member : {&AggregatedMetrics::latency_p50, &AggregatedMetrics::latency_p95,
                            &AggregatedMetrics::latency_p99, &AggregatedMetrics::ttft_p50,
                            &AggregatedMetrics::ttft_p95, &AggregatedMetrics::ttft_p99,
                            &AggregatedMetrics::latency_avg, &AggregatedMetrics::ttft_avg})
    same.*member = all.*member;
  for (auto const member : {&AggregatedMetrics::by_provider, &AggregatedMetrics::by_model,
                            &AggregatedMetrics::by_tenant, &AggregatedMetrics::by_user})
    same.*member = all.*member;
  for (auto const member :
       {&AggregatedMetrics::percentiles_exact, &AggregatedMetrics::latency_percentiles_exact,
        &AggregatedMetrics::ttft_percentiles_exact})
    same.*member = all.*member;
  same.period_start = all.period_start;
  same.period_end = all.period_end;
  same.tenant_id = all.tenant_id;
  CHECK(same == all);
}

/// The length of the cells that a moment is known by, at the least.
std::int64_t cell_at(Life const& life, std::int64_t moment) {
  auto const age = std::min(life.newest_ns, life.latest_now_ns) - moment;
  if (age <= 6 * hour_ns) return minute_ns;
  if (age <= 2 * day_ns) return 15 * minute_ns;
  return hour_ns;
}

/// An edge stays where it is, or goes to that of a cell that has calls which have left the ring.
void check_edges(Life const& life, Question const& asked, std::int64_t start, std::int64_t end) {
  if (asked.from_ns == beginning) {
    CHECK(start >= floor_to(day_ns, life.oldest_ns));
  } else if (start != asked.from_ns) {
    auto const cell = cell_at(life, asked.from_ns);
    CHECK(start >= floor_to(cell, asked.from_ns));
    CHECK(start < asked.from_ns);
    CHECK(start % minute_ns == 0);
    CHECK(life.reference.has_folded(start, start + cell));
  }
  if (asked.ends_now) {
    CHECK(end == life.now_ns());
  } else if (end != asked.to_ns) {
    auto const cell = cell_at(life, asked.to_ns);
    CHECK(end > asked.to_ns);
    CHECK(end - asked.to_ns < cell);
    CHECK(end % minute_ns == 0);
    CHECK(life.reference.has_folded(end - cell, end));
  }
}

void check_answer(Life& life, Question const& asked, AggregatedMetrics const& found) {
  auto const& wanted = asked.conditions;
  auto const facets =
      int{!wanted.user.empty()} + int{!wanted.endpoint.empty()} + int{wanted.tag.has_value()};
  bool const is_known = life.opted_in && facets <= 1 && !(wanted.tag && wanted.tag->first == "env");
  bool const ring_only = facets > 0 && !is_known;
  auto users = FoldedUsers::left_out;
  if (life.opted_in) {
    bool const by_other = !wanted.endpoint.empty() || wanted.tag;
    users = by_other ? FoldedUsers::other : FoldedUsers::named;
  }
  auto const start = ns(found.period_start);
  auto from = asked.from_ns;
  auto to = asked.to_ns;
  if (!ring_only) {
    check_edges(life, asked, start, ns(found.period_end));
    if (asked.from_ns != beginning) from = start;
    if (!asked.ends_now) to = ns(found.period_end);
  } else {
    CHECK(start >= asked.from_ns);
  }
  auto const expected = life.reference.answer(asked.query, from, to, ring_only, users);
  // Of calls that are stamped later than now, those that have left the ring may be in its cell.
  if (asked.ends_now && to != forever && !ring_only &&
      life.reference.has_folded(to, floor_to(day_ns, to) + day_ns)) {
    CHECK(found.total_requests >= expected.figures.total_requests);
    return;
  }
  check_figures(found, expected);
}

void ask(Life& life) {
  auto asked = any_question(life);
  asked.conditions.apply_to(asked.query);
  for (int attempt = 0; attempt < 100; ++attempt) {
    life.reference.set_folded(life.folded());
    auto const found = life.collector.get_stats(asked.query);
    if (life.folded() != life.reference.folded()) continue;  // the folder was at work
    INFO(asked.describe() << " folded " << life.reference.folded());
    if (asked.from_ns >= asked.to_ns) {
      CHECK(found.total_requests == 0);
    } else {
      check_answer(life, asked, found);
    }
    return;
  }
  FAIL("the folder never rests");
}

void live(std::uint64_t seed, std::uint64_t calls, Names const& names, bool opted_in) {
  Life life(seed, names, opted_in);
  for (std::uint64_t i = 0; i < calls; ++i) {
    life.move_clock(calls);
    life.record();
    if (!one_in(life.random, calls / 60)) continue;
    INFO("seed " << seed << " call " << i);
    for (int question = 0; question < 4; ++question) ask(life);
  }
  INFO("seed " << seed << " at the end");
  for (int question = 0; question < 60; ++question) ask(life);
  CHECK(life.reference.folded() > 0);
}

TEST_CASE("history: ring and history answer as if every call were there", "[property][history]") {
  constexpr struct {
    std::uint64_t calls;
    Names names;
  } lives[] = {{16'000, {.tenants = 1, .models = 1, .users = 1}},
               {20'000, {.tenants = 4, .models = 3, .users = 2}},
               {20'000, {.tenants = 30, .models = 12, .users = 10}},
               {50'000, {.tenants = 12, .models = 5, .users = 4}}};
  std::uint64_t seed = 6'001;
  for (auto const& [calls, names] : lives) live(seed++, calls, names, false);
}

TEST_CASE("history: what is opted in is answered beyond the ring", "[property][history]") {
  live(6'101, 18'000, {.tenants = 3, .models = 2, .users = 3}, true);
  live(6'102, 24'000, {.tenants = 20, .models = 6, .users = 12}, true);
}

}  // namespace
}  // namespace netrun::llm::testing
