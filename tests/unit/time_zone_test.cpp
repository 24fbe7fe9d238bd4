// SPDX-License-Identifier: MIT
// TimeZone: what clocks show, and files that cannot be used.
#include "support/catch.hpp"
#include "support/time_zones.hpp"
#include "support/tz_file.hpp"
#include <netrun/llm/detail/time_zone.hpp>
#include <netrun/llm/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

namespace netrun::llm::detail {
namespace {

using Catch::Matchers::ContainsSubstring;
using testing::TzFileParts;

constexpr std::int64_t hour = 3600;
constexpr std::int64_t far_past = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t far_future = std::numeric_limits<std::int64_t>::max();

/// Seconds since 1970 of "2026-03-29T01:00"; of a local time too.
std::int64_t seconds(std::string_view text) {
  return std::chrono::duration_cast<std::chrono::seconds>(parse_iso8601(text).time_since_epoch())
      .count();
}

TimeZone zone_of(TzFileParts const& parts) {
  return TimeZone::from_bytes("Test/Zone", testing::tz_file(parts));
}

TimeZone zone_of_rule(std::string const& rule) {
  return TimeZone::from_bytes("Test/Zone", testing::tz_file_of_rule(rule));
}

/// What is said of a zone that is refused; what no test expects if it is taken.
std::string refusal(std::string_view name) {
  try {
    return "taken: " + std::string(TimeZone(name).name());
  } catch (std::invalid_argument const& error) {
    return error.what();
  }
}

bool has_database() { return std::filesystem::exists("/usr/share/zoneinfo/Europe/Berlin"); }
char const* const no_database = "no time zone database (package tzdata)";

TEST_CASE("TimeZone: UTC needs no database", "[unit][time_zone]") {
  testing::ZoneDatabase const empty;
  TimeZone const zone("UTC");
  CHECK(zone.name() == "UTC");
  CHECK(TimeZone().name() == "UTC");
  CHECK(zone.offset_at(seconds("2026-07-01")) == 0);
  CHECK(zone.to_utc(1234) == 1234);
}

TEST_CASE("TimeZone: where there is no database the error says so", "[unit][time_zone]") {
  testing::ZoneDatabase const empty;
  auto const error = refusal("Europe/Berlin");
  CHECK_THAT(error, ContainsSubstring("\"Europe/Berlin\""));
  CHECK_THAT(error, ContainsSubstring("no time zone database"));
  CHECK_THAT(error, ContainsSubstring("package tzdata"));
}

TEST_CASE("TimeZone: an unknown name is quoted", "[unit][time_zone]") {
  testing::ZoneDatabase const database;
  database.put("Etc/UTC", testing::tz_file({}));
  auto const error = refusal("Mars/Olympus");
  CHECK_THAT(error, ContainsSubstring("\"Mars/Olympus\" (there is no such file in "));
}

TEST_CASE("TimeZone: a zone of the database in TZDIR is found", "[unit][time_zone]") {
  testing::ZoneDatabase const database;
  database.put("My/Own", testing::tz_file_of_rule("OWN-5"));
  CHECK(TimeZone("My/Own").offset_at(0) == 5 * hour);
  CHECK(TimeZone("My/Own").name() == "My/Own");
}

TEST_CASE("TimeZone: a name leads to no file outside of the database", "[unit][time_zone]") {
  testing::ZoneDatabase const database;
  auto const zone = testing::tz_file_of_rule("OWN-5");
  database.put("Secret", zone);
  database.put("zones/Etc/UTC", zone);
  testing::Variable const inner("TZDIR", database.path("zones").string());
  auto const absolute = database.path("Secret").string();
  std::vector<std::string> const names{
      "../Secret", "Etc/../../Secret", absolute,   ":Etc/UTC", "./Etc/UTC",   "Etc/UTC/",      "",
      "/",         "Etc/UTC\n",        " Etc/UTC", "~",        "Etc/UTC.zip", {"Etc/UTC\0", 8}};
  for (auto const& name : names) {
    CHECK_THAT(refusal(name), ContainsSubstring(std::string("not a time zone: \"") + name.c_str()));
  }
}

TEST_CASE("TimeZone: a refusal quotes no more than the start of a name", "[unit][time_zone]") {
  CHECK(refusal(std::string(100'000, 'x')).size() < 300);
}

TEST_CASE("TimeZone: what is no file is refused", "[unit][time_zone]") {
  testing::ZoneDatabase const database;
  database.put("Etc/UTC", testing::tz_file({}));
  REQUIRE(::mkfifo(database.path("Pipe").c_str(), 0600) == 0);
  CHECK_THAT(refusal("Etc"), ContainsSubstring("\"Etc\" (there is no such file"));
  CHECK_THAT(refusal("Pipe"), ContainsSubstring("\"Pipe\" (there is no such file"));
}

TEST_CASE("TimeZone: offsets of Berlin change at one o'clock UTC", "[unit][time_zone]") {
  if (!has_database()) SKIP_TEST(no_database);
  TimeZone const zone("Europe/Berlin");
  CHECK(zone.offset_at(seconds("2026-03-29T00:59:59")) == hour);
  CHECK(zone.offset_at(seconds("2026-03-29T01:00:00")) == 2 * hour);
  CHECK(zone.offset_at(seconds("2026-10-25T00:59:59")) == 2 * hour);
  CHECK(zone.offset_at(seconds("2026-10-25T01:00:00")) == hour);
}

TEST_CASE("TimeZone: of a time shown twice the first moment is meant", "[unit][time_zone]") {
  if (!has_database()) SKIP_TEST(no_database);
  TimeZone const zone("Europe/Berlin");
  CHECK(zone.to_utc(seconds("2026-10-25T01:59:59")) == seconds("2026-10-24T23:59:59"));
  CHECK(zone.to_utc(seconds("2026-10-25T02:30")) == seconds("2026-10-25T00:30"));
  CHECK(zone.to_utc(seconds("2026-10-25T03:00")) == seconds("2026-10-25T02:00"));
}

TEST_CASE("TimeZone: a time that was left out is when clocks were changed", "[unit][time_zone]") {
  if (!has_database()) SKIP_TEST(no_database);
  TimeZone const zone("Europe/Berlin");
  CHECK(zone.to_utc(seconds("2026-03-29T02:00")) == seconds("2026-03-29T01:00"));
  CHECK(zone.to_utc(seconds("2026-03-29T02:30")) == seconds("2026-03-29T01:00"));
  CHECK(zone.to_utc(seconds("2026-03-29T03:00")) == seconds("2026-03-29T01:00"));
  CHECK(zone.to_utc(seconds("2026-03-29T03:01")) == seconds("2026-03-29T01:01"));
}

TEST_CASE("TimeZone: a rule goes on for ever", "[unit][time_zone]") {
  auto const zone = zone_of_rule("CET-1CEST,M3.5.0,M10.5.0/3");
  CHECK(zone.offset_at(seconds("2261-07-01")) == 2 * hour);
  constexpr std::int64_t cycle = std::int64_t{146'097} * 86'400;
  auto const change = seconds("2026-03-29T01:00:00") + 1000 * cycle;
  CHECK(zone.offset_at(change - 1) == hour);
  CHECK(zone.offset_at(change) == 2 * hour);
  CHECK(zone.to_utc(change + hour + 1800) == change);
}

TEST_CASE("TimeZone: daylight saving may be in winter", "[unit][time_zone]") {
  auto const zone = zone_of_rule("IST-1GMT0,M10.5.0,M3.5.0/1");
  CHECK(zone.offset_at(seconds("2026-01-15")) == 0);
  CHECK(zone.offset_at(seconds("2026-03-29T00:59:59")) == 0);
  CHECK(zone.offset_at(seconds("2026-03-29T01:00:00")) == hour);
  CHECK(zone.offset_at(seconds("2026-10-25T00:59:59")) == hour);
  CHECK(zone.offset_at(seconds("2026-10-25T01:00:00")) == 0);
}

TEST_CASE("TimeZone: daylight saving may be all year", "[unit][time_zone]") {
  auto const zone = zone_of_rule("EST5EDT,0/0,J365/25");
  for (auto const* moment : {"2026-01-01T03:59:59", "2026-01-01T04:00", "2026-01-01T05:00",
                             "2026-07-01", "2026-12-31T23:59:59", "2028-12-31T12:00"}) {
    CAPTURE(moment);
    CHECK(zone.offset_at(seconds(moment)) == -4 * hour);
  }
}

TEST_CASE("TimeZone: a rule may count days with and without February 29", "[unit][time_zone]") {
  auto const without = zone_of_rule("AAA0BBB,J60/0,J300/0");
  CHECK(without.offset_at(seconds("2027-02-28T23:59:59")) == 0);
  CHECK(without.offset_at(seconds("2027-03-01")) == hour);
  CHECK(without.offset_at(seconds("2028-02-29T23:59:59")) == 0);
  CHECK(without.offset_at(seconds("2028-03-01")) == hour);
  auto const with = zone_of_rule("AAA0BBB,59/0,300/0");
  CHECK(with.offset_at(seconds("2027-03-01")) == hour);
  CHECK(with.offset_at(seconds("2028-02-28T23:59:59")) == 0);
  CHECK(with.offset_at(seconds("2028-02-29")) == hour);
}

TEST_CASE("TimeZone: a rule may reach into the days around", "[unit][time_zone]") {
  auto const zone = zone_of_rule("<-02>2<-01>,M3.5.0/-1,M10.4.4/167:59:59");
  CHECK(zone.offset_at(seconds("2026-03-29T00:59:59")) == -2 * hour);  // 23:00 on Saturday
  CHECK(zone.offset_at(seconds("2026-03-29T01:00:00")) == -hour);
  CHECK(zone.offset_at(seconds("2026-10-29T00:59:58")) == -hour);  // from Thursday the 22nd
  CHECK(zone.offset_at(seconds("2026-10-29T00:59:59")) == -2 * hour);
}

TEST_CASE("TimeZone: the rule decides after the last change", "[unit][time_zone]") {
  TzFileParts parts;
  parts.changes = {seconds("2000-01-01"), seconds("2026-06-01")};
  parts.types_of_changes = {1, 2};
  parts.types = {{-hour, 0, 0}, {3 * hour, 0, 0}, {2 * hour, 1, 0}};
  parts.footer = "CET-1CEST,M3.5.0,M10.5.0/3";
  auto const zone = zone_of(parts);
  CHECK(zone.offset_at(seconds("1999-12-31T23:59:59")) == -hour);
  CHECK(zone.offset_at(seconds("2000-07-01")) == 3 * hour);
  CHECK(zone.offset_at(seconds("2026-06-01")) == 2 * hour);
  CHECK(zone.offset_at(seconds("2026-12-01")) == hour);
}

TEST_CASE("TimeZone: without a rule the last offset stays", "[unit][time_zone]") {
  auto const version = GENERATE('\0', '2', '3', '4');
  TzFileParts parts;
  parts.version = version;
  parts.changes = {1000};
  parts.types_of_changes = {1};
  parts.types = {{-hour, 0, 0}, {hour, 0, 0}};
  parts.footer = "";
  auto const zone = zone_of(parts);
  CHECK(zone.offset_at(far_past) == -hour);
  CHECK(zone.offset_at(999) == -hour);
  CHECK(zone.offset_at(1000) == hour);
  CHECK(zone.offset_at(far_future) == hour);
}

TEST_CASE("TimeZone: without changes and a rule there is one offset", "[unit][time_zone]") {
  TzFileParts parts;
  parts.types = {{-34'567, 0, 0}};
  parts.footer = "";
  CHECK(zone_of(parts).offset_at(0) == -34'567);
}

TEST_CASE("TimeZone: times at the ends of the range stay within it", "[unit][time_zone]") {
  auto const east = zone_of_rule("AAA-24");
  CHECK(east.to_utc(far_past) == far_past);
  CHECK(east.to_utc(far_future) == far_future - 24 * hour);
  auto const west = zone_of_rule("AAA24");
  CHECK(west.to_utc(far_past) == far_past + 24 * hour);
  CHECK(west.to_utc(far_future) == far_future);
  auto const changing = zone_of_rule("AAA24BBB,M3.1.0,M9.1.0");
  CHECK(changing.to_utc(far_past) == far_past + 24 * hour);
  CHECK(changing.to_utc(far_future) == far_future);
}

}  // namespace
}  // namespace netrun::llm::detail
