// SPDX-License-Identifier: MIT
// get_timeseries by provider, model and tenant, and of chosen calls.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/series.hpp"

#include <stdexcept>
#include <string>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> names_of(TimeSeries const& series) {
  std::vector<std::string> names;
  for (auto const& [name, points] : series.groups) names.push_back(name);
  return names;
}

using Texts = std::vector<std::string>;

/// A collector at 2026-01-01T02:00Z.
struct Setting {
  ManualTime time;
  Clock::time_point const midnight = time.now();
  TelemetryCollector collector;

  explicit Setting(TelemetryOptions options = {}) : collector(with_clock(options)) {
    time.advance(2h);
  }
  TelemetryOptions with_clock(TelemetryOptions options) {
    options.max_history = 10;
    options.time_source = &time;
    return options;
  }
  void record(std::string const& provider, std::string const& model, std::string const& tenant,
              double cost_usd, std::chrono::minutes after_midnight = 1min,
              std::string const& user = {}) {
    auto call = finished_call(provider, model, tenant, 100, cost_usd);
    call.timestamp = midnight + after_midnight;
    call.input_tokens = 1000;
    call.output_tokens = 10;
    call.cache_read_tokens = 100;
    call.reasoning_tokens = 5;
    call.streaming = call.cached = true;
    call.time_to_first_token_ms = 20;
    if (!user.empty()) call.user_id = user;
    collector.record(call);
  }
  [[nodiscard]] StatsQuery both_hours() const { return {.from = midnight, .to = midnight + 2h}; }
  [[nodiscard]] TimeSeries by(GroupBy what, std::size_t most = 50) const {
    return collector.get_timeseries(both_hours(), "1h", {.group_by = what, .max_groups = most});
  }
};

}  // namespace

TEST_CASE("get_timeseries: groups are the providers, models or tenants, with as many points") {
  Setting in;
  in.record("openai", "gpt-4o", "acme", 1, 10min);
  in.record("openai", "o3", "zeta", 2, 70min);
  in.record("anthropic", "claude-opus-4", "acme", 3, 70min);
  for (bool const folded : {false, true}) {
    if (folded) push_out(in.collector, in.midnight + 5h);
    auto const providers = in.by(GroupBy::provider);
    CHECK(names_of(providers) == Texts{"anthropic", "openai"});
    CHECK(requests_of(providers.groups.at("openai")) == Counts{1, 1});
    CHECK(requests_of(providers.groups.at("anthropic")) == Counts{0, 1});
    auto const models = in.by(GroupBy::model);
    CHECK(names_of(models) == Texts{"claude-opus-4", "gpt-4o", "o3"});
    CHECK(models.groups.at("claude-opus-4")[1].exact_cost == Usd::parse("3"));
    auto const tenants = in.by(GroupBy::tenant);
    CHECK(requests_of(tenants.groups.at("acme")) == Counts{1, 1});
    CHECK(requests_of(tenants.groups.at("zeta")) == Counts{0, 1});
    CHECK(in.by(GroupBy::none).groups.empty());
    for (auto const& series : {providers, models, tenants}) CHECK(adds_up(series));
  }
}

TEST_CASE("get_timeseries: a model of two providers is one group") {
  Setting in;
  in.record("openai", "gpt-4o", "acme", 1);
  in.record("azure", "gpt-4o", "acme", 1);
  auto const series = in.by(GroupBy::model);
  CHECK(requests_of(series.groups.at("gpt-4o")) == Counts{2, 0});
}

TEST_CASE("get_timeseries: the dearest groups are kept, the rest is other") {
  Setting in;
  in.record("openai", "gpt-4o", "cheap", 1);
  in.record("openai", "gpt-4o", "dear", 9);
  in.record("openai", "gpt-4o", "free", 0);
  in.record("openai", "gpt-4o", "busy", 0);
  in.record("openai", "gpt-4o", "busy", 0, 61min);
  for (bool const folded : {false, true}) {
    if (folded) push_out(in.collector, in.midnight + 5h);
    auto const series = in.by(GroupBy::tenant, 3);
    CHECK(names_of(series) == Texts{"busy", "cheap", "dear", "other"});
    CHECK(requests_of(series.groups.at("other")) == Counts{1, 0});
    CHECK(adds_up(series));
    auto const none = in.by(GroupBy::tenant, 0);
    CHECK(names_of(none) == Texts{"other"});
    CHECK(adds_up(none));
    CHECK(names_of(in.by(GroupBy::tenant, 4)) == Texts{"busy", "cheap", "dear", "free"});
  }
}

TEST_CASE("get_timeseries: a tenant that is called other is part of that group") {
  Setting in;
  in.record("openai", "gpt-4o", "other", 5);
  in.record("openai", "gpt-4o", "acme", 1);
  in.record("openai", "gpt-4o", "zeta", 1, 61min);
  in.record("openai", "gpt-4o", "zeta", 1, 62min);
  auto const series = in.by(GroupBy::tenant, 1);
  CHECK(names_of(series) == Texts{"other", "zeta"});
  CHECK(requests_of(series.groups.at("other")) == Counts{2, 0});
}

TEST_CASE("get_timeseries: calls without a tenant are a group too") {
  Setting in;
  in.record("openai", "gpt-4o", "", 1);
  for (bool const folded : {false, true}) {
    if (folded) push_out(in.collector, in.midnight + 5h);
    auto const series = in.by(GroupBy::tenant);
    CHECK(names_of(series) == Texts{""});
    CHECK(adds_up(series));
  }
}

TEST_CASE("get_timeseries: who called only in the widened part of a period has a group too") {
  Setting in;
  in.record("openai", "gpt-4o", "early", 1, 65min);
  in.record("openai", "gpt-4o", "later", 1, 115min);
  auto const series =
      in.collector.get_timeseries({.period = "10m"}, "1h", {.group_by = GroupBy::tenant});
  CHECK(names_of(series) == Texts{"early", "later"});
}

TEST_CASE("get_timeseries: conditions on tenant, provider and model choose the calls") {
  Setting in;
  in.record("openai", "gpt-4o", "acme", 1);
  in.record("openai", "o3", "acme", 2);
  in.record("openai", "o3", "zeta", 4);
  in.record("azure", "o3", "zeta", 8, 61min);
  for (bool const folded : {false, true}) {
    if (folded) push_out(in.collector, in.midnight + 5h);
    auto const cost = [&](StatsQuery query) {
      query.from = in.midnight;
      query.to = in.midnight + 2h;
      auto const series = in.collector.get_timeseries(query, "1h", {.group_by = GroupBy::tenant});
      CHECK(adds_up(series));
      return sum_of(series.points).cost;
    };
    CHECK(cost({.tenant_id = "acme"}) == 3);
    CHECK(cost({.model = "o3"}) == 14);
    CHECK(cost({.provider = "openai"}) == 7);
    CHECK(cost({.provider = "openai", .model = "o3"}) == 6);
    CHECK(cost({.tenant_id = "zeta", .provider = "azure"}) == 8);
    CHECK(cost({.tenant_id = "acme", .model = "o3"}) == 2);
    CHECK(cost({.tenant_id = "nobody"}) == 0);
    CHECK(cost({.model = "gpt-5"}) == 0);
  }
}

TEST_CASE("get_timeseries: groups of a tenant's calls are its models") {
  Setting in;
  in.record("openai", "gpt-4o", "acme", 1);
  in.record("openai", "o3", "acme", 2);
  in.record("openai", "gpt-4", "zeta", 4);
  for (bool const folded : {false, true}) {
    if (folded) push_out(in.collector, in.midnight + 5h);
    auto query = in.both_hours();
    query.tenant_id = "acme";
    auto const series = in.collector.get_timeseries(query, "1h", {.group_by = GroupBy::model});
    CHECK(names_of(series) == Texts{"gpt-4o", "o3"});
    CHECK(adds_up(series));
  }
}

TEST_CASE("get_timeseries: a user's calls that left the ring are known when users are kept apart") {
  for (bool const kept : {false, true}) {
    Setting in({.history_users = kept});
    in.record("openai", "gpt-4o", "acme", 1, 5min, "ann");
    in.record("openai", "gpt-4o", "acme", 1, 6min, "bob");
    push_out(in.collector, in.midnight + 70min);
    in.record("openai", "o3", "acme", 1, 100min, "ann");
    auto query = in.both_hours();
    query.user_id = "ann";
    auto const series = in.collector.get_timeseries(query, "1h", {.group_by = GroupBy::model});
    CHECK(requests_of(series.points) == (kept ? Counts{1, 1} : Counts{0, 1}));
    CHECK(adds_up(series));
    if (kept) {
      CHECK(series.exact_from == in.midnight);
    } else {
      CHECK(series.exact_from > in.midnight + 5min);
      CHECK(series.exact_from <= in.midnight + 100min);
    }
  }
}

TEST_CASE(
    "get_timeseries: all calls of a user are known from exact_from on, however late they came") {
  Setting in;
  in.record("openai", "gpt-4o", "acme", 1, 90min, "ann");
  push_out(in.collector, in.midnight + 20min);
  in.record("openai", "gpt-4o", "acme", 1, 10min, "ann");
  auto query = in.both_hours();
  query.user_id = "ann";
  auto const series = in.collector.get_timeseries(query, "15m");
  REQUIRE(requests_of(series.points) == Counts{1, 0, 0, 0, 0, 0, 0, 0});
  CHECK(series.exact_from > in.midnight + 90min);
}

TEST_CASE("get_timeseries: what the history did not keep apart is other, with all its figures") {
  Setting in({.history_pairs = 4});
  for (int i = 0; i < 40; ++i)
    in.record("openai", "model-" + std::to_string(i), "acme", i, std::chrono::minutes(i));
  push_out(in.collector, in.midnight + 5h);
  auto query = in.both_hours();
  query.tenant_id = "acme";
  auto const series = in.collector.get_timeseries(query, "1h", {.group_by = GroupBy::model});
  CHECK(sum_of(series.points).requests == 40);
  CHECK(adds_up(series));
  auto const& other = series.groups.at("other").at(0);
  CHECK(other.latency_p50 == Approx(100).epsilon(0.01));
  CHECK(other.ttft_p50 == Approx(20).epsilon(0.01));
  CHECK(other.ttft_avg == Approx(20));
  CHECK_FALSE(other.percentiles_exact);
}

TEST_CASE("get_timeseries: the tenant other is as get_stats has it when tenants found no room") {
  Setting in({.history_tenants = 4});
  for (int i = 0; i < 40; ++i)
    in.record("openai", "gpt-4o", "tenant-" + std::to_string(i), 1, std::chrono::minutes(i));
  push_out(in.collector, in.midnight + 5h);
  auto query = in.both_hours();
  query.tenant_id = "other";
  auto const stats = in.collector.get_stats(query);
  CHECK(stats.total_requests > 30);
  CHECK(sum_of(in.collector.get_timeseries(query, "1h").points).requests == stats.total_requests);
}

TEST_CASE(
    "get_timeseries: models of a tenant that was pushed out for a while are not more than it") {
  Setting in({.history_tenants = 4, .history_pairs = 1'000});
  auto const record_a_few = [&](std::string const& tenant, int count) {
    for (int i = 0; i < count; ++i) in.record("openai", "gpt-4o", tenant, 1);
    push_out(in.collector, in.midnight + 5h);
  };
  record_a_few("acme", 10);
  for (int i = 0; i < 20; ++i) record_a_few("tenant-" + std::to_string(i), 1);
  record_a_few("acme", 1);
  auto query = in.both_hours();
  query.tenant_id = "acme";
  CHECK(adds_up(in.collector.get_timeseries(query, "1h", {.group_by = GroupBy::model})));
  auto const stats = in.collector.get_stats(query);
  CHECK(stats.by_model.at("gpt-4o").requests == stats.total_requests);
  CHECK(stats.by_model.size() == 1);
}

TEST_CASE("time series: more points than are allowed are refused, with their number") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  for (int i = 0; i < 50; ++i) record_at(collector, time.now() - 1s, "tenant " + std::to_string(i));
  auto const ask = [&] {
    static_cast<void>(
        collector.get_timeseries({.period = "3h"}, "1s", {.group_by = GroupBy::tenant}));
  };
  CHECK_THROWS_AS(ask(), std::invalid_argument);
  CHECK_THROWS_WITH(ask(), Catch::Matchers::ContainsSubstring("500000 points") &&
                               Catch::Matchers::ContainsSubstring("52 groups"));
}
