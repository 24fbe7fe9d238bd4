// SPDX-License-Identifier: MIT
// The types of the library as nlohmann::json; component json, target netrun::llm_json.
#pragma once

#include <netrun/llm/diagnostics.hpp>
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/query.hpp>
#include <netrun/llm/request_view.hpp>
#include <netrun/llm/stats.hpp>
#include <netrun/llm/time_series.hpp>
#include <netrun/llm/tokens.hpp>
#include <netrun/llm/usd.hpp>

#include <nlohmann/json_fwd.hpp>

namespace netrun::llm {

// These are found by nlohmann::json itself; a program that uses them includes <nlohmann/json.hpp>.
//
//   nlohmann::json j = collector.get_stats("24h");
//   auto stats = j.get<netrun::llm::AggregatedMetrics>();
//
// Form: objects whose keys are the names of the C++ fields; time stamps as to_iso8601() writes
// them; milliseconds where a name says so; enumerators by name; null for what is absent and for a
// double that is not finite. Exact money stands beside the double as a text of whole picodollars:
// `cost_picousd` (calls, usage, quotes, points), `total_cost_picousd` (sums); see docs/json.md.
//
// Promise: reading what was written gives an equal value, to the last bit, for every type that has
// a from_json; texts must be UTF-8 for that, for bytes that are not are written as U+FFFD.
//
// Reading: a key that is missing, or null, leaves the default; keys that are not known are ignored;
// a whole number may be written as 12.0. Of a double and its exact amount one is enough. Anything
// else throws std::invalid_argument, which names the key with its path and quotes the value, and
// leaves the target as it was.
//
// Thread safety: any number of threads. Errors: std::bad_alloc, and as above.

/// The exact amount as a text of whole picodollars, "7500000000".
void to_json(nlohmann::json& json, Usd const& amount);
void from_json(nlohmann::json const& json, Usd& amount);

/// Names, as to_string() gives them.
void to_json(nlohmann::json& json, CostSource source);
void from_json(nlohmann::json const& json, CostSource& source);
void to_json(nlohmann::json& json, UsageSource source);
void from_json(nlohmann::json const& json, UsageSource& source);
void to_json(nlohmann::json& json, CircuitState state);
void from_json(nlohmann::json const& json, CircuitState& state);

void to_json(nlohmann::json& json, TokenUsage const& usage);
void from_json(nlohmann::json const& json, TokenUsage& usage);

/// `tags` is an object. An object has no order, so when the tags are not sorted by key, a further
/// field `tags_order` lists the keys; and when a key occurs twice, `tags` is an array of pairs of
/// key and value. The reader takes all of these.
///
/// A call without `cost_source` is to be priced (automatic) when it has no cost or 0, else its cost
/// is taken as given (manual). Without `total_tokens` they are input and output together.
void to_json(nlohmann::json& json, LLMRequestMetrics const& call);
void from_json(nlohmann::json const& json, LLMRequestMetrics& call);
void to_json(nlohmann::json& json, LLMRequestView const& call);

void to_json(nlohmann::json& json, UsageBreakdown const& usage);
void from_json(nlohmann::json const& json, UsageBreakdown& usage);
/// Without latency_percentiles_exact or ttft_percentiles_exact, as older files are, each is taken
/// to be as percentiles_exact is.
void to_json(nlohmann::json& json, AggregatedMetrics const& stats);
void from_json(nlohmann::json const& json, AggregatedMetrics& stats);

/// A percentile that is absent is null. `groups` is an object with an array of points by name.
void to_json(nlohmann::json& json, TimeSeriesPoint const& point);
void from_json(nlohmann::json const& json, TimeSeriesPoint& point);
void to_json(nlohmann::json& json, TimeSeries const& series);
void from_json(nlohmann::json const& json, TimeSeries& series);

void to_json(nlohmann::json& json, CostBreakdown::Share const& share);
void from_json(nlohmann::json const& json, CostBreakdown::Share& share);
void to_json(nlohmann::json& json, CostBreakdown::Average const& average);
void from_json(nlohmann::json const& json, CostBreakdown::Average& average);
void to_json(nlohmann::json& json, CostBreakdown const& costs);
void from_json(nlohmann::json const& json, CostBreakdown& costs);

/// Nested as the fields are: {"requests": {"total", ...}, "tokens": {...}, "cost": {...}, ...}.
void to_json(nlohmann::json& json, TenantStats const& stats);
void from_json(nlohmann::json const& json, TenantStats& stats);
void to_json(nlohmann::json& json, TenantCost const& cost);
void from_json(nlohmann::json const& json, TenantCost& cost);

void to_json(nlohmann::json& json, DroppedRecords const& dropped);
void from_json(nlohmann::json const& json, DroppedRecords& dropped);
void to_json(nlohmann::json& json, ExportStats const& stats);
void from_json(nlohmann::json const& json, ExportStats& stats);
void to_json(nlohmann::json& json, Diagnostics const& diagnostics);
void from_json(nlohmann::json const& json, Diagnostics& diagnostics);
void to_json(nlohmann::json& json, MemoryUsage const& memory);
void from_json(nlohmann::json const& json, MemoryUsage& memory);

/// `cost_usd` and `cost_picousd` are null when nobody knows the cost. Only written: it holds views.
void to_json(nlohmann::json& json, PriceQuote const& quote);
/// An empty name, which means any, is null; `tag` is an object of one field. Only written: it holds
/// views.
void to_json(nlohmann::json& json, StatsQuery const& query);

/// A call as fields for a structured log, exactly: llm_provider, llm_model, llm_tokens (all of
/// them), llm_latency_ms, llm_cost_usd, llm_success, llm_cached. Throws std::bad_alloc.
///
/// Example:
///   logger.info("completed", netrun::llm::to_log_context(call));
[[nodiscard]] nlohmann::json to_log_context(LLMRequestMetrics const& call);
[[nodiscard]] nlohmann::json to_log_context(LLMRequestView const& call);

}  // namespace netrun::llm
