// SPDX-License-Identifier: MIT
// The built-in prices against calls whose cost another engine has computed.
#include "support/catch.hpp"
#include "unit/price_facts.hpp"
#include <netrun/llm/price_book.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <map>
#include <optional>
#include <string>

namespace netrun::llm {
namespace {

#if defined(NETRUN_LLM_TEST_HAS_JSON)

using nlohmann::json;

std::map<std::string, std::uint64_t TokenUsage::*> const count_members{
    {"input_tokens", &TokenUsage::input_tokens},
    {"output_tokens", &TokenUsage::output_tokens},
    {"cache_read", &TokenUsage::cache_read_tokens},
    {"cache_write", &TokenUsage::cache_write_tokens},
    {"cache_write_1h", &TokenUsage::cache_write_1h_tokens},
    {"reasoning", &TokenUsage::reasoning_tokens},
    {"citation", &TokenUsage::citation_tokens},
    {"input_audio", &TokenUsage::audio_input_tokens},
    {"output_audio", &TokenUsage::audio_output_tokens},
    {"cache_read_audio", &TokenUsage::cached_audio_input_tokens},
    {"input_image", &TokenUsage::image_input_tokens},
    {"output_image", &TokenUsage::image_output_tokens}};

/// Empty when the case uses something that TokenUsage does not tell.
std::optional<TokenUsage> usage_of(json const& usage) {
  TokenUsage result;
  for (auto const& [key, value] : usage.items()) {
    if (key == "web_search") {
      result.web_search_requests = value.get<std::uint32_t>();
    } else if (auto const known = count_members.find(key); known != count_members.end()) {
      result.*known->second = value.get<std::uint64_t>();
    } else {
      return std::nullopt;
    }
  }
  return result;
}

Clock::time_point time_of(std::string const& text) {
  using namespace std::chrono;
  int y = 0;
  unsigned mon = 0;
  unsigned d = 0;
  int h = 0;
  int min = 0;
  int s = 0;
  REQUIRE(std::sscanf(text.c_str(), "%d-%u-%uT%d:%d:%dZ", &y, &mon, &d, &h, &min, &s) == 6);
  return sys_days(year{y} / month{mon} / day{d}) + hours(h) + minutes(min) + seconds(s);
}

TEST_CASE("price cases: every case costs what it should", "[unit][price_cases]") {
  NETRUN_LLM_NEED_FACTS("cases.json");
  std::size_t ran = 0;
  std::size_t left_out = 0;
  auto const facts = testing::read_facts("cases.json");
  for (auto const& one : facts["cases"]) {
    auto const usage = usage_of(one["usage"]);
    if (!usage || one.contains("attributes") || one.contains("service_tier")) {
      ++left_out;
      continue;
    }
    ++ran;
    auto const quote =
        PriceBook::builtin().price(one["provider"].get<std::string>(),
                                   one["model"].get<std::string>(), *usage, time_of(one["at"]));
    INFO(one.dump());
    CHECK(quote.priced);
    CHECK(quote.model == one["canonical"].get<std::string>());
    CHECK(quote.cost == Usd::parse(one["expected_cost_usd"].get<std::string>()));
    CHECK(quote.cost.to_string() == one["expected_cost_usd"].get<std::string>());
  }
  std::cout << "price cases: " << ran << " compared and " << left_out << " left out\n";
  CHECK(ran >= 131);
}

#else

TEST_CASE("price cases: every case costs what it should", "[unit][price_cases]") {
  SKIP_TEST("nlohmann/json.hpp is not installed (apt install nlohmann-json3-dev)");
}

#endif

}  // namespace
}  // namespace netrun::llm
