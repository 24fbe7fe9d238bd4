// SPDX-License-Identifier: MIT
// Budget and performance checks by hand: what was spent, and how it went, against one's own limits.
//
// Output:
//   ok        24h budget: $7.05 of $10, $2.95 left
//   WARNING   30d budget: $17.7 of $20, $2.3 left
//   ok        p95 latency 1500 ms
//   ok        error rate 0.0 %
//   WARNING   2 calls without a price
//   ok        $0.25 in the last hour
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <chrono>

using namespace netrun::llm;

namespace {

void check_budget(TelemetryCollector const& collector, Period const& period, Usd budget) {
  Usd const spent = collector.get_stats(period).total_cost;  // exact: no rounding decides
  char const* const level = spent * 100 >= budget * 90   ? "CRITICAL"
                            : spent * 100 >= budget * 75 ? "WARNING"
                                                         : "ok";
  fmt::print("{:<9} {} budget: ${} of ${}, ${} left\n", level, period.text(), spent.to_string(),
             budget.to_string(), (budget - spent).to_string());
}

void check_performance(TelemetryCollector const& collector) {
  auto const stats = collector.get_stats("24h");
  if (stats.total_requests == 0) return;
  double const error_rate = 100.0 * static_cast<double>(stats.failed_requests) /
                            static_cast<double>(stats.total_requests);
  fmt::print("{:<9} p95 latency {:.0f} ms\n", stats.latency_p95 > 5'000 ? "CRITICAL" : "ok",
             stats.latency_p95);
  fmt::print("{:<9} error rate {:.1f} %\n", error_rate > 5 ? "CRITICAL" : "ok", error_rate);
  if (stats.unpriced_requests > 0) {  // what these cost is in no budget
    fmt::print("{:<9} {} calls without a price\n", "WARNING", stats.unpriced_requests);
  }
  Usd const hour = collector.get_stats("1h").total_cost;
  fmt::print("{:<9} ${} in the last hour\n", hour > Usd::parse("5") ? "CRITICAL" : "ok",
             hour.to_string());
}

}  // namespace

int main() {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  for (int i = 0; i < 360; ++i) {  // a call every ten minutes, two and a half days long
    auto tracker = collector.track_request("openai", i % 60 == 0 ? "our-finetune" : "gpt-4o");
    time.advance(std::chrono::milliseconds(900 + i % 7 * 100));
    tracker.set_tokens(10'000, 2'500);  // gpt-4o: $0.05
    tracker.finish();
    time.advance(std::chrono::minutes(10));
  }

  check_budget(collector, "24h", Usd::parse("10"));
  check_budget(collector, "30d", Usd::parse("20"));
  check_performance(collector);
}
