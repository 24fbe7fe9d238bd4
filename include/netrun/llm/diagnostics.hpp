// SPDX-License-Identifier: MIT
// What the library knows about itself: losses, bad input, and the state of its readers.
#pragma once

#include <netrun/llm/time.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm {

/// Records that an exporter or a callback was not given, or could not get rid of, by reason.
struct DroppedRecords {
  std::uint64_t lapped = 0;       ///< Left the log before this reader came to them.
  std::uint64_t refused = 0;      ///< The receiver will never take them.
  std::uint64_t retry_limit = 0;  ///< Tried for too long.
  std::uint64_t shutdown = 0;     ///< Still pending when the collector gave up waiting for them.

  [[nodiscard]] std::uint64_t total() const noexcept {
    return lapped + refused + retry_limit + shutdown;
  }
  [[nodiscard]] friend bool operator==(DroppedRecords const&, DroppedRecords const&) = default;
};

/// Whether an exporter's receiver counts as reachable; see ExporterOptions::circuit_failures.
enum class CircuitState : std::uint8_t {
  closed,     ///< It is: batches go out as they come.
  open,       ///< It is down: nothing is tried before a pause is over.
  half_open,  ///< The pause is over: one attempt decides.
};

/// The name of the enumerator, as it stands in JSON; "unknown" of a number that is none.
[[nodiscard]] constexpr std::string_view to_string(CircuitState state) noexcept {
  switch (state) {
    case CircuitState::closed:
      return "closed";
    case CircuitState::open:
      return "open";
    case CircuitState::half_open:
      return "half_open";
  }
  return "unknown";
}

/// The enumerator with exactly this name; absent when there is none.
[[nodiscard]] constexpr std::optional<CircuitState> parse_circuit_state(
    std::string_view name) noexcept {
  for (auto const state : {CircuitState::closed, CircuitState::open, CircuitState::half_open}) {
    if (to_string(state) == name) return state;
  }
  return std::nullopt;
}

/// State of one exporter or callback. Always: recorded since it was added = delivered + dropped +
/// pending.
struct ExportStats {
  /// Exporter::name(), or "callback 1", "callback 2", ... in the order of registration.
  std::string name;
  std::uint64_t delivered = 0;  ///< Records handed over; with a callback, the failed ones too.
  std::uint64_t dropped = 0;    ///< The sum of dropped_by_reason.
  DroppedRecords dropped_by_reason;
  std::uint64_t pending = 0;   ///< Records not handed over yet.
  std::uint64_t attempts = 0;  ///< Calls of the callback or of export_batch.
  std::uint64_t failed = 0;    ///< Attempts that threw, or asked for another one.
  std::uint64_t retries = 0;   ///< Attempts with records that had been tried before.
  std::uint64_t timeouts = 0;  ///< Attempts that took longer than attempt_timeout.
  CircuitState circuit = CircuitState::closed;
  bool stuck = false;      ///< The present attempt is beyond its time limit.
  std::string last_error;  ///< Of the newest failure.
  std::optional<Clock::time_point> last_success{};  ///< When a record was last handed over.

  [[nodiscard]] friend bool operator==(ExportStats const&, ExportStats const&) = default;
};

/// Memory of a collector, in bytes, with what the allocator adds to each block where it is known.
struct MemoryUsage {
  std::uint64_t ring = 0;     ///< Records: set aside at once, and what was added under load.
  std::uint64_t texts = 0;    ///< User ids, messages, tags and the like of the records.
  std::uint64_t names = 0;    ///< Models, tenants, endpoints and error types.
  std::uint64_t history = 0;  ///< Sums of what has left the ring.
  std::uint64_t total = 0;
  /// What total will never exceed with these options; without batches under way to exporters, the
  /// prices that were worked out, and what a query takes while it runs.
  std::uint64_t limit = 0;

  [[nodiscard]] friend bool operator==(MemoryUsage const&, MemoryUsage const&) = default;
};

/// Counters of a collector since it was made; nothing here is ever reset. Counts of bad input are
/// of calls, not of values: a call with two negative counts is one.
struct Diagnostics {
  std::uint64_t recorded = 0;  ///< Calls taken into the log.
  std::uint64_t retained = 0;  ///< Calls that snapshot() gives now.
  /// Calls that left the ring for the history, cleared since or not.
  std::uint64_t folded = 0;
  /// Calls that are not known any more, because they were older than the retention when they left
  /// the ring, or have become so since. With a long retention and little memory: the oldest days.
  std::uint64_t expired = 0;
  /// Sums held, over all tables of all minutes, quarters, hours and days.
  std::uint64_t history_cells = 0;
  /// Ring, texts, names and cells, without the allocator's overhead.
  std::uint64_t memory_bytes = 0;

  std::uint64_t negative_tokens = 0;   ///< Negative or not a number: taken as 0.
  std::uint64_t saturated_tokens = 0;  ///< Beyond 2^64 - 1: taken as that.
  std::uint64_t invalid_usage = 0;     ///< Parts that exceed their whole: the call is unpriced.
  /// Priced without a fee that could not be decided: searches without a known fee, or a request fee
  /// whose "search_context_size" the call does not name.
  std::uint64_t undecided_fees = 0;
  /// Priced as standard, because the book has no price for the service tier that the call names.
  std::uint64_t unpriced_tiers = 0;
  std::uint64_t invalid_costs = 0;  ///< Negative, not finite or over 9.2 million USD a call.
  /// Negative or not finite: taken as 0 (first token: as absent).
  std::uint64_t invalid_latencies = 0;
  std::uint64_t invalid_timestamps = 0;  ///< Before 1970: taken as 1970. In the future: kept.
  std::uint64_t truncated_texts = 0;     ///< Longer than max_name_bytes or max_message_bytes.
  std::uint64_t invalid_utf8 = 0;        ///< Bytes that are not UTF-8, replaced by U+FFFD.
  /// Texts left out: over max_call_text_bytes or max_text_memory.
  std::uint64_t dropped_texts = 0;
  /// Calls under a new name past a cap; statistics say "other".
  std::uint64_t overflowed_names = 0;

  std::uint64_t lost_records = 0;  ///< No room for the record, even after a tenth of a second.
  std::uint64_t folds_by_callers =
      0;                           ///< Chunks folded by a recording thread: the folder was behind.
  std::uint64_t extra_chunks = 0;  ///< Chunks made beyond the pool: the folder was behind, or held.
  std::uint64_t query_restarts = 0;  ///< Queries that began again because records left under them.
  std::uint64_t clears = 0;          ///< Times that clear() was called.
  /// Threads stuck in a callback at their deadline, all collectors.
  std::uint64_t workers_left_behind = 0;
  /// Threads that could not be started, and folds without memory.
  std::uint64_t worker_failures = 0;

  std::vector<ExportStats> readers;  ///< As TelemetryCollector::export_stats() gives them.
};

}  // namespace netrun::llm
