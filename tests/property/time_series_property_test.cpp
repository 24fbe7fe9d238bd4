// SPDX-License-Identifier: MIT
// Time series of random workloads against a reference that keeps every call.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/series.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

using Random = std::mt19937_64;
using Time = Clock::time_point;
using Calls = std::vector<LLMRequestMetrics>;

int runs() { return std::getenv("NETRUN_LLM_FULL") != nullptr ? 200 : 20; }

template <class T, std::size_t n>
T const& any_of(Random& random, std::array<T, n> const& values) {
  return values[random() % n];
}

/// Up to a length, each order of magnitude as likely.
Clock::duration some_time(Random& random, Clock::duration most) {
  double const share = std::exp(-std::uniform_real_distribution<double>(0, 12)(random));
  return Clock::duration(static_cast<std::int64_t>(static_cast<double>(most.count()) * share));
}

std::array<std::string, 3> const providers{"openai", "azure", "anthropic"};
std::array<std::string, 4> const models{"gpt-4o", "o3", "claude-opus-4", "other"};
std::array<std::string, 6> const tenants{"acme", "zeta", "", "other", "initech", "late"};
std::array<std::string, 3> const users{"ann", "bob", "cy"};

/// A random call without its time.
LLMRequestMetrics random_call(Random& random) {
  auto call =
      finished_call(any_of(random, providers), any_of(random, models), any_of(random, tenants));
  call.latency_ms = std::exp(std::uniform_real_distribution<double>(-3, 12)(random));
  call.input_tokens = random() % 100'000;
  call.output_tokens = random() % 10'000;
  call.cache_read_tokens = random() % 3 == 0 ? call.input_tokens / 4 : 0;
  call.cache_write_tokens = random() % 5 == 0 ? call.input_tokens / 3 : 0;
  call.reasoning_tokens = random() % 4 == 0 ? call.output_tokens / 2 : 0;
  call.exact_cost = Usd::from_picos(static_cast<std::int64_t>(random() >> (20 + random() % 40)));
  call.cost_usd = call.exact_cost->to_double();
  if (random() % 10 == 0) {
    call.cost_source = CostSource::unpriced;
    call.exact_cost = Usd{};
    call.cost_usd = 0;
  }
  call.success = random() % 8 != 0;
  call.cached = random() % 9 == 0;
  call.streaming = random() % 2 == 0;
  if (call.streaming)
    call.time_to_first_token_ms = call.latency_ms / static_cast<double>(2 + random() % 9);
  if (random() % 2 == 0) call.user_id = any_of(random, users);
  return call;
}

/// A collector that was given random calls over a random time, and all of these calls.
struct Workload {
  Random& random;
  Clock::duration length;
  ManualTime time;
  Time const begin = time.now();
  bool knows_users, is_capped;  // whether the history has too little room for names
  TelemetryCollector collector;
  Calls calls;
  Time newest = Time::min(), newest_now = begin;

  explicit Workload(Random& seeded)
      : random(seeded),
        length(any_of(random, std::array<Clock::duration, 4>{2h, 30h, 24h * 5, 24h * 28})),
        time(at("2026-03-01T00:00Z") + std::chrono::seconds(random() % (86'400 * 240))),
        knows_users(random() % 2 == 0),
        is_capped(random() % 5 == 0),
        collector({.max_history = 1,
                   .time_source = &time,
                   .history_tenants = is_capped ? 3U : 1'000U,
                   .history_pairs = is_capped ? 8U : 1'000U,
                   .history_users = knows_users}) {
    std::size_t const most = 1 + random() % (random() % 3 == 0 ? 30'000 : 300);
    for (std::size_t i = 0; i < most; ++i) {
      pass(length / static_cast<std::int64_t>(most));
      auto call = random_call(random);
      call.timestamp = random_start();
      record(std::move(call));
    }
    // Some or all of the calls leave the ring.
    auto const fillers = random() % 2 == 0 ? 0 : 14'000 + random() % 2'000;
    for (std::size_t i = 0; i < fillers; ++i) {
      auto call = finished_call("filler", "filler", "filler", 5, 0);
      call.timestamp = time.now();
      record(std::move(call));
    }
  }

  /// Moves the clock on; now and then it is set, to 6 hours around the right time.
  void pass(Clock::duration mean) {
    time.advance(Clock::duration(static_cast<std::int64_t>(
        static_cast<double>(mean.count()) * std::exponential_distribution<double>()(random))));
    if (random() % 500 == 0) {
      auto const right = Time(std::chrono::nanoseconds(time.steady_ns()));
      auto const off = std::chrono::seconds(random() % (12 * 3600)) - 6h;
      time.set_wall(right + off);
      time.advance(2s);  // so that the collector notices
    }
    newest_now = std::max(newest_now, time.now());
  }
  /// Mostly now; some calls come late, some are ahead of the clock.
  Time random_start() {
    auto const now = time.now();
    auto const kind = random() % 100;
    if (kind < 80) return now;
    if (kind < 95) return now - some_time(random, 20h);
    if (kind < 97) return now - some_time(random, 24h * 5);
    return now + some_time(random, 3h);
  }
  void record(LLMRequestMetrics call) {
    newest = std::max(newest, call.timestamp);
    collector.record(call);
    calls.push_back(std::move(call));
  }
  [[nodiscard]] Time oldest() const {
    auto const first = std::min_element(calls.begin(), calls.end(),
                                        [](auto& a, auto& b) { return a.timestamp < b.timestamp; });
    return first->timestamp;
  }
};

struct Question {
  StatsQuery query;
  TimeStep step{"1h"};
  TimeSeriesOptions options;

  [[nodiscard]] bool wants(LLMRequestMetrics const& call) const {
    auto const agrees = [](NameView wanted, std::string const& is) {
      return wanted.empty() || std::string_view(wanted) == is;
    };
    return agrees(query.tenant_id, call.tenant_id) && agrees(query.provider, call.provider) &&
           agrees(query.model, call.model) && agrees(query.user_id, call.user_id.value_or(""));
  }
  [[nodiscard]] std::string const& group_of(LLMRequestMetrics const& call) const {
    if (options.group_by == GroupBy::provider) return call.provider;
    return options.group_by == GroupBy::model ? call.model : call.tenant_id;
  }
  [[nodiscard]] std::string text() const {
    auto text = std::string(step.text()) + ' ' + std::string(step.time_zone());
    for (NameView const part : {query.tenant_id, query.provider, query.model, query.user_id})
      text += " '" + std::string(std::string_view(part)) + '\'';
    return text + " by " + std::to_string(static_cast<int>(options.group_by)) + ", " +
           std::to_string(options.max_groups) + " groups";
  }
  /// Whether all calls together answer it; else those by tenant or model, which are coarser.
  [[nodiscard]] bool is_of_all() const {
    return has_no_conditions() && options.group_by == GroupBy::none;
  }
  /// Whether it may be answered in full where there is no room for tenants and pairs.
  [[nodiscard]] bool has_exact_sums() const {
    return query.tenant_id.empty() && query.user_id.empty();
  }
  [[nodiscard]] bool has_no_conditions() const {
    return query.tenant_id.empty() && query.provider.empty() && query.model.empty() &&
           query.user_id.empty();
  }
};

TimeStep random_step(Random& random) {
  static std::array<std::string, 11> const lengths{"1s",  "13s", "1m", "7m", "15m", "1h",
                                                   "90m", "2h",  "1d", "3d", "1w"};
  static std::array<std::string, 6> const zones{"UTC",
                                                "Europe/Berlin",
                                                "Asia/Kolkata",
                                                "America/New_York",
                                                "Asia/Kathmandu",
                                                "Australia/Lord_Howe"};
  auto const kind = random() % 10;
  if (kind < 6) return any_of(random, lengths);
  if (kind == 6) return std::chrono::seconds(1 + random() % (3 * 86'400));
  auto zone = any_of(random, zones);
  if (!std::filesystem::exists("/usr/share/zoneinfo/" + zone)) zone = "UTC";
  if (kind == 7) return TimeStep::week(zone);
  return random() % 5 == 0 ? TimeStep::month(zone) : TimeStep::day(zone);
}

Question random_question(Workload& work) {
  auto& random = work.random;
  Question question{.query = {}, .step = random_step(random), .options = {}};
  auto& query = question.query;
  if (random() % 3 == 0) query.tenant_id = any_of(random, tenants);
  if (random() % 4 == 0) query.provider = any_of(random, providers);
  if (random() % 4 == 0) query.model = any_of(random, models);
  if (random() % 5 == 0) query.user_id = any_of(random, users);
  question.options = {.group_by = static_cast<GroupBy>(random() % 4),
                      .max_groups = random() % 3 == 0 ? random() % 4 : 50};
  // Not more than some thousand steps.
  auto const step = question.step.start_of_next(work.begin) - question.step.start_of(work.begin);
  auto const most = std::min<Clock::duration>(step * 2'000, work.length + 48h);
  auto const kind = random() % 4;
  if (kind == 0 && work.time.now() - work.oldest() < most) return question;
  if (kind == 1) {
    query.period = std::max<Clock::duration>(most / (1 + random() % 20), 1ms);
  } else {
    auto const whole = std::chrono::duration_cast<std::chrono::seconds>(work.length + 4h).count();
    query.from = work.begin - 2h + std::chrono::seconds(random() % static_cast<unsigned>(whole));
    if (random() % 3 == 0) query.from = question.step.start_of(*query.from);
    query.to = *query.from + most / (1 + random() % 20) + 1ms;
  }
  return question;
}

/// The figures of chosen calls, as they should be.
struct Reference {
  TimeSeriesPoint sums;
  std::vector<double> latencies, first_tokens;
  double latency_sum = 0;

  void add(LLMRequestMetrics const& call) {
    ++sums.requests;
    sums.failed += call.success ? 0U : 1U;
    sums.cached += call.cached ? 1U : 0U;
    sums.streaming += call.streaming ? 1U : 0U;
    sums.unpriced += call.cost_source == CostSource::unpriced ? 1U : 0U;
    sums.input_tokens += call.input_tokens;
    sums.output_tokens += call.output_tokens;
    sums.cache_read_tokens += call.cache_read_tokens;
    sums.cache_write_tokens += call.cache_write_tokens;
    sums.reasoning_tokens += call.reasoning_tokens;
    sums.tokens += call.input_tokens + call.output_tokens;
    sums.exact_cost += call.exact_cost.value_or(Usd{});
    sums.cost = sums.exact_cost.to_double();
    latencies.push_back(call.latency_ms);
    latency_sum += call.latency_ms;
    if (call.time_to_first_token_ms) first_tokens.push_back(*call.time_to_first_token_ms);
  }
};

bool is_percentile(std::optional<double> found, std::vector<double>& sorted, double q, bool exact) {
  if (sorted.empty()) return !found.has_value();
  auto const rank = q * static_cast<double>(sorted.size() - 1);
  auto const below = static_cast<std::size_t>(rank);
  auto const above = std::min(below + 1, sorted.size() - 1);
  auto const share = rank - static_cast<double>(below);
  auto const expected = sorted[below] + share * (sorted[above] - sorted[below]);
  return found && std::abs(*found - expected) <= expected * (exact ? 1e-9 : 0.01);
}

bool is_right(TimeSeriesPoint const& point, Reference& expected) {
  std::sort(expected.latencies.begin(), expected.latencies.end());
  std::sort(expected.first_tokens.begin(), expected.first_tokens.end());
  bool const exact = point.percentiles_exact;
  auto const count = static_cast<double>(expected.latencies.size());
  bool const average_is_right =
      count == 0
          ? !point.latency_avg
          : point.latency_avg && std::abs(*point.latency_avg - expected.latency_sum / count) <
                                     1e-6 * (1 + expected.latency_sum / count);
  return same_sums(point, expected.sums) && average_is_right &&
         is_percentile(point.latency_p50, expected.latencies, 0.5, exact) &&
         is_percentile(point.latency_p95, expected.latencies, 0.95, exact) &&
         is_percentile(point.latency_p99, expected.latencies, 0.99, exact) &&
         is_percentile(point.ttft_p50, expected.first_tokens, 0.5, exact) &&
         is_percentile(point.ttft_p95, expected.first_tokens, 0.95, exact) &&
         is_percentile(point.ttft_p99, expected.first_tokens, 0.99, exact);
}

/// How long the cells are at most in which calls of a time are known that have left the ring.
Clock::duration cell_length(Workload const& work, bool of_all, Time when) {
  auto const age = std::min(work.newest, work.newest_now) - when;
  if (age <= (of_all ? 25h : 6h)) return 1min;
  return age <= (of_all ? 24h * 36 : 48h) ? Clock::duration(15min) : Clock::duration(1h);
}

/// The latest moment up to which calls may be in another step than their own.
Time latest_exact_from(Workload const& work, Question const& question, TimeSeries const& series) {
  auto latest = series.period_start;
  auto const look_at = [&](Time edge, Time least) {
    auto const length = cell_length(work, question.is_of_all(), edge - 1ns);
    auto const over = edge.time_since_epoch() % length;
    if (over != 0ns) latest = std::max({latest, edge - over + length, least});
  };
  look_at(series.period_start, series.points.front().end);
  for (auto const& point : series.points) look_at(point.end, point.end);
  return latest;
}

class Checker {
 public:
  explicit Checker(Workload& work) : work_(work), question_(random_question(work)) {}

  void check() {
    auto const [series, stats] = ask();
    INFO(question_.text() << " from " << to_iso8601(series.period_start) << " to "
                          << to_iso8601(series.period_end) << " exact from "
                          << to_iso8601(series.exact_from));
    REQUIRE(adds_up(series));
    if (series.points.empty()) return;
    bool const in_ring_only = !question_.query.user_id.empty() && !work_.knows_users;
    if (!in_ring_only) {
      CHECK(series.exact_from <= latest_exact_from(work_, question_, series));
      // Which names there was room for differs from cell to cell.
      if (!work_.is_capped || question_.has_exact_sums()) check_stats(series, stats);
    }
    if (work_.is_capped && !question_.has_exact_sums()) return;
    check_points(series.points, series.exact_from, [](auto const&) { return true; });
    if (work_.is_capped) return;
    if (question_.options.group_by == GroupBy::none) return;
    CHECK(series.groups.size() <= question_.options.max_groups + 1);
    for (auto const& [name, points] : series.groups) {
      INFO("group " << name);
      check_points(points, series.exact_from, [&, &of = name](LLMRequestMetrics const& call) {
        auto const& group = question_.group_of(call);
        return (series.groups.contains(group) ? group : "other") == of;
      });
    }
  }

 private:
  /// Both as of one moment: the folder may still be at work.
  std::pair<TimeSeries, AggregatedMetrics> ask() {
    for (;;) {
      auto const before = work_.collector.diagnostics().folded;
      auto series =
          work_.collector.get_timeseries(question_.query, question_.step, question_.options);
      auto whole = question_.query;
      whole.period.reset();
      whole.from = series.period_start;
      whole.to = series.period_end;
      auto stats = work_.collector.get_stats(whole);
      if (work_.collector.diagnostics().folded == before) return {series, stats};
    }
  }
  static void check_stats(TimeSeries const& series, AggregatedMetrics const& stats) {
    // Else what get_stats answers is more.
    if (stats.period_start != series.period_start || stats.period_end != series.period_end) return;
    auto const sum = sum_of(series.points);
    CHECK(stats.total_requests == sum.requests);
    CHECK(stats.failed_requests == sum.failed);
    CHECK(stats.cached_requests == sum.cached);
    CHECK(stats.streaming_requests == sum.streaming);
    CHECK(stats.unpriced_requests == sum.unpriced);
    CHECK(stats.total_input_tokens == sum.input_tokens);
    CHECK(stats.total_output_tokens == sum.output_tokens);
    CHECK(stats.total_cache_read_tokens == sum.cache_read_tokens);
    CHECK(stats.total_cache_write_tokens == sum.cache_write_tokens);
    CHECK(stats.total_reasoning_tokens == sum.reasoning_tokens);
    CHECK(stats.total_cost == sum.exact_cost);
  }
  template <class Wanted>
  void check_points(std::vector<TimeSeriesPoint> const& points, Time exact_from, Wanted&& wanted) {
    std::vector<Reference> expected(points.size());
    for (auto const& call : work_.calls) {
      if (call.timestamp < points.front().start || call.timestamp >= points.back().end) continue;
      if (!question_.wants(call) || !wanted(call)) continue;
      auto const after = std::upper_bound(
          points.begin(), points.end(), call.timestamp,
          [](Time when, TimeSeriesPoint const& point) { return when < point.start; });
      expected[static_cast<std::size_t>(after - points.begin()) - 1].add(call);
    }
    for (std::size_t i = 0; i < points.size(); ++i) {
      if (points[i].start < exact_from || is_right(points[i], expected[i])) continue;
      FAIL_CHECK("point " << i << " from " << to_iso8601(points[i].start) << ": "
                          << points[i].requests << " requests instead of "
                          << expected[i].sums.requests << ", " << points[i].exact_cost.to_string()
                          << " USD instead of " << expected[i].sums.exact_cost.to_string());
      return;
    }
  }

  Workload& work_;
  Question question_;
};

}  // namespace

TEST_CASE("time series: random workloads are as a reference has them that keeps every call") {
  for (int run = 0; run < runs(); ++run) {
    Random random(static_cast<std::uint64_t>(run));
    Workload work(random);
    INFO("run " << run << ", " << work.calls.size() << " calls in " << work.length / 1h << " h");
    for (int i = 0; i < 12; ++i) Checker(work).check();
  }
}
