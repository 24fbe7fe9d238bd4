// SPDX-License-Identifier: MIT
// TimeZone: files that are broken, cut off or made to do harm.
#include "support/catch.hpp"
#include "support/time_zones.hpp"
#include "support/tz_file.hpp"
#include <netrun/llm/detail/time_zone.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {
namespace {

using Catch::Matchers::ContainsSubstring;
using testing::TzFileParts;

bool has_database() { return std::filesystem::exists("/usr/share/zoneinfo/Europe/Berlin"); }
char const* const no_database = "no time zone database (package tzdata)";

/// What is said of bytes that are refused; what no test expects if they are taken.
std::string refusal(std::string_view bytes) {
  try {
    return "taken: " + std::string(TimeZone::from_bytes("Test/Zone", bytes).name());
  } catch (std::invalid_argument const& error) {
    return error.what();
  }
}

/// A zone that makes sense whatever its file says.
void expect_sane(TimeZone const& zone) {
  for (std::int64_t at_s = -9'300'000'000; at_s < 9'300'000'000; at_s += 777'777'777) {
    auto const local_s = at_s + zone.offset_at(at_s);
    REQUIRE(std::abs(local_s - at_s) < 26 * 3600);
    auto const first_s = zone.to_utc(local_s);
    REQUIRE(first_s <= at_s);
    REQUIRE(first_s + zone.offset_at(first_s) >= local_s);
    REQUIRE(first_s - 1 + zone.offset_at(first_s - 1) < local_s);
  }
}

TEST_CASE("TimeZone: a file cut off anywhere is refused", "[unit][time_zone]") {
  if (!has_database()) SKIP_TEST(no_database);
  auto const whole = testing::zone_file("Australia/Lord_Howe");
  testing::ZoneDatabase const database;
  database.put("Test/Zone", whole);
  CHECK(TimeZone("Test/Zone").name() == "Test/Zone");
  for (auto size = whole.size(); size-- > 0;) {
    CAPTURE(size);
    std::filesystem::resize_file(database.path("Test/Zone"), size);
    REQUIRE_THROWS_WITH(TimeZone("Test/Zone"), ContainsSubstring("\"Test/Zone\" (its file"));
  }
}

TEST_CASE("TimeZone: a file with a wrong bit is refused or makes sense", "[unit][time_zone]") {
  if (!has_database()) SKIP_TEST(no_database);
  bool const every_bit = std::getenv("NETRUN_LLM_FULL") != nullptr;
  constexpr std::uint64_t seed = 301;
  std::mt19937_64 random(seed);
  for (auto const* name : {"Europe/Berlin", "Australia/Lord_Howe"}) {
    auto const whole = testing::zone_file(name);
    for (std::size_t i = 0; i < whole.size(); ++i) {
      for (unsigned bit = every_bit ? 0 : random() % 8; bit < 8; bit += every_bit ? 1 : 8) {
        INFO(name << " byte " << i << " bit " << bit << " seed " << seed);
        auto bytes = whole;
        bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ 1U << bit);
        std::optional<TimeZone> zone;
        try {
          zone = TimeZone::from_bytes("Test/Zone", bytes);
        } catch (std::invalid_argument const& error) {
          REQUIRE_THAT(error.what(), ContainsSubstring("\"Test/Zone\""));
        }
        if (zone) expect_sane(*zone);
      }
    }
  }
}

TEST_CASE("TimeZone: a file that contradicts itself is refused", "[unit][time_zone]") {
  struct Case {
    char const* reason;
    std::function<void(TzFileParts&)> spoil;
  };
  std::vector<Case> const cases{
      {"unknown version", [](auto& file) { file.version = '1'; }},
      {"counts contradict", [](auto& file) { file.types.clear(); }},
      {"counts contradict", [](auto& file) { file.types.resize(257); }},
      {"counts contradict", [](auto& file) { file.names.clear(); }},
      {"counts contradict", [](auto& file) { file.standard_flags = 3; }},
      {"counts contradict", [](auto& file) { file.utc_flags = 1; }},
      {"leap seconds", [](auto& file) { file.leap_seconds = 1; }},
      {"not in order", [](auto& file) { file.changes[1] = file.changes[0]; }},
      {"change out of range", [](auto& file) { file.changes[0] = -(std::int64_t{1} << 59) - 1; }},
      {"change out of range", [](auto& file) { file.changes[1] = INT64_MAX; }},
      {"type out of range", [](auto& file) { file.types_of_changes[1] = 2; }},
      {"offset out of range", [](auto& file) { file.types[1].offset_s = 26 * 3600; }},
      {"offset out of range", [](auto& file) { file.types[1].offset_s = INT32_MIN; }},
      {"neither 0 nor 1", [](auto& file) { file.types[0].is_daylight = 2; }},
      {"name out of range", [](auto& file) { file.types[0].name_at = 4; }},
      {"\"nonsense\"", [](auto& file) { file.footer = "nonsense"; }},
  };
  TzFileParts good;
  good.changes = {1000, 2000};
  good.types_of_changes = {1, 0};
  good.types = {{0, 0, 0}, {3600, 1, 0}};
  CHECK(refusal(testing::tz_file(good)) == "taken: Test/Zone");
  for (auto const& one : cases) {
    auto file = good;
    one.spoil(file);
    CHECK_THAT(refusal(testing::tz_file(file)), ContainsSubstring(one.reason));
  }
}

TEST_CASE("TimeZone: a file without what it counts is refused", "[unit][time_zone]") {
  auto const position = GENERATE(range(20, 44));  // a byte of the six counts
  for (bool const second_header : {false, true}) {
    auto bytes = testing::tz_file({});
    auto const header = second_header ? bytes.rfind("TZif") : 0;
    bytes[header + static_cast<std::size_t>(position)] = '\xff';
    CHECK_THAT(refusal(bytes), ContainsSubstring("its file cannot be used"));
  }
}

TEST_CASE("TimeZone: a file that is no zone or too long is refused", "[unit][time_zone]") {
  auto const zone = testing::tz_file({});
  CHECK_THAT(refusal(""), ContainsSubstring("ends too early"));
  CHECK_THAT(refusal("# tz zone descriptions"), ContainsSubstring("does not begin with TZif"));
  TzFileParts old;
  old.version = '\0';
  CHECK_THAT(refusal(zone.substr(0, zone.rfind("TZif")) + testing::tz_block(old, 8)),
             ContainsSubstring("two headers"));
  CHECK_THAT(refusal(zone.substr(0, zone.size() - 6) + "UTC0\n"),
             ContainsSubstring("no rule after its data"));
  CHECK_THAT(refusal(zone + std::string(300'000, ' ')), ContainsSubstring("too long"));
  testing::ZoneDatabase const database;
  database.put("Test/Zone", zone + std::string(50'000'000, ' '));
  CHECK_THROWS_WITH(TimeZone("Test/Zone"), ContainsSubstring("too long"));
}

TEST_CASE("TimeZone: a rule in any of its forms is taken", "[unit][time_zone]") {
  auto const* rule = GENERATE(
      "UTC0", "CET-1", "<+0330>-3:30", "<-00>0", "AAA+5", "AAA-05:06:07", "AAA24:59:59",
      "<+1245>-12:45<+1345>,M9.5.0/2:45,M4.1.0/3:45", "AAA3BBB4,J1,J365", "AAA3BBB2:30,0,365/24",
      "AAA3BBB,M1.1.0/-167,M12.5.6/167:59:59", "AAA3BBB,M3.1.0/+2,M11.1.0/0");
  CHECK(refusal(testing::tz_file_of_rule(rule)) == "taken: Test/Zone");
}

TEST_CASE("TimeZone: a rule of any other form is refused and quoted", "[unit][time_zone]") {
  std::string const rule = GENERATE(
      as<std::string>(), "0", "AA0", "AAA", "AAAA", "<+0>", "<AAA0", "<>0", "<A B>0", "AAA0 ",
      " AAA0", "AAA25", "AAA0:60", "AAA0:00:60", "AAA0:", "AAA--1", "AAA0BBB", "AAA0BBB1",
      "AAA0BBB,M3.1.0", "AAA0BBB,M3.1.0,", "AAA0BBB,M3.1.0,M9.1.0,", "AAA0BBB,M0.1.0,M9.1.0",
      "AAA0BBB,M13.1.0,M9.1.0", "AAA0BBB,M3.0.0,M9.1.0", "AAA0BBB,M3.6.0,M9.1.0",
      "AAA0BBB,M3.1.7,M9.1.0", "AAA0BBB,M3.1,M9.1.0", "AAA0BBB,J0,J9", "AAA0BBB,J366,J9",
      "AAA0BBB,366,9", "AAA0BBB,-1,9", "AAA0BBB,M3.1.0/168,M9.1.0", "AAA0BBB,M3.1.0/-168,M9.1.0",
      "AAA0BBB,M3.1.0/,M9.1.0", "AAA0BBB,9999999999,9",
      "\xff\xff\xff"
      "0");
  auto const error = refusal(testing::tz_file_of_rule(rule));
  CHECK_THAT(error, ContainsSubstring("not a rule for changing clocks: \"" + rule + '"'));
}

TEST_CASE("TimeZone: a rule with a zero byte is refused", "[unit][time_zone]") {
  CHECK_THAT(refusal(testing::tz_file_of_rule(std::string("AAA0\0", 5))),
             ContainsSubstring("not a rule"));
}

TEST_CASE("TimeZone: a zone of the system that counts leap seconds is refused",
          "[unit][time_zone]") {
  if (!std::filesystem::exists("/usr/share/zoneinfo/right/Europe/Berlin")) {
    SKIP_TEST("no time zones with leap seconds");
  }
  CHECK_THROWS_WITH(TimeZone("right/Europe/Berlin"), ContainsSubstring("leap seconds"));
}

}  // namespace
}  // namespace netrun::llm::detail
