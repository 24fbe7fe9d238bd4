// SPDX-License-Identifier: MIT
// Reports over a collector: what calls cost now, where money could be saved, who spends it, and
// what the telemetry itself costs. Each is data first, and text for a terminal second.
#pragma once

#include <netrun/llm/collector.hpp>
#include <netrun/llm/period.hpp>
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/stats.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/usd.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace netrun::llm {

/// One look at what calls cost now.
struct CostSample {
  Clock::time_point at{};  ///< On the collector's clock.
  Usd last_hour{};         ///< Cost of the calls that began in the last hour.
  /// Cost of all calls that were recorded since the sample before this one; zero in the first one.
  Usd since_last{};
  Milliseconds since_last_ms{};  ///< How long that was; 0 in the first one.
  /// What a day and 30 days cost if every hour is like the last one. Too low in the first hour of a
  /// program.
  Usd projected_daily{}, projected_monthly{};
  std::uint64_t requests = 0, failed = 0;  ///< In the last hour.
  std::uint64_t unpriced = 0;              ///< Of those; what they cost is in no figure here.
  ByName<UsageBreakdown> by_provider{};    ///< In the last hour.
};

/// Takes samples; call sample() as often as you like to know.
///
/// Thread safety: one thread at a time. Lifetime: the collector must outlive it. Throws
/// std::bad_alloc at most. Costs two queries a sample.
///
/// Example:
///   CostMonitor monitor(get_collector());
///   while (running) {
///     print(monitor.sample());
///     std::this_thread::sleep_for(60s);
///   }
class CostMonitor {
 public:
  explicit CostMonitor(TelemetryCollector const& collector) noexcept : collector_(collector) {}
  [[nodiscard]] CostSample sample();

 private:
  TelemetryCollector const& collector_;
  std::optional<Usd> last_total_;
  std::uint64_t last_clears_ = 0;
  Clock::time_point last_at_{};
};

/// A model of the same provider that charges less. Whether it is still offered, fits the calls and
/// answers well enough is not known here.
struct CheaperModel {
  std::string model;
  /// Its list price of the calls that are still in the ring, divided by that of the model in use:
  /// 0.1 is ten times cheaper. Of more than 2,000 such calls every n-th is priced.
  double price_ratio = 1;
  Usd saving{};  ///< An estimate for the period: its cost, less the same times price_ratio.
};

/// What one model cost in a period.
struct ModelCost {
  std::string provider, model;
  UsageBreakdown usage{};
  double avg_cost = 0;            ///< USD a request.
  double share_percent = 0;       ///< Of the cost of all models; 0 when that is 0.
  double cache_read_percent = 0;  ///< Of its input tokens, how many came from the prompt cache.
  /// Nearest relatives first, by the length of the common beginning of the names; then dearest
  /// first.
  std::vector<CheaperModel> alternatives;
};

struct OptimizationOptions {
  std::size_t most_models = 5;        ///< Dearest models listed.
  std::size_t most_alternatives = 3;  ///< Listed for each of them.
  /// An alternative is listed when it costs at most this part of the model in use.
  double most_price_ratio = 0.8;
  double high_latency_ms = 2'000;     ///< p95 above it is high; the figure of the Python guide.
  PriceBook const* prices = nullptr;  ///< Null: those of the collector.
};

/// Where money and time go.
struct OptimizationReport {
  std::string period;
  Clock::time_point period_start{}, period_end{};
  std::uint64_t requests = 0, failed = 0, unpriced = 0, cached = 0;
  Usd total_cost{};
  std::vector<ModelCost> dearest_models;                     ///< Dearest first; equal ones by name.
  double latency_p50 = 0, latency_p95 = 0, latency_p99 = 0;  ///< ms
  double ttft_p95 = 0;                                       ///< ms; 0 when nothing was streamed
  bool high_latency = false;
  double error_percent = 0;  ///< 0 when there are no requests.
  ByName<std::uint64_t> errors_by_type{};
};

/// Prices are those at the end of the period. While calls finish, figures of different parts may
/// differ by those calls. Throws std::bad_alloc at most.
[[nodiscard]] OptimizationReport make_optimization_report(TelemetryCollector const& collector,
                                                          Period const& period = "7d",
                                                          OptimizationOptions const& options = {});

/// Who spends how much.
struct TenantReport {
  struct Line {
    TenantCost cost;
    double share_percent = 0;  ///< Of the cost of all tenants; 0 when that is 0.
  };
  std::string period;
  std::vector<Line> tenants;  ///< Dearest first; equal ones by name.
  std::size_t tenants_not_listed = 0;
  std::uint64_t unpriced = 0;  ///< Requests of all tenants whose cost nobody knows.
  Usd cost_not_listed{};
  Usd total_cost{};
  std::uint64_t requests = 0;
};

/// `most_tenants` limits the lines; the sums are over all.
[[nodiscard]] TenantReport make_tenant_report(TelemetryCollector const& collector,
                                              Period const& period = "30d",
                                              std::size_t most_tenants = 10);

/// What tracking a call costs the thread that does it. Nanoseconds, of the fastest of five rounds,
/// for what else the machine does makes rounds only slower.
struct OverheadReport {
  std::size_t calls = 0;       ///< In a round.
  double empty_loop_ns = 0;    ///< An iteration without telemetry.
  double clock_reads_ns = 0;   ///< Two reads of the steady clock: the least that timing costs.
  double tracked_call_ns = 0;  ///< An iteration with a tracked call.
  double overhead_ns = 0;      ///< The difference.
  double times_clock_reads = 0;
};

/// Measures on a collector of its own with default options. `calls` is at least 1. Throws
/// std::bad_alloc at most.
[[nodiscard]] OverheadReport measure_overhead(std::size_t calls = 10'000);

/// The reports as text for a terminal, lines ending in '\n'. Control characters in names are shown
/// as '?'.
[[nodiscard]] std::string to_text(CostSample const& sample);
[[nodiscard]] std::string to_text(OptimizationReport const& report);
[[nodiscard]] std::string to_text(TenantReport const& report);
[[nodiscard]] std::string to_text(OverheadReport const& report);

/// Writes them to a file. Throws std::system_error when that fails.
void print(CostSample const& sample, std::FILE* file = stdout);
void print(OptimizationReport const& report, std::FILE* file = stdout);
void print(TenantReport const& report, std::FILE* file = stdout);
void print(OverheadReport const& report, std::FILE* file = stdout);

}  // namespace netrun::llm
