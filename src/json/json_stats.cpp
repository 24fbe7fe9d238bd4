// SPDX-License-Identifier: MIT
// Statistics, accounts and questions as JSON.
#include "json/fields.hpp"
#include <netrun/llm/json.hpp>

#include <type_traits>

namespace netrun::llm {
namespace detail {

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, TokenUsage>
void visit_fields(Visitor& v, T& x) {
  v("input_tokens", x.input_tokens);
  v("output_tokens", x.output_tokens);
  v("cache_read_tokens", x.cache_read_tokens);
  v("cache_write_tokens", x.cache_write_tokens);
  v("cache_write_1h_tokens", x.cache_write_1h_tokens);
  v("reasoning_tokens", x.reasoning_tokens);
  v("citation_tokens", x.citation_tokens);
  v("audio_input_tokens", x.audio_input_tokens);
  v("audio_output_tokens", x.audio_output_tokens);
  v("cached_audio_input_tokens", x.cached_audio_input_tokens);
  v("image_input_tokens", x.image_input_tokens);
  v("image_output_tokens", x.image_output_tokens);
  v("cached_image_input_tokens", x.cached_image_input_tokens);
  v("video_input_tokens", x.video_input_tokens);
  v("video_output_tokens", x.video_output_tokens);
  v("billed_input_tokens", x.billed_input_tokens);
  v("billed_output_tokens", x.billed_output_tokens);
  v("web_search_requests", x.web_search_requests);
  v("source", x.source);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, UsageBreakdown>
void visit_fields(Visitor& v, T& x) {
  v("requests", x.requests);
  v.money("cost", x.cost, "cost_picousd", x.exact_cost);
  v("tokens", x.tokens);
  v("input_tokens", x.input_tokens);
  v("output_tokens", x.output_tokens);
  v("failed", x.failed);
  v("unpriced", x.unpriced);
  v("latency_avg", x.latency_avg);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, AggregatedMetrics>
void visit_fields(Visitor& v, T& x) {
  v("period_start", x.period_start);
  v("period_end", x.period_end);
  v("tenant_id", x.tenant_id);
  v("total_requests", x.total_requests);
  v("successful_requests", x.successful_requests);
  v("failed_requests", x.failed_requests);
  v("cached_requests", x.cached_requests);
  v("unpriced_requests", x.unpriced_requests);
  v("streaming_requests", x.streaming_requests);
  v("total_input_tokens", x.total_input_tokens);
  v("total_output_tokens", x.total_output_tokens);
  v("total_cache_read_tokens", x.total_cache_read_tokens);
  v("total_cache_write_tokens", x.total_cache_write_tokens);
  v("total_cache_write_1h_tokens", x.total_cache_write_1h_tokens);
  v("total_reasoning_tokens", x.total_reasoning_tokens);
  v("total_citation_tokens", x.total_citation_tokens);
  v("total_audio_input_tokens", x.total_audio_input_tokens);
  v("total_audio_output_tokens", x.total_audio_output_tokens);
  v("total_cached_audio_input_tokens", x.total_cached_audio_input_tokens);
  v("total_image_input_tokens", x.total_image_input_tokens);
  v("total_image_output_tokens", x.total_image_output_tokens);
  v("total_cached_image_input_tokens", x.total_cached_image_input_tokens);
  v("total_video_input_tokens", x.total_video_input_tokens);
  v("total_video_output_tokens", x.total_video_output_tokens);
  v("total_billed_input_tokens", x.total_billed_input_tokens);
  v("total_billed_output_tokens", x.total_billed_output_tokens);
  v("total_web_search_requests", x.total_web_search_requests);
  v.money("total_cost_usd", x.total_cost_usd, "total_cost_picousd", x.total_cost);
  v("latency_p50", x.latency_p50);
  v("latency_p95", x.latency_p95);
  v("latency_p99", x.latency_p99);
  v("latency_avg", x.latency_avg);
  v("ttft_p50", x.ttft_p50);
  v("ttft_p95", x.ttft_p95);
  v("ttft_p99", x.ttft_p99);
  v("ttft_avg", x.ttft_avg);
  v("percentiles_exact", x.percentiles_exact);
  // Older files have only the one above.
  if constexpr (!std::is_const_v<T>) {
    x.latency_percentiles_exact = x.ttft_percentiles_exact = x.percentiles_exact;
  }
  v("latency_percentiles_exact", x.latency_percentiles_exact);
  v("ttft_percentiles_exact", x.ttft_percentiles_exact);
  v("unattributed_requests", x.unattributed_requests);
  v("by_provider", x.by_provider);
  v("by_model", x.by_model);
  v("by_tenant", x.by_tenant);
  v("by_user", x.by_user);
  v("errors_by_type", x.errors_by_type);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, CostBreakdown::Share>
void visit_fields(Visitor& v, T& x) {
  v("cost_usd", x.cost_usd);
  v("percentage", x.percentage);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, CostBreakdown::Average>
void visit_fields(Visitor& v, T& x) {
  v("cost_usd", x.cost_usd);
  v("requests", x.requests);
  v("avg_cost", x.avg_cost);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, CostBreakdown>
void visit_fields(Visitor& v, T& x) {
  v.money("total_cost_usd", x.total_cost_usd, "total_cost_picousd", x.total_cost);
  v("by_provider", x.by_provider);
  v("by_tenant", x.by_tenant);
  v("by_model", x.by_model);
  v("unpriced_requests", x.unpriced_requests);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, TenantStats>
void visit_fields(Visitor& v, T& x) {
  v("tenant_id", x.tenant_id);
  v("period", x.period);
  v.group("requests", [&](auto& inner) {
    inner("total", x.requests.total);
    inner("successful", x.requests.successful);
    inner("failed", x.requests.failed);
    inner("success_rate", x.requests.success_rate);
  });
  v.group("tokens", [&](auto& inner) {
    inner("input", x.tokens.input);
    inner("output", x.tokens.output);
    inner("total", x.tokens.total);
  });
  v("cost", x.cost);
  v.group("latency", [&](auto& inner) {
    inner("p50", x.latency.p50);
    inner("p95", x.latency.p95);
    inner("p99", x.latency.p99);
    inner("avg", x.latency.avg);
  });
  v("errors", x.errors);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, TenantCost>
void visit_fields(Visitor& v, T& x) {
  v("tenant_id", x.tenant_id);
  v.money("total_cost_usd", x.total_cost_usd, "total_cost_picousd", x.total_cost);
  v("requests", x.requests);
  v("tokens", x.tokens);
  v("avg_cost_per_request", x.avg_cost_per_request);
  v("success_rate", x.success_rate);
  v("unpriced", x.unpriced);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, DroppedRecords>
void visit_fields(Visitor& v, T& x) {
  v("lapped", x.lapped);
  v("refused", x.refused);
  v("retry_limit", x.retry_limit);
  v("shutdown", x.shutdown);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, ExportStats>
void visit_fields(Visitor& v, T& x) {
  v("name", x.name);
  v("delivered", x.delivered);
  v("dropped", x.dropped);
  v("dropped_by_reason", x.dropped_by_reason);
  v("pending", x.pending);
  v("attempts", x.attempts);
  v("failed", x.failed);
  v("retries", x.retries);
  v("timeouts", x.timeouts);
  v("circuit", x.circuit);
  v("stuck", x.stuck);
  v("last_error", x.last_error);
  v("last_success", x.last_success);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, Diagnostics>
void visit_fields(Visitor& v, T& x) {
  v("recorded", x.recorded);
  v("retained", x.retained);
  v("folded", x.folded);
  v("expired", x.expired);
  v("history_cells", x.history_cells);
  v("memory_bytes", x.memory_bytes);
  v("negative_tokens", x.negative_tokens);
  v("saturated_tokens", x.saturated_tokens);
  v("invalid_usage", x.invalid_usage);
  v("undecided_fees", x.undecided_fees);
  v("unpriced_tiers", x.unpriced_tiers);
  v("invalid_costs", x.invalid_costs);
  v("invalid_latencies", x.invalid_latencies);
  v("invalid_timestamps", x.invalid_timestamps);
  v("truncated_texts", x.truncated_texts);
  v("invalid_utf8", x.invalid_utf8);
  v("dropped_texts", x.dropped_texts);
  v("overflowed_names", x.overflowed_names);
  v("lost_records", x.lost_records);
  v("folds_by_callers", x.folds_by_callers);
  v("extra_chunks", x.extra_chunks);
  v("query_restarts", x.query_restarts);
  v("clears", x.clears);
  v("workers_left_behind", x.workers_left_behind);
  v("worker_failures", x.worker_failures);
  v("readers", x.readers);
}

void read_json(Json const& json, UsageBreakdown& out, JsonPath const& path) {
  read_fields(json, out, path);
}
void read_json(Json const& json, CostBreakdown::Share& out, JsonPath const& path) {
  read_fields(json, out, path);
}
void read_json(Json const& json, CostBreakdown::Average& out, JsonPath const& path) {
  read_fields(json, out, path);
}
void read_json(Json const& json, CostBreakdown& out, JsonPath const& path) {
  read_fields(json, out, path);
}
void read_json(Json const& json, DroppedRecords& out, JsonPath const& path) {
  read_fields(json, out, path);
}
void read_json(Json const& json, ExportStats& out, JsonPath const& path) {
  read_fields(json, out, path);
}

}  // namespace detail

using detail::FieldWriter;
using detail::Json;
using detail::json_value;
using detail::read_fields;
using detail::write_fields;

namespace {

/// Null for the empty name, which means any.
Json name_or_null(std::string_view name) { return name.empty() ? Json() : json_value(name); }

}  // namespace

void to_json(Json& json, TokenUsage const& usage) { write_fields(json, usage); }
void from_json(Json const& json, TokenUsage& usage) { read_fields(json, usage); }

void to_json(Json& json, UsageBreakdown const& usage) { write_fields(json, usage); }
void from_json(Json const& json, UsageBreakdown& usage) { read_fields(json, usage); }

void to_json(Json& json, AggregatedMetrics const& stats) { write_fields(json, stats); }
void from_json(Json const& json, AggregatedMetrics& stats) { read_fields(json, stats); }

void to_json(Json& json, CostBreakdown::Share const& share) { write_fields(json, share); }
void from_json(Json const& json, CostBreakdown::Share& share) { read_fields(json, share); }

void to_json(Json& json, CostBreakdown::Average const& average) { write_fields(json, average); }
void from_json(Json const& json, CostBreakdown::Average& average) { read_fields(json, average); }

void to_json(Json& json, CostBreakdown const& costs) { write_fields(json, costs); }
void from_json(Json const& json, CostBreakdown& costs) { read_fields(json, costs); }

void to_json(Json& json, TenantStats const& stats) { write_fields(json, stats); }
void from_json(Json const& json, TenantStats& stats) { read_fields(json, stats); }

void to_json(Json& json, TenantCost const& cost) { write_fields(json, cost); }
void from_json(Json const& json, TenantCost& cost) { read_fields(json, cost); }

void to_json(Json& json, DroppedRecords const& dropped) { write_fields(json, dropped); }
void from_json(Json const& json, DroppedRecords& dropped) { read_fields(json, dropped); }

void to_json(Json& json, ExportStats const& stats) { write_fields(json, stats); }
void from_json(Json const& json, ExportStats& stats) { read_fields(json, stats); }

void to_json(Json& json, Diagnostics const& diagnostics) { write_fields(json, diagnostics); }
void from_json(Json const& json, Diagnostics& diagnostics) { read_fields(json, diagnostics); }

void to_json(Json& json, PriceQuote const& quote) {
  FieldWriter writer;
  if (quote.priced) {
    writer.money("cost_usd", quote.cost.to_double(), "cost_picousd", quote.cost);
  } else {
    writer("cost_usd", std::optional<double>());
    writer("cost_picousd", std::optional<double>());
  }
  writer("priced", quote.priced);
  writer("problem", to_string(quote.problem));
  writer("explanation", quote.explanation);
  writer("fee_undecided", quote.fee_undecided);
  writer("tier_unknown", quote.tier_unknown);
  writer("provider", quote.provider);
  writer("model", quote.model);
  json = std::move(writer).take();
}

void to_json(Json& json, StatsQuery const& query) {
  FieldWriter writer;
  writer("period", query.period ? json_value(query.period->text()) : Json());
  writer("from", query.from);
  writer("to", query.to);
  writer("tenant_id", name_or_null(query.tenant_id));
  writer("provider", name_or_null(query.provider));
  writer("model", name_or_null(query.model));
  writer("user_id", name_or_null(query.user_id));
  writer("endpoint", name_or_null(query.endpoint));
  Json tag;
  if (query.tag) tag[detail::utf8_copy(query.tag->first)] = json_value(query.tag->second);
  writer("tag", tag);
  json = std::move(writer).take();
}

}  // namespace netrun::llm
