// SPDX-License-Identifier: MIT
// Where money and time go, and which models would have cost less.
#include <netrun/llm/report.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

namespace netrun::llm {
namespace {

double percent(double part, double whole) noexcept { return whole > 0 ? 100 * part / whole : 0; }
double percent(std::uint64_t part, std::uint64_t whole) noexcept {
  return percent(static_cast<double>(part), static_cast<double>(whole));
}

/// Models for another purpose, which do not answer the same question for less.
bool is_special(std::string_view model) noexcept {
  constexpr std::array<std::string_view, 18> words{
      "embed",      "audio", "tts",    "transcribe", "realtime",      "image",
      "moderation", "live",  "search", "ocr",        "deep-research", "robotics",
      "computer",   "omni",  "lyria",  "vision",     "exp",           ".ft-"};
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return model.find(word) != std::string_view::npos;
  });
}

std::size_t common_beginning(std::string_view a, std::string_view b) noexcept {
  auto const end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return static_cast<std::size_t>(end - a.begin());
}

/// The average call of a model. Prices have tiers by the size of a call, so the sum of all calls
/// must not be priced as one.
TokenUsage average_call(AggregatedMetrics const& stats) noexcept {
  auto const n = std::max<std::uint64_t>(1, stats.total_requests);
  TokenUsage call{.input_tokens = stats.total_input_tokens / n,
                  .output_tokens = stats.total_output_tokens / n,
                  .cache_read_tokens = stats.total_cache_read_tokens / n,
                  .cache_write_tokens = stats.total_cache_write_tokens / n,
                  .reasoning_tokens = stats.total_reasoning_tokens / n};
  // Rounding must not make a part exceed its whole.
  call.cache_read_tokens = std::min(call.cache_read_tokens, call.input_tokens);
  call.cache_write_tokens =
      std::min(call.cache_write_tokens, call.input_tokens - call.cache_read_tokens);
  call.reasoning_tokens = std::min(call.reasoning_tokens, call.output_tokens);
  return call;
}

struct Candidate {
  CheaperModel model;
  std::size_t likeness;
};

std::vector<CheaperModel> cheaper_models(PriceBook const& book, ModelCost const& cost,
                                         AggregatedMetrics const& stats,
                                         OptimizationOptions const& options) {
  auto const call = average_call(stats);
  auto const now = stats.period_end;
  auto const own = book.price(cost.provider, cost.model, call, now);
  if (!own.priced || own.cost <= Usd{} || is_special(own.model)) return {};
  double const own_price = own.cost.to_double();
  std::vector<Candidate> candidates;
  std::set<std::string_view> seen{own.model};
  for (auto const& row : book.rows()) {
    if (row.provider != cost.provider || is_special(row.model)) continue;
    if (!seen.insert(row.model).second || row.rates.output <= 0) continue;
    auto const other = book.price(row.provider, row.model, call, now);
    double const ratio = other.cost.to_double() / own_price;
    // What is free is an experiment, not an offer.
    if (!other.priced || other.cost <= Usd{} || ratio > options.most_price_ratio) continue;
    auto const saving = Usd::from_double(stats.total_cost_usd * (1 - ratio));
    candidates.push_back({{.model = std::string(row.model), .price_ratio = ratio, .saving = saving},
                          common_beginning(own.model, row.model)});
  }
  std::sort(candidates.begin(), candidates.end(), [](Candidate const& a, Candidate const& b) {
    if (a.likeness != b.likeness) return a.likeness > b.likeness;
    if (a.model.price_ratio != b.model.price_ratio) {
      return a.model.price_ratio > b.model.price_ratio;
    }
    return a.model.model > b.model.model;  // later versions have higher numbers
  });
  std::vector<CheaperModel> models;
  for (auto& candidate : candidates) {
    if (models.size() >= options.most_alternatives) break;
    // One for each price: ten versions of a model that cost the same are one piece of advice.
    bool const known = std::any_of(models.begin(), models.end(), [&](CheaperModel const& other) {
      return other.price_ratio == candidate.model.price_ratio;
    });
    if (!known) models.push_back(std::move(candidate.model));
  }
  return models;
}

/// All pairs of provider and model; a breakdown by model alone would mix providers.
std::vector<ModelCost> cost_of_models(TelemetryCollector const& collector,
                                      AggregatedMetrics const& all, StatsQuery query) {
  std::vector<ModelCost> models;
  for (auto const& [provider, sum] : all.by_provider) {
    query.provider = provider;
    for (auto const& [model, usage] : collector.get_stats(query).by_model) {
      ModelCost cost;
      cost.provider = provider;
      cost.model = model;
      cost.usage = usage;
      models.push_back(std::move(cost));
    }
  }
  std::sort(models.begin(), models.end(), [](ModelCost const& a, ModelCost const& b) {
    if (a.usage.exact_cost != b.usage.exact_cost) return a.usage.exact_cost > b.usage.exact_cost;
    return std::tie(a.provider, a.model) < std::tie(b.provider, b.model);
  });
  return models;
}

}  // namespace

OptimizationReport make_optimization_report(TelemetryCollector const& collector,
                                            Period const& period,
                                            OptimizationOptions const& options) {
  auto const all = collector.get_stats(period);
  // The same calls in all queries. What begins now is in a period, but not in [from, to).
  StatsQuery const query{.from = all.period_start,
                         .to = all.period_end + std::chrono::milliseconds(1)};
  OptimizationReport report{
      .period = std::string(period.text()),
      .period_start = all.period_start,
      .period_end = all.period_end,
      .requests = all.total_requests,
      .failed = all.failed_requests,
      .unpriced = all.unpriced_requests,
      .cached = all.cached_requests,
      .total_cost = all.total_cost,
      .dearest_models = cost_of_models(collector, all, query),
      .latency_p50 = all.latency_p50,
      .latency_p95 = all.latency_p95,
      .latency_p99 = all.latency_p99,
      .ttft_p95 = all.ttft_p95,
      .high_latency = all.latency_p95 > options.high_latency_ms,
      .error_percent = percent(all.failed_requests, all.total_requests),
      .errors_by_type = all.errors_by_type,
  };
  auto& models = report.dearest_models;
  models.resize(std::min(models.size(), options.most_models));
  for (auto& model : models) {
    auto own = query;
    own.provider = model.provider;
    own.model = model.model;
    auto const stats = collector.get_stats(own);
    model.avg_cost =
        model.usage.requests > 0 ? model.usage.cost / static_cast<double>(model.usage.requests) : 0;
    model.share_percent = percent(model.usage.cost, all.total_cost_usd);
    model.cache_read_percent = percent(stats.total_cache_read_tokens, stats.total_input_tokens);
    model.alternatives = cheaper_models(
        options.prices != nullptr ? *options.prices : PriceBook::builtin(), model, stats, options);
  }
  return report;
}

}  // namespace netrun::llm
