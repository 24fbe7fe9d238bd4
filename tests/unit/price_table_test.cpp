// SPDX-License-Identifier: MIT
// The built-in price table: well formed, and equal to the researched prices.
#include "support/catch.hpp"
#include "unit/price_facts.hpp"
#include <netrun/llm/price_book.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace netrun::llm {
namespace {

std::vector<std::string> split_match(std::string_view match) {
  std::vector<std::string> parts(1);
  for (char const c : match) {
    if (c == '|') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

constexpr std::pair<char const*, std::int64_t TokenRates::*> rate_members[] = {
    {"input", &TokenRates::input},
    {"output", &TokenRates::output},
    {"cache_read", &TokenRates::cache_read},
    {"cache_write", &TokenRates::cache_write},
    {"cache_write_1h", &TokenRates::cache_write_1h},
    {"input_audio", &TokenRates::audio_input},
    {"output_audio", &TokenRates::audio_output},
    {"cache_read_audio", &TokenRates::cached_audio_input},
    {"input_image", &TokenRates::image_input},
    {"output_image", &TokenRates::image_output},
    {"output_reasoning", &TokenRates::reasoning},
    {"output_citation", &TokenRates::citation}};

bool all_sane(TokenRates const& rates) {
  for (auto const& [name, member] : rate_members) {
    // No model costs more than ten thousand dollars per million tokens.
    if (rates.*member < TokenRates::unnamed || rates.*member > 10'000'000'000) return false;
  }
  return true;
}

TEST_CASE("price table: rows are sorted by provider and model and day", "[unit][price_table]") {
  auto const rows = PriceBook::builtin().rows();
  REQUIRE(rows.size() > 200);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    auto const& a = rows[i - 1];
    auto const& b = rows[i];
    INFO(b.provider << " " << b.model << " from day " << b.from_day);
    CHECK(std::tie(a.provider, a.model, a.from_day) < std::tie(b.provider, b.model, b.from_day));
  }
}

TEST_CASE("price table: no exact alias stands for two models of a provider",
          "[unit][price_table]") {
  std::map<std::pair<std::string_view, std::string>, std::string_view> owner;
  for (auto const& row : PriceBook::builtin().rows()) {
    for (auto const& alias : split_match(row.match)) {
      if (alias.find_first_of("*#") != std::string::npos) continue;
      INFO(row.provider << " " << alias);
      CHECK(owner.emplace(std::pair(row.provider, alias), row.model).first->second == row.model);
    }
  }
}

TEST_CASE("price table: every exact alias finds its own model", "[unit][price_table]") {
  for (auto const& row : PriceBook::builtin().rows()) {
    for (auto const& alias : split_match(row.match)) {
      if (alias.find_first_of("*#") != std::string::npos) continue;
      auto const entry = PriceBook::builtin().find(row.provider, alias);
      INFO(row.provider << " " << alias);
      REQUIRE_FALSE(entry.empty());
      CHECK(entry.front().model == row.model);
    }
  }
}

TEST_CASE("price table: patterns are lower case and not empty", "[unit][price_table]") {
  for (auto const& row : PriceBook::builtin().rows()) {
    for (auto const& pattern : split_match(row.match)) {
      INFO(row.provider << " " << row.model << ": " << pattern);
      CHECK_FALSE(pattern.empty());
      CHECK(pattern.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ ") == std::string::npos);
    }
  }
}

TEST_CASE("price table: no price is negative", "[unit][price_table]") {
  for (auto const& row : PriceBook::builtin().rows()) {
    INFO(row.provider << " " << row.model);
    CHECK(all_sane(row.rates));
    CHECK(all_sane(row.tier_rates));
    CHECK(all_sane(row.peak_rates));
    CHECK(row.web_search_picos >= 0);
    CHECK(row.from_day >= 0);
  }
}

TEST_CASE("price table: rows of one model have the same patterns", "[unit][price_table]") {
  auto const rows = PriceBook::builtin().rows();
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (rows[i].provider != rows[i - 1].provider || rows[i].model != rows[i - 1].model) continue;
    INFO(rows[i].provider << " " << rows[i].model);
    CHECK(rows[i].match == rows[i - 1].match);
  }
}

#if defined(NETRUN_LLM_TEST_HAS_JSON)

using nlohmann::json;

/// Picodollars per token of a price in dollars per million tokens.
std::int64_t picos_per_token(json const& price) {
  Int128 const picos = Usd::from_double(price.get<double>()).picos();
  REQUIRE(picos % 1'000'000 == 0);
  return static_cast<std::int64_t>(picos / 1'000'000);
}

std::int32_t days_of(std::string const& date) {
  using namespace std::chrono;
  int y = 0;
  unsigned m = 0;
  unsigned d = 0;
  REQUIRE(std::sscanf(date.c_str(), "%d-%u-%u", &y, &m, &d) == 3);
  return static_cast<std::int32_t>(
      sys_days(year{y} / month{m} / day{d}).time_since_epoch().count());
}

std::uint32_t hours_of(json const& spans) {
  std::uint32_t bits = 0;
  for (auto const& span : spans) {
    unsigned first = 0;
    unsigned end = 0;
    REQUIRE(std::sscanf(span.get<std::string>().c_str(), "%u:00-%u:00", &first, &end) == 2);
    for (unsigned hour = first; hour < end; ++hour) bits |= 1U << hour;
  }
  return bits;
}

void check_rates(TokenRates const& rates, json const& facts) {
  for (auto const& [name, member] : rate_members) {
    auto const expected = facts.contains(name) ? picos_per_token(facts[name]) : TokenRates::unnamed;
    INFO(name);
    CHECK(rates.*member == expected);
  }
}

/// The model's own fee of a search, else its provider's.
std::int64_t search_fee(json const& rate, json const& provider) {
  auto const fees = [](json const& from) { return from.value("per_1k", json::object()); };
  auto const fee = fees(rate).value("web_search", fees(provider).value("web_search", json()));
  if (!fee.is_number())
    return 0;  // none, or by the size of the search, which a usage does not tell
  return static_cast<std::int64_t>(Usd::from_double(fee.get<double>()).picos() / 1000);
}

void check_row(PriceRow const& row, json const& model, json const& rate, json const& provider) {
  bool const tier_inclusive =
      provider.contains("tier") && provider["tier"].value("op", std::string()) == ">=";
  std::string match;
  for (auto const& pattern : model["match"]) {
    match += (match.empty() ? "" : "|") + pattern.get<std::string>();
  }
  CHECK(row.match == match);
  CHECK(row.from_day == (rate.contains("from") ? days_of(rate["from"]) : 0));
  CHECK(row.web_search_picos == search_fee(rate, provider));
  CHECK(row.checked == model.value("checked", std::string()));
  check_rates(row.rates, rate);

  auto const tiers = rate.value("tiers", json::array());
  REQUIRE(tiers.size() <= 1);
  auto const tier = tiers.empty() ? json::object() : tiers.front();
  auto const above = tier.value("above", std::uint64_t{0});
  CHECK(row.tier_above_tokens == (tier_inclusive && above != 0 ? above - 1 : above));
  check_rates(row.tier_rates, tier);

  auto const windows = rate.value("windows", json::array());
  REQUIRE(windows.size() <= 1);
  auto const window = windows.empty() ? json::object() : windows.front();
  CHECK(row.peak_hours == hours_of(window.value("utc", json::array())));
  check_rates(row.peak_rates, window);
}

TEST_CASE("price table: every row equals the researched price", "[unit][price_table]") {
  NETRUN_LLM_NEED_FACTS("prices.json");
  auto const facts = testing::read_facts("prices.json");
  std::map<std::tuple<std::string, std::string, std::size_t>, std::pair<json, json>> expected;
  for (auto const& model : facts["models"]) {
    if (!testing::is_priced_provider(model["provider"].get<std::string>())) continue;
    std::size_t number = 0;
    for (auto const& rate : model["rates"]) {
      expected[{model["provider"], model["model"], number++}] = {model, rate};
    }
  }
  auto const rows = PriceBook::builtin().rows();
  CHECK(rows.size() == expected.size());
  std::size_t number = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto const& row = rows[i];
    bool const same_model =
        i > 0 && rows[i - 1].provider == row.provider && rows[i - 1].model == row.model;
    number = same_model ? number + 1 : 0;
    INFO(row.provider << " " << row.model << " price " << number);
    auto const found = expected.find({std::string(row.provider), std::string(row.model), number});
    CHECK(found != expected.end());
    if (found == expected.end()) continue;
    auto const& provider = facts["providers"][std::string(row.provider)];
    check_row(row, found->second.first, found->second.second, provider);
  }
}

#else

TEST_CASE("price table: every row equals the researched price", "[unit][price_table]") {
  SKIP_TEST("nlohmann/json.hpp is not installed (apt install nlohmann-json3-dev)");
}

#endif

}  // namespace
}  // namespace netrun::llm
