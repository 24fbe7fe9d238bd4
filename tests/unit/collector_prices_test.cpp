// SPDX-License-Identifier: MIT
// A collector and its price book: attributes, replacing the book, estimates, pricing again.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/prices.hpp"
#include <netrun/llm/telemetry.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace netrun::llm {
namespace {

using testing::each;
using testing::only_call;

/// Model "m" at so many picodollars a token, in and out; half of it flex and batch.
PriceBook book_at(std::int64_t picos) {
  auto model = testing::entry("m", {"m*"},
                              {.rates = {.input = each(picos), .output = each(picos)},
                               .flex = {.input = each(picos / 2), .output = each(picos / 2)}});
  model.multipliers = {{"speed", "fast", Factor::parse("6")}};
  return PriceBook(
      {.providers = {{.name = "p", .batch = Factor::parse("0.5")}}, .models = {model}});
}

Usd cost_of_last(TelemetryCollector const& collector) {
  return collector.snapshot().back().exact_cost.value();
}

void call(TelemetryCollector& collector, NameView model = "m") {
  collector.track_request("p", model).set_tokens(60, 40);
}

TEST_CASE("collector prices: calls are priced by the book of the options",
          "[unit][collector_prices]") {
  TelemetryCollector collector({.prices = book_at(2)});
  call(collector);
  CHECK(cost_of_last(collector) == Usd::from_picos(200));
  CHECK(collector.prices().size() == 1);
}

TEST_CASE("collector prices: a new book prices what finishes from then on",
          "[unit][collector_prices]") {
  TelemetryCollector collector({.prices = book_at(2)});
  call(collector);
  auto tracker = collector.track_request("p", "m");
  tracker.set_tokens(60, 40);
  collector.set_prices(book_at(6));
  tracker.finish();
  call(collector, "m2");
  auto const calls = collector.snapshot();
  REQUIRE(calls.size() == 3);
  CHECK(calls[0].exact_cost == Usd::from_picos(200));
  CHECK(calls[1].exact_cost == Usd::from_picos(600));
  CHECK(calls[2].exact_cost == Usd::from_picos(600));
}

TEST_CASE("collector prices: a model that was unknown is priced once a book knows it",
          "[unit][collector_prices]") {
  TelemetryCollector collector({.prices = book_at(2)});
  call(collector, "x");
  CHECK(collector.get_stats(StatsQuery{}).unpriced_requests == 1);
  collector.set_prices(collector.prices().with(
      {.models = {testing::entry("x", {}, {.rates = {.input = each(1), .output = each(1)}})}}));
  call(collector, "x");
  CHECK(cost_of_last(collector) == Usd::from_picos(100));
  CHECK(collector.get_stats(StatsQuery{}).unpriced_requests == 1);
}

TEST_CASE("collector prices: models past the cap are priced by the new book too",
          "[unit][collector_prices]") {
  TelemetryCollector collector({.prices = book_at(2), .max_models = 1});
  call(collector, "m1");
  call(collector, "m2");
  CHECK(cost_of_last(collector) == Usd::from_picos(200));
  collector.set_prices(book_at(6));
  call(collector, "m3");
  CHECK(cost_of_last(collector) == Usd::from_picos(600));
}

TEST_CASE("collector prices: options without a book leave the one that is there",
          "[unit][collector_prices]") {
  auto& collector = configure_telemetry({.prices = book_at(2)});
  configure_telemetry({.max_history = 100});
  CHECK(collector.prices().size() == 1);
  configure_telemetry({.prices = PriceBook::builtin()});
  CHECK(collector.prices() == PriceBook::builtin());
}

TEST_CASE("collector prices: the tier that served a call decides", "[unit][collector_prices]") {
  TelemetryCollector collector({.prices = book_at(2)});
  auto const cost = [&](NameView tier) {
    auto tracker = collector.track_request("p", "m");
    tracker.set_tokens(60, 40);
    tracker.set_service_tier("flex");
    tracker.set_service_tier(tier);
    tracker.finish();
    return cost_of_last(collector);
  };
  CHECK(cost("flex") == Usd::from_picos(100));
  CHECK(cost("default") == Usd::from_picos(200));
  CHECK(cost("batch") == Usd::from_picos(100));
}

TEST_CASE("collector prices: attributes multiply, and stay with the call",
          "[unit][collector_prices]") {
  TelemetryCollector collector({.prices = book_at(2)});
  {
    auto tracker = collector.track_request("p", "m");
    tracker.set_tokens(60, 40);
    tracker.set_attribute("speed", "fast");
    tracker.set_attribute("", "nothing");
    tracker.set_tag("speed", "slow");
  }
  auto const recorded = only_call(collector);
  CHECK(recorded.exact_cost == Usd::from_picos(1200));
  CHECK(recorded.attributes == std::vector<std::pair<std::string, std::string>>{{"speed", "fast"}});
  CHECK(recorded.tags == std::vector<std::pair<std::string, std::string>>{{"speed", "slow"}});
}

TEST_CASE("collector prices: a tag never changes a price", "[unit][collector_prices]") {
  TelemetryCollector collector({.prices = book_at(2)});
  auto tracker = collector.track_request("p", "m");
  tracker.set_tokens(60, 40);
  tracker.set_tag("service_tier", "flex");
  tracker.finish();
  CHECK(only_call(collector).exact_cost == Usd::from_picos(200));
}

TEST_CASE("collector prices: record() takes attributes", "[unit][collector_prices]") {
  TelemetryCollector collector({.prices = book_at(2)});
  LLMRequestMetrics metrics{.provider = "p", .model = "m", .input_tokens = 60, .output_tokens = 40};
  metrics.attributes = {{"service_tier", "flex"}, {"speed", "fast"}};
  collector.record(metrics);
  CHECK(only_call(collector).exact_cost == Usd::from_picos(600));
  CHECK(only_call(collector).attributes == metrics.attributes);
}

TEST_CASE("collector prices: attributes that find no room are counted",
          "[unit][collector_prices]") {
  TelemetryCollector collector({.prices = book_at(2)});
  auto tracker = collector.track_request("p", "m");
  tracker.set_service_tier("flex");
  tracker.set_attribute("long", std::string(200, 'x'));
  tracker.set_attribute("longer", std::string(200, 'x'));
  tracker.set_tokens(60, 40);
  tracker.finish();
  CHECK(only_call(collector).attributes.size() == 2);
  CHECK(only_call(collector).exact_cost == Usd::from_picos(100));
  CHECK(collector.diagnostics().dropped_texts == 1);
}

TEST_CASE("collector prices: a fee that cannot be decided is counted", "[unit][collector_prices]") {
  TelemetryCollector collector;
  collector.track_request("perplexity", "sonar").set_tokens(1'000, 100);
  {
    auto tracker = collector.track_request("perplexity", "sonar");
    tracker.set_tokens(1'000, 100);
    tracker.set_attribute("search_context_size", "low");
  }
  auto const calls = collector.snapshot();
  CHECK(calls.at(0).exact_cost == Usd::parse("0.0011"));
  CHECK(calls.at(1).exact_cost == Usd::parse("0.0061"));
  CHECK(collector.diagnostics().undecided_fees == 1);
}

TEST_CASE("collector prices: a tier without a price is counted", "[unit][collector_prices]") {
  TelemetryCollector collector({.prices = book_at(2)});
  {
    auto tracker = collector.track_request("p", "m");
    tracker.set_tokens(60, 40);
    tracker.set_service_tier("priority");
  }
  CHECK(only_call(collector).exact_cost == Usd::from_picos(200));
  CHECK(collector.diagnostics().unpriced_tiers == 1);
}

TEST_CASE("collector prices: an estimate is what the call then costs", "[unit][collector_prices]") {
  TelemetryCollector collector;
  TokenUsage const usage{.input_tokens = 300'000, .output_tokens = 100, .cache_read_tokens = 7};
  std::vector<Tag> const attributes{{"service_tier", "flex"}};
  auto const quote = collector.estimate("openai", "gpt-5.4", usage, attributes);
  {
    auto tracker = collector.track_request("openai", "gpt-5.4");
    tracker.set_usage(usage);
    tracker.set_service_tier("flex");
  }
  CHECK(quote.priced);
  CHECK(only_call(collector).exact_cost == quote.cost);
}

TEST_CASE("collector prices: an estimate has the time of the collector's clock",
          "[unit][collector_prices]") {
  ManualTime time;
  auto model = testing::entry("m", {}, {.rates = {.input = each(1)}});
  auto const today = std::chrono::floor<std::chrono::days>(time.now());
  model.periods.push_back({.from = today + std::chrono::days(1), .rates = {.input = each(2)}});
  TelemetryCollector collector({.prices = PriceBook({.models = {model}}), .time_source = &time});
  CHECK(collector.estimate("p", "m", {.input_tokens = 1}).cost == Usd::from_picos(1));
  time.advance(std::chrono::hours(24));
  CHECK(collector.estimate("p", "m", {.input_tokens = 1}).cost == Usd::from_picos(2));
}

TEST_CASE("reprice: a collector's calls by another book, told apart by model", "[unit][reprice]") {
  TelemetryCollector collector({.prices = book_at(2)});
  call(collector);
  call(collector, "m2");
  call(collector, "x");
  collector.track_request("p", "m").set_cost(Usd::from_picos(7));
  auto const report = collector.reprice(book_at(6));
  CHECK(report.total == RepricedCosts{.requests = 4,
                                      .repriced = 3,
                                      .unpriced_before = 1,
                                      .unpriced_after = 1,
                                      .cost_before = Usd::from_picos(407),
                                      .cost_after = Usd::from_picos(1207)});
  CHECK(report.by_model.size() == 3);
  CHECK(report.by_model.at("p/m").cost_after == Usd::from_picos(607));
  CHECK(collector.get_stats(StatsQuery{}).total_cost == Usd::from_picos(407));
}

TEST_CASE("reprice: a query chooses the calls", "[unit][reprice]") {
  ManualTime time;
  TelemetryCollector collector({.prices = book_at(2), .time_source = &time});
  auto const track = [&](NameView tenant, NameView user) {
    std::vector<Tag> const tags{{"team", user}};
    auto tracker = collector.track_request({.provider = "p",
                                            .model = "m",
                                            .tenant_id = tenant,
                                            .user_id = user,
                                            .endpoint = "/chat",
                                            .tags = tags});
    tracker.set_tokens(60, 40);
  };
  track("acme", "ann");
  time.advance(std::chrono::hours(2));
  track("acme", "bob");
  track("other", "bob");
  auto const requests = [&](StatsQuery const& query) {
    return collector.reprice(book_at(6), query).total.requests;
  };
  CHECK(requests({}) == 3);
  CHECK(requests({.period = Period("1h")}) == 2);
  CHECK(requests({.tenant_id = "acme"}) == 2);
  CHECK(requests({.tenant_id = "acme", .user_id = "bob"}) == 1);
  CHECK(requests({.endpoint = "/chat"}) == 3);
  CHECK(requests({.endpoint = "/none"}) == 0);
  CHECK(requests({.tag = Tag{"team", "ann"}}) == 1);
  CHECK(requests({.provider = "q"}) == 0);
}

TEST_CASE("reprice: has the period, tier and attributes of each call", "[unit][reprice]") {
  TelemetryCollector collector({.prices = book_at(2)});
  {
    auto tracker = collector.track_request("p", "m");
    tracker.set_tokens(60, 40);
    tracker.set_service_tier("flex");
  }
  CHECK(collector.reprice(book_at(2)).total.cost_after == Usd::from_picos(100));
  CHECK(collector.reprice(book_at(6)).total.cost_after == Usd::from_picos(300));
}

TEST_CASE("reprice: more calls than the ring keeps count as far as it keeps them",
          "[unit][reprice]") {
  TelemetryCollector collector({.max_history = 10, .prices = book_at(2)});
  for (int i = 0; i < 6'000; ++i) call(collector);
  CHECK(collector.reprice(book_at(6)).total.requests == 10);
}

TEST_CASE("reprice: one call is given its new cost, source and all", "[unit][reprice]") {
  LLMRequestMetrics metrics{.provider = "p", .model = "m", .input_tokens = 60, .output_tokens = 40};
  metrics.cost_source = CostSource::unpriced;
  CHECK(reprice(metrics, book_at(6)));
  CHECK(metrics.exact_cost == Usd::from_picos(600));
  CHECK(metrics.cost_usd == 6e-10);
  CHECK(metrics.cost_source == CostSource::price_book);
  metrics.usage_source = UsageSource::estimated;
  CHECK(reprice(metrics, book_at(6)));
  CHECK(metrics.cost_source == CostSource::estimated);
  metrics.model = "x";
  CHECK(reprice(metrics, book_at(6)));
  CHECK(metrics.cost_source == CostSource::unpriced);
  CHECK(metrics.exact_cost == Usd{});
}

TEST_CASE("reprice: a cost that was given stands", "[unit][reprice]") {
  for (auto const source : {CostSource::manual, CostSource::provider_reported}) {
    LLMRequestMetrics metrics{.provider = "p", .model = "m", .input_tokens = 60};
    metrics.cost_usd = 0.5;
    metrics.cost_source = source;
    auto const before = metrics;
    CHECK_FALSE(reprice(metrics, book_at(6)));
    CHECK(metrics == before);
  }
}

TEST_CASE("diff: equal books differ in nothing", "[unit][reprice]") {
  CHECK(diff(PriceBook::builtin(), PriceBook::builtin()).empty());
  CHECK(diff(PriceBook::builtin(), PriceBook(PriceBook::builtin().data())).empty());
}

TEST_CASE("diff: names each price with its conditions", "[unit][reprice]") {
  auto const book = [](std::int64_t picos, std::uint64_t above) {
    return testing::book_of(
        {.rates = {.input = each(picos)}, .tiers = {{above, {.input = each(9)}}}});
  };
  auto const changes = diff(book(1, 100), book(2, 100));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0] == PriceChange{"p", "m", "input", "0.000001", "0.000002"});
  CHECK(diff(book(1, 100), book(1, 200)).size() == 2);
}

TEST_CASE("diff: an entry that comes or goes is one change", "[unit][reprice]") {
  auto const one = testing::book_of({.rates = {.input = each(1)}});
  auto const two = one.with({.models = {testing::entry("n", {}, {.rates = {.input = each(1)}})}});
  CHECK(diff(one, two) == std::vector<PriceChange>{{"p", "n", "entry", "", "yes"}});
  CHECK(diff(two, one) == std::vector<PriceChange>{{"p", "n", "entry", "yes", ""}});
}

TEST_CASE("diff: a provider's discount is a change", "[unit][reprice]") {
  auto const one = testing::book_of({.rates = {.input = each(1)}});
  auto const two = one.with({.providers = {{.name = "p", .discount = Factor::parse("0.1")}}});
  CHECK(diff(one, two) == std::vector<PriceChange>{{"p", "", "discount", "", "0.1"}});
}

}  // namespace
}  // namespace netrun::llm
