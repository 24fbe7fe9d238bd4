// SPDX-License-Identifier: MIT
// Where money and time go, and which models would have cost less.
#include <netrun/llm/detail/request_fields.hpp>
#include <netrun/llm/report.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <tuple>
#include <utility>

namespace netrun::llm {
namespace {

double percent(double part, double whole) noexcept { return whole > 0 ? 100 * part / whole : 0; }
double percent(std::uint64_t part, std::uint64_t whole) noexcept {
  return percent(static_cast<double>(part), static_cast<double>(whole));
}

/// Models for another purpose, or of long ago, which do not answer the same question for less.
bool is_special(std::string_view model) noexcept {
  constexpr std::array<std::string_view, 27> words{
      "embed",     "audio",    "tts",     "transcribe",    "realtime", "image",     "moderation",
      "live",      "search",   "ocr",     "deep-research", "robotics", "computer",  "omni",
      "lyria",     "vision",   "exp",     ".ft-",          "ft:",      "davinci",   "babbage",
      "claude-v1", "claude-2", "instant", "gpt-3.5",       "gemini-1", "gemini-pro"};
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return model.find(word) != std::string_view::npos;
  });
}

std::size_t common_beginning(std::string_view a, std::string_view b) noexcept {
  auto const end = std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first;
  return static_cast<std::size_t>(end - a.begin());
}

constexpr std::size_t most_sampled_calls = 2'000;

/// Calls of one model to compare prices with: prices depend on the size and the parts of a call, so
/// an average call would not do.
class Sample {
 public:
  Sample(std::vector<LLMRequestMetrics> const& calls, ModelCost const& model,
         AggregatedMetrics const& period) {
    std::vector<LLMRequestMetrics const*> own;
    for (auto const& call : calls) {
      if (call.provider == model.provider && call.model == model.model &&
          call.timestamp >= period.period_start) {
        own.push_back(&call);
      }
    }
    auto const step = own.size() / most_sampled_calls + 1;
    for (std::size_t i = 0; i < own.size(); i += step)
      usages_.push_back(detail::usage_of_call(*own[i]));
  }

  /// What the calls cost by this entry; zero when nothing is known.
  [[nodiscard]] Usd price(PriceEntry entry, Clock::time_point at) const noexcept {
    Usd sum;
    for (auto const& usage : usages_) sum += entry.price(usage, at).cost;
    return sum;
  }

 private:
  std::vector<TokenUsage> usages_;
};

struct Candidate {
  CheaperModel model;
  std::size_t likeness;
};

/// Whether a model can be called and writes text.
bool is_offered(PriceEntry entry, Clock::time_point now) {
  auto const model = entry.describe();
  auto const is_over = [&](auto const& day) { return day && Clock::time_point(*day) <= now; };
  return !model.is_retired && !is_over(model.retired) && !is_over(model.deprecated) &&
         model.mode != "embedding" && !model.periods.empty() &&
         model.periods.back().rates.output > Usd{};
}

std::vector<CheaperModel> cheaper_models(PriceBook const& book, ModelCost const& cost,
                                         Sample const& sample, Clock::time_point now,
                                         OptimizationOptions const& options) {
  auto const entry = book.find(cost.provider, cost.model);
  auto const own_name = entry.model();
  if (entry.empty() || is_special(own_name)) return {};
  double const own_price = sample.price(entry, now).to_double();
  if (own_price <= 0) return {};
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < book.size(); ++i) {
    auto const other = book.entry(i);
    if (other.provider() != entry.provider() || other == entry) continue;
    if (is_special(other.model()) || !is_offered(other, now)) continue;
    double const price = sample.price(other, now).to_double();
    double const ratio = price / own_price;
    // What is free is an experiment, not an offer.
    if (price <= 0 || ratio > options.most_price_ratio) continue;
    auto const saving = Usd::from_double(cost.usage.cost * (1 - ratio));
    candidates.push_back(
        {{.model = std::string(other.model()), .price_ratio = ratio, .saving = saving},
         common_beginning(own_name, other.model())});
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

void subtract(UsageBreakdown& from, UsageBreakdown const& part) noexcept {
  from.requests -= std::min(from.requests, part.requests);
  from.failed -= std::min(from.failed, part.failed);
  from.unpriced -= std::min(from.unpriced, part.unpriced);
  from.tokens -= std::min(from.tokens, part.tokens);
  from.input_tokens -= std::min(from.input_tokens, part.input_tokens);
  from.output_tokens -= std::min(from.output_tokens, part.output_tokens);
  from.exact_cost = std::max(Usd{}, from.exact_cost - part.exact_cost);
  from.cost = from.exact_cost.to_double();
}

/// All pairs of provider and model; a breakdown by model alone would mix providers. One without a
/// name cannot be asked for, for an empty name means any: it has what is left over.
std::vector<ModelCost> cost_of_models(TelemetryCollector const& collector,
                                      AggregatedMetrics const& all, StatsQuery query) {
  std::vector<ModelCost> models;
  auto left = all.by_model;
  auto const add = [&](std::string const& provider, std::string const& model,
                       UsageBreakdown const& usage) {
    ModelCost cost;
    cost.provider = provider;
    cost.model = model;
    cost.usage = usage;
    models.push_back(std::move(cost));
  };
  for (auto const& [provider, sum] : all.by_provider) {
    if (provider.empty()) continue;
    query.provider = provider;
    for (auto const& [model, usage] : collector.get_stats(query).by_model) {
      add(provider, model, usage);
      subtract(left[model], usage);
    }
  }
  if (all.by_provider.contains("")) {
    for (auto const& [model, usage] : left) {
      if (usage.requests > 0) add({}, model, usage);
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
  // The same period in all queries. What begins now is in a period, but not in [from, to).
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
  auto const book = options.prices != nullptr ? *options.prices : collector.prices();
  auto const calls = collector.snapshot();
  for (auto& model : models) {
    model.avg_cost =
        model.usage.requests > 0 ? model.usage.cost / static_cast<double>(model.usage.requests) : 0;
    model.share_percent = percent(model.usage.cost, all.total_cost_usd);
    if (model.provider.empty() || model.model.empty()) continue;  // nobody knows what it is
    auto own = query;
    own.provider = model.provider;
    own.model = model.model;
    auto const stats = collector.get_stats(own);
    model.cache_read_percent = percent(stats.total_cache_read_tokens, stats.total_input_tokens);
    model.alternatives =
        cheaper_models(book, model, Sample(calls, model, all), all.period_end, options);
  }
  return report;
}

}  // namespace netrun::llm
