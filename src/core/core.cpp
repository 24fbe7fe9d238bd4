// SPDX-License-Identifier: MIT
// The inside of a collector: its set-up, its threads and its counters.
#include "core/process.hpp"
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/deadline.hpp>

#include <algorithm>
#include <bit>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include <unistd.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace netrun::llm::detail {
namespace {

/// What readers that are late are given before their records are folded.
constexpr std::chrono::microseconds moment{100};
constexpr int most_moments = 50;

constexpr std::size_t most_history = 100'000'000;

void check_range(char const* name, std::size_t value, std::size_t least, std::size_t most) {
  if (value >= least && value <= most) return;
  throw std::invalid_argument(std::string(name) + " must be from " + std::to_string(least) +
                              " to " + std::to_string(most) + ", got " + std::to_string(value));
}

/// Setting the ring aside touches all of it, so more than there is would end the process, not this
/// call.
void check_memory(std::size_t max_history) {
  auto const pages = sysconf(_SC_PHYS_PAGES);
  auto const page_bytes = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return;
  auto const most = static_cast<std::size_t>(pages) * static_cast<std::size_t>(page_bytes) / 2;
  if (max_history <= most / sizeof(Record)) return;
  throw std::invalid_argument("max_history of " + std::to_string(max_history) + " calls takes " +
                              std::to_string(max_history * sizeof(Record)) +
                              " bytes, more than half of this machine's memory");
}

HistoryOptions history_options(TelemetryOptions const& options) {
  HistoryOptions history{
      .retention_ns = std::chrono::nanoseconds(options.history_retention).count(),
      .max_memory = options.history_memory,
      .max_tenants = options.history_tenants,
      .max_pairs = options.history_pairs,
      .facets = {}};
  if (options.history_users) history.facets.push_back({.kind = Facet::Kind::user});
  if (options.history_endpoints) history.facets.push_back({.kind = Facet::Kind::endpoint});
  for (auto const& key : options.history_tags)
    history.facets.push_back({.kind = Facet::Kind::tag, .key = key});
  return history;
}

void check_history(TelemetryOptions const& options) {
  constexpr std::size_t most_tags = 8;
  constexpr std::size_t mebibyte = std::size_t{1} << 20;
  if (options.history_retention < std::chrono::hours(1) ||
      options.history_retention > std::chrono::hours(10 * 366 * 24)) {
    throw std::invalid_argument("history_retention must be from 1 hour to 10 years, got " +
                                std::to_string(options.history_retention.count()) + " hours");
  }
  check_range("history_memory", options.history_memory, 8 * mebibyte, mebibyte * mebibyte);
  check_range("history_tenants", options.history_tenants, 1, 1'000'000);
  check_range("history_pairs", options.history_pairs, 1, 1'000'000);
  auto const& tags = options.history_tags;
  if (tags.size() > most_tags) {
    throw std::invalid_argument("history_tags may name at most 8 keys, got " +
                                std::to_string(tags.size()));
  }
  for (auto it = tags.begin(); it != tags.end(); ++it) {
    if (it->empty() || it->size() > max_name_bytes) {
      throw std::invalid_argument("a key in history_tags must have from 1 to " +
                                  std::to_string(max_name_bytes) + " bytes, got \"" +
                                  it->substr(0, 80) + "\"");
    }
    if (std::find(tags.begin(), it, *it) != it)
      throw std::invalid_argument("history_tags names \"" + *it + "\" twice");
  }
}

TelemetryOptions checked(TelemetryOptions options) {
  check_options(options);
  return options;
}

}  // namespace

void check_options(TelemetryOptions const& options) {
  check_range("max_history", options.max_history, 1, most_history);
  check_range("max_models", options.max_models, 1, 1'000'000);
  check_range("max_tenants", options.max_tenants, 1, 1'000'000);
  check_range("max_names", options.max_names, 1, 60'000);
  check_history(options);
  check_memory(options.max_history);
  if (options.export_interval.count() <= 0) {
    throw std::invalid_argument("export_interval must be above 0 ms, got " +
                                std::to_string(options.export_interval.count()) + " ms");
  }
  if (options.shutdown_timeout.count() < 0) {
    throw std::invalid_argument("shutdown_timeout must not be negative, got " +
                                std::to_string(options.shutdown_timeout.count()) + " ms");
  }
}

Core::Core(TelemetryOptions options)
    : time_source_(checked(options).time_source),
      shutdown_timeout_ms_(bounded_time(options.shutdown_timeout).count()),
      clock_(options.time_source),
      hold_(*this),
      names_(std::make_shared<Names>(NameCaps{.models = options.max_models,
                                              .tenants = options.max_tenants,
                                              .names = options.max_names},
                                     options.prices.value_or(PriceBook()))),
      history_options_(history_options(options)),
      log_(*names_, hold_.gate(), clock_,
           {.max_history = options.max_history,
            .max_text_memory = options.max_text_memory,
            .history = history_options_}),
      delivery_(*this, bounded_time(options.export_interval), shutdown_timeout()) {
  if (options.export_callback) {
    configured_callback_ = delivery_.add(std::move(options.export_callback));
  }
  register_core(*this);  // the last that can throw: a thread would have to be ended again
  start_folder();
}

Core::~Core() {
  unregister_core(*this);
  hold_.close();
  finish_delivery();
  stop_folder_.store(true, std::memory_order_release);
  gate().fold_signal.fetch_add(1, std::memory_order_release);
  gate().fold_signal.notify_all();
  folder_.join();
}

void Core::finish_delivery() noexcept {
  // The last quarter is for a callback that is merely slow to come to its end.
  auto const timeout = shutdown_timeout();
  delivery_.shut_down(deadline_after(timeout * 3 / 4), deadline_after(timeout));
}

void Core::start_folder() noexcept {
  try {
    folder_.start([this] { fold_until_stopped(); });
  } catch (...) {
    count_worker_failure();  // recorders fold for themselves then
  }
}

void Core::fold_until_stopped() noexcept {
  for (;;) {
    auto const seen = gate().fold_signal.load(std::memory_order_acquire);
    if (stop_folder_.load(std::memory_order_acquire)) return;
    // Until a ring is full for the first time nobody wakes this thread, and so nobody the readers.
    // They get a moment to read what would be folded now, while recorders have chunks left.
    for (int i = 0; log_.folded() == 0 && i < most_moments && delivery_.poke(); ++i) {
      if (!log_.has_spare_chunks()) break;
      std::this_thread::sleep_for(moment);
    }
    log_.fold_ahead();
    delivery_.poke();
    gate().fold_signal.wait(seen, std::memory_order_acquire);
  }
}

void Core::wake_shard(Shard& shard) noexcept {
  if (threads_are_gone_.exchange(false, std::memory_order_acq_rel)) {
    start_folder();
    delivery_.start_threads();
  }
  shard.limit = chunk_records;
}

void Core::configure(TelemetryOptions options) {
  check_options(options);
  auto const deadline = deadline_after(bounded_time(options.shutdown_timeout));
  std::unique_lock lock(configure_mutex_);
  auto const fixed = [](bool same, char const* name) {
    if (!same) {
      throw std::invalid_argument(
          std::string(name) + " is fixed when the collector is made and cannot be changed later");
    }
  };
  fixed(options.time_source == time_source_, "time_source");
  fixed(options.max_models == names_->caps().models, "max_models");
  fixed(options.max_tenants == names_->caps().tenants, "max_tenants");
  fixed(options.max_names == names_->caps().names, "max_names");
  auto const history = history_options(options);
  fixed(history.retention_ns == history_options_.retention_ns, "history_retention");
  fixed(history.max_memory == history_options_.max_memory, "history_memory");
  fixed(history.max_tenants == history_options_.max_tenants, "history_tenants");
  fixed(history.max_pairs == history_options_.max_pairs, "history_pairs");
  fixed(history.facets == history_options_.facets,
        "history_users, history_endpoints and history_tags");
  if (options.prices) replace_prices(*options.prices);
  log_.resize(options.max_history);
  log_.pool().set_max_page_bytes(options.max_text_memory);
  shutdown_timeout_ms_.store(bounded_time(options.shutdown_timeout).count(),
                             std::memory_order_relaxed);
  delivery_.set_times(bounded_time(options.export_interval), shutdown_timeout());
  auto previous = configured_callback_;
  configured_callback_ = {};
  auto const turn = delivery_.end_at_newest(previous);
  if (options.export_callback) {
    configured_callback_ = delivery_.add(std::move(options.export_callback), turn);
    finish_at_exit(*this);
  }
  lock.unlock();  // a fork, which takes it, must not wait for somebody's callback
  delivery_.retire(previous, deadline);
  gate().fold_signal.fetch_add(1, std::memory_order_release);  // the folder gives memory back
  gate().fold_signal.notify_all();
}

void Core::replace_prices(PriceBook book) {
  auto const replaced = names_->set_prices(std::move(book));
  // Prices are looked at inside a shard: afterwards nobody looks at those that went.
  gate().pass_through_each();
}

void Core::set_prices(PriceBook book) {
  std::lock_guard const lock(configure_mutex_);
  replace_prices(std::move(book));
}

std::size_t Core::size() noexcept {
  auto const most = log_.max_history();
  auto const kept = std::min<std::uint64_t>(log_.in_ring(), most);
  return static_cast<std::size_t>(kept - std::min(kept, log_.count_forgotten(most)));
}

std::uint64_t Core::prune(std::int64_t before_ns) {
  auto const pruned = log_.prune(before_ns);
#ifdef __GLIBC__
  malloc_trim(0);
#endif
  return pruned;
}

MemoryUsage Core::memory_usage() {
  MemoryUsage memory;
  {
    std::lock_guard const guard(log_.fold_lock());
    memory.history = log_.history().memory_bytes();
  }
  memory.ring = sizeof *this + log_.pool().chunk_bytes();
  memory.texts = log_.pool().page_bytes();
  memory.names = names_->memory_bytes();
  memory.total = memory.ring + memory.texts + memory.names + memory.history;
  memory.limit = sizeof *this + log_.most_chunk_bytes() + log_.pool().max_page_bytes() +
                 names_->memory_limit() + log_.history().max_memory();
  return memory;
}

void Core::count_problems(std::uint16_t problems) noexcept {
  std::uint32_t const bits = problems;
  for (std::size_t i = 0; i < problems_.size(); ++i) {
    if ((bits >> i & 1U) != 0) problems_[i].fetch_add(1, std::memory_order_relaxed);
  }
}

Diagnostics Core::diagnostics() {
  Diagnostics d;
  auto const problem = [this](Problem which) {
    auto const bit = static_cast<std::size_t>(std::countr_zero(static_cast<std::uint16_t>(which)));
    return problems_[bit].load(std::memory_order_relaxed);
  };
  {
    std::lock_guard const guard(log_.fold_lock());
    d.folded = log_.folded();
    d.expired = log_.history().expired();
    d.clears = log_.clears();
    d.history_cells = log_.history().cell_count();
  }
  d.recorded = log_.recorded();
  d.retained = size();
  d.memory_bytes = memory_usage().total;
  d.negative_tokens = problem(Problem::negative_tokens);
  d.saturated_tokens = problem(Problem::saturated_tokens);
  d.invalid_usage = problem(Problem::invalid_usage);
  d.undecided_fees = problem(Problem::undecided_fee);
  d.unpriced_tiers = problem(Problem::unpriced_tier);
  d.invalid_costs = problem(Problem::invalid_cost);
  d.invalid_latencies = problem(Problem::invalid_latency);
  d.invalid_timestamps = problem(Problem::invalid_timestamp);
  d.truncated_texts = problem(Problem::truncated_text);
  d.invalid_utf8 = problem(Problem::invalid_utf8);
  auto& log = log_.counters();
  d.dropped_texts =
      problem(Problem::dropped_text) + log.dropped_texts.load(std::memory_order_relaxed);
  d.overflowed_names = problem(Problem::overflowed_name);
  d.lost_records = log.lost_records.load(std::memory_order_relaxed);
  d.folds_by_callers = log.folds_by_callers.load(std::memory_order_relaxed);
  d.extra_chunks = log.extra_chunks.load(std::memory_order_relaxed);
  d.query_restarts = query_restarts_.load(std::memory_order_relaxed);
  d.workers_left_behind = Delivery::left_behind();
  d.worker_failures = worker_failures_.load(std::memory_order_relaxed) +
                      log.fold_failures.load(std::memory_order_relaxed);
  d.readers = delivery_.stats();
  return d;
}

void Core::before_fork() {
  configure_mutex_.lock();
  delivery_.before_fork();
  // Before the fold lock, which a recorder in its shard may be trying for.
  for (std::size_t i = 0; i < gate().shard_count(); ++i) gate().shards[i].lock.lock();
  log_.fold_lock().lock();
  names_->routes().mutex().lock();
  names_->endpoints().mutex().lock();
  names_->errors().mutex().lock();
  names_->tenants().mutex().lock();
  log_.pool().lock().lock();
}

void Core::unlock_after_fork() {
  log_.pool().lock().unlock();
  names_->tenants().mutex().unlock();
  names_->errors().mutex().unlock();
  names_->endpoints().mutex().unlock();
  names_->routes().mutex().unlock();
  log_.fold_lock().unlock();
  for (std::size_t i = 0; i < gate().shard_count(); ++i) gate().shards[i].lock.unlock();
}

void Core::after_fork_in_parent() {
  unlock_after_fork();
  delivery_.after_fork_in_parent();
  configure_mutex_.unlock();
}

void Core::after_fork_in_child() {
  // The next record in each shard sees to the threads.
  for (std::size_t i = 0; i < gate().shard_count(); ++i) gate().shards[i].limit = 0;
  unlock_after_fork();
  delivery_.after_fork_in_child();
  configure_mutex_.unlock();
  folder_.forget();
  threads_are_gone_.store(true, std::memory_order_release);
}

}  // namespace netrun::llm::detail
