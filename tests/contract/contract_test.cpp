// SPDX-License-Identifier: MIT
// What programs rely on: names, signatures and promises of the public core, checked by the
// compiler.
#include "contract/second_unit.hpp"
#include "support/catch.hpp"
#include <netrun/llm/telemetry.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace netrun::llm {
namespace {

using namespace std::chrono_literals;
using std::is_same_v;

// Trackers are moved and never copied.
static_assert(!std::is_copy_constructible_v<RequestTracker>);
static_assert(!std::is_copy_assignable_v<RequestTracker>);
static_assert(!std::is_default_constructible_v<RequestTracker>);
static_assert(std::is_nothrow_move_constructible_v<RequestTracker>);
static_assert(std::is_nothrow_move_assignable_v<RequestTracker>);
static_assert(std::is_nothrow_destructible_v<RequestTracker>);

template <class... Arguments>
concept TakesTokens = requires(RequestTracker& tracker, Arguments... arguments) {
  tracker.set_tokens(arguments...);
};
static_assert(TakesTokens<int, int>);
static_assert(TakesTokens<std::uint64_t, std::int8_t>);
static_assert(TakesTokens<double, float>);
static_assert(TakesTokens<long double, unsigned char>);
static_assert(!TakesTokens<std::string, std::string>);
static_assert(!TakesTokens<char const*, char const*>);
static_assert(!TakesTokens<int>);

// Nothing that is done with a tracker throws.
[[maybe_unused]] void promises_of_trackers([[maybe_unused]] RequestTracker& tracker,
                                           [[maybe_unused]] TokenUsage const& usage,
                                           [[maybe_unused]] Usd amount) {
  static_assert(noexcept(tracker.set_tokens(1, 2)));
  static_assert(noexcept(tracker.set_tokens(1.5, std::uint64_t{2})));
  static_assert(noexcept(tracker.set_usage(usage)));
  static_assert(noexcept(tracker.set_cached()));
  static_assert(noexcept(tracker.set_cached(false)));
  static_assert(noexcept(tracker.set_streaming()));
  static_assert(noexcept(tracker.set_streaming(std::optional<Milliseconds>())));
  static_assert(noexcept(tracker.mark_first_token()));
  static_assert(noexcept(tracker.set_time_per_output_token(std::declval<Milliseconds const&>())));
  static_assert(noexcept(tracker.record_sub_call({.model = "m", .kind = "k", .usage = usage})));
  static_assert(noexcept(tracker.set_cost(0.25)));
  static_assert(noexcept(tracker.set_cost(0)));
  static_assert(noexcept(tracker.set_cost(0.25, CostSource::provider_reported)));
  static_assert(noexcept(tracker.set_cost(amount)));
  static_assert(noexcept(tracker.set_cost(amount, CostSource::estimated)));
  static_assert(noexcept(tracker.finish()));
  static_assert(noexcept(tracker.discard()));
}

// The collector stays where it is.
static_assert(!std::is_copy_constructible_v<TelemetryCollector>);
static_assert(!std::is_copy_assignable_v<TelemetryCollector>);
static_assert(std::is_default_constructible_v<TelemetryCollector>);
static_assert(std::is_constructible_v<TelemetryCollector, TelemetryOptions>);

[[maybe_unused]] void promises_of_recording([[maybe_unused]] TelemetryCollector& collector,
                                            [[maybe_unused]] CallInfo const& call,
                                            [[maybe_unused]] std::string_view view) {
  static_assert(noexcept(collector.clear()));
  static_assert(noexcept(collector.size()));
  static_assert(noexcept(collector.max_history()));
  static_assert(noexcept(collector.track_request(call)));
  static_assert(noexcept(collector.track_request({.provider = "openai", .model = "gpt-4o"})));
  static_assert(noexcept(collector.track_request("openai", "gpt-4o", "acme")));
  static_assert(is_same_v<decltype(collector.track_request(call)), RequestTracker>);
  static_assert(is_same_v<decltype(collector.track_request(view, view)), RequestTracker>);
}
// The argument is made by the caller; the function itself does not throw.
static_assert(is_same_v<decltype(&TelemetryCollector::record),
                        void (TelemetryCollector::*)(LLMRequestMetrics) noexcept>);

[[maybe_unused]] void answers_of_collectors([[maybe_unused]] TelemetryCollector& c,
                                            [[maybe_unused]] TelemetryCollector const& k,
                                            [[maybe_unused]] std::string_view view,
                                            [[maybe_unused]] StatsQuery const& query,
                                            [[maybe_unused]] Period const& period,
                                            [[maybe_unused]] ExportCallback const& callback) {
  static_assert(is_same_v<decltype(k.max_history()), std::size_t>);
  static_assert(is_same_v<decltype(k.size()), std::size_t>);
  static_assert(is_same_v<decltype(k.snapshot()), std::vector<LLMRequestMetrics>>);
  static_assert(is_same_v<decltype(k.get_stats()), AggregatedMetrics>);
  static_assert(is_same_v<decltype(k.get_stats("24h")), AggregatedMetrics>);
  static_assert(is_same_v<decltype(k.get_stats(24h)), AggregatedMetrics>);
  static_assert(is_same_v<decltype(k.get_stats(period, view)), AggregatedMetrics>);
  static_assert(is_same_v<decltype(k.get_stats(query)), AggregatedMetrics>);
  static_assert(is_same_v<decltype(k.get_stats({.tenant_id = "acme"})), AggregatedMetrics>);
  static_assert(is_same_v<decltype(k.get_cost_breakdown()), CostBreakdown>);
  static_assert(is_same_v<decltype(k.get_cost_breakdown("7d", view)), CostBreakdown>);
  static_assert(is_same_v<decltype(k.get_tenant_stats(view)), TenantStats>);
  static_assert(is_same_v<decltype(k.get_tenant_stats("acme", 1h)), TenantStats>);
  static_assert(is_same_v<decltype(k.get_tenant_costs()), std::vector<TenantCost>>);
  static_assert(is_same_v<decltype(k.get_tenant_costs("7d")), std::vector<TenantCost>>);
  static_assert(is_same_v<decltype(c.add_export_callback(callback)), CallbackHandle>);
  static_assert(is_same_v<decltype(c.flush(1s)), bool>);
}

[[maybe_unused]] void results_of_track([[maybe_unused]] TelemetryCollector& c,
                                       [[maybe_unused]] CallInfo const& call) {
  [[maybe_unused]] auto const text = [](RequestTracker&) { return std::string(); };
  [[maybe_unused]] auto const nothing = [](RequestTracker&) {};
  [[maybe_unused]] auto const same = [](RequestTracker& t) -> RequestTracker& { return t; };
  static_assert(is_same_v<decltype(c.track(call, text)), std::string>);
  static_assert(is_same_v<decltype(c.track(call, nothing)), void>);
  static_assert(is_same_v<decltype(c.track(call, same)), RequestTracker&>);
  static_assert(is_same_v<decltype(c.track("p", "m", "t", text)), std::string>);
}

// Handles are values that may be dropped.
static_assert(std::is_default_constructible_v<CallbackHandle>);
static_assert(std::is_copy_constructible_v<CallbackHandle>);
static_assert(noexcept(CallbackHandle().remove()));

static_assert(is_same_v<decltype(get_collector()), TelemetryCollector&>);
static_assert(is_same_v<decltype(configure_telemetry({})), TelemetryCollector&>);
static_assert(is_same_v<Clock, std::chrono::system_clock>);
static_assert(is_same_v<Milliseconds, std::chrono::duration<double, std::milli>>);
static_assert(is_same_v<Tag, std::pair<std::string_view, std::string_view>>);
static_assert(is_same_v<ByName<int>, std::map<std::string, int, std::less<>>>);
static_assert(is_same_v<ExportCallback, std::function<void(LLMRequestMetrics const&)>>);

// Periods come of themselves from text and from durations, and from nothing else.
static_assert(std::is_convertible_v<char const (&)[4], Period>);
static_assert(std::is_convertible_v<char const*, Period>);
static_assert(std::is_convertible_v<std::string, Period>);
static_assert(std::is_convertible_v<std::string_view, Period>);
static_assert(std::is_convertible_v<std::chrono::hours, Period>);
static_assert(std::is_convertible_v<std::chrono::duration<float>, Period>);
static_assert(std::is_convertible_v<std::chrono::nanoseconds, Period>);
static_assert(!std::is_convertible_v<int, Period>);
static_assert(!std::is_convertible_v<double, Period>);
static_assert(!std::is_constructible_v<Period, int>);
static_assert(!std::is_default_constructible_v<Period>);

// Money mixes with money alone.
static_assert(!std::is_convertible_v<double, Usd>);
static_assert(!std::is_convertible_v<Usd, double>);
static_assert(std::is_trivially_copyable_v<Usd>);
static_assert(sizeof(Usd) == 16);

static_assert(is_same_v<decltype(UsageBreakdown::requests), std::uint64_t>);
static_assert(is_same_v<decltype(AggregatedMetrics::by_model), ByName<UsageBreakdown>>);
static_assert(is_same_v<decltype(AggregatedMetrics::errors_by_type), ByName<std::uint64_t>>);
static_assert(is_same_v<decltype(CostBreakdown::by_tenant), ByName<CostBreakdown::Share>>);
static_assert(is_same_v<decltype(CostBreakdown::by_model), ByName<CostBreakdown::Average>>);

TEMPLATE_TEST_CASE("contract: no member of a tracker throws for any kind of text", "[contract]",
                   NameView, char const*, std::string, std::string_view) {
  using Text = TestType const&;
  CHECK(noexcept(std::declval<RequestTracker&>().set_error(std::declval<Text>())));
  CHECK(noexcept(
      std::declval<RequestTracker&>().set_error(std::declval<Text>(), std::declval<Text>())));
  CHECK(noexcept(std::declval<RequestTracker&>().set_model(std::declval<Text>())));
  CHECK(noexcept(
      std::declval<RequestTracker&>().set_tag(std::declval<Text>(), std::declval<Text>())));
  CHECK(noexcept(std::declval<RequestTracker&>().set_provider_request_id(std::declval<Text>())));
  CHECK(noexcept(std::declval<RequestTracker&>().set_finish_reason(std::declval<Text>())));
  CHECK(noexcept(std::declval<TelemetryCollector&>().track_request(std::declval<Text>(),
                                                                   std::declval<Text>())));
}

TEST_CASE("contract: a time to the first token is any duration", "[contract]") {
  TelemetryCollector collector({.max_history = 10});
  auto const first_token_ms = [&](auto duration) {
    auto tracker = collector.track_request("openai", "gpt-4o");
    tracker.set_streaming(duration);
    tracker.finish();
    return collector.snapshot().back().time_to_first_token_ms;
  };
  CHECK(first_token_ms(250ms) == 250.0);
  CHECK(first_token_ms(0.25s) == 250.0);
  CHECK(first_token_ms(1500us) == 1.5);
  CHECK(first_token_ms(std::optional<Milliseconds>()) == std::nullopt);
}

TEST_CASE("contract: CallInfo takes its fields by name in their order", "[contract]") {
  std::array<Tag, 1> const tags{Tag{"team", "search"}};
  CallInfo const call{.provider = "openai",
                      .model = std::string_view("gpt-4o"),
                      .tenant_id = "acme",
                      .user_id = nullptr,
                      .request_id = "r-1",
                      .endpoint = "/v1/chat",
                      .tags = tags,
                      .parent_request_id = "agent-7"};
  CHECK(call.parent_request_id == "agent-7");
  CHECK(call.model == "gpt-4o");
  CHECK(call.user_id.empty());
  CHECK(call.tags.size() == 1);
}

TEST_CASE("contract: StatsQuery takes its fields by name in their order", "[contract]") {
  Clock::time_point const now{};
  StatsQuery const query{.period = "24h",
                         .from = now,
                         .to = now + 1h,
                         .tenant_id = "acme",
                         .provider = "openai",
                         .model = "gpt-4o",
                         .user_id = "u",
                         .endpoint = "/v1",
                         .tag = Tag{"team", "search"}};
  CHECK(query.period->length() == 24h);
  CHECK_FALSE(StatsQuery{}.period.has_value());
}

TEST_CASE("contract: TelemetryOptions takes its fields by name in their order", "[contract]") {
  TelemetryOptions const options{.max_history = 5,
                                 .export_callback = [](LLMRequestMetrics const&) {}};
  CHECK(options.max_history == 5);
  CHECK(TelemetryOptions{}.max_history == 10'000);
  CHECK_FALSE(TelemetryOptions{}.export_callback);
}

TEST_CASE("contract: TokenUsage takes its fields by name in their order", "[contract]") {
  TokenUsage const usage{.input_tokens = 1,
                         .output_tokens = 2,
                         .cache_read_tokens = 3,
                         .cache_write_tokens = 4,
                         .cache_write_1h_tokens = 5,
                         .reasoning_tokens = 6,
                         .citation_tokens = 7,
                         .audio_input_tokens = 8,
                         .audio_output_tokens = 9,
                         .cached_audio_input_tokens = 10,
                         .image_input_tokens = 11,
                         .image_output_tokens = 12,
                         .billed_input_tokens = 13,
                         .billed_output_tokens = 14,
                         .web_search_requests = 15,
                         .source = UsageSource::estimated};
  CHECK(usage.web_search_requests == 15);
  CHECK(TokenUsage{}.source == UsageSource::reported);
}

TEST_CASE("contract: a new LLMRequestMetrics is a success that is not priced yet", "[contract]") {
  LLMRequestMetrics const metrics;
  CHECK(metrics.success);
  CHECK_FALSE(metrics.streaming);
  CHECK_FALSE(metrics.cached);
  CHECK(metrics.cost_source == CostSource::automatic);
  CHECK(metrics.cost_usd == 0);
  CHECK_FALSE(metrics.time_to_first_token_ms.has_value());
  CHECK_FALSE(metrics.time_per_output_token_ms.has_value());
  CHECK_FALSE(metrics.error_type.has_value());
  CHECK_FALSE(metrics.provider_request_id.has_value());
  CHECK_FALSE(metrics.parent_request_id.has_value());
  CHECK_FALSE(metrics.finish_reason.has_value());
}

TEST_CASE("contract: new answers say nothing", "[contract]") {
  CHECK(AggregatedMetrics{}.total_requests == 0);
  CHECK(AggregatedMetrics{}.percentiles_exact);
  CHECK(TenantStats{}.requests.success_rate == 0);
  CHECK(TenantStats{}.tokens.total == 0);
  CHECK(TenantStats{}.latency.p99 == 0);
  CHECK(TenantCost{}.avg_cost_per_request == 0);
}

TEST_CASE("contract: two translation units share one library", "[contract]") {
  CHECK(&second_unit::collector() == &get_collector());
  CHECK(second_unit::usual_cost() ==
        PriceBook::builtin().price("openai", "gpt-4o", {.input_tokens = 1}).cost);
  CHECK(second_unit::version() == version);
}

TEST_CASE("contract: the version is told as text and as numbers", "[contract]") {
  std::string const numbers = std::to_string(NETRUN_LLM_VERSION_MAJOR) + "." +
                              std::to_string(NETRUN_LLM_VERSION_MINOR) + "." +
                              std::to_string(NETRUN_LLM_VERSION_PATCH);
  CHECK(version == numbers);
}

}  // namespace
}  // namespace netrun::llm
