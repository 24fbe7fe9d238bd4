// SPDX-License-Identifier: MIT
// Ring and history together answer like a collector that keeps every call.
#include "support/catch.hpp"
#include "support/random_calls.hpp"
#include "support/reference.hpp"
#include <netrun/llm/collector.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

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

/// What kind of life is lived.
struct Plan {
  std::uint64_t seed = 0, calls = 0;
  Names names{};
  bool opted_in = false, prunes = false;
  std::chrono::hours retention{35 * 24};
};

/// A life of one collector, and what is to be expected of it.
struct Life {
  Plan plan;
  Random random;
  ManualTime time{};
  TelemetryCollector collector;
  Reference reference{};
  std::int64_t oldest_ns = forever, newest_ns = 0, latest_now_ns = 0;

  explicit Life(Plan const& of)
      : plan(of),
        random(of.seed),
        collector({.max_history = 1 + of.seed * 997 % 6'000,
                   .time_source = &time,
                   .history_retention = of.retention,
                   .history_memory = std::size_t{1} << 30,
                   .history_pairs = 1'000'000,
                   .history_users = of.opted_in,
                   .history_endpoints = of.opted_in,
                   .history_tags = of.opted_in ? std::vector<std::string>{"team"}
                                               : std::vector<std::string>{}}) {}

  [[nodiscard]] std::int64_t now_ns() const { return ns(time.now()); }
  void move_clock();
  void record();
  /// Everything that started then or later is known.
  [[nodiscard]] std::int64_t known_from_ns() const {
    auto const retention = std::chrono::nanoseconds(plan.retention).count();
    return floor_to(day_ns, std::min(newest_ns, latest_now_ns) - retention);
  }
  [[nodiscard]] std::uint64_t folded() const { return collector.diagnostics().folded; }
};

void Life::move_clock() {
  auto const calls = plan.calls;
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
  auto call = random_call(random, plan.names);
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
  if (!one_in(life.random, 4))
    question.conditions = random_conditions(life.random, life.plan.names);
  auto const kind = life.random() % 8;
  if (kind >= 3) question.set_from(any_moment(life));
  if (kind >= 4) question.set_to(any_moment(life));
  if (kind == 1 || kind == 2 || kind == 7)
    question.set_period(periods[life.random() % 7], life.now_ns());
  return question;
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
  } else if (start > asked.from_ns) {
    // Something older was forgotten. That nothing known is left out the figures tell.
    CHECK((life.plan.prunes || life.collector.diagnostics().expired > 0));
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
  bool const is_known =
      life.plan.opted_in && facets <= 1 && !(wanted.tag && wanted.tag->first == "env");
  bool const ring_only = facets > 0 && !is_known;
  auto users = FoldedUsers::left_out;
  if (life.plan.opted_in) {
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
  // Of what may be too old, some has gone. Of calls that are stamped later than now, those that
  // have left the ring may be in its cell.
  auto surely_from = from;
  if (life.oldest_ns < life.known_from_ns() && !ring_only)
    surely_from = std::max(from, life.known_from_ns());
  auto perhaps_to = to;
  if (asked.ends_now && to != forever && !ring_only) perhaps_to = floor_to(day_ns, to) + day_ns;
  auto const& reference = life.reference;
  if (surely_from == from && (perhaps_to == to || !reference.has_folded(to, perhaps_to))) {
    check_figures(found, reference.answer(asked.query, from, to, ring_only, users));
    return;
  }
  auto const least = reference.answer(asked.query, surely_from, to).figures;
  auto const most = reference.answer(asked.query, from, perhaps_to).figures;
  CHECK(found.total_requests >= least.total_requests);
  CHECK(found.total_requests <= most.total_requests);
  CHECK(found.total_cost >= least.total_cost);
  CHECK(found.total_cost <= most.total_cost);
}

/// Every call is known, or known to be known no more.
void check_accounts(Life& life) {
  auto const all = life.collector.get_stats(StatsQuery{}).total_requests;
  auto const diagnostics = life.collector.diagnostics();
  auto const& calls = life.reference.calls();
  auto const kept = std::min(calls.size(), life.collector.max_history());
  auto const is_known = [](Reference::Call const& call) { return !call.is_forgotten; };
  if (diagnostics.folded != life.reference.folded()) return;
  CHECK(all + diagnostics.expired ==
        static_cast<std::uint64_t>(std::count_if(calls.begin(), calls.end(), is_known)));
  auto const in_snapshot =
      std::count_if(calls.end() - static_cast<std::ptrdiff_t>(kept), calls.end(), is_known);
  CHECK(life.collector.size() == static_cast<std::size_t>(in_snapshot));
  CHECK(life.collector.snapshot().size() == static_cast<std::size_t>(in_snapshot));
}

void check_equal(AggregatedMetrics const& a, AggregatedMetrics const& b,
                 AggregatedMetrics const& whole) {
  CHECK(a.total_requests + b.total_requests == whole.total_requests);
  CHECK(a.failed_requests + b.failed_requests == whole.failed_requests);
  CHECK(a.total_input_tokens + b.total_input_tokens == whole.total_input_tokens);
  CHECK(a.total_audio_input_tokens + b.total_audio_input_tokens == whole.total_audio_input_tokens);
  CHECK(a.total_cost + b.total_cost == whole.total_cost);
  for (auto const& [tenant, group] : whole.by_tenant) {
    auto const of = [&, name = tenant](AggregatedMetrics const& part) {
      auto const known = part.by_tenant.find(name);
      return known == part.by_tenant.end() ? Usd{} : known->second.exact_cost;
    };
    CHECK(of(a) + of(b) == group.exact_cost);
  }
}

void check_neighbours(Life& life) {
  auto const base = floor_to(hour_ns, life.oldest_ns);
  auto const hours = static_cast<std::uint64_t>((life.newest_ns - base) / hour_ns + 2);
  for (int i = 0; i < 30; ++i) {
    std::array<std::uint64_t, 3> edges{};
    for (auto& edge : edges) edge = life.random() % hours;
    std::sort(edges.begin(), edges.end());
    auto const stats = [&](std::size_t from, std::size_t to) {
      StatsQuery query;
      query.from = at(base + static_cast<std::int64_t>(edges[from]) * hour_ns);
      query.to = at(base + static_cast<std::int64_t>(edges[to]) * hour_ns);
      auto const found = life.collector.get_stats(query);
      // After a prune it may begin later, where nothing older is known.
      CHECK((found.period_start == *query.from || life.plan.prunes));
      CHECK(found.period_end == *query.to);
      return found;
    };
    check_equal(stats(0, 1), stats(1, 2), stats(0, 2));
  }
}

/// False when it cannot be told which calls were in the ring.
bool prune(Life& life) {
  auto& reference = life.reference;
  reference.set_folded(life.folded());
  auto const before = any_moment(life);
  auto const pruned = life.collector.prune(at(before));
  if (life.folded() != reference.folded()) return false;
  INFO("prune before " << before << " pruned " << pruned);
  CHECK(pruned >= reference.count_before(before, floor_to(cell_at(life, before), before)));
  // The history cuts at the edge of a cell, but for what is older as a whole.
  std::vector<std::int64_t> cuts;
  if (!reference.has_folded(before, forever)) cuts.push_back(before);
  for (auto const cell : cells) cuts.push_back(floor_to(cell, before));
  for (auto const cut : cuts) {
    if (reference.count_before(before, cut) != pruned) continue;
    reference.forget_before(before, cut);
    return true;
  }
  FAIL("prune does not cut at a cell");
  return false;
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

void live(Plan const& plan) {
  Life life(plan);
  for (std::uint64_t i = 0; i < plan.calls; ++i) {
    life.move_clock();
    life.record();
    if (!one_in(life.random, plan.calls / 40)) continue;
    INFO("seed " << plan.seed << " call " << i);
    if (plan.prunes && !prune(life)) return;
    for (int question = 0; question < 4; ++question) ask(life);
    check_accounts(life);
  }
  INFO("seed " << plan.seed << " at the end");
  for (int question = 0; question < 60; ++question) ask(life);
  check_accounts(life);
  if (life.oldest_ns >= life.known_from_ns()) check_neighbours(life);
  CHECK(life.reference.folded() > 0);
}

TEST_CASE("history: ring and history answer as if every call were there", "[property][history]") {
  live({.seed = 6'001, .calls = 16'000, .names = {.tenants = 1, .models = 1, .users = 1}});
  live({.seed = 6'002, .calls = 20'000, .names = {.tenants = 4, .models = 3, .users = 2}});
  live({.seed = 6'003, .calls = 20'000, .names = {.tenants = 30, .models = 12, .users = 10}});
  live({.seed = 6'004, .calls = 50'000, .names = {.tenants = 12, .models = 5, .users = 4}});
}

TEST_CASE("history: what is opted in is answered beyond the ring", "[property][history]") {
  live({.seed = 6'101,
        .calls = 18'000,
        .names = {.tenants = 3, .models = 2, .users = 3},
        .opted_in = true});
  live({.seed = 6'102,
        .calls = 24'000,
        .names = {.tenants = 20, .models = 6, .users = 12},
        .opted_in = true});
}

TEST_CASE("history: what is pruned is forgotten, and nothing else", "[property][history]") {
  live({.seed = 6'201, .calls = 25'000, .prunes = true});
  live({.seed = 6'202, .calls = 18'000, .opted_in = true, .prunes = true});
}

TEST_CASE("history: what is too old is counted as expired", "[property][history]") {
  live({.seed = 6'301, .calls = 20'000, .retention = std::chrono::hours(1)});
  live({.seed = 6'302, .calls = 20'000, .prunes = true, .retention = std::chrono::hours(72)});
}

}  // namespace
}  // namespace netrun::llm::testing
