// SPDX-License-Identifier: MIT
// Time zones and steps against the C library, in every zone of the system's database.
#include "support/catch.hpp"
#include "support/time_zones.hpp"
#include "support/tz_file.hpp"
#include <netrun/llm/detail/time_zone.hpp>
#include <netrun/llm/time_step.hpp>
#include <netrun/llm/usd.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace netrun::llm {
namespace {

using Random = std::mt19937_64;
using detail::TimeZone;
using testing::CLibraryZone;

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t day_s = 86'400;
/// The seconds that nanoseconds in 64 bits can count, and a little more than a month less.
constexpr std::int64_t first_s = -9'220'000'000;
constexpr std::int64_t last_s = 9'220'000'000;
char const* const no_database = "no time zone database (package tzdata)";

/// Offsets are compared around every change of every zone if NETRUN_LLM_FULL is set, and other
/// tests are longer.
bool is_full() { return std::getenv("NETRUN_LLM_FULL") != nullptr; }

std::int64_t between(Random& random, std::int64_t least, std::int64_t most) {
  return std::uniform_int_distribution<std::int64_t>(least, most)(random);
}

/// Moments of all sorts: anywhere, in our days, and around changes of the clock.
std::vector<std::int64_t> moments(Random& random, CLibraryZone const& zone, std::size_t count) {
  std::vector<std::int64_t> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(between(random, first_s, last_s));
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(between(random, -3'000'000'000, 3'000'000'000));
  auto const from_s = is_full() ? first_s : between(random, -3'000'000'000, 2'000'000'000);
  auto const to_s = is_full() ? last_s : from_s + 5000 * day_s;
  for (auto const change : zone.changes(from_s, to_s, (is_full() ? 3 : 10) * day_s)) {
    all.insert(all.end(), {change - 1, change, change + between(random, -day_s, day_s)});
  }
  return all;
}

TEST_CASE("TimeZone: all zones have the offsets that the C library has", "[property][time_zone]") {
  auto const names = testing::all_zones();
  if (names.empty()) SKIP_TEST(no_database);
  constexpr std::uint64_t seed = 311;
  Random random(seed);
  for (auto const& name : names) {
    CLibraryZone const expected(name);
    TimeZone const zone(name);
    for (auto const at_s : moments(random, expected, 100)) {
      INFO(name << " at " << at_s << " seed " << seed);
      REQUIRE(zone.offset_at(at_s) == expected.offset_at(at_s));
    }
  }
}

TEST_CASE("TimeZone: local times of all zones are found when the C library shows them first",
          "[property][time_zone]") {
  auto const names = testing::all_zones();
  if (names.empty()) SKIP_TEST(no_database);
  constexpr std::uint64_t seed = 312;
  Random random(seed);
  for (auto const& name : names) {
    CLibraryZone const expected(name);
    TimeZone const zone(name);
    auto all = moments(random, expected, 2);
    std::shuffle(all.begin(), all.end(), random);
    all.resize(std::min<std::size_t>(all.size(), is_full() ? 400 : 8));
    for (auto const at_s : all) {
      auto const local_s = at_s + expected.offset_at(at_s) + between(random, -3600, 3600);
      INFO(name << " shows " << local_s << " seed " << seed);
      REQUIRE(zone.to_utc(local_s) == expected.to_utc(local_s));
    }
  }
}

std::string random_change(Random& random, int first_month) {
  auto const month = first_month + static_cast<int>(random() % 3);
  auto const time = "/" + std::to_string(between(random, -167, 167)) + ":" +
                    std::to_string(random() % 60) + ":" + std::to_string(random() % 60);
  switch (random() % 3) {
    case 0:
      return "M" + std::to_string(month) + "." + std::to_string(1 + random() % 5) + "." +
             std::to_string(random() % 7) + time;
    case 1:
      return "J" + std::to_string(month * 30) + time;
    default:
      return std::to_string(month * 30) + time;
  }
}

TEST_CASE("TimeZone: random rules have the offsets that the C library has",
          "[property][time_zone]") {
  constexpr std::uint64_t seed = 313;
  Random random(seed);
  for (int round = 0; round < (is_full() ? 20'000 : 300); ++round) {
    // No change is near the turn of a year, where the C library looks at one year alone.
    bool const in_summer = random() % 2 == 0;
    auto const rule =
        "AAA" + std::to_string(between(random, -24, 24)) + ":" + std::to_string(random() % 60) +
        "BBB" + std::to_string(between(random, -24, 24)) + "," +
        random_change(random, in_summer ? 3 : 8) + "," + random_change(random, in_summer ? 8 : 3);
    CLibraryZone const expected(rule);
    auto const zone = TimeZone::from_bytes("Test/Zone", testing::tz_file_of_rule(rule));
    auto const from_s = between(random, 0, 8'000'000'000);
    auto all = expected.changes(from_s, from_s + 1500 * day_s, 7 * day_s);
    for (std::size_t i = all.size(); i-- > 0;) all.push_back(all[i] - 1);
    for (int i = 0; i < 10; ++i) all.push_back(from_s + between(random, 0, 1500 * day_s));
    for (auto const at_s : all) {
      INFO(rule << " at " << at_s << " seed " << seed);
      REQUIRE(zone.offset_at(at_s) == expected.offset_at(at_s));
    }
  }
}

TEST_CASE("TimeStep: days of all zones begin when the C library says", "[property][time_step]") {
  auto const names = testing::all_zones();
  if (names.empty()) SKIP_TEST(no_database);
  constexpr std::uint64_t seed = 314;
  Random random(seed);
  for (auto const& name : names) {
    CLibraryZone const expected(name);
    auto const day = TimeStep::day(name);
    auto all = moments(random, expected, 1);
    std::shuffle(all.begin(), all.end(), random);
    all.resize(std::min<std::size_t>(all.size(), is_full() ? 200 : 5));
    for (auto const at_s : all) {
      INFO(name << " at " << at_s << " seed " << seed);
      auto const start_s = day.start_of_ns(at_s * ns_per_second) / ns_per_second;
      // The day that the clock shows; a later one if that begins in time.
      auto const local_s = at_s + expected.offset_at(at_s);
      auto midnight = local_s - (local_s % day_s + day_s) % day_s;
      auto begin_s = expected.to_utc(midnight);
      auto next_s = expected.to_utc(midnight + day_s);
      for (; next_s <= at_s; next_s = expected.to_utc(midnight + day_s)) {
        begin_s = next_s;
        midnight += day_s;
      }
      REQUIRE(start_s == begin_s);
      REQUIRE(day.start_of_next_ns(at_s * ns_per_second) / ns_per_second == next_s);
    }
  }
}

/// Goes from step to step as long as they meet; returns the start of the last one.
std::int64_t last_of_chain(TimeStep const& step, std::int64_t from_ns, std::int64_t to_ns) {
  auto start = step.start_of_ns(from_ns);
  while (start < to_ns) {
    auto const next = step.start_of_next_ns(start);
    auto const middle = start + (next - start) / 2;
    bool const meets = next > start && step.start_of_ns(start) == start &&
                       step.start_of_ns(next - 1) == start && step.start_of_ns(middle) == start &&
                       step.start_of_next_ns(next - 1) == next &&
                       step.start_of_next_ns(middle) == next;
    if (!meets) break;
    start = next;
  }
  return start;
}

TEST_CASE("TimeStep: steps of all zones leave no gap and do not overlap", "[property][time_step]") {
  auto const names = testing::all_zones();
  if (names.empty()) SKIP_TEST(no_database);
  constexpr std::uint64_t seed = 315;
  Random random(seed);
  for (auto const& name : names) {
    INFO(name << " seed " << seed);
    auto const from_s = between(random, -3'000'000'000, 5'000'000'000);
    auto const to_s = from_s + (is_full() ? 40'000 : 500) * day_s;
    for (auto const& step : {TimeStep::day(name), TimeStep::week(name), TimeStep::month(name)}) {
      CAPTURE(step.text());
      REQUIRE(last_of_chain(step, from_s * ns_per_second, to_s * ns_per_second) >=
              to_s * ns_per_second);
    }
  }
}

TEST_CASE("TimeStep: weeks and months begin with one of their days", "[property][time_step]") {
  auto const names = testing::all_zones();
  if (names.empty()) SKIP_TEST(no_database);
  constexpr std::uint64_t seed = 316;
  Random random(seed);
  for (auto const& name : names) {
    auto const day = TimeStep::day(name);
    for (auto const& step : {TimeStep::week(name), TimeStep::month(name)}) {
      auto const at_ns = between(random, first_s, last_s) * ns_per_second;
      INFO(name << " at " << at_ns << " seed " << seed);
      auto const start = step.start_of_ns(at_ns);
      REQUIRE(day.start_of_ns(start) == start);
      TimeZone const zone(name);
      // At noon, for a day may begin late.
      auto const noon_s = start / ns_per_second + day_s / 2;
      std::chrono::sys_days const date{std::chrono::floor<std::chrono::days>(
          std::chrono::seconds(noon_s + zone.offset_at(noon_s)))};
      REQUIRE((step.text() == "week"
                   ? std::chrono::weekday(date) == std::chrono::Monday
                   : std::chrono::year_month_day(date).day() == std::chrono::day(1)));
    }
  }
}

TEST_CASE("TimeStep: steps of one length are multiples of it", "[property][time_step]") {
  constexpr std::uint64_t seed = 317;
  Random random(seed);
  using Limits = std::numeric_limits<std::int64_t>;
  for (int round = 0; round < 20'000; ++round) {
    auto const length_ns = random() % 2 == 0
                               ? between(random, ns_per_second, Limits::max() >> random() % 33)
                               : between(random, 1, 15'000) * day_s * ns_per_second;
    TimeStep const step{std::chrono::nanoseconds(length_ns)};
    auto const at_ns = static_cast<std::int64_t>(random());
    INFO("length " << length_ns << " at " << at_ns << " seed " << seed);
    Int128 const origin =
        length_ns % (7 * day_s * ns_per_second) == 0 ? 4 * day_s * ns_per_second : 0;
    Int128 distance = (at_ns - origin) % length_ns;
    if (distance < 0) distance += length_ns;
    Int128 const start = at_ns - distance;
    REQUIRE(step.start_of_ns(at_ns) == std::max<Int128>(start, Limits::min()));
    REQUIRE(step.start_of_next_ns(at_ns) == std::min<Int128>(start + length_ns, Limits::max()));
  }
}

}  // namespace
}  // namespace netrun::llm
