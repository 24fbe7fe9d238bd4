// SPDX-License-Identifier: MIT
// Reports: cost monitor, optimisation, tenants, overhead.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include <netrun/llm/report.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <system_error>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

struct World {
  ManualTime time;
  TelemetryCollector collector{{.time_source = &time}};

  void spend(char const* usd, std::string tenant = "acme", std::string provider = "openai",
             std::string model = "some-model") {
    auto tracker = collector.track_request(provider, model, tenant);
    tracker.set_cost(Usd::parse(usd));
  }
  void call(NameView provider, NameView model, TokenUsage const& usage) {
    collector.track_request(provider, model, "acme").set_usage(usage);
  }
};

/// A book of one provider; prices in dollars per million tokens.
struct Listed {
  char const* model;
  int input, output;
};
PriceBook book_of(std::initializer_list<Listed> models) {
  PriceData data;
  for (auto const& [model, input, output] : models) {
    data.models.push_back(
        {.provider = "p",
         .model = model,
         .periods = {{.rates = {.input = Usd::from_picos(Usd::picos_per_dollar) * input,
                                .output = Usd::from_picos(Usd::picos_per_dollar) * output}}}});
  }
  return PriceBook(data);
}

/// A model that costs twice as much above 200,000 tokens, and one that does not.
PriceBook book_with_tier() {
  auto data = book_of({{"tiered", 1'000, 1'000}, {"flat", 900, 900}}).data();
  auto& tiered = data.models.back();
  REQUIRE(tiered.model == "tiered");
  tiered.periods[0].tiers = {
      {200'000, {.input = Usd::parse("2000"), .output = Usd::parse("2000")}}};
  return PriceBook(data);
}

}  // namespace

TEST_CASE("cost monitor: the first sample knows the last hour but no difference") {
  World w;
  w.spend("0.25");
  CostMonitor monitor(w.collector);
  auto const sample = monitor.sample();
  CHECK(sample.last_hour == Usd::parse("0.25"));
  CHECK(sample.since_last == Usd{});
  CHECK(sample.since_last_ms.count() == 0);
  CHECK(sample.projected_daily == Usd::parse("6"));
  CHECK(sample.projected_monthly == Usd::parse("180"));
  CHECK(sample.requests == 1);
  CHECK(sample.at == w.time.now());
}

TEST_CASE("cost monitor: the difference is what was recorded since, not what has left the hour") {
  World w;
  CostMonitor monitor(w.collector);
  w.spend("5");
  (void)monitor.sample();
  w.time.advance(61min);
  w.spend("0.000000000001");
  auto const sample = monitor.sample();
  CHECK(sample.last_hour == Usd::from_picos(1));
  CHECK(sample.since_last == Usd::from_picos(1));
  CHECK(sample.since_last_ms == Milliseconds(61min));
}

TEST_CASE("cost monitor: a call that began long ago counts when it ends") {
  World w;
  CostMonitor monitor(w.collector);
  {
    auto tracker = w.collector.track_request("openai", "m");
    tracker.set_cost(Usd::parse("2"));
    w.time.advance(90min);
    (void)monitor.sample();
  }
  auto const sample = monitor.sample();
  CHECK(sample.last_hour == Usd{});
  CHECK(sample.since_last == Usd::parse("2"));
}

TEST_CASE("cost monitor: after clear the difference is what came since") {
  World w;
  CostMonitor monitor(w.collector);
  w.spend("5");
  (void)monitor.sample();
  w.collector.clear();
  w.spend("7");
  CHECK(monitor.sample().since_last == Usd::parse("7"));
}

TEST_CASE("cost monitor: says that some calls have no price") {
  World w;
  w.call("nobody", "knows", {.input_tokens = 5});
  auto const sample = CostMonitor(w.collector).sample();
  CHECK(sample.unpriced == 1);
  CHECK_THAT(to_text(sample), ContainsSubstring("1 calls without a price"));
}

TEST_CASE("optimisation: of a collector without calls is empty and not a division by zero") {
  World w;
  auto const report = make_optimization_report(w.collector);
  CHECK(report.requests == 0);
  CHECK(report.dearest_models.empty());
  CHECK(report.error_percent == 0);
  CHECK_FALSE(report.high_latency);
  CHECK_FALSE(to_text(report).empty());
}

TEST_CASE("optimisation: the dearest models come first, of each provider apart") {
  World w;
  w.spend("1", "acme", "openai", "shared");
  w.spend("3", "acme", "azure", "shared");
  w.spend("2", "acme", "openai", "other");
  auto const report = make_optimization_report(w.collector, "7d", {.most_models = 2});
  REQUIRE(report.dearest_models.size() == 2);
  CHECK(report.dearest_models[0].provider == "azure");
  CHECK(report.dearest_models[0].usage.exact_cost == Usd::parse("3"));
  CHECK(report.dearest_models[0].share_percent == Approx(50));
  CHECK(report.dearest_models[1].model == "other");
  CHECK(report.total_cost == Usd::parse("6"));
}

TEST_CASE("optimisation: offers models of the same provider that list less for the same tokens") {
  auto const book = book_of({{"big", 1'000, 4'000},
                             {"big-mini", 100, 400},
                             {"other-half", 500, 2'000},
                             {"text-embed", 1, 1},
                             {"bigger", 2'000, 8'000},
                             {"experiment", 0, 0}});
  World w;
  for (int i = 0; i < 10; ++i) {
    auto tracker = w.collector.track_request("p", "big");
    tracker.set_usage({.input_tokens = 1'000, .output_tokens = 500});
    tracker.set_cost(Usd::parse("1"));
  }
  auto const report = make_optimization_report(w.collector, "7d", {.prices = &book});
  REQUIRE(report.dearest_models.size() == 1);
  auto const& offers = report.dearest_models[0].alternatives;
  REQUIRE(offers.size() == 2);
  CHECK(offers[0].model == "big-mini");  // shares more of its name
  CHECK(offers[0].price_ratio == Approx(0.1));
  CHECK(offers[0].saving == Usd::parse("9"));
  CHECK(offers[1].model == "other-half");
  CHECK(offers[1].saving == Usd::parse("5"));
}

TEST_CASE("optimisation: a model without a price gets no offers") {
  World w;
  w.spend("1", "acme", "nobody", "knows");
  CHECK(make_optimization_report(w.collector).dearest_models.at(0).alternatives.empty());
}

TEST_CASE("optimisation: many small calls are not priced as one long one") {
  // Above 200,000 tokens of input this model costs twice as much.
  auto const book = book_with_tier();
  World w;
  for (int i = 0; i < 1'000; ++i) w.call("p", "tiered", {.input_tokens = 1'000});
  OptimizationOptions const options{.most_price_ratio = 1, .prices = &book};
  auto const report = make_optimization_report(w.collector, "7d", options);
  REQUIRE(report.dearest_models.at(0).alternatives.size() == 1);
  CHECK(report.dearest_models[0].alternatives[0].price_ratio == Approx(0.9));
}

TEST_CASE("optimisation: offers are compared call by call") {
  // A long call pays the tier, and failed and cached ones use no tokens at all.
  auto const book = book_with_tier();
  World w;
  for (int i = 0; i < 10; ++i) w.call("p", "tiered", {.input_tokens = 300'000});
  for (int i = 0; i < 90; ++i) w.call("p", "tiered", {});
  OptimizationOptions const options{.prices = &book};
  auto const report = make_optimization_report(w.collector, "7d", options);
  REQUIRE(report.dearest_models.at(0).alternatives.size() == 1);
  CHECK(report.dearest_models[0].alternatives[0].price_ratio == Approx(0.45));
}

TEST_CASE("optimisation: calls without a provider's name are counted once") {
  World w;
  w.spend("1", "acme", "", "m");
  w.spend("2", "acme", "openai", "m");
  w.spend("4", "acme", "openai", "");
  auto const report = make_optimization_report(w.collector);
  REQUIRE(report.dearest_models.size() == 3);
  CHECK(report.dearest_models[2].provider.empty());
  CHECK(report.dearest_models[2].usage.exact_cost == Usd::parse("1"));
  double shares = 0;
  for (auto const& model : report.dearest_models) shares += model.share_percent;
  CHECK(shares == Approx(100));
}

TEST_CASE("optimisation: errors, latency and the prompt cache are those of the period") {
  World w;
  for (int i = 0; i < 10; ++i) {
    auto tracker = w.collector.track_request("openai", "gpt-4o");
    w.time.advance(3s);
    tracker.set_usage({.input_tokens = 100, .output_tokens = 1, .cache_read_tokens = 25});
    if (i == 0) tracker.set_error("timeout");
  }
  auto const report = make_optimization_report(w.collector);
  CHECK(report.error_percent == Approx(10));
  CHECK(report.errors_by_type.at("timeout") == 1);
  CHECK(report.latency_p95 == Approx(3'000));
  CHECK(report.high_latency);
  CHECK(report.dearest_models.at(0).cache_read_percent == Approx(25));
  w.time.advance(std::chrono::hours(24 * 8));
  CHECK(make_optimization_report(w.collector, "7d").requests == 0);
}

TEST_CASE("tenants: lines are cut and sums are not") {
  World w;
  w.spend("1", "a");
  w.spend("5", "b");
  w.spend("2", "c");
  auto const report = make_tenant_report(w.collector, "30d", 1);
  REQUIRE(report.tenants.size() == 1);
  CHECK(report.tenants[0].cost.tenant_id == "b");
  CHECK(report.tenants[0].share_percent == Approx(62.5));
  CHECK(report.tenants_not_listed == 2);
  CHECK(report.cost_not_listed == Usd::parse("3"));
  CHECK(report.total_cost == Usd::parse("8"));
  CHECK(report.requests == 3);
}

TEST_CASE("tenants: calls without a price are not passed over in silence") {
  World w;
  w.call("nobody", "knows", {.input_tokens = 5});
  auto const report = make_tenant_report(w.collector);
  CHECK(report.unpriced == 1);
  CHECK(report.tenants.at(0).cost.unpriced == 1);
  CHECK_THAT(to_text(report), ContainsSubstring("1 calls without a price"));
}

TEST_CASE("overhead: is what a tracked call takes beyond an empty loop") {
  auto const report = measure_overhead(1'000);
  CHECK(report.calls == 1'000);
  CHECK(report.clock_reads_ns > 0);
  CHECK(report.tracked_call_ns > report.empty_loop_ns);
  CHECK(report.overhead_ns == Approx(report.tracked_call_ns - report.empty_loop_ns));
  CHECK(measure_overhead(0).calls == 1);
}

TEST_CASE("text: a name cannot control the terminal") {
  World w;
  w.spend("1", "evil\x1b[31m\n", "pro\tvider",
          "mo\x7f"
          "del");
  for (auto const& text :
       {to_text(make_tenant_report(w.collector)), to_text(make_optimization_report(w.collector)),
        to_text(CostMonitor(w.collector).sample())}) {
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find('\t') == std::string::npos);
    CHECK(text.find('\x7f') == std::string::npos);
  }
  CHECK_THAT(to_text(make_tenant_report(w.collector)), ContainsSubstring("evil?[31m?"));
  w.spend("9",
          "a\xc2\x9b"
          "31m\xe2\x80\xae"
          "b\xe2\x82\xac\xc3\x9c");
  CHECK_THAT(to_text(make_tenant_report(w.collector)),
             ContainsSubstring("a?31m?b\xe2\x82\xac\xc3\x9c"));
}

TEST_CASE("text: the tenant without a name has one, and small amounts keep their digits") {
  World w;
  w.spend("0.000123", "");
  auto const text = to_text(make_tenant_report(w.collector));
  CHECK_THAT(text, ContainsSubstring("(none)"));
  CHECK_THAT(text, ContainsSubstring("$0.000123"));
}

TEST_CASE("print: writes the text, and throws when that fails") {
  auto const report = make_tenant_report(World().collector);
  std::FILE* const file = std::tmpfile();
  REQUIRE(file != nullptr);
  print(report, file);
  CHECK(static_cast<std::size_t>(std::ftell(file)) == to_text(report).size());
  std::fclose(file);
  if (std::FILE* const full = std::fopen("/dev/full", "w")) {
    CHECK_THROWS_AS(print(report, full), std::system_error);
    std::fclose(full);
  }
}
