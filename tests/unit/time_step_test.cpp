// SPDX-License-Identifier: MIT
// TimeStep: where steps begin, on the days when clocks are changed above all.
#include "support/catch.hpp"
#include "support/time_zones.hpp"
#include "support/tz_file.hpp"
#include <netrun/llm/time_step.hpp>
#include <netrun/llm/timestamp.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm {
namespace {

using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

constexpr std::int64_t earliest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t latest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t ns_per_hour = 3'600'000'000'000;

bool has_database() { return std::filesystem::exists("/usr/share/zoneinfo/Europe/Berlin"); }
char const* const no_database = "no time zone database (package tzdata)";

/// "2026-03-29T01:00Z"
std::string text_of(Clock::time_point at) { return to_iso8601(at).substr(0, 16) + 'Z'; }

/// The starts of so many steps from the one that holds `at`.
std::vector<std::string> starts(TimeStep const& step, std::string_view at, int count) {
  std::vector<std::string> found;
  for (auto start = step.start_of(parse_iso8601(at)); count > 0; --count) {
    found.push_back(text_of(start));
    start = step.start_of_next(start);
  }
  return found;
}

std::string start(TimeStep const& step, std::string_view at) { return starts(step, at, 1).front(); }

template <class T>
std::string refusal(T const& from) {
  try {
    return "taken as " + std::string(TimeStep(from).text());
  } catch (std::invalid_argument const& error) {
    return error.what();
  }
}

using Texts = std::vector<std::string>;

TEST_CASE("TimeStep: steps of one length begin at multiples since 1970", "[unit][time_step]") {
  CHECK(starts("15m", "2026-01-01T00:14:59", 3) ==
        Texts{"2026-01-01T00:00Z", "2026-01-01T00:15Z", "2026-01-01T00:30Z"});
  CHECK(start("1d", "2026-07-01T23:59:59") == "2026-07-01T00:00Z");
  CHECK(start("5h", "1970-01-01T09:59") == "1970-01-01T05:00Z");
  CHECK(start("5h", "1969-12-31T23:59") == "1969-12-31T19:00Z");
  CHECK(TimeStep(1500ms).start_of_ns(2'999'999'999) == 1'500'000'000);
}

TEST_CASE("TimeStep: a start belongs to the step that it begins", "[unit][time_step]") {
  TimeStep const step("1h");
  CHECK(step.start_of_ns(5 * ns_per_hour) == 5 * ns_per_hour);
  CHECK(step.start_of_next_ns(5 * ns_per_hour) == 6 * ns_per_hour);
  CHECK(step.start_of_ns(5 * ns_per_hour - 1) == 4 * ns_per_hour);
}

TEST_CASE("TimeStep: whole weeks begin on Mondays", "[unit][time_step]") {
  auto const* length = GENERATE("1w", "7d", "168h");
  CHECK(starts(length, "2026-10-11T23:59", 2) == Texts{"2026-10-05T00:00Z", "2026-10-12T00:00Z"});
  CHECK(start(length, "1970-01-01") == "1969-12-29T00:00Z");
  CHECK(start("2w", "1970-01-18T23:59") == "1970-01-05T00:00Z");
  CHECK(start("3w", "1970-01-04") == "1969-12-15T00:00Z");
}

TEST_CASE("TimeStep: days, weeks and months are those of UTC without a zone", "[unit][time_step]") {
  CHECK(starts("day", "2024-02-28T12:00", 3) ==
        Texts{"2024-02-28T00:00Z", "2024-02-29T00:00Z", "2024-03-01T00:00Z"});
  CHECK(starts("week", "2026-10-11T12:00", 2) == Texts{"2026-10-05T00:00Z", "2026-10-12T00:00Z"});
  CHECK(starts("month", "2025-12-31T23:59", 4) ==
        Texts{"2025-12-01T00:00Z", "2026-01-01T00:00Z", "2026-02-01T00:00Z", "2026-03-01T00:00Z"});
  CHECK(starts("month", "1900-02-28T23:59", 2) == Texts{"1900-02-01T00:00Z", "1900-03-01T00:00Z"});
}

TEST_CASE("TimeStep: days of Berlin have 23 and 25 hours when clocks change", "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  auto const day = TimeStep::day("Europe/Berlin");
  CHECK(starts(day, "2026-03-28T12:00", 3) ==
        Texts{"2026-03-27T23:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z"});
  CHECK(starts(day, "2026-10-24T12:00", 3) ==
        Texts{"2026-10-23T22:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z"});
}

TEST_CASE("TimeStep: days of New York have 23 and 25 hours when clocks change",
          "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  auto const day = TimeStep::day("America/New_York");
  CHECK(starts(day, "2026-03-08T12:00", 2) == Texts{"2026-03-08T05:00Z", "2026-03-09T04:00Z"});
  CHECK(starts(day, "2026-11-01T12:00", 2) == Texts{"2026-11-01T04:00Z", "2026-11-02T05:00Z"});
}

TEST_CASE("TimeStep: days of Lord Howe are half an hour shorter or longer", "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  auto const day = TimeStep::day("Australia/Lord_Howe");
  CHECK(starts(day, "2026-04-04T13:00", 2) == Texts{"2026-04-04T13:00Z", "2026-04-05T13:30Z"});
  CHECK(starts(day, "2026-10-03T13:30", 2) == Texts{"2026-10-03T13:30Z", "2026-10-04T13:00Z"});
}

TEST_CASE("TimeStep: weeks and months of a zone begin at its midnight", "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  CHECK(starts(TimeStep::week("Europe/Berlin"), "2026-10-25T12:00", 3) ==
        Texts{"2026-10-18T22:00Z", "2026-10-25T23:00Z", "2026-11-01T23:00Z"});
  CHECK(starts(TimeStep::month("Europe/Berlin"), "2026-03-31T21:59", 3) ==
        Texts{"2026-02-28T23:00Z", "2026-03-31T22:00Z", "2026-04-30T22:00Z"});
}

TEST_CASE("TimeStep: a day whose midnight was left out begins when clocks are put forward",
          "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  CHECK(starts(TimeStep::day("America/Sao_Paulo"), "2018-11-03T12:00", 3) ==
        Texts{"2018-11-03T03:00Z", "2018-11-04T03:00Z", "2018-11-05T02:00Z"});
  CHECK(starts(TimeStep::day("Africa/Cairo"), "2023-04-27T12:00", 3) ==
        Texts{"2023-04-26T22:00Z", "2023-04-27T22:00Z", "2023-04-28T21:00Z"});
  CHECK(starts(TimeStep::day("Asia/Beirut"), "2020-03-28T12:00", 3) ==
        Texts{"2020-03-27T22:00Z", "2020-03-28T22:00Z", "2020-03-29T21:00Z"});
}

TEST_CASE("TimeStep: a day whose last hour comes twice has 25 hours", "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  CHECK(starts(TimeStep::day("America/Sao_Paulo"), "2018-02-17T12:00", 2) ==
        Texts{"2018-02-17T02:00Z", "2018-02-18T03:00Z"});
  CHECK(starts(TimeStep::day("Asia/Beirut"), "2020-10-24T12:00", 2) ==
        Texts{"2020-10-23T21:00Z", "2020-10-24T22:00Z"});
}

TEST_CASE("TimeStep: a day whose midnight comes twice begins at the first", "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  CHECK(starts(TimeStep::day("America/Havana"), "2026-11-01T12:00", 2) ==
        Texts{"2026-11-01T04:00Z", "2026-11-02T05:00Z"});
}

TEST_CASE("TimeStep: what is shown of a day after the next has begun belongs to the next",
          "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  // At 00:01 on November 7 clocks went back to 23:01 on the 6th.
  auto const day = TimeStep::day("America/St_Johns");
  CHECK(starts(day, "2010-11-07T02:30", 2) == Texts{"2010-11-07T02:30Z", "2010-11-08T03:30Z"});
  CHECK(start(day, "2010-11-07T03:00") == "2010-11-07T02:30Z");
  CHECK(start(day, "2010-11-07T02:29:59") == "2010-11-06T02:30Z");
}

TEST_CASE("TimeStep: a day that a zone skipped has no step", "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  CHECK(starts(TimeStep::day("Pacific/Apia"), "2011-12-29T12:00", 3) ==
        Texts{"2011-12-29T10:00Z", "2011-12-30T10:00Z", "2011-12-31T10:00Z"});
}

TEST_CASE("TimeStep: a day that a zone had twice is one step", "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  // On October 19, 1867 at 15:30 clocks went back by a day, less one second.
  auto const day = TimeStep::day("America/Sitka");
  CHECK(starts(day, "1867-10-18T12:00", 3) ==
        Texts{"1867-10-18T09:01Z", "1867-10-20T09:01Z", "1867-10-21T09:01Z"});
  CHECK(start(day, "1867-10-18T09:01:12") == "1867-10-17T09:01Z");
}

TEST_CASE("TimeStep: the clock of the time zone is right before 1970", "[unit][time_step]") {
  if (!has_database()) SKIP_TEST(no_database);
  CHECK(start(TimeStep::day("Europe/Berlin"), "1945-07-01T12:00") == "1945-06-30T21:00Z");
  CHECK(start(TimeStep::day("America/New_York"), "1969-12-31T04:59:59") == "1969-12-30T05:00Z");
}

TEST_CASE("TimeStep: at the ends of the range starts stay within it", "[unit][time_step]") {
  std::vector<TimeStep> steps{"1s", "1h", "1w", "30d", "106751d", "day", "week", "month"};
  if (has_database()) {
    for (auto const* zone : {"Europe/Berlin", "Pacific/Kiritimati", "Pacific/Niue"}) {
      steps.insert(steps.end(), {TimeStep::day(zone), TimeStep::week(zone), TimeStep::month(zone)});
    }
  }
  for (auto const& step : steps) {
    CAPTURE(step.text(), step.time_zone());
    CHECK(step.start_of_ns(earliest) == earliest);
    CHECK(step.start_of_next_ns(earliest) > earliest);
    CHECK(step.start_of_ns(step.start_of_next_ns(earliest)) == step.start_of_next_ns(earliest));
    CHECK(step.start_of_ns(latest) < latest);
    CHECK(step.start_of_next_ns(latest) == latest);
  }
}

TEST_CASE("TimeStep: times of the clock are cut like nanoseconds", "[unit][time_step]") {
  auto const at = parse_iso8601("2026-10-11T13:14:15.123456789");
  TimeStep const step("day");
  CHECK(step.start_of(at) == parse_iso8601("2026-10-11"));
  CHECK(step.start_of_next(at) == parse_iso8601("2026-10-12"));
}

TEST_CASE("TimeStep: text is what was written", "[unit][time_step]") {
  CHECK(TimeStep("15m").text() == "15m");
  CHECK(TimeStep(std::string("24h")).text() == "24h");
  CHECK(TimeStep(std::string_view("week")).text() == "week");
  CHECK(TimeStep(90min).text() == "90m");
  CHECK(TimeStep(Period("1w")).text() == "1w");
  CHECK(TimeStep::month().text() == "month");
}

TEST_CASE("TimeStep: a step knows the name of its zone", "[unit][time_step]") {
  testing::ZoneDatabase const database;
  database.put("My/Own", testing::tz_file_of_rule("OWN-5"));
  CHECK(TimeStep("1h").time_zone() == "UTC");
  CHECK(TimeStep("day").time_zone() == "UTC");
  CHECK(TimeStep::day("My/Own").time_zone() == "My/Own");
}

TEST_CASE("TimeStep: a copy outlives the original", "[unit][time_step]") {
  testing::ZoneDatabase const database;
  database.put("My/Own", testing::tz_file_of_rule("OWN-5"));
  TimeStep copy("1h");
  {
    auto const original = TimeStep::day("My/Own");
    copy = original;
  }
  CHECK(copy.time_zone() == "My/Own");
  CHECK(start(copy, "2026-01-01T18:59") == "2025-12-31T19:00Z");
}

TEST_CASE("TimeStep: equal are equal lengths and the same steps of a zone", "[unit][time_step]") {
  testing::ZoneDatabase const database;
  database.put("My/Own", testing::tz_file_of_rule("OWN-5"));
  CHECK(TimeStep("24h") == TimeStep("1d"));
  CHECK_FALSE(TimeStep("24h") == TimeStep("day"));
  CHECK_FALSE(TimeStep("7d") == TimeStep("week"));
  CHECK(TimeStep::day("My/Own") == TimeStep::day("My/Own"));
  CHECK_FALSE(TimeStep::day("My/Own") == TimeStep::day());
  CHECK_FALSE(TimeStep::day("My/Own") == TimeStep::week("My/Own"));
}

TEST_CASE("TimeStep: other text is refused and quoted", "[unit][time_step]") {
  auto const* text = GENERATE("", "days", "Day", "1 day", "0h", "-5m", "1.5h", "year", "15");
  CHECK_THAT(refusal(text), ContainsSubstring("not a step: \"" + std::string(text) + '"'));
}

TEST_CASE("TimeStep: a null pointer is refused as empty text", "[unit][time_step]") {
  char const* const null = nullptr;
  CHECK_THAT(refusal(null), ContainsSubstring("\"\""));
}

TEST_CASE("TimeStep: steps shorter than a second are refused", "[unit][time_step]") {
  CHECK_THAT(refusal(999ms), ContainsSubstring("at least a second, got \"999ms\""));
  CHECK_THAT(refusal(0.5s), ContainsSubstring("\"500ms\""));
  CHECK(refusal(1s) == "taken as 1s");
  CHECK_THAT(refusal(-1s), ContainsSubstring("-1 seconds"));
}

TEST_CASE("TimeStep: an unknown time zone is refused and quoted", "[unit][time_step]") {
  CHECK_THROWS_WITH(TimeStep::day("Mars/Olympus"), ContainsSubstring("\"Mars/Olympus\""));
  CHECK_THROWS_WITH(TimeStep::week(""), ContainsSubstring("\"\""));
  CHECK_THROWS_WITH(TimeStep::month("../Berlin"), ContainsSubstring("\"../Berlin\""));
}

}  // namespace
}  // namespace netrun::llm
