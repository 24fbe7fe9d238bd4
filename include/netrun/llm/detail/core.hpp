// SPDX-License-Identifier: MIT
// The inside of a collector: names, log, readers, threads and counters.
#pragma once

#include <netrun/llm/collector.hpp>
#include <netrun/llm/detail/batch.hpp>
#include <netrun/llm/detail/delivery.hpp>
#include <netrun/llm/detail/gate.hpp>
#include <netrun/llm/detail/log.hpp>
#include <netrun/llm/detail/names.hpp>
#include <netrun/llm/detail/pending_call.hpp>
#include <netrun/llm/detail/quiet_thread.hpp>
#include <netrun/llm/detail/wall_clock.hpp>
#include <netrun/llm/detail/worker.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace netrun::llm::detail {

class Core {
 public:
  explicit Core(TelemetryOptions options);
  Core(Core const&) = delete;
  Core& operator=(Core const&) = delete;
  ~Core();

  /// Recorder: begins a call.
  void begin(PendingNumbers& call, CallTexts& texts, CallInfo const& info) noexcept;
  /// Recorder: takes over a call that is over.
  void begin(PendingNumbers& call, CallTexts& texts, LLMRequestMetrics const& metrics) noexcept;
  /// Recorder, inside a shard: writes the record. True when the folder should be woken.
  bool append(Shard& shard, PendingNumbers& call, CallTexts& texts) noexcept;

  /// Takes up to `most` records from `cursor` on and before `end`, all of which are finished, with
  /// their views. Returns the ticket after the last that was looked for. Those that are to be
  /// forgotten (Log::prune) are left out when it is asked.
  [[nodiscard]] std::uint64_t take(std::uint64_t cursor, std::uint64_t end, std::size_t most,
                                   TakenBatch& batch, bool with_forgotten = true);
  [[nodiscard]] std::vector<LLMRequestMetrics> snapshot();
  [[nodiscard]] std::size_t size() noexcept;
  std::uint64_t prune(std::int64_t before_ns);
  [[nodiscard]] MemoryUsage memory_usage();
  [[nodiscard]] Diagnostics diagnostics();
  void configure(TelemetryOptions options);
  void set_prices(PriceBook book);
  [[nodiscard]] RepriceReport reprice(PriceBook const& book, StatsQuery const& query);
  /// Gives the callbacks until the time limit, then stops calling them.
  void finish_delivery() noexcept;

  [[nodiscard]] Gate& gate() noexcept { return hold_.gate(); }
  [[nodiscard]] Log& log() noexcept { return log_; }
  [[nodiscard]] Names& names() noexcept { return *names_; }
  /// For who may outlive the collector.
  [[nodiscard]] std::shared_ptr<Names> const& shared_names() const noexcept { return names_; }
  [[nodiscard]] Delivery& delivery() noexcept { return delivery_; }
  [[nodiscard]] WallClock& clock() noexcept { return clock_; }
  /// The time that a call which begins now would be stamped with.
  [[nodiscard]] Clock::time_point now() noexcept {
    auto const since_1970 = std::chrono::nanoseconds(clock_.at(steady_now_ns(clock_.source())));
    return Clock::time_point(std::chrono::duration_cast<Clock::duration>(since_1970));
  }
  [[nodiscard]] std::chrono::milliseconds shutdown_timeout() const noexcept {
    return std::chrono::milliseconds(shutdown_timeout_ms_.load(std::memory_order_relaxed));
  }
  [[nodiscard]] LogState log_state() const noexcept {
    return {log_.recorded(), std::max(log_.max_history(), Log::least_records)};
  }
  void count_restart() noexcept { query_restarts_.fetch_add(1, std::memory_order_relaxed); }
  void count_worker_failure() noexcept { worker_failures_.fetch_add(1, std::memory_order_relaxed); }

  void before_fork();
  void after_fork_in_parent();
  void after_fork_in_child();

 private:
  void replace_prices(PriceBook book);
  void unlock_after_fork();
  void start_folder() noexcept;
  void fold_until_stopped() noexcept;
  void wake_shard(Shard& shard) noexcept;
  Route const& resolve_route(PendingNumbers& call, CallTexts& texts, RoutePrice& price) noexcept;
  [[nodiscard]] std::uint32_t resolve_tenant(PendingNumbers& call, CallTexts& texts) noexcept;
  void fill_record(Record& record, PendingNumbers& call, CallTexts& texts) noexcept;
  void set_counts(Record& record, PendingNumbers& call, CallTexts& texts) noexcept;
  void set_names(Record& record, PendingNumbers& call, CallTexts& texts) noexcept;
  void set_cost(Record& record, PendingNumbers& call, CallTexts const& texts,
                RoutePrice const& price) noexcept;
  void count_problems(std::uint16_t problems) noexcept;

  TimeSource const* time_source_;
  std::atomic<std::int64_t> shutdown_timeout_ms_;
  WallClock clock_;
  GateHold hold_;
  std::shared_ptr<Names> names_;
  HistoryOptions history_options_;
  Log log_;
  Delivery delivery_;
  CallbackHandle configured_callback_;
  std::mutex configure_mutex_;
  QuietThread folder_;
  std::atomic<bool> stop_folder_{false};
  std::atomic<bool> threads_are_gone_{false};  // in the child of a fork, until its first record
  std::array<std::atomic<std::uint64_t>, 12> problems_{};  // by bit number of Problem
  std::atomic<std::uint64_t> query_restarts_{0}, worker_failures_{0};
};

/// Throws std::invalid_argument, quoting it, for a value out of range.
void check_options(TelemetryOptions const& options);

}  // namespace netrun::llm::detail
