// SPDX-License-Identifier: MIT
// The names of token kinds, factors, and mistakes as text.
#include "support/catch.hpp"
#include <netrun/llm/price_data.hpp>

#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;

std::string refusal(std::string_view text) {
  try {
    return "taken as " + Factor::parse(text).to_string();
  } catch (std::invalid_argument const& error) {
    return error.what();
  }
}

TEST_CASE("TokenKind: each has a key of its own and a rate of its own", "[unit][price_data]") {
  std::set<std::string_view> keys;
  TokenRates rates;
  for (std::size_t i = 0; i < token_kind_count; ++i) {
    auto const kind = static_cast<TokenKind>(i);
    keys.insert(to_string(kind));
    CHECK_FALSE(rates[kind].has_value());
    rates[kind] = Usd::from_picos(static_cast<Int128>(i));
  }
  CHECK(keys.size() == token_kind_count);
  CHECK(keys.count("unknown") == 0);
  for (std::size_t i = 0; i < token_kind_count; ++i) {
    CHECK(rates[static_cast<TokenKind>(i)] == Usd::from_picos(static_cast<Int128>(i)));
  }
}

TEST_CASE("TokenKind: keys are those of price files", "[unit][price_data]") {
  CHECK(to_string(TokenKind::input) == "input");
  CHECK(to_string(TokenKind::cached_audio_input) == "cache_read_audio");
  CHECK(to_string(TokenKind::cached_image_input) == "cache_read_image");
  CHECK(to_string(TokenKind::cache_write_1h) == "cache_write_1h");
  CHECK(to_string(TokenKind::audio_output) == "output_audio");
  CHECK(to_string(TokenKind::citation) == "output_citation");
  CHECK(to_string(static_cast<TokenKind>(99)) == "unknown");
}

TEST_CASE("Factor: a new one is 1", "[unit][price_data]") { CHECK(Factor{}.to_string() == "1"); }

TEST_CASE("Factor: parse and to_string agree on exact decimals", "[unit][price_data]") {
  auto const* text = GENERATE("0", "1", "0.5", "1.1", "6", "0.000001", "999999.999999");
  CHECK(Factor::parse(text).to_string() == text);
}

TEST_CASE("Factor: parse takes zeros past the sixth decimal", "[unit][price_data]") {
  CHECK(Factor::parse("1.1000000000").millionths == 1'100'000);
}

TEST_CASE("Factor: parse refuses what is none and quotes it", "[unit][price_data]") {
  auto const* text = GENERATE("", "x", "-0.5", "1e3", "0.0000001", "1000000", "1.2.3", " 1", "nan",
                              "170141183460469231731687303715884105728");
  CHECK_THAT(refusal(text), ContainsSubstring("\"" + std::string(text) + "\""));
}

TEST_CASE("PriceMistake: its text leaves out what is not there", "[unit][price_data]") {
  CHECK(PriceMistake{.reason = "r"}.to_string() == "r");
  CHECK(PriceMistake{.line = 12, .reason = "r"}.to_string() == "line 12: r");
  CHECK(PriceMistake{.line = 3, .where = "a/b", .path = "rates", .reason = "r"}.to_string() ==
        "line 3: a/b: rates: r");
  CHECK(PriceMistake{.where = "a/b", .reason = "r"}.to_string() == "a/b: r");
}

}  // namespace
}  // namespace netrun::llm
