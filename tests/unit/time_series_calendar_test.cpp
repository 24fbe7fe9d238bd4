// SPDX-License-Identifier: MIT
// get_timeseries by days, weeks and months of time zones, around the days when clocks are changed.
#include "support/catch.hpp"
#include "support/series.hpp"

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

using Times = std::vector<Clock::time_point>;

char const* const no_database = "no time zone database (package tzdata)";

bool has_zone(std::string const& name) {
  return std::filesystem::exists("/usr/share/zoneinfo/" + name);
}

Times times(std::vector<std::string> const& texts) {
  Times all;
  for (auto const& text : texts) all.push_back(at(text));
  return all;
}

/// Some days in a row and the end of the last: the first moments of days on the clocks of a zone.
struct Days {
  std::string zone;
  std::vector<std::string> starts;
};

std::vector<Days> const all_days{
    {"Europe/Berlin",  // 23 hours on 29 March
     {"2026-03-27T23:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z", "2026-03-30T22:00Z"}},
    {"Europe/Berlin",  // 25 hours on 25 October
     {"2026-10-23T22:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z", "2026-10-26T23:00Z"}},
    {"America/New_York",  // 23 hours on 8 March
     {"2026-03-07T05:00Z", "2026-03-08T05:00Z", "2026-03-09T04:00Z", "2026-03-10T04:00Z"}},
    {"America/New_York",  // 25 hours on 1 November
     {"2026-10-31T04:00Z", "2026-11-01T04:00Z", "2026-11-02T05:00Z", "2026-11-03T05:00Z"}},
    {"Australia/Lord_Howe",  // 24 and a half hours on 5 April
     {"2026-04-03T13:00Z", "2026-04-04T13:00Z", "2026-04-05T13:30Z", "2026-04-06T13:30Z"}},
    {"Australia/Lord_Howe",  // 23 and a half hours on 4 October
     {"2026-10-02T13:30Z", "2026-10-03T13:30Z", "2026-10-04T13:00Z", "2026-10-05T13:00Z"}},
    {"Asia/Kolkata",
     {"2026-05-01T18:30Z", "2026-05-02T18:30Z", "2026-05-03T18:30Z", "2026-05-04T18:30Z"}},
    {"Asia/Kathmandu",
     {"2026-05-01T18:15Z", "2026-05-02T18:15Z", "2026-05-03T18:15Z", "2026-05-04T18:15Z"}},
};

/// Moments on both sides of every start, and within the steps.
Times moments_around(Times const& starts) {
  Times moments;
  for (auto const start : starts) {
    for (auto const by : {-61min, -46min, -31min, -16min, -1min, 0min, 14min, 29min, 44min, 59min})
      moments.push_back(start + by);
    moments.push_back(start - 1ns);
  }
  for (auto at = starts.front(); at < starts.back(); at += 6h) moments.push_back(at + 7min);
  return moments;
}

/// How many of the moments lie in each step when each is known as `length` exactly: it counts where
/// the stretch of that length begins that holds it.
Counts counts_of(Times const& moments, Times const& starts, Clock::duration length = 1ns) {
  Counts counts(starts.size() - 1);
  for (auto moment : moments) {
    if (moment < starts.front()) {
      // What began before the first step counts in it, where it reaches into it.
      moment -= moment.time_since_epoch() % length;
      if (moment + length > starts.front()) ++counts.front();
      continue;
    }
    moment -= moment.time_since_epoch() % length;
    auto const next = std::upper_bound(starts.begin(), starts.end(), moment);
    if (next == starts.end()) continue;
    ++counts[next == starts.begin() ? 0 : static_cast<std::size_t>(next - starts.begin()) - 1];
  }
  return counts;
}

struct Setting {
  Times const starts, moments;
  ManualTime time{starts.back() + 1h};
  TelemetryCollector collector{{.max_history = 1, .time_source = &time}};

  explicit Setting(Times all) : starts(std::move(all)), moments(moments_around(starts)) {
    for (auto const moment : moments) record_at(collector, moment);
  }
  [[nodiscard]] TimeSeries get(TimeStep const& step, NameView tenant = {}) const {
    StatsQuery const query{.from = starts.front(), .to = starts.back(), .tenant_id = tenant};
    return collector.get_timeseries(query, step);
  }
  void check_starts(TimeSeries const& series) const {
    Times found;
    for (auto const& point : series.points) found.push_back(point.start);
    found.push_back(series.period_end);
    CHECK(found == starts);
    CHECK(adds_up(series));
  }
  /// Everything leaves the ring; then so much time has passed.
  void push_out_after(std::chrono::hours passed) {
    time.advance(passed);
    push_out(collector, time.now());
  }
};

}  // namespace

TEST_CASE("calendar steps: calls in the ring are in the days of their time zone") {
  for (auto const& days : all_days) {
    if (!has_zone(days.zone)) SKIP_TEST(no_database);
    INFO(days.zone << " " << days.starts.front());
    Setting const in(times(days.starts));
    auto const series = in.get(TimeStep::day(days.zone));
    in.check_starts(series);
    CHECK(requests_of(series.points) == counts_of(in.moments, in.starts));
    CHECK(series.exact_from == series.period_start);
  }
}

TEST_CASE("calendar steps: all calls together are in the right day for a month and longer") {
  for (auto const& days : all_days) {
    if (!has_zone(days.zone)) SKIP_TEST(no_database);
    INFO(days.zone << " " << days.starts.front());
    Setting in(times(days.starts));
    in.push_out_after(24h * 31);
    auto const series = in.get(TimeStep::day(days.zone));
    in.check_starts(series);
    CHECK(requests_of(series.points) == counts_of(in.moments, in.starts));
    CHECK(series.exact_from == series.period_start);
  }
}

TEST_CASE("calendar steps: a tenant's last two days are right in zones of quarters of an hour") {
  for (auto const& days : all_days) {
    if (!has_zone(days.zone)) SKIP_TEST(no_database);
    INFO(days.zone << " " << days.starts.front());
    Setting in(times(days.starts));
    in.push_out_after(0h);
    auto const series = in.get(TimeStep::day(days.zone), "acme");
    in.check_starts(series);
    CHECK(series.exact_from <= in.starts[1] + 2h);
    auto const exact = counts_of(in.moments, in.starts);
    CHECK(series.points.back().requests == exact.back());
  }
}

TEST_CASE("calendar steps: a tenant's older days are right to the hour, as exact_from says") {
  for (auto const& days : all_days) {
    if (!has_zone(days.zone)) SKIP_TEST(no_database);
    INFO(days.zone << " " << days.starts.front());
    Setting in(times(days.starts));
    in.push_out_after(24h * 20);
    auto const series = in.get(TimeStep::day(days.zone), "acme");
    in.check_starts(series);
    auto const by_hour = counts_of(in.moments, in.starts, 1h);
    CHECK(requests_of(series.points) == by_hour);
    auto const is_whole = [](auto start) { return start.time_since_epoch() % 1h == 0ns; };
    if (std::all_of(in.starts.begin(), in.starts.end(), is_whole)) {
      CHECK(by_hour == counts_of(in.moments, in.starts));
      CHECK(series.exact_from == series.period_start);
    } else {
      auto const last = *std::find_if_not(in.starts.rbegin(), in.starts.rend(), is_whole);
      CHECK(series.exact_from == std::max(last - last.time_since_epoch() % 1h + 1h, in.starts[1]));
    }
  }
}

TEST_CASE("calendar steps: weeks begin on Mondays of the time zone") {
  if (!has_zone("Europe/Berlin")) SKIP_TEST(no_database);
  Setting in(times({"2026-03-22T23:00Z", "2026-03-29T22:00Z", "2026-04-05T22:00Z"}));
  auto const expected = counts_of(in.moments, in.starts);
  auto const week = TimeStep::week("Europe/Berlin");
  in.check_starts(in.get(week));
  CHECK(requests_of(in.get(week).points) == expected);
  in.push_out_after(24h * 14);
  CHECK(requests_of(in.get(week).points) == expected);
  CHECK(requests_of(in.get(week, "acme").points) == expected);
}

TEST_CASE("calendar steps: months begin on the first of the time zone") {
  if (!has_zone("Australia/Lord_Howe")) SKIP_TEST(no_database);
  // April has half an hour more there.
  Setting in(times({"2026-03-31T13:00Z", "2026-04-30T13:30Z"}));
  auto const expected = counts_of(in.moments, in.starts);
  auto const month = TimeStep::month("Australia/Lord_Howe");
  in.check_starts(in.get(month));
  CHECK(requests_of(in.get(month).points) == expected);
  in.push_out_after(24h * 2);
  CHECK(requests_of(in.get(month).points) == expected);
}

TEST_CASE("calendar steps: a period of days is widened to whole local days") {
  if (!has_zone("Europe/Berlin")) SKIP_TEST(no_database);
  ManualTime time(at("2026-03-30T10:00Z"));
  TelemetryCollector collector({.time_source = &time});
  record_at(collector, at("2026-03-28T22:59Z"));
  record_at(collector, at("2026-03-28T23:00Z"));
  record_at(collector, at("2026-03-30T10:00Z"));
  auto const series = collector.get_timeseries({.period = "24h"}, TimeStep::day("Europe/Berlin"));
  CHECK(series.period_start == at("2026-03-28T23:00Z"));
  CHECK(series.period_end == at("2026-03-30T22:00Z"));
  CHECK(requests_of(series.points) == Counts{1, 1});
}

TEST_CASE("calendar steps: days of UTC need no database") {
  ManualTime time(at("2026-03-02T12:00Z"));
  TelemetryCollector collector({.time_source = &time});
  record_at(collector, at("2026-02-28T23:59:59Z"));
  record_at(collector, at("2026-03-01T00:00Z"));
  CHECK(requests_of(collector.get_timeseries({}, "day").points) == Counts{1, 1, 0});
  CHECK(requests_of(collector.get_timeseries({}, "month").points) == Counts{1, 1});
}
