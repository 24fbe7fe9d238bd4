// SPDX-License-Identifier: MIT
// TelemetryCollector: a thin front of detail::Core.
#include "core/commit.hpp"
#include "core/process.hpp"
#include "core/window.hpp"
#include <netrun/llm/collector.hpp>
#include <netrun/llm/detail/aggregate.hpp>
#include <netrun/llm/detail/core.hpp>

namespace netrun::llm {

TelemetryCollector::TelemetryCollector(TelemetryOptions options)
    : core_(std::make_unique<detail::Core>(std::move(options))) {}

TelemetryCollector::~TelemetryCollector() = default;

std::size_t TelemetryCollector::max_history() const noexcept { return core_->log().max_history(); }

std::size_t TelemetryCollector::size() const noexcept { return core_->size(); }

std::vector<LLMRequestMetrics> TelemetryCollector::snapshot() const { return core_->snapshot(); }

void TelemetryCollector::clear() noexcept { core_->log().clear(); }

RequestTracker TelemetryCollector::track_request(CallInfo const& call) noexcept {
  return RequestTracker(*core_, call);
}

RequestTracker TelemetryCollector::track_request(NameView provider, NameView model,
                                                 NameView tenant_id) noexcept {
  return RequestTracker(*core_,
                        CallInfo{.provider = provider, .model = model, .tenant_id = tenant_id});
}

void TelemetryCollector::record(LLMRequestMetrics call) noexcept {
  detail::PendingNumbers numbers;
  detail::CallTexts texts;
  core_->begin(numbers, texts, call);
  detail::commit(numbers, texts);
}

AggregatedMetrics TelemetryCollector::get_stats(Period const& period, NameView tenant_id) const {
  return get_stats(StatsQuery{.period = period, .tenant_id = tenant_id});
}

AggregatedMetrics TelemetryCollector::get_stats(StatsQuery const& query) const {
  return detail::to_metrics(detail::run_query(*core_, query), query.tenant_id);
}

CostBreakdown TelemetryCollector::get_cost_breakdown(Period const& period,
                                                     NameView tenant_id) const {
  return detail::to_cost_breakdown(
      detail::run_query(*core_, StatsQuery{.period = period, .tenant_id = tenant_id}));
}

TenantStats TelemetryCollector::get_tenant_stats(NameView tenant_id, Period const& period) const {
  return detail::to_tenant_stats(
      detail::run_query(*core_, StatsQuery{.period = period, .tenant_id = tenant_id}), tenant_id,
      period);
}

std::vector<TenantCost> TelemetryCollector::get_tenant_costs(Period const& period) const {
  return detail::to_tenant_costs(detail::run_query(*core_, StatsQuery{.period = period}));
}

void TelemetryCollector::set_prices(PriceBook book) { core_->set_prices(std::move(book)); }

PriceBook TelemetryCollector::prices() const { return core_->names().prices(); }

PriceQuote TelemetryCollector::estimate(NameView provider, NameView model, TokenUsage const& usage,
                                        std::span<Tag const> attributes) const noexcept {
  return prices().price(provider, model, usage, core_->now(), attributes);
}

RepriceReport TelemetryCollector::reprice(PriceBook const& book, StatsQuery const& query) const {
  return core_->reprice(book, query);
}

CallbackHandle TelemetryCollector::add_export_callback(ExportCallback callback) {
  auto handle = core_->delivery().add(std::move(callback));
  detail::finish_at_exit(*core_);
  return handle;
}

ExporterHandle TelemetryCollector::add_exporter(std::unique_ptr<Exporter> exporter,
                                                ExporterOptions options) {
  auto handle = core_->delivery().add(std::move(exporter), options);
  detail::finish_at_exit(*core_);
  return handle;
}

std::vector<ExportStats> TelemetryCollector::export_stats() const {
  return core_->delivery().stats();
}

bool TelemetryCollector::flush(std::chrono::nanoseconds timeout) {
  return core_->delivery().flush(timeout);
}

TimeSeries TelemetryCollector::get_timeseries(StatsQuery const& query, TimeStep const& step,
                                              TimeSeriesOptions const& options) const {
  return detail::run_time_series(*core_, query, step, options);
}

std::uint64_t TelemetryCollector::prune(Clock::time_point older_than) {
  return core_->prune(detail::to_ns(older_than));
}

std::uint64_t TelemetryCollector::prune(Period const& older_than) {
  return core_->prune(detail::to_ns(core_->now()) - older_than.length().count());
}

MemoryUsage TelemetryCollector::memory_usage() const { return core_->memory_usage(); }

Diagnostics TelemetryCollector::diagnostics() const { return core_->diagnostics(); }

}  // namespace netrun::llm
