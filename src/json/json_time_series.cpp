// SPDX-License-Identifier: MIT
// Figures over time, and of memory, as JSON.
#include "json/fields.hpp"
#include <netrun/llm/json.hpp>

#include <type_traits>

namespace netrun::llm {
namespace detail {

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, MemoryUsage>
void visit_fields(Visitor& v, T& x) {
  v("ring", x.ring);
  v("texts", x.texts);
  v("names", x.names);
  v("history", x.history);
  v("total", x.total);
  v("limit", x.limit);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, TimeSeriesPoint>
void visit_fields(Visitor& v, T& x) {
  v("start", x.start);
  v("end", x.end);
  v("requests", x.requests);
  v("failed", x.failed);
  v("cached", x.cached);
  v("streaming", x.streaming);
  v("unpriced", x.unpriced);
  v("input_tokens", x.input_tokens);
  v("output_tokens", x.output_tokens);
  v("cache_read_tokens", x.cache_read_tokens);
  v("cache_write_tokens", x.cache_write_tokens);
  v("reasoning_tokens", x.reasoning_tokens);
  v("tokens", x.tokens);
  v.money("cost", x.cost, "cost_picousd", x.exact_cost);
  v("latency_p50", x.latency_p50);
  v("latency_p95", x.latency_p95);
  v("latency_p99", x.latency_p99);
  v("latency_avg", x.latency_avg);
  v("ttft_p50", x.ttft_p50);
  v("ttft_p95", x.ttft_p95);
  v("ttft_p99", x.ttft_p99);
  v("ttft_avg", x.ttft_avg);
  v("percentiles_exact", x.percentiles_exact);
}

template <class Visitor, class T>
requires std::is_same_v<std::remove_const_t<T>, TimeSeries>
void visit_fields(Visitor& v, T& x) {
  v("period_start", x.period_start);
  v("period_end", x.period_end);
  v("exact_from", x.exact_from);
  v("points", x.points);
  v("groups", x.groups);
}

void read_json(Json const& json, TimeSeriesPoint& out, JsonPath const& path) {
  read_fields(json, out, path);
}

}  // namespace detail

using detail::Json;
using detail::read_fields;
using detail::write_fields;

void to_json(Json& json, MemoryUsage const& memory) { write_fields(json, memory); }
void from_json(Json const& json, MemoryUsage& memory) { read_fields(json, memory); }

void to_json(Json& json, TimeSeriesPoint const& point) { write_fields(json, point); }
void from_json(Json const& json, TimeSeriesPoint& point) { read_fields(json, point); }

void to_json(Json& json, TimeSeries const& series) { write_fields(json, series); }
void from_json(Json const& json, TimeSeries& series) { read_fields(json, series); }

}  // namespace netrun::llm
