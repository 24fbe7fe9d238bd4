// SPDX-License-Identifier: MIT
// Period: text and durations, and what is refused.
#include "support/catch.hpp"
#include <netrun/llm/period.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <ratio>
#include <stdexcept>
#include <string>
#include <string_view>

namespace netrun::llm {
namespace {

using namespace std::chrono_literals;
using Nanoseconds = std::chrono::nanoseconds;

/// What the constructor says when it refuses `from`; a text that no test expects when it does not.
template <class T>
std::string refusal(T const& from) {
  try {
    return "taken as " + std::string(Period(from).text());
  } catch (std::invalid_argument const& error) {
    return error.what();
  }
}

template <class T>
bool is_refused(T const& from) {
  try {
    static_cast<void>(Period(from));
    return false;
  } catch (std::invalid_argument const&) {
    return true;
  }
}

TEST_CASE("Period: every unit has its length", "[unit][period]") {
  CHECK(Period("1s").length() == 1s);
  CHECK(Period("90m").length() == 90min);
  CHECK(Period("24h").length() == 24h);
  CHECK(Period("30d").length() == 30 * 24h);
  CHECK(Period("2w").length() == 14 * 24h);
}

TEST_CASE("Period: text is taken from literals and strings and views", "[unit][period]") {
  std::string const text = "24h";
  CHECK(Period(text).length() == 24h);
  CHECK(Period(std::string_view(text)).length() == 24h);
  CHECK(Period(text.c_str()).length() == 24h);
  CHECK(Period(std::string_view("124hours").substr(1, 3)).length() == 24h);
}

TEST_CASE("Period: text of a period is what was written", "[unit][period]") {
  auto const* text = GENERATE("24h", "1440m", "1w", "0090m");
  CHECK(Period(text).text() == text);
}

TEST_CASE("Period: equal lengths are equal however they were written", "[unit][period]") {
  CHECK(Period("24h") == Period("1d"));
  CHECK(Period("7d") == Period("1w"));
  CHECK_FALSE(Period("24h") == Period("25h"));
}

TEST_CASE("Period: a copy keeps its own text", "[unit][period]") {
  auto original = std::make_unique<Period>("24h");
  Period const copy = *original;
  original.reset();
  CHECK(copy.text() == "24h");
}

TEST_CASE("Period: the longest lengths that fit are taken", "[unit][period]") {
  CHECK(Period("9223372036s").length() == 9'223'372'036s);
  CHECK(Period("106751d").length() == 106'751 * 24h);
  CHECK(Period(Nanoseconds::max()).length() == Nanoseconds::max());
}

TEST_CASE("Period: the first lengths past 292 years are refused", "[unit][period]") {
  auto const* text = GENERATE("9223372037s", "106752d", "15251w", "2562048h");
  CHECK_THAT(refusal(text), Catch::Matchers::ContainsSubstring(text));
}

TEST_CASE("Period: bad text is refused and quoted", "[unit][period]") {
  auto const* text = GENERATE("", "h", "0h", "-5m", "+5m", "1.5h", " 24h", "24h ", "24H", "24x",
                              "24", "2 4h", "h24", "1h30m", "0x5h", "5ms", "1e3s", "\xc2\xb5s",
                              "99999999999999999999d", "00000000000000000000000000000000001h");
  CHECK_THAT(refusal(text), Catch::Matchers::ContainsSubstring("\"" + std::string(text) + "\""));
}

TEST_CASE("Period: text with a zero byte is refused", "[unit][period]") {
  CHECK(is_refused(std::string("24h\0", 4)));
  CHECK(is_refused(std::string("2\0h", 3)));
}

TEST_CASE("Period: a null pointer is refused as empty text", "[unit][period]") {
  char const* const null = nullptr;
  CHECK_THAT(refusal(null), Catch::Matchers::ContainsSubstring("\"\""));
}

TEST_CASE("Period: a refusal quotes no more than the start of a long text", "[unit][period]") {
  CHECK(refusal(std::string(100'000, '9')).size() < 300);
}

TEST_CASE("Period: whole durations keep their length", "[unit][period]") {
  CHECK(Period(90min).length() == 90min);
  CHECK(Period(1ns).length() == 1ns);
  CHECK(Period(std::chrono::weeks(2)).length() == 14 * 24h);
  CHECK(Period(std::chrono::duration<int, std::ratio<1, 50>>(25)).length() == 500ms);
}

TEST_CASE("Period: floating durations keep their length", "[unit][period]") {
  CHECK(Period(1.5h).length() == 90min);
  CHECK(Period(std::chrono::duration<float>(0.5F)).length() == 500ms);
  CHECK(Period(std::chrono::duration<double, std::milli>(0.25)).length() == 250us);
}

TEST_CASE("Period: text of a duration is its shortest form", "[unit][period]") {
  CHECK(Period(90min).text() == "90m");
  CHECK(Period(24h).text() == "1d");
  CHECK(Period(25h).text() == "25h");
  CHECK(Period(90s).text() == "90s");
  CHECK(Period(1500ms).text() == "1500ms");
  CHECK(Period(1us).text() == "1000ns");
  CHECK(Period(1.5h).text() == "90m");
  CHECK(Period(std::chrono::weeks(2)).text() == "14d");
  CHECK(Period(Nanoseconds::max()).text() == "9223372036854775807ns");
}

TEST_CASE("Period: text of a duration in whole seconds reads back", "[unit][period]") {
  auto const seconds = GENERATE(1, 59, 60, 3599, 3600, 86'399, 86'400, 604'800, 2'592'000);
  Period const period{std::chrono::seconds(seconds)};
  CHECK(Period(period.text()) == period);
}

TEST_CASE("Period: durations that are not positive are refused", "[unit][period]") {
  CHECK(is_refused(0s));
  CHECK(is_refused(-1ns));
  CHECK(is_refused(-5min));
  CHECK(is_refused(0.0h));
  CHECK(is_refused(-1.5h));
  CHECK(is_refused(-0.0h));
}

TEST_CASE("Period: durations shorter than a nanosecond are refused", "[unit][period]") {
  CHECK(is_refused(std::chrono::duration<std::int64_t, std::pico>(999)));
  CHECK(is_refused(std::chrono::duration<double>(1e-10)));
}

TEST_CASE("Period: durations that are not finite are refused", "[unit][period]") {
  using Seconds = std::chrono::duration<double>;
  CHECK_THAT(refusal(Seconds(std::numeric_limits<double>::quiet_NaN())),
             Catch::Matchers::ContainsSubstring("nan"));
  CHECK_THAT(refusal(Seconds(std::numeric_limits<double>::infinity())),
             Catch::Matchers::ContainsSubstring("inf"));
  CHECK(is_refused(Seconds(-std::numeric_limits<double>::infinity())));
}

TEST_CASE("Period: durations past 292 years are refused", "[unit][period]") {
  CHECK(is_refused(std::chrono::hours(3'000'000)));
  CHECK(is_refused(std::chrono::hours(std::numeric_limits<std::int64_t>::max())));
  CHECK(is_refused(std::chrono::years(293)));
  CHECK(is_refused(std::chrono::duration<double>(1e10)));
  CHECK(is_refused(std::chrono::duration<double, std::ratio<3600>>(1e308)));
}

TEST_CASE("Period: negative durations past 292 years are refused", "[unit][period]") {
  CHECK(is_refused(std::chrono::hours(-3'000'000)));
  CHECK(is_refused(std::chrono::hours(std::numeric_limits<std::int64_t>::min())));
  CHECK(is_refused(std::chrono::years(-500)));
}

TEST_CASE("Period: a refused duration is quoted in seconds", "[unit][period]") {
  CHECK_THAT(refusal(-5min), Catch::Matchers::ContainsSubstring("-300 seconds"));
  CHECK_THAT(refusal(std::chrono::duration<double>(-0.5)),
             Catch::Matchers::ContainsSubstring("-0.5 seconds"));
}

}  // namespace
}  // namespace netrun::llm
