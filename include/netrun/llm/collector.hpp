// SPDX-License-Identifier: MIT
// TelemetryCollector: keeps finished calls and answers questions about them.
#pragma once

#include <netrun/llm/detail/async_call.hpp>
#include <netrun/llm/diagnostics.hpp>
#include <netrun/llm/exporter.hpp>
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/name_view.hpp>
#include <netrun/llm/options.hpp>
#include <netrun/llm/period.hpp>
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/query.hpp>
#include <netrun/llm/reprice.hpp>
#include <netrun/llm/stats.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/time_series.hpp>
#include <netrun/llm/tracker.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace netrun::llm {

namespace detail {
struct GlobalCollector;
}

/// Keeps the last max_history finished calls, and sums over time of those that it no longer keeps.
///
/// Thread safety: every member may be called from any number of threads at once, except the
/// destructor. Recording (track_request, record and everything on a RequestTracker) never throws,
/// waits for no query, no callback and no other recorder (but see Diagnostics::lost_records), and
/// allocates nothing for names seen before and texts of up to 400 bytes.
///
/// Errors: the constructor, add_export_callback and configure_telemetry throw std::invalid_argument
/// for a value out of range, quoting it; get_timeseries does so for too many steps. Queries throw
/// std::bad_alloc at most.
///
/// Lifetime: trackers may outlive it.
class TelemetryCollector {
 public:
  TelemetryCollector(TelemetryOptions options = {});
  TelemetryCollector(TelemetryCollector const&) = delete;
  TelemetryCollector& operator=(TelemetryCollector const&) = delete;
  /// Gives callbacks shutdown_timeout to take what is pending. A callback that is stuck past it is
  /// left behind on its thread and counted.
  ~TelemetryCollector();

  std::size_t max_history() const noexcept;
  /// Number of calls that snapshot() would give.
  std::size_t size() const noexcept;
  /// The last max_history calls in order of completion, oldest first.
  std::vector<LLMRequestMetrics> snapshot() const;
  /// Forgets all finished calls and their sums. Callbacks are still given what they have not seen.
  void clear() noexcept;

  /// Begins a call. The names are copied; see CallInfo.
  RequestTracker track_request(CallInfo const& call) noexcept;
  RequestTracker track_request(NameView provider, NameView model, NameView tenant_id = {}) noexcept;

  /// Calls `fn(RequestTracker&)` within a tracked call and returns what it returns. An exception is
  /// recorded with its demangled type and what(), and goes on. For a coroutine use track_async:
  /// here its call would be over when it is made.
  template <class F>
  auto track(CallInfo const& call, F&& fn) -> std::invoke_result_t<F&, RequestTracker&> {
    RequestTracker tracker = track_request(call);
    try {
      return std::invoke(fn, tracker);
    } catch (...) {
      tracker.set_error_from_current_exception();
      throw;
    }
  }
  template <class F>
  auto track(NameView provider, NameView model, NameView tenant_id, F&& fn)
      -> std::invoke_result_t<F&, RequestTracker&> {
    return track(CallInfo{.provider = provider, .model = model, .tenant_id = tenant_id}, fn);
  }

  /// Tracks a call in a coroutine. `fn(RequestTracker&)` returns any coroutine type that can be
  /// awaited in a coroutine of its own type: asio::awaitable<T>, a Task<T> of your own; so does
  /// this. `fn` and the names are copied: neither the CallInfo nor what it refers to need outlive
  /// this expression, and the tracker lives as long as the coroutine.
  ///
  /// The call begins when the coroutine starts to run, which for a lazy one is when it is awaited.
  /// It is recorded before whoever awaits it goes on, on whatever thread that is:
  ///   - it returns: a success, unless set_error was called. An error that travels as a value
  ///     (asio::as_tuple, redirect_error, an expected) is not seen here: call set_error;
  ///   - an exception leaves it: its demangled type and what(); the exception goes on;
  ///   - the exception is a cancellation: error_type "cancelled". That is a std::system_error or
  ///     boost::system::system_error of operation_canceled (Asio's operation_aborted), and any type
  ///     called OperationCancelled or operation_cancelled;
  ///   - it is destroyed before its end, suspended or never started: error_type "abandoned", unless
  ///     set_error was called.
  ///
  /// Within it finish, discard and the rest of the tracker may be used as ever. The coroutine may
  /// outlive the collector; then it records nothing. Nothing here throws but what `fn`, its move
  /// and the making of a coroutine frame throw.
  ///
  /// Example:
  ///   asio::awaitable<std::string> ask(Client& client, std::string prompt) {
  ///     co_return co_await get_collector().track_async(
  ///         {.provider = "openai", .model = "gpt-4o", .tenant_id = "acme"},
  ///         [&](RequestTracker& tracker) -> asio::awaitable<std::string> {
  ///           auto answer = co_await client.complete(prompt);
  ///           tracker.set_tokens(answer.input_tokens, answer.output_tokens);
  ///           co_return answer.text;
  ///         });
  ///   }
  template <class F>
  requires detail::ReturnsCoroutine<F>
  auto track_async(CallInfo const& call, F fn) -> std::invoke_result_t<F&, RequestTracker&> {
    return detail::run_async<std::invoke_result_t<F&, RequestTracker&>, F>(
        detail::AsyncCall(*this, call), std::move(fn));
  }

  /// Records a call that is over. It is priced when cost_source is automatic. Bad values are mended
  /// and counted: see Diagnostics.
  void record(LLMRequestMetrics call) noexcept;

  AggregatedMetrics get_stats(Period const& period = "1h", NameView tenant_id = {}) const;
  AggregatedMetrics get_stats(StatsQuery const& query) const;
  CostBreakdown get_cost_breakdown(Period const& period = "30d", NameView tenant_id = {}) const;
  TenantStats get_tenant_stats(NameView tenant_id, Period const& period = "30d") const;
  /// All tenants with calls in the period, dearest first; equal ones by name.
  std::vector<TenantCost> get_tenant_costs(Period const& period = "30d") const;

  /// The same figures for each step of a period, empty steps included. The period is widened to
  /// whole steps; without one it is all that is known, up to the step of now. Throws
  /// std::invalid_argument when that makes more than max_time_series_steps, or with its groups more
  /// than max_time_series_points.
  ///
  /// Example:
  ///   auto day = collector.get_timeseries({.period = "24h"}, "1h");
  ///   auto month = collector.get_timeseries({.period = "30d"}, TimeStep::day("Europe/Berlin"),
  ///                                         {.group_by = GroupBy::model});
  TimeSeries get_timeseries(StatsQuery const& query, TimeStep const& step,
                            TimeSeriesOptions const& options = {}) const;

  /// Forgets the calls that started before a time: those in the ring exactly; sums that hold older
  /// and younger calls stay as long as they are not known any finer. Returns how many calls that
  /// were. Memory is given back to the system where the C library can (glibc).
  std::uint64_t prune(Clock::time_point older_than);
  /// The same for what is older than a period.
  ///
  /// Example:
  ///   collector.prune("7d");
  std::uint64_t prune(Period const& older_than);

  /// What the collector holds at the moment, in bytes, and what it will never exceed.
  MemoryUsage memory_usage() const;

  /// Prices calls that finish from now on by `book`; a call is priced by one book as a whole. May
  /// be called at any time, also while calls are recorded, which wait for nothing. Throws
  /// std::bad_alloc, and changes nothing.
  ///
  /// Example:
  ///   collector.set_prices(PriceBook::builtin().with(load_prices("prices.json")));
  void set_prices(PriceBook book);
  /// The book by which calls are priced now.
  PriceBook prices() const;

  /// What a call would cost that starts now, by the same book. Names in the quote live as long as
  /// prices() is not replaced.
  ///
  /// Example:
  ///   auto most = collector.estimate("openai", "gpt-4o", {.input_tokens = 1200,
  ///                                                       .output_tokens = max_tokens});
  PriceQuote estimate(NameView provider, NameView model, TokenUsage const& usage,
                      std::span<Tag const> attributes = {}) const noexcept;

  /// What the calls that snapshot() would give, and that the query wants, would have cost by
  /// another book. They keep the cost that they were recorded with, as they were exported with it;
  /// see the function reprice() for calls elsewhere.
  RepriceReport reprice(PriceBook const& book, StatsQuery const& query = {}) const;

  /// Adds a callback for calls that finish from now on. Throws std::invalid_argument when it is
  /// empty.
  CallbackHandle add_export_callback(ExportCallback callback);

  /// Adds an exporter for calls that finish from now on; it is served on a thread of its own.
  /// Throws std::invalid_argument when it is null or an option is out of range.
  ///
  /// Example:
  ///   collector.add_exporter(std::make_unique<MyExporter>(url), {.max_batch_size = 1'000});
  ExporterHandle add_exporter(std::unique_ptr<Exporter> exporter, ExporterOptions options = {});

  /// Waits until every callback and exporter has been given all calls recorded before, or they are
  /// counted as dropped, and exporters have flushed; false when `timeout` passes first, when an
  /// exporter cannot flush, or when it is called from within a callback or exporter. Zero or less
  /// only looks.
  bool flush(std::chrono::nanoseconds timeout);
  /// The same for any other duration, those too long for nanoseconds included.
  template <class R, class P>
  bool flush(std::chrono::duration<R, P> timeout) {
    using Wide = std::chrono::duration<double, std::nano>;
    using std::chrono::nanoseconds;
    if (Wide(timeout) >= Wide(nanoseconds::max())) return flush(nanoseconds::max());
    if (Wide(timeout) <= Wide(nanoseconds::zero())) return flush(nanoseconds::zero());
    return flush(std::chrono::duration_cast<nanoseconds>(timeout));
  }

  /// What became of the calls that callbacks and exporters were to be given, in the order in which
  /// they were added; without those that were removed.
  std::vector<ExportStats> export_stats() const;

  /// Losses, bad input and the state of callbacks.
  Diagnostics diagnostics() const;

 private:
  friend struct detail::GlobalCollector;
  std::unique_ptr<detail::Core> core_;
};

/// The collector of the process, made with default options at the first call. Never destroyed; at
/// the end of the process it flushes for shutdown_timeout at most.
TelemetryCollector& get_collector();

/// Sets up the collector of the process and returns it; the same object, so references stay good.
/// While trackers are alive and calls are recorded, max_history applies at once and keeps the
/// newest; export_callback replaces the one configured before, which is first given what is
/// pending, for shutdown_timeout at most; export_interval, shutdown_timeout and max_text_memory
/// apply at once. Throws std::invalid_argument, and changes nothing, when a value is out of range,
/// or when a value that is fixed at the making of a collector (time_source, max_models,
/// max_tenants, max_names, all that begin with history) differs from what the existing one was made
/// with.
TelemetryCollector& configure_telemetry(TelemetryOptions options);

}  // namespace netrun::llm
