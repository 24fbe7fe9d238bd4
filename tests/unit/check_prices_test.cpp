// SPDX-License-Identifier: MIT
// What check_prices finds.
#include "support/catch.hpp"
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/price_data.hpp>

#include <string>
#include <utility>
#include <vector>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using std::chrono::year;
using Range = PriceWindow::Range;

std::chrono::sys_days day(int number) {
  return std::chrono::sys_days(year(2026) / 1 / 1) + std::chrono::days(number);
}

ModelPrices entry(std::string model = "gpt-4o") {
  return {.provider = "openai",
          .model = std::move(model),
          .periods = {{.rates = {.input = Usd::parse("2.5"), .output = Usd::parse("10")}}}};
}
PriceData with(ModelPrices model) { return {.models = {std::move(model)}}; }
PriceData with(PricePeriod period) {
  auto model = entry();
  model.periods = {std::move(period)};
  return with(std::move(model));
}
PriceData with(ProviderPrices provider) { return {.providers = {std::move(provider)}}; }

/// The mistakes as text, one a line.
std::string mistakes(PriceData const& data, PriceScope scope = PriceScope::book) {
  std::string text;
  for (auto const& mistake : check_prices(data, scope)) text += mistake.to_string() + '\n';
  return text;
}

TEST_CASE("check_prices: finds nothing in good prices", "[unit][check_prices]") {
  CHECK(mistakes({}).empty());
  CHECK(mistakes(with(entry())).empty());
}

TEST_CASE("check_prices: an entry needs no provider of its own", "[unit][check_prices]") {
  auto data = with(entry());
  data.providers = {{.name = "xai"}};
  CHECK(mistakes(data).empty());
}

TEST_CASE("check_prices: quotes a negative price and says where it is", "[unit][check_prices]") {
  auto model = entry();
  model.line = 7;
  model.periods[0].rates.output = Usd::parse("-10");
  CHECK(mistakes(with(model)) == "line 7: openai/gpt-4o: rates[0].output: -10 is negative\n");
}

TEST_CASE("check_prices: refuses a seventh decimal", "[unit][check_prices]") {
  CHECK(mistakes(with(PricePeriod{.rates = {.input = Usd::parse("0.000001")}})).empty());
  CHECK_THAT(mistakes(with(PricePeriod{.rates = {.input = Usd::parse("0.0000001")}})),
             ContainsSubstring("rates[0].input: 0.0000001 has more than six decimals"));
}

TEST_CASE("check_prices: refuses a price of a million dollars", "[unit][check_prices]") {
  CHECK(mistakes(with(PricePeriod{.rates = {.input = Usd::parse("999999.999999")}})).empty());
  CHECK_THAT(mistakes(with(PricePeriod{.rates = {.input = Usd::parse("1000000")}})),
             ContainsSubstring("1000000 is not below 1,000,000 USD"));
}

TEST_CASE("check_prices: looks at every kind of token in every place", "[unit][check_prices]") {
  for (std::size_t i = 0; i < token_kind_count; ++i) {
    TokenRates rates;
    rates[static_cast<TokenKind>(i)] = Usd::parse("-1");
    CHECK(check_prices(with(PricePeriod{.rates = rates})).size() == 1);
    CHECK(check_prices(with(PricePeriod{.flex = rates})).size() == 1);
    CHECK(check_prices(with(PricePeriod{.priority = rates})).size() == 1);
    CHECK(check_prices(with(PricePeriod{.batch = rates})).size() == 1);
    CHECK(check_prices(with(PricePeriod{.tiers = {{.above_tokens = 1, .rates = rates}}})).size() ==
          1);
    CHECK(check_prices(with(PricePeriod{.windows = {{.utc = {{0, 60}}, .rates = rates}}})).size() ==
          1);
  }
}

TEST_CASE("check_prices: looks at every fee", "[unit][check_prices]") {
  CallFee const fee{.any = Usd::parse("-1"),
                    .low = Usd::parse("-2"),
                    .medium = Usd::parse("-3"),
                    .high = Usd::parse("-4")};
  CallFees const fees{.request = fee, .web_search = fee, .uncounted = {{"x", Usd::parse("-5")}}};
  CHECK(check_prices(with(PricePeriod{.fees = fees})).size() == 9);
  CHECK_THAT(mistakes(with(ProviderPrices{.name = "openai", .fees = fees})),
             ContainsSubstring("provider openai: per_1k.web_search.low: -2 is negative") &&
                 ContainsSubstring("per_1k.request: -1 is negative") &&
                 ContainsSubstring("per_1k.x: -5 is negative"));
}

TEST_CASE("check_prices: a fee without a counter is none that is counted, and is there once",
          "[unit][check_prices]") {
  CallFees const fees{.uncounted = {{"request", {}}, {"x", {}}, {"x", {}}}};
  CHECK_THAT(mistakes(with(PricePeriod{.fees = fees})),
             ContainsSubstring("\"request\" is a fee that is counted") &&
                 ContainsSubstring("\"x\" is here twice"));
}

TEST_CASE("check_prices: an entry has prices", "[unit][check_prices]") {
  auto model = entry();
  model.periods.clear();
  CHECK(mistakes(with(model)) == "openai/gpt-4o: rates: the entry has no prices\n");
}

TEST_CASE("check_prices: only the first period may lack a first day", "[unit][check_prices]") {
  auto model = entry();
  model.periods = {{}, {.from = day(1)}, {}};
  CHECK(mistakes(with(model)) ==
        "openai/gpt-4o: rates[2].from: only the first prices may have no first day\n");
  model.periods = {{.from = day(0)}, {.from = day(1)}};
  CHECK(mistakes(with(model)).empty());
}

TEST_CASE("check_prices: periods begin one after the other", "[unit][check_prices]") {
  auto const second = GENERATE(-1, 0);
  auto model = entry();
  model.periods = {{.from = day(0)}, {.from = day(second)}};
  CHECK_THAT(mistakes(with(model)), ContainsSubstring(std::string("rates[1].from: \"") +
                                                      (second == 0 ? "2026-01-01" : "2025-12-31") +
                                                      "\" does not come after \"2026-01-01\""));
}

TEST_CASE("check_prices: days lie in the years of the clock", "[unit][check_prices]") {
  auto model = entry();
  model.released = year(1969) / 12 / 31;
  model.checked = year(2262) / 1 / 1;
  model.deprecated = year(1970) / 1 / 1;
  model.retired = year(2261) / 12 / 31;
  CHECK(mistakes(with(model)) ==
        "openai/gpt-4o: released: \"1969-12-31\" is not in the years from 1970 to 2261\n"
        "openai/gpt-4o: checked: \"2262-01-01\" is not in the years from 1970 to 2261\n");
  model = entry();
  model.periods[0].from = std::chrono::sys_days::max();
  CHECK_THAT(mistakes(with(model)), ContainsSubstring("days from 1970 is not in the years"));
}

TEST_CASE("check_prices: a retirement has a day or none", "[unit][check_prices]") {
  auto model = entry();
  model.is_retired = true;
  CHECK(mistakes(with(model)).empty());
  model.retired = day(0);
  CHECK(check_prices(with(model)).size() == 1);
}

TEST_CASE("check_prices: tiers rise", "[unit][check_prices]") {
  auto const second = GENERATE(100u, 200u);
  PricePeriod const period{.tiers = {{.above_tokens = 200}, {.above_tokens = second}}};
  CHECK_THAT(mistakes(with(period)),
             ContainsSubstring("rates[0].tiers[1].above: " + std::to_string(second) +
                               " is not more than 200"));
}

TEST_CASE("check_prices: a tier begins above zero", "[unit][check_prices]") {
  CHECK_THAT(mistakes(with(PricePeriod{.tiers = {{}}})),
             ContainsSubstring("rates[0].tiers[0].above: a tier above 0 tokens"));
}

TEST_CASE("check_prices: windows of one day share no minute", "[unit][check_prices]") {
  auto const other = GENERATE(Range{119, 180}, Range{0, 61}, Range{70, 80}, Range{0, 1440},
                              Range{1400, 61}, Range{100, 50});
  PricePeriod const period{.windows = {{.utc = {{60, 120}}}, {.utc = {other}}}};
  CHECK_THAT(mistakes(with(period)), ContainsSubstring("rates[0].windows[1].utc[0]") &&
                                         ContainsSubstring("shares hours with a window before it"));
}

TEST_CASE("check_prices: windows that touch, or hold on other days, share none",
          "[unit][check_prices]") {
  auto const other = GENERATE(Range{120, 180}, Range{0, 60}, Range{120, 60}, Range{1400, 60});
  TokenRates const rates{.input = Usd::parse("1")};
  PricePeriod const touching{
      .windows = {{.utc = {{60, 120}}, .rates = rates}, {.utc = {other}, .rates = rates}}};
  CHECK(mistakes(with(touching)).empty());
  PricePeriod const weekend{.windows = {{.utc = {{0, 1440}}, .days = 31, .rates = rates},
                                        {.utc = {{60, 120}}, .days = 96, .rates = rates}}};
  CHECK(mistakes(with(weekend)).empty());
}

TEST_CASE("check_prices: a window names a price", "[unit][check_prices]") {
  CHECK_THAT(mistakes(with(PricePeriod{.windows = {{.utc = {{60, 120}}}}})),
             ContainsSubstring("the window names no price"));
}

TEST_CASE("check_prices: there are no more windows than a day needs", "[unit][check_prices]") {
  PricePeriod period;
  for (std::uint16_t i = 0; i < 288; ++i) {
    auto const from = static_cast<std::uint16_t>(i * 5);
    auto const to = static_cast<std::uint16_t>(from + 5);
    period.windows.push_back({.utc = {{from, to}}, .rates = {.input = Usd::parse("1")}});
  }
  CHECK_THAT(mistakes(with(period)), ContainsSubstring("288 windows, at most 100"));
}

TEST_CASE("check_prices: hours that are none are quoted", "[unit][check_prices]") {
  CHECK_THAT(mistakes(with(PricePeriod{.windows = {{.utc = {{60, 60}}}}})),
             ContainsSubstring("\"01:00-01:00\" ends where it begins"));
  CHECK_THAT(mistakes(with(PricePeriod{.windows = {{.utc = {{0, 1441}}}}})),
             ContainsSubstring("\"00:00-24:01\" is not within a day"));
  CHECK_THAT(mistakes(with(PricePeriod{.windows = {{.utc = {{1440, 60}}}}})),
             ContainsSubstring("\"24:00-01:00\" is not within a day"));
  CHECK_THAT(mistakes(with(PricePeriod{.windows = {{}}})),
             ContainsSubstring("windows[0].utc: the window has no hours"));
}

TEST_CASE("check_prices: a window holds on some day of the week", "[unit][check_prices]") {
  for (auto const days : {std::uint8_t{0}, std::uint8_t{128}}) {
    PricePeriod const period{.windows = {{.utc = {{0, 60}}, .days = days}}};
    CHECK_THAT(mistakes(with(period)), ContainsSubstring("windows[0].days"));
  }
}

TEST_CASE("check_prices: refuses names that cannot be looked up", "[unit][check_prices]") {
  auto model = entry();
  model.match = {"", "GPT-4o", "gpt\n4o", std::string(max_name_bytes + 1, 'a')};
  auto const text = mistakes(with(model));
  CHECK_THAT(text, ContainsSubstring("match[0]: the name is empty"));
  CHECK_THAT(text, ContainsSubstring("match[1]: \"GPT-4o\" is not in lower case"));
  CHECK_THAT(text, ContainsSubstring("match[2]: \"gpt 4o\" has a control character"));
  CHECK_THAT(text, ContainsSubstring("match[3]: \"aaa") &&
                       ContainsSubstring("...\" is longer than 255 bytes"));
}

TEST_CASE("check_prices: the name of a model is as its provider writes it",
          "[unit][check_prices]") {
  CHECK(mistakes(with(entry("Llama-3.3-70B"))).empty());
  auto model = entry();
  model.provider = "OpenAI";
  CHECK_THAT(mistakes(with(model)), ContainsSubstring("\"OpenAI\" is not in lower case"));
}

TEST_CASE("check_prices: a pattern may be for every id", "[unit][check_prices]") {
  auto model = entry();
  model.match = {"*"};
  CHECK(mistakes(with(model)).empty());
}

TEST_CASE("check_prices: an alias belongs to one entry of a provider", "[unit][check_prices]") {
  PriceData data{.models = {entry("a"), entry("b"), entry("c")}};
  data.models[0].match = {"x", "x*"};
  data.models[1].match = {"y", "x*"};
  data.models[2].match = {"z"};
  CHECK(mistakes(data) == "openai/b: match[1]: \"x*\" belongs to openai/a too\n");
  data.models[1].provider = "azure";
  CHECK(mistakes(data).empty());
}

TEST_CASE("check_prices: a model without aliases has its name", "[unit][check_prices]") {
  PriceData data{.models = {entry("a"), entry("B")}};
  data.models[0].match = {"b"};
  CHECK(mistakes(data) == "openai/B: model: \"b\" belongs to openai/a too\n");
}

TEST_CASE("check_prices: an entry names an alias once", "[unit][check_prices]") {
  auto model = entry();
  model.match = {"a", "b", "a"};
  CHECK(mistakes(with(model)) == "openai/gpt-4o: match[2]: \"a\" is here twice\n");
}

TEST_CASE("check_prices: an entry and a provider are there once", "[unit][check_prices]") {
  PriceData const data{.providers = {{.name = "openai"}, {.name = "openai"}},
                       .models = {entry(), entry()}};
  CHECK(mistakes(data) ==
        "provider openai: the provider is here twice\n"
        "openai/gpt-4o: model: the entry is here twice\n");
}

TEST_CASE("check_prices: a spelling or a host belongs to one provider", "[unit][check_prices]") {
  PriceData const data{
      .providers = {{.name = "a", .ids = {"a", "x"}, .hosts = {"a.com"}},
                    {.name = "b", .ids = {"x", "a", "openai"}, .hosts = {"a.com", "b.com"}}},
      .models = {entry()}};
  CHECK(mistakes(data) ==
        "provider b: ids[0]: \"x\" belongs to provider a too\n"
        "provider b: ids[1]: \"a\" is the name of another provider\n"
        "provider b: ids[2]: \"openai\" is the name of another provider\n"
        "provider b: hosts[0]: \"a.com\" belongs to provider a too\n");
}

TEST_CASE("check_prices: a book has the providers that it falls back to, changes need not",
          "[unit][check_prices]") {
  auto data = with(ProviderPrices{.name = "azure", .fallback = {"openai"}});
  CHECK_THAT(mistakes(data),
             ContainsSubstring("fallback[0]: \"openai\" is no provider of this book"));
  CHECK(mistakes(data, PriceScope::changes).empty());
  data.models = {entry()};
  CHECK(mistakes(data).empty());
  data.providers[0].fallback = {"azure"};
  CHECK_THAT(mistakes(data, PriceScope::changes), ContainsSubstring("is the provider itself"));
}

TEST_CASE("check_prices: factors stay in their ranges", "[unit][check_prices]") {
  ProviderPrices provider{.name = "openai",
                          .batch = Factor::parse("999.999999"),
                          .cache_read_factor = Factor{0},
                          .discount = Factor::parse("0.999999"),
                          .margin = Factor::parse("2")};
  CHECK(mistakes(with(provider)).empty());
  provider.batch = Factor::parse("1000");
  provider.cache_read_factor = Factor{-1};
  provider.discount = Factor{};
  provider.margin = Factor{-500'000};
  CHECK(mistakes(with(provider)) ==
        "provider openai: batch: 1000 is not from 0 to below 1000\n"
        "provider openai: default_cache_read_multiplier: -0.000001 is not from 0 to below 1000\n"
        "provider openai: discount: 1 is not from 0 to below 1\n"
        "provider openai: margin: -0.5 is not from 0 to below 1000\n");
}

TEST_CASE("check_prices: multipliers have an attribute, a value and one factor",
          "[unit][check_prices]") {
  auto model = entry();
  model.multipliers = {{"speed", "fast", Factor{2'000'000}}, {"geo", "a=b", Factor{}}};
  CHECK(mistakes(with(model)).empty());
  model.multipliers = {{"speed", "fast", Factor::parse("1000")},
                       {"speed", "fast", Factor{}},
                       {"a=b", "c", Factor{}},
                       {"", "x", Factor{}}};
  CHECK(mistakes(with(model)) ==
        "openai/gpt-4o: multipliers.speed=fast: 1000 is not from 0 to below 1000\n"
        "openai/gpt-4o: multipliers.speed=fast: \"speed=fast\" is here twice\n"
        "openai/gpt-4o: multipliers.a=b=c: the attribute \"a=b\" holds a \"=\"\n"
        "openai/gpt-4o: multipliers.=x: the name is empty\n");
}

TEST_CASE("check_prices: facts are those of a price file, sorted", "[unit][check_prices]") {
  ProviderPrices provider{.name = "openai",
                          .facts = {{"multipliers.a=b", "1.1"},
                                    {"regional_multiplier", "1.1"},
                                    {"tier.kind", "cliff"},
                                    {"tier.on", "input"}}};
  CHECK(mistakes(with(provider)).empty());
  provider.facts = {{"tier.kind", "slope"}, {"colour", "red"}};
  CHECK(mistakes(with(provider)) ==
        "provider openai: tier.kind: \"slope\" is no kind of tier; it is always \"cliff\"\n"
        "provider openai: colour: \"colour\" is no fact that a price file has\n"
        "provider openai: colour: \"colour\" does not come after \"tier.kind\" in the order of "
        "letters\n");
}

TEST_CASE("check_prices: a book holds 255 providers", "[unit][check_prices]") {
  PriceData data;
  for (std::size_t i = 0; i < max_price_providers; ++i) {
    data.providers.push_back({.name = "p" + std::to_string(i)});
  }
  CHECK(mistakes(data).empty());
  data.models = {entry()};
  CHECK(mistakes(data) == "there are 256 providers, and a book holds 255\n");
}

TEST_CASE("check_prices: lists a bounded number of mistakes", "[unit][check_prices]") {
  auto model = entry();
  model.match.resize(3 * max_price_mistakes);
  auto const found = check_prices(with(model));
  REQUIRE(found.size() == max_price_mistakes + 1);
  CHECK(found.back().reason == "there are more mistakes than these");
}

}  // namespace
}  // namespace netrun::llm
