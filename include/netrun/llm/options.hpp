// SPDX-License-Identifier: MIT
// How a collector is set up.
#pragma once

#include <netrun/llm/exporter.hpp>
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/time.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace netrun::llm {

/// How a collector is set up. Use designated initialisers: fields may be added.
struct TelemetryOptions {
  /// How many finished calls snapshot() gives; 1 to 100,000,000. Each takes 128 bytes, set aside at
  /// once. The ring itself never holds fewer than 4,096, so that callbacks have time to fetch them.
  std::size_t max_history = 10'000;
  ExportCallback export_callback{};
  /// By which calls are priced; absent means the built-in book, or the one that is there.
  std::optional<PriceBook> prices{};

  /// The clocks; null means the system's. Only when a collector is made.
  TimeSource const* time_source = nullptr;
  /// How long a finished call may wait, at most, until callbacks are given it; more than zero.
  std::chrono::milliseconds export_interval{100};
  /// How long the destructor, or the end of the process, waits for callbacks to take what is
  /// pending.
  std::chrono::milliseconds shutdown_timeout{2'000};

  /// Caps on names, fixed when a collector is made; calls past a cap are counted under "other" in
  /// breakdowns and keep their own name in snapshot() and in callbacks.
  std::size_t max_models = 4'096;    ///< Pairs of provider and model; up to 1,000,000.
  std::size_t max_tenants = 16'384;  ///< Tenants that the ring refers to; up to 1,000,000.
  std::size_t max_names = 1'024;     ///< Endpoints, and again error types; up to 60,000.
  /// Most bytes for user ids, foreign request ids, error messages and tags of retained calls.
  std::size_t max_text_memory = std::size_t{64} << 20;

  /// How long calls that have left the ring are known, in sums of minutes, quarters of an hour,
  /// hours and days (docs/history.md): what is left of the last day (UTC) counts too. 1 hour to 10
  /// years. Fixed when a collector is made, like all that begins with history.
  std::chrono::hours history_retention{35 * 24};
  /// Most bytes for these sums; at least 8 MiB. Little is used of it by few tenants and models.
  /// What exceeds it makes the edges of older answers coarser first, then breakdowns say "other";
  /// totals stay exact.
  std::size_t history_memory = std::size_t{96} << 20;
  /// Tenants, and pairs of a model and a tenant, that are kept apart in each sum, 1 to 1,000,000.
  /// Beyond that the tenants that were not used for the longest, and the pairs with fewest calls,
  /// are counted under "other".
  std::size_t history_tenants = 16'384, history_pairs = 4'096;
  /// What is kept apart as well, so that questions about it go back beyond the ring: history_pairs
  /// of each, together with model and tenant.
  bool history_users = false, history_endpoints = false;
  std::vector<std::string> history_tags{};  ///< Keys; at most 8.
};

}  // namespace netrun::llm
