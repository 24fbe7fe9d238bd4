// SPDX-License-Identifier: MIT
// What the library knows about itself: losses, bad input, and the state of its readers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace netrun::llm {

/// State of one reader of the log. Always: recorded since it was added = delivered + dropped +
/// pending.
struct ReaderStats {
  std::string name;             ///< "callback 1", "callback 2", ... in the order of registration
  std::uint64_t delivered = 0;  ///< Handed over; includes the failed.
  std::uint64_t failed = 0;     ///< Handed over, and the callback threw.
  std::uint64_t dropped = 0;    ///< Left the log before this reader came to them.
  std::uint64_t pending = 0;    ///< Recorded and not yet handed over.
  std::string last_error;       ///< what() of the newest exception.
};

/// Counters of a collector since it was made; nothing here is ever reset. Counts of bad input are
/// of calls, not of values: a call with two negative counts is one.
struct Diagnostics {
  std::uint64_t recorded = 0;  ///< Calls taken into the log.
  std::uint64_t retained = 0;  ///< Calls that snapshot() gives now.
  /// Calls that left the ring for per-minute cells, cleared since or not.
  std::uint64_t folded = 0;
  /// Cells held: one per minute, provider, model and tenant in use.
  std::uint64_t history_cells = 0;
  /// Ring, texts, names and cells, without the allocator's overhead.
  std::uint64_t memory_bytes = 0;

  std::uint64_t negative_tokens = 0;   ///< Negative or not a number: taken as 0.
  std::uint64_t saturated_tokens = 0;  ///< Beyond 2^64 - 1: taken as that.
  std::uint64_t invalid_usage = 0;     ///< Parts that exceed their whole: the call is unpriced.
  std::uint64_t invalid_costs = 0;     ///< Negative, not finite or over 9.2 million USD a call.
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
  /// Threads stuck in a callback at their deadline, all collectors.
  std::uint64_t workers_left_behind = 0;
  /// Threads that could not be started, and folds without memory.
  std::uint64_t worker_failures = 0;

  std::vector<ReaderStats> readers;
};

}  // namespace netrun::llm
