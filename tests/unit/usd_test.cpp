// SPDX-License-Identifier: MIT
// Usd: decimals in and out, the ends of the range, and doubles.
#include "support/catch.hpp"
#include <netrun/llm/usd.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

namespace netrun::llm {
namespace {

constexpr std::string_view highest_text = "170141183460469231731687303.715884105727";
constexpr std::string_view lowest_text = "-170141183460469231731687303.715884105728";

Usd highest() { return Usd::parse(highest_text); }
Usd lowest() { return Usd::parse(lowest_text); }

std::string round_trip(std::string_view text) { return Usd::parse(text).to_string(); }

std::string refusal(std::string_view text) {
  try {
    return "taken as " + Usd::parse(text).to_string();
  } catch (std::invalid_argument const& error) {
    return error.what();
  }
}

TEST_CASE("Usd: a new amount is zero", "[unit][usd]") {
  CHECK(Usd{}.to_string() == "0");
  CHECK(Usd{}.to_pico_string() == "0");
}

TEST_CASE("Usd: parse and to_string agree on exact decimals", "[unit][usd]") {
  auto const* text = GENERATE("0", "1", "12", "0.0075", "-12.5", "0.000000000001",
                              "-0.000000000001", "9223372.036854775807", "18446744073709551616",
                              "99999999999999999999999999.999999999999");
  CHECK(round_trip(text) == text);
}

TEST_CASE("Usd: parse takes every spelling of a decimal", "[unit][usd]") {
  CHECK(round_trip(".5") == "0.5");
  CHECK(round_trip("5.") == "5");
  CHECK(round_trip("+5") == "5");
  CHECK(round_trip("-.25") == "-0.25");
  CHECK(round_trip("007.500") == "7.5");
  CHECK(round_trip("-0") == "0");
}

TEST_CASE("Usd: parse ignores zeros past the twelfth decimal", "[unit][usd]") {
  CHECK(round_trip("0.1000000000000000") == "0.1");
}

TEST_CASE("Usd: parse refuses more than twelve decimals", "[unit][usd]") {
  CHECK_THROWS_AS(Usd::parse("0.0000000000001"), std::invalid_argument);
  CHECK_THROWS_AS(Usd::parse("1.1234567890123"), std::invalid_argument);
}

TEST_CASE("Usd: parse refuses what is no plain decimal and quotes it", "[unit][usd]") {
  auto const* text = GENERATE("", "-", "+", ".", "-.", "1e3", "$5", " 5", "5 ", "1.2.3", "--1",
                              "+-1", "1,000", "0x10", "nan", "inf", "five", "5-", "\xd9\xa3");
  CHECK_THAT(refusal(text), Catch::Matchers::ContainsSubstring("\"" + std::string(text) + "\""));
}

TEST_CASE("Usd: parse refuses a text with a zero byte", "[unit][usd]") {
  CHECK_THROWS_AS(Usd::parse(std::string_view("1\0", 2)), std::invalid_argument);
}

TEST_CASE("Usd: parse quotes no more than the start of a long text", "[unit][usd]") {
  std::string const message = refusal(std::string(100'000, 'x'));
  CHECK(message.size() < 300);
}

TEST_CASE("Usd: parse reaches both ends of 128 bits", "[unit][usd]") {
  CHECK(round_trip(highest_text) == highest_text);
  CHECK(round_trip(lowest_text) == lowest_text);
}

TEST_CASE("Usd: parse refuses the first amount past each end", "[unit][usd]") {
  CHECK_THROWS_AS(Usd::parse("170141183460469231731687303.715884105728"), std::invalid_argument);
  CHECK_THROWS_AS(Usd::parse("-170141183460469231731687303.715884105729"), std::invalid_argument);
  CHECK_THROWS_AS(Usd::parse("170141183460469231731687304"), std::invalid_argument);
  CHECK_THROWS_AS(Usd::parse(std::string(60, '9')), std::invalid_argument);
}

TEST_CASE("Usd: to_pico_string gives the whole picodollars", "[unit][usd]") {
  CHECK(Usd::parse("0.0075").to_pico_string() == "7500000000");
  CHECK(Usd::parse("-1").to_pico_string() == "-1000000000000");
  CHECK(lowest().to_pico_string() == "-170141183460469231731687303715884105728");
}

TEST_CASE("Usd: sums and differences are exact", "[unit][usd]") {
  CHECK((Usd::parse("0.1") + Usd::parse("0.2")).to_string() == "0.3");
  CHECK((Usd::parse("0.1") - Usd::parse("0.3")).to_string() == "-0.2");
  CHECK((-Usd::parse("0.1")).to_string() == "-0.1");
  CHECK((Usd::parse("0.0075") * 3).to_string() == "0.0225");
  CHECK((Usd::parse("0.0075") * -3).to_string() == "-0.0225");
}

TEST_CASE("Usd: addition stops at the ends of the range", "[unit][usd]") {
  Usd const one_pico = Usd::from_picos(1);
  CHECK(highest() + one_pico == highest());
  CHECK(lowest() + -one_pico == lowest());
  CHECK(highest() + lowest() == -one_pico);
}

TEST_CASE("Usd: subtraction stops at the ends of the range", "[unit][usd]") {
  Usd const one_pico = Usd::from_picos(1);
  CHECK(lowest() - one_pico == lowest());
  CHECK(highest() - -one_pico == highest());
  CHECK(-lowest() == highest());
  CHECK(Usd{} - highest() == lowest() + one_pico);
}

TEST_CASE("Usd: multiplication stops at the ends of the range", "[unit][usd]") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  CHECK(highest() * 2 == highest());
  CHECK(highest() * -2 == lowest());
  CHECK(lowest() * 2 == lowest());
  CHECK(lowest() * -1 == highest());
  CHECK(lowest() * least == highest());
  CHECK(highest() * most == highest());
  CHECK((highest() * 0).to_string() == "0");
}

TEST_CASE("Usd: amounts are ordered by value", "[unit][usd]") {
  CHECK(Usd::parse("-1") < Usd{});
  CHECK(Usd::from_picos(1) > Usd{});
  CHECK(lowest() < highest());
}

TEST_CASE("Usd: from_double gives the decimal that a person would write", "[unit][usd]") {
  CHECK(Usd::from_double(0.1).to_string() == "0.1");
  CHECK(Usd::from_double(-0.3).to_string() == "-0.3");
  CHECK(Usd::from_double(0.0075).to_string() == "0.0075");
  CHECK(Usd::from_double(1e-12).to_string() == "0.000000000001");
  CHECK(Usd::from_double(123456.789).to_string() == "123456.789");
  CHECK(Usd::from_double(1e18).to_string() == "1000000000000000000");
}

TEST_CASE("Usd: from_double rounds what is finer than a picodollar", "[unit][usd]") {
  CHECK(Usd::from_double(1.4e-12).to_string() == "0.000000000001");
  CHECK(Usd::from_double(1.6e-12).to_string() == "0.000000000002");
  CHECK(Usd::from_double(1e-300).to_string() == "0");
}

TEST_CASE("Usd: from_double takes not finite as zero", "[unit][usd]") {
  CHECK(Usd::from_double(std::numeric_limits<double>::quiet_NaN()) == Usd{});
  CHECK(Usd::from_double(std::numeric_limits<double>::infinity()) == Usd{});
  CHECK(Usd::from_double(-std::numeric_limits<double>::infinity()) == Usd{});
}

TEST_CASE("Usd: from_double stops at the ends of the range", "[unit][usd]") {
  CHECK(Usd::from_double(1e27) == highest());
  CHECK(Usd::from_double(-1e27) == lowest());
  CHECK(Usd::from_double(std::numeric_limits<double>::max()) == highest());
}

TEST_CASE("Usd: from_double rounds a thirteenth decimal between 4503 and 8192 dollars",
          "[unit][usd]") {
  // A double needs thirteen decimals here to be told from its neighbour.
  CHECK(Usd::from_double(4656.6184647987275).to_string().substr(0, 16) == "4656.61846479872");
  CHECK(Usd::from_double(8063.2972749058745).to_string().substr(0, 16) == "8063.29727490587");
  CHECK(Usd::from_double(-8063.2972749058745).to_string().substr(0, 17) == "-8063.29727490587");
}

TEST_CASE("Usd: from_double finds the decimal behind any amount", "[unit][usd]") {
  auto const whole_dollars =
      GENERATE(std::int64_t{0}, 1, 999, 2100, 4095, 4096, 4200, 4502, 4503, 4600, 7000, 8191);
  constexpr std::uint64_t seed = 20260101;
  INFO("seed " << seed << " dollars " << whole_dollars);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2000; ++i) {
    auto const fraction = static_cast<std::int64_t>(random() % 1'000'000'000'000);
    Usd const amount = Usd::from_picos(Int128{whole_dollars} * Usd::picos_per_dollar + fraction);
    Usd const read_back = Usd::from_double(std::stod(amount.to_string()));
    if (read_back != amount) FAIL(amount.to_string() << " became " << read_back.to_string());
  }
}

TEST_CASE("Usd: from_double is at most a picodollar from its argument", "[unit][usd]") {
  auto const dollars = GENERATE(1.0, 100.0, 4096.0, 4503.5, 5000.0, 8000.0);
  constexpr std::uint64_t seed = 7;
  INFO("seed " << seed << " from " << dollars << " dollars on");
  std::mt19937_64 random(seed);
  for (int i = 0; i < 2000; ++i) {
    double const wanted = dollars * (1 + std::ldexp(static_cast<double>(random() >> 11), -60));
    double const got = Usd::from_double(wanted).to_double();
    if (!(std::fabs(got - wanted) <= 1e-12)) FAIL(wanted << " became " << got);
  }
}

TEST_CASE("Usd: to_double gives the nearest double", "[unit][usd]") {
  constexpr std::uint64_t seed = 99;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20'000; ++i) {
    auto const wide = static_cast<Int128>(random() >> random() % 32) *
                      static_cast<Int128>(random() >> (1 + random() % 60));
    Usd const amount = Usd::from_picos(i % 2 == 0 ? wide : -wide);
    double const nearest = std::stod(amount.to_string());
    if (amount.to_double() != nearest) FAIL(amount.to_string() << " is not nearest to its double");
  }
}

TEST_CASE("Usd: to_string of random amounts reads back", "[unit][usd]") {
  constexpr std::uint64_t seed = 4;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 10'000; ++i) {
    auto const bits = static_cast<UInt128>(random()) << 64 | random();
    Usd const amount = Usd::from_picos(static_cast<Int128>(bits) >> random() % 120);
    REQUIRE(Usd::parse(amount.to_string()) == amount);
  }
}

}  // namespace
}  // namespace netrun::llm
