// SPDX-License-Identifier: MIT
// Bad input: set-up mistakes throw and quote it, calls are mended and counted.
#include "support/calls.hpp"
#include "support/catch.hpp"

#include <limits>
#include <string>
#include <thread>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using Catch::Matchers::ContainsSubstring;

namespace {
template <class F>
std::string thrown_text(F&& f) {
  try {
    f();
  } catch (std::invalid_argument const& thrown) {
    return thrown.what();
  }
  return "nothing was thrown";
}
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();
}  // namespace

TEST_CASE("options: a max_history of zero or absurd size throws and is quoted") {
  CHECK_THAT(thrown_text([] { TelemetryCollector c({.max_history = 0}); }),
             ContainsSubstring("got 0"));
  CHECK_THAT(thrown_text([] { TelemetryCollector c({.max_history = 18446744073709551615U}); }),
             ContainsSubstring("18446744073709551615"));
  CHECK_THAT(thrown_text([] { TelemetryCollector c({.max_history = 100'000'001}); }),
             ContainsSubstring("100000001"));
}

TEST_CASE("options: caps and times out of range throw and are quoted") {
  using std::chrono::milliseconds;
  CHECK_THAT(thrown_text([] { TelemetryCollector c({.export_interval = milliseconds(0)}); }),
             ContainsSubstring("export_interval"));
  CHECK_THAT(thrown_text([] { TelemetryCollector c({.shutdown_timeout = milliseconds(-5)}); }),
             ContainsSubstring("-5"));
  CHECK_THAT(thrown_text([] { TelemetryCollector c({.max_tenants = 0}); }),
             ContainsSubstring("max_tenants"));
  CHECK_THAT(thrown_text([] { TelemetryCollector c({.max_names = 70'000}); }),
             ContainsSubstring("70000"));
}

TEST_CASE("get_stats: an unknown period throws and is quoted") {
  TelemetryCollector const collector;
  CHECK_THAT(thrown_text([&] { (void)collector.get_stats("1 fortnight"); }),
             ContainsSubstring("1 fortnight"));
  CHECK_THAT(thrown_text([&] { (void)collector.get_tenant_stats("acme", "-1h"); }),
             ContainsSubstring("-1h"));
}

TEST_CASE("add_export_callback: an empty callback throws") {
  TelemetryCollector collector;
  CHECK_THROWS_AS(collector.add_export_callback({}), std::invalid_argument);
}

TEST_CASE("record: a latency that is negative or not finite counts as zero") {
  double const bad = GENERATE(-1.0, not_a_number, infinity, -infinity);
  TelemetryCollector collector;
  collector.record(finished_call("openai", "gpt-4o", "acme", bad));
  CHECK(collector.get_stats().latency_avg == 0.0);
  CHECK(collector.diagnostics().invalid_latencies == 1);
}

TEST_CASE("record: a time to first token that is negative or not finite counts as absent") {
  double const bad = GENERATE(-1.0, not_a_number, infinity);
  TelemetryCollector collector;
  auto call = finished_call("openai", "gpt-4o", "acme");
  call.time_to_first_token_ms = bad;
  collector.record(call);
  CHECK_FALSE(collector.snapshot()[0].time_to_first_token_ms.has_value());
  CHECK(collector.diagnostics().invalid_latencies == 1);
}

TEST_CASE("record: a time per output token that is negative or not finite counts as absent") {
  double const bad = GENERATE(-1.0, not_a_number, infinity);
  TelemetryCollector collector;
  auto call = finished_call("openai", "gpt-4o", "acme");
  call.time_per_output_token_ms = bad;
  collector.record(call);
  CHECK_FALSE(collector.snapshot()[0].time_per_output_token_ms.has_value());
  CHECK(collector.diagnostics().invalid_latencies == 1);
}

TEST_CASE("record: the longest finite latencies can be summed") {
  TelemetryCollector collector;
  for (int i = 0; i < 10; ++i) {
    collector.record(finished_call("openai", "gpt-4o", "acme", std::numeric_limits<double>::max()));
  }
  CHECK(collector.get_stats().latency_avg == 1e20);
}

TEST_CASE("record: a cost that is negative or not finite is replaced by the price book's") {
  double const bad = GENERATE(-0.5, not_a_number, infinity);
  TelemetryCollector collector;
  auto call = finished_call("openai", "gpt-4o", "acme", 1, bad);
  call.input_tokens = 1000;
  collector.record(call);
  CHECK(collector.snapshot()[0].cost_usd == 0.0025);
  CHECK(collector.snapshot()[0].cost_source == CostSource::price_book);
  CHECK(collector.diagnostics().invalid_costs == 1);
}

TEST_CASE("record: a cost beyond what a record holds stops there and is counted") {
  TelemetryCollector collector;
  collector.record(finished_call("openai", "gpt-4o", "acme", 1, 1e12));
  CHECK(collector.snapshot()[0].cost_usd == Approx(9'223'372.036854776));
  CHECK(collector.diagnostics().invalid_costs == 1);
}

TEST_CASE("set_tokens: negative and not a number count as zero and too large as the most") {
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o").set_tokens(-1, -2.5);
  collector.track_request("openai", "gpt-4o").set_tokens(not_a_number, infinity);
  collector.track_request("openai", "gpt-4o").set_tokens(12.9, 1e30F);
  auto const calls = collector.snapshot();
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  CHECK(calls[0].total_tokens == 0);
  CHECK(calls[1].input_tokens == 0);
  CHECK(calls[1].output_tokens == most);
  CHECK(calls[2].input_tokens == 12);
  CHECK(calls[2].output_tokens == most);
  CHECK(collector.diagnostics().negative_tokens == 2);
  CHECK(collector.diagnostics().saturated_tokens == 2);
}

TEST_CASE("set_usage: parts that exceed their whole make the call unpriced and are counted") {
  TelemetryCollector collector;
  collector.track_request("openai", "gpt-4o")
      .set_usage({.input_tokens = 10, .cache_read_tokens = 11});
  auto const call = collector.snapshot()[0];
  CHECK(call.cost_source == CostSource::unpriced);
  CHECK(call.cache_read_tokens == 11);
  CHECK(collector.diagnostics().invalid_usage == 1);
}

TEST_CASE("record: values that are no enumerator count as the one that claims least") {
  TelemetryCollector collector;
  {
    auto tracker =
        collector.track_request({.provider = "openai", .model = "gpt-4o", .user_id = "bob"});
    tracker.set_usage({.input_tokens = 1000, .source = static_cast<UsageSource>(255)});
  }
  auto call = finished_call("openai", "gpt-4o", "acme", 1, 5);
  call.cost_source = static_cast<CostSource>(200);
  call.input_tokens = 1000;
  collector.record(call);
  auto const calls = collector.snapshot();
  CHECK(calls[0].user_id == "bob");
  CHECK(calls[0].usage_source == UsageSource::absent);
  CHECK(calls[1].cost_source == CostSource::price_book);
  CHECK(calls[1].cost_usd == 0.0025);
}

TEST_CASE("names: null and empty are the empty name") {
  char const* const null = nullptr;
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request(
        {.provider = null, .model = null, .tenant_id = null, .user_id = null});
    tracker.set_error(null, null);
    tracker.set_model(null);
    tracker.set_tag(null, null);
  }
  { auto tracker = collector.track_request(null, null, null); }
  auto const call = collector.snapshot()[0];
  CHECK(call.provider.empty());
  CHECK(call.model.empty());
  CHECK(call.tenant_id.empty());
  CHECK_FALSE(call.user_id.has_value());
  CHECK(call.error_type == "error");
  CHECK(collector.get_stats("1h", null).total_requests == 2);
}

TEST_CASE("names: a megabyte is cut and counted and does no harm") {
  std::string const huge(1'000'000, 'x');
  TelemetryCollector collector;
  {
    Tag const tags[] = {{huge, huge}};
    auto tracker = collector.track_request({.provider = huge,
                                            .model = huge,
                                            .tenant_id = huge,
                                            .user_id = huge,
                                            .request_id = huge,
                                            .endpoint = huge,
                                            .tags = tags});
    tracker.set_error(huge, huge);
    tracker.set_model(huge);
  }
  auto const call = collector.snapshot()[0];
  CHECK(call.provider == huge.substr(0, 255));
  CHECK(call.tenant_id == huge.substr(0, 255));
  CHECK(call.user_id == huge.substr(0, 255));
  CHECK(call.error_message == huge.substr(0, 1023));
  CHECK(call.tags.size() == 1);
  CHECK(collector.diagnostics().truncated_texts == 1);
  CHECK(collector.diagnostics().memory_bytes < 20'000'000);
}

TEST_CASE("names: bytes that are no UTF-8 are replaced and counted") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request(
        "open\xff"
        "ai",
        "gpt-\xc3\x28",
        "ten\xed\xa0\x80"
        "ant");
  }
  {
    auto tracker = collector.track_request(
        "open\xff"
        "ai",
        "gpt-\xc3\x28",
        "ten\xed\xa0\x80"
        "ant");
  }
  auto const calls = collector.snapshot();
  CHECK(calls[0].provider == "open\uFFFDai");
  CHECK(calls[0].model == "gpt-\uFFFD(");
  CHECK(calls[1].tenant_id == "ten\uFFFD\uFFFD\uFFFDant");
  auto const stats = collector.get_stats();
  CHECK(stats.by_tenant.size() == 1);
  CHECK(stats.by_provider.size() == 1);
  CHECK(collector.diagnostics().invalid_utf8 == 2);
}

TEST_CASE("names: tags beyond what a call may hold are left out and counted") {
  TelemetryCollector collector;
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    for (int i = 0; i < 1000; ++i)
      tracker.set_tag("key-" + std::to_string(i), std::string(100, 'v'));
  }
  auto const call = collector.snapshot()[0];
  CHECK(call.tags.size() > 20);
  CHECK(call.tags.size() < 30);
  CHECK(collector.diagnostics().dropped_texts == 1);
}

TEST_CASE("caps: models past the cap are counted under other and keep their own name and price") {
  TelemetryCollector collector({.max_models = 2});
  collector.track_request("openai", "a").set_tokens(1, 1);
  collector.track_request("openai", "b").set_tokens(1, 1);
  collector.track_request("openai", "gpt-4o").set_tokens(1000, 500);
  collector.track_request("openai", "gpt-4o-mini").set_tokens(1000, 500);
  auto const stats = collector.get_stats();
  CHECK(stats.by_model.at("other").requests == 2);
  CHECK(stats.by_provider.at("openai").requests == 4);
  CHECK(stats.total_cost == Usd::parse("0.00795"));
  CHECK(collector.snapshot()[2].model == "gpt-4o");
  CHECK(collector.get_stats({.model = "gpt-4o"}).total_requests == 1);
  CHECK(collector.diagnostics().overflowed_names == 2);
}

TEST_CASE("caps: tenants past the cap are counted under other and keep their own name") {
  TelemetryCollector collector({.max_tenants = 2});
  for (char const* tenant : {"a", "b", "c", "c"}) {
    auto tracker = collector.track_request("openai", "gpt-4o", tenant);
  }
  auto const stats = collector.get_stats();
  CHECK(stats.by_tenant.at("a").requests == 1);
  CHECK(stats.by_tenant.at("other").requests == 2);
  CHECK(stats.total_requests == 4);
  CHECK(collector.get_stats("1h", "c").total_requests == 2);
  CHECK(collector.snapshot()[3].tenant_id == "c");
}

TEST_CASE(
    "caps: error types and endpoints past the cap are counted under other and keep their own "
    "name") {
  TelemetryCollector collector({.max_names = 1});
  collector.track_request({.provider = "p", .endpoint = "/one"}).set_error("one");
  collector.track_request({.provider = "p", .endpoint = "/two"}).set_error("two");
  auto const stats = collector.get_stats();
  CHECK(stats.errors_by_type == ByName<std::uint64_t>{{"one", 1}, {"other", 1}});
  CHECK(collector.snapshot()[1].error_type == "two");
  CHECK(collector.snapshot()[1].endpoint == "/two");
  CHECK(collector.get_stats({.endpoint = "/two"}).total_requests == 1);
}

TEST_CASE("caps: forgotten tenants make room for new ones") {
  TelemetryCollector collector({.max_history = 100, .max_tenants = 5'000});
  auto call = finished_call("openai", "gpt-4o", "");
  for (int i = 0; i < 60'000; ++i) {
    call.tenant_id = "tenant-" + std::to_string(i);
    collector.record(call);
  }
  // The folder makes room when it comes to it; each attempt moves the ring on, so that it has cause
  // to.
  bool told_apart = false;
  for (int attempt = 0; attempt < 1'000 && !told_apart; ++attempt) {
    call.tenant_id = "fresh-" + std::to_string(attempt);
    for (int i = 0; i < 300; ++i) collector.record(call);
    told_apart = collector.get_stats(StatsQuery{}).by_tenant.contains(call.tenant_id);
    if (!told_apart) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  CHECK(told_apart);
  auto const stats = collector.get_stats(StatsQuery{});
  std::uint64_t sum = 0;
  for (auto const& [tenant, figures] : stats.by_tenant) sum += figures.requests;
  CHECK(sum == stats.total_requests);
}
