// SPDX-License-Identifier: MIT
// Statistics, accounts, quotes and questions as JSON.
#include "support.hpp"
#include "support/catch.hpp"
#include "support/field_count.hpp"
#include <netrun/llm/collector.hpp>
#include <netrun/llm/json.hpp>

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <stdexcept>
#include <string>
#include <utility>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using nlohmann::json;
using testing::Random;

template <class T>
std::string refusal(char const* text) {
  try {
    return "taken as " + json(json::parse(text).get<T>()).dump();
  } catch (std::invalid_argument const& error) {
    return error.what();
  }
}

template <class Make>
auto by_name(Random& random, Make make) {
  ByName<decltype(make())> all;
  for (auto i = random() % 4; i > 0; --i) {
    all[testing::random_text(random, testing::Texts::utf8)] = make();
  }
  return all;
}

UsageBreakdown random_usage(Random& random) {
  auto const count = [&] { return testing::random_count(random); };
  return {.requests = count(),
          .cost = testing::random_double(random),
          .tokens = count(),
          .input_tokens = count(),
          .output_tokens = count(),
          .failed = count(),
          .unpriced = count(),
          .latency_avg = testing::random_double(random),
          .exact_cost = testing::random_amount(random)};
}

AggregatedMetrics random_stats(Random& random) {
  AggregatedMetrics stats;
  stats.period_start = testing::random_time(random);
  stats.period_end = testing::random_time(random);
  if (random() % 2 == 0) stats.tenant_id = testing::random_text(random, testing::Texts::utf8);
  for (auto* field : {&stats.total_requests,
                      &stats.successful_requests,
                      &stats.failed_requests,
                      &stats.cached_requests,
                      &stats.unpriced_requests,
                      &stats.total_input_tokens,
                      &stats.total_output_tokens,
                      &stats.total_cache_read_tokens,
                      &stats.total_cache_write_tokens,
                      &stats.total_reasoning_tokens,
                      &stats.streaming_requests,
                      &stats.total_cache_write_1h_tokens,
                      &stats.total_citation_tokens,
                      &stats.total_audio_input_tokens,
                      &stats.total_audio_output_tokens,
                      &stats.total_cached_audio_input_tokens,
                      &stats.total_image_input_tokens,
                      &stats.total_image_output_tokens,
                      &stats.total_cached_image_input_tokens,
                      &stats.total_video_input_tokens,
                      &stats.total_video_output_tokens,
                      &stats.total_billed_input_tokens,
                      &stats.total_billed_output_tokens,
                      &stats.total_web_search_requests}) {
    *field = testing::random_count(random);
  }
  for (auto* field :
       {&stats.total_cost_usd, &stats.latency_p50, &stats.latency_p95, &stats.latency_p99,
        &stats.latency_avg, &stats.ttft_p50, &stats.ttft_p95, &stats.ttft_p99, &stats.ttft_avg}) {
    *field = testing::random_double(random);
  }
  for (auto* field : {&stats.percentiles_exact, &stats.latency_percentiles_exact,
                      &stats.ttft_percentiles_exact}) {
    *field = random() % 2 == 0;
  }
  for (auto* field : {&stats.by_provider, &stats.by_model, &stats.by_tenant, &stats.by_user}) {
    *field = by_name(random, [&] { return random_usage(random); });
  }
  stats.errors_by_type = by_name(random, [&] { return testing::random_count(random); });
  stats.total_cost = testing::random_amount(random);
  return stats;
}

TEST_CASE("JSON: statistics read back equal, to the last bit", "[json]") {
  constexpr std::uint64_t seed = 701;
  INFO("seed " << seed);
  Random random(seed);
  for (int i = 0; i < 500; ++i) {
    auto const stats = random_stats(random);
    REQUIRE(json::parse(json(stats).dump()).get<AggregatedMetrics>() == stats);
  }
}

template <class T>
void check_that_every_field_has_a_key(T const& value = {}) {
  INFO(json(value).dump());
  CHECK(json(value).size() == testing::field_count<T>());
}

TEST_CASE("JSON: every field has a key", "[json]") {
  check_that_every_field_has_a_key<TokenUsage>();
  check_that_every_field_has_a_key<UsageBreakdown>();
  check_that_every_field_has_a_key<AggregatedMetrics>();
  check_that_every_field_has_a_key<CostBreakdown>();
  check_that_every_field_has_a_key<CostBreakdown::Share>();
  check_that_every_field_has_a_key<CostBreakdown::Average>();
  check_that_every_field_has_a_key<TenantCost>();
  check_that_every_field_has_a_key<DroppedRecords>();
  check_that_every_field_has_a_key<ExportStats>();
  check_that_every_field_has_a_key<Diagnostics>();
  check_that_every_field_has_a_key<MemoryUsage>();
  check_that_every_field_has_a_key<TimeSeriesPoint>();
  check_that_every_field_has_a_key<TimeSeries>();
}

TEST_CASE("JSON: keys of statistics are the names of their fields", "[json]") {
  AggregatedMetrics stats;
  stats.by_model["gpt-4o"] = {.requests = 2, .cost = 0.015, .exact_cost = Usd::parse("0.015")};
  stats.total_cost = Usd::parse("-12.5");
  json const j = stats;
  CHECK(j.at("by_model").at("gpt-4o").at("requests") == 2);
  CHECK(j.at("by_model").at("gpt-4o").at("cost") == 0.015);
  CHECK(j.at("by_model").at("gpt-4o").at("cost_picousd") == "15000000000");
  CHECK(j.at("by_provider") == json::object());
  CHECK(j.at("total_cost_picousd") == "-12500000000000");
  CHECK(j.at("tenant_id").is_null());
  CHECK(j.at("period_start") == "1970-01-01T00:00:00.000000Z");
}

TEST_CASE("JSON: the path to a refused value is named", "[json]") {
  CHECK_THAT(
      refusal<AggregatedMetrics>(R"({"by_model": {"gpt-4o": {"requests": -5}}})"),
      ContainsSubstring("by_model.gpt-4o.requests: expected") && ContainsSubstring("got -5"));
  CHECK_THAT(refusal<TenantStats>(R"({"cost": {"by_tenant": {"a": {"cost_usd": "x"}}}})"),
             ContainsSubstring("cost.by_tenant.a.cost_usd: expected a number, got \"x\""));
  CHECK_THAT(refusal<TenantStats>(R"({"requests": {"total": 1.5}})"),
             ContainsSubstring("requests.total: expected"));
  CHECK_THAT(refusal<Diagnostics>(R"({"readers": [{}, {"circuit": "ajar"}]})"),
             ContainsSubstring("readers[1].circuit: expected"));
  CHECK_THAT(refusal<AggregatedMetrics>(R"({"errors_by_type": [1]})"),
             ContainsSubstring("errors_by_type: expected an object"));
}

TEST_CASE("JSON: of a sum and its exact amount one is enough", "[json]") {
  CHECK(json::parse(R"({"total_cost_usd": 0.1})").get<AggregatedMetrics>().total_cost ==
        Usd::parse("0.1"));
  CHECK(json::parse(R"({"cost_picousd": "100000000000"})").get<UsageBreakdown>().cost == 0.1);
}

TEST_CASE("JSON: amounts of 128 bits read back equal", "[json]") {
  constexpr std::uint64_t seed = 702;
  INFO("seed " << seed);
  Random random(seed);
  for (int i = 0; i < 5000; ++i) {
    auto const amount = testing::random_amount(random);
    REQUIRE(json(amount).get<Usd>() == amount);
  }
  constexpr auto lowest = Int128{1} << 126;
  CHECK(json(Usd::from_picos(-lowest - lowest)).get<Usd>() == Usd::from_picos(-lowest - lowest));
}

TEST_CASE("JSON: enumerators and token counts read back equal", "[json]") {
  CHECK(json(CostSource::provider_reported) == "provider_reported");
  CHECK(json("estimated").get<CostSource>() == CostSource::estimated);
  CHECK(json("estimated").get<UsageSource>() == UsageSource::estimated);
  CHECK(json("half_open").get<CircuitState>() == CircuitState::half_open);
  TokenUsage const usage{.input_tokens = ~std::uint64_t{0},
                         .audio_input_tokens = 5,
                         .web_search_requests = 7,
                         .source = UsageSource::absent};
  CHECK(json(usage).get<TokenUsage>() == usage);
  CHECK(json(usage).at("source") == "absent");
}

TEST_CASE("JSON: a tenant's figures are nested", "[json]") {
  TenantStats stats;
  stats.tenant_id = "acme";
  stats.period = "30d";
  stats.requests = {.total = 4, .successful = 3, .failed = 1, .success_rate = 75};
  stats.tokens = {.input = 1, .output = 2, .total = 3};
  stats.cost.total_cost_usd = 0.5;
  stats.cost.total_cost = Usd::parse("0.5");
  stats.cost.by_provider["openai"] = {.cost_usd = 0.5, .percentage = 100};
  stats.cost.by_model["gpt-4o"] = {.cost_usd = 0.5, .requests = 4, .avg_cost = 0.125};
  stats.latency = {.p50 = 1, .p95 = 2, .p99 = 3, .avg = 1.5};
  stats.errors["timeout"] = 1;
  json const j = stats;
  CHECK(j.at("requests").at("success_rate") == 75);
  CHECK(j.at("cost").at("total_cost_picousd") == "500000000000");
  CHECK(j.at("cost").at("by_model").at("gpt-4o").at("avg_cost") == 0.125);
  CHECK(j.at("errors").at("timeout") == 1);
  CHECK(json(j.get<TenantStats>()) == j);
}

TEST_CASE("JSON: accounts of readers and diagnostics read back equal", "[json]") {
  ExportStats account;
  account.name = "callback 1";
  account.delivered = 7;
  account.dropped_by_reason = {.lapped = 1, .refused = 2, .retry_limit = 3, .shutdown = 4};
  account.circuit = CircuitState::open;
  account.last_success = Clock::time_point{std::chrono::hours(5)};
  CHECK(json(account).get<ExportStats>() == account);
  Diagnostics diagnostics;
  diagnostics.recorded = 9;
  diagnostics.expired = 8;
  diagnostics.readers = {account, {}};
  json const j = diagnostics;
  CHECK(j.at("expired") == 8);
  CHECK(j.get<Diagnostics>().readers == diagnostics.readers);
  CHECK(json(j.get<Diagnostics>()) == j);
}

TEST_CASE("JSON: a tenant's cost reads back equal", "[json]") {
  TenantCost const cost{.tenant_id = "acme",
                        .total_cost_usd = 1.5,
                        .requests = 2,
                        .tokens = 3,
                        .avg_cost_per_request = 0.75,
                        .success_rate = 50,
                        .total_cost = Usd::parse("1.5")};
  json const j = cost;
  CHECK(j.at("total_cost_picousd") == "1500000000000");
  CHECK(json(j.get<TenantCost>()) == j);
}

TEST_CASE("JSON: a quote without a price has no cost", "[json]") {
  auto const& book = PriceBook::builtin();
  json const priced = book.price("openai", "gpt-4o", {.input_tokens = 1000, .output_tokens = 500});
  CHECK(priced.at("cost_usd") == 0.0075);
  CHECK(priced.at("cost_picousd") == "7500000000");
  CHECK(priced.at("problem") == "none");
  CHECK(priced.at("provider") == "openai");
  json const unpriced = book.price("openai", "no-such-model", {.input_tokens = 1});
  CHECK(unpriced.at("cost_usd").is_null());
  CHECK(unpriced.at("priced") == false);
  CHECK(unpriced.at("problem") == "unknown_model");
}

TEST_CASE("JSON: a question says null for what may be anything", "[json]") {
  json const j =
      StatsQuery{.period = Period("24h"), .tenant_id = "acme", .tag = Tag{"team", "search"}};
  CHECK(j.at("period") == "24h");
  CHECK(j.at("from").is_null());
  CHECK(j.at("tenant_id") == "acme");
  CHECK(j.at("model").is_null());
  CHECK(j.at("tag") == json{{"team", "search"}});
}

TEST_CASE("JSON: names that are not UTF-8 do not keep statistics from being written", "[json]") {
  AggregatedMetrics stats;
  stats.by_user["a\xff"] = {.requests = 1};
  stats.errors_by_type["\xc3"] = 1;
  stats.tenant_id = "\xed\xa0\x80";
  CHECK_NOTHROW(json(stats).dump());
  CHECK(json(stats).at("by_user").contains("a\xef\xbf\xbd"));
}

TEST_CASE("JSON: statistics of older versions are read", "[json]") {
  auto const read = [](char const* text) { return json::parse(text).get<AggregatedMetrics>(); };
  auto const folded = read(R"({"total_requests": 3, "percentiles_exact": false})");
  CHECK(folded.total_requests == 3);
  CHECK(folded.total_video_input_tokens == 0);
  CHECK_FALSE(folded.latency_percentiles_exact);
  CHECK_FALSE(folded.ttft_percentiles_exact);
  auto const exact = read(R"({"percentiles_exact": true, "ttft_percentiles_exact": null})");
  CHECK(exact.latency_percentiles_exact);
  CHECK(exact.ttft_percentiles_exact);
  CHECK(read(R"({"percentiles_exact": false, "ttft_percentiles_exact": true})")
            .ttft_percentiles_exact);
}

TEST_CASE("JSON: statistics of calls with tokens of all kinds read back equal", "[json]") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  auto call = testing::plain_call("");
  call.input_tokens = call.output_tokens = 10'000;
  call.cache_read_tokens = 100;
  call.cache_write_tokens = 100;
  std::uint64_t kind = 0;
  for (auto* field :
       {&call.cache_write_1h_tokens, &call.reasoning_tokens, &call.citation_tokens,
        &call.cached_audio_input_tokens, &call.cached_image_input_tokens, &call.audio_input_tokens,
        &call.audio_output_tokens, &call.image_input_tokens, &call.image_output_tokens,
        &call.video_input_tokens, &call.video_output_tokens, &call.billed_input_tokens,
        &call.billed_output_tokens}) {
    *field = ++kind;
  }
  call.web_search_requests = 14;
  constexpr std::uint64_t calls = 20'000;  // more than the ring holds
  for (std::uint64_t i = 0; i < calls; ++i) collector.record(call);
  auto const stats = collector.get_stats(StatsQuery{});
  json const j = stats;
  for (auto const& [key, each] : std::initializer_list<std::pair<char const*, std::uint64_t>>{
           {"requests", 1},
           {"cache_write_1h_tokens", 1},
           {"reasoning_tokens", 2},
           {"citation_tokens", 3},
           {"cached_audio_input_tokens", 4},
           {"cached_image_input_tokens", 5},
           {"audio_input_tokens", 6},
           {"audio_output_tokens", 7},
           {"image_input_tokens", 8},
           {"image_output_tokens", 9},
           {"video_input_tokens", 10},
           {"video_output_tokens", 11},
           {"billed_input_tokens", 12},
           {"billed_output_tokens", 13},
           {"web_search_requests", 14}}) {
    CAPTURE(key);
    CHECK(j.at(std::string("total_") + key) == each * calls);
  }
  CHECK(j.get<AggregatedMetrics>() == stats);
}

TEST_CASE("JSON: what a collector answers can be written", "[json]") {
  TelemetryCollector collector;
  collector.record(testing::plain_call("r"));
  CHECK(json(collector.get_stats("1h")).at("percentiles_exact") == true);
  CHECK(json(collector.diagnostics()).at("recorded") == 1);
}

}  // namespace
}  // namespace netrun::llm
