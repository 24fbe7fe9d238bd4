// SPDX-License-Identifier: MIT
// Questions about 35 days with 2,000 tenants and 50 models, and what folding costs.
//
//   build/bench/tests/benchmark/history [--calls N]
//
// The first lines say how the history was made: N calls (default 10 million) over 35 days, every
// second one streaming, tenants drawn by Zipf's law. Goals: any statistics query over 35 days at
// most 1 ms, 720 hourly steps at most 2 ms, whatever N is.
#include "support/workload.hpp"
#include <netrun/llm/telemetry.hpp>

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace netrun::llm;
using namespace std::chrono_literals;

constexpr std::size_t tenant_count = 2'000, model_count = 50, provider_count = 7;

std::uint64_t calls_to_make = 10'000'000;

/// Tenant numbers, the first the most frequent, none of them rare to the point of absence.
class Tenants {
 public:
  Tenants() {
    double sum = 0;
    for (std::size_t i = 0; i < tenant_count; ++i) {
      sum += 1.0 / std::pow(static_cast<double>(i + 1), 0.8);
      below_.push_back(sum);
    }
  }
  std::size_t draw(std::mt19937_64& random) const {
    auto const at = std::uniform_real_distribution<double>(0, below_.back())(random);
    return static_cast<std::size_t>(std::lower_bound(below_.begin(), below_.end(), at) -
                                    below_.begin());
  }

 private:
  std::vector<double> below_;
};

struct Past {
  ManualTime time;
  TelemetryCollector collector{{.max_history = 4'096, .time_source = &time}};
  double seconds = 0;

  Past() {
    std::mt19937_64 random(35);
    Tenants const tenants;
    std::lognormal_distribution<double> latency(7, 0.8);
    auto const gap = std::chrono::nanoseconds(35 * 24h) / static_cast<std::int64_t>(calls_to_make);
    auto const begin = std::chrono::steady_clock::now();
    for (std::uint64_t i = 0; i < calls_to_make; ++i) {
      time.advance(gap);
      LLMRequestMetrics call;
      auto const model = random() % model_count;
      call.provider = "provider-" + std::to_string(model % provider_count);
      call.model = "model-" + std::to_string(model);
      call.tenant_id = "tenant-" + std::to_string(tenants.draw(random));
      call.latency_ms = latency(random);
      call.streaming = i % 2 == 0;
      if (call.streaming) call.time_to_first_token_ms = call.latency_ms / 4;
      call.input_tokens = 100 + random() % 2'000;
      call.output_tokens = random() % 1'000;
      call.success = random() % 50 != 0;
      if (!call.success) call.error_type = "timeout";
      call.cost_usd = 0.001;
      call.cost_source = CostSource::manual;
      call.timestamp = time.now();
      collector.record(call);
    }
    seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  }
};

Past& past() {
  static Past one;
  return one;
}

template <class Question>
void ask(benchmark::State& state, Question&& question) {
  auto& collector = past().collector;
  for (auto _ : state) benchmark::DoNotOptimize(question(collector));
}

void report() {
  auto const memory = past().collector.memory_usage();
  auto const d = past().collector.diagnostics();
  std::printf(
      "%llu calls recorded in %.1f s (the drawing of them included); history %.1f of %.1f MiB, "
      "%llu "
      "cells; %llu folds by the recorder, %llu calls lost\n",
      static_cast<unsigned long long>(d.recorded), past().seconds,
      static_cast<double>(memory.history) / (1 << 20), 96.0,
      static_cast<unsigned long long>(d.history_cells),
      static_cast<unsigned long long>(d.folds_by_callers),
      static_cast<unsigned long long>(d.lost_records));
  auto const stats = past().collector.get_stats("35d");
  std::printf("35d: %llu calls, %zu tenants, %zu models\n",
              static_cast<unsigned long long>(stats.total_requests), stats.by_tenant.size(),
              stats.by_model.size());
}

/// Nanoseconds of each of many tracked calls, one after the other on one thread.
std::vector<std::int64_t> lengths_of_calls(TelemetryCollector& collector, std::size_t count) {
  std::vector<std::int64_t> lengths(count);
  auto last = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < count; ++i) {
    benchmarks::track(collector, i, false);
    auto const now = std::chrono::steady_clock::now();
    lengths[i] = std::chrono::nanoseconds(now - last).count();
    last = now;
  }
  return lengths;
}

/// What folding adds to a call: the same calls into a ring that holds them all, and into one that
/// is full. Medians of nine rounds, turn and turn about.
void report_folding() {
  constexpr std::size_t count = 500'000;
  constexpr int rounds = 9;
  struct Figures {
    std::vector<double> mean, p50, p999;
  } kept, folded;
  auto const median = [](std::vector<double> all) {
    std::nth_element(all.begin(), all.begin() + rounds / 2, all.end());
    return all[rounds / 2];
  };
  auto const measure = [&](std::size_t max_history, std::size_t before, Figures& figures) {
    TelemetryCollector collector({.max_history = max_history});
    for (std::size_t i = 0; i < before; ++i) benchmarks::track(collector, i, false);
    auto lengths = lengths_of_calls(collector, count);
    std::sort(lengths.begin(), lengths.end());
    double sum = 0;
    for (auto const length : lengths) sum += static_cast<double>(length);
    figures.mean.push_back(sum / count);
    figures.p50.push_back(static_cast<double>(lengths[count / 2]));
    figures.p999.push_back(static_cast<double>(lengths[count / 1'000 * 999]));
  };
  for (int round = 0; round < rounds; ++round) {
    measure(count + 10'000, 1'000, kept);
    measure(10'000, 100'000, folded);
  }
  for (auto const& [name, figures] :
       {std::pair("ring not full", &kept), std::pair("full, folding", &folded)}) {
    std::printf(
        "%s: a call %.0f ns in the mean, median %.0f, 99.9 %% below %.0f (%.1f medians), one clock "
        "read included\n",
        name, median(figures->mean), median(figures->p50), median(figures->p999),
        median(figures->p999) / median(figures->p50));
  }
  std::printf("folding adds %.1f %%\n", 100 * (median(folded.mean) / median(kept.mean) - 1));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (argc == 3 && std::strcmp(argv[1], "--calls") == 0)
    calls_to_make = std::strtoull(argv[2], nullptr, 10);
  report_folding();
  report();
  auto const add = [](char const* name, auto question) {
    benchmark::RegisterBenchmark(name,
                                 [question](benchmark::State& state) { ask(state, question); })
        ->Unit(benchmark::kMicrosecond)
        ->Repetitions(5)
        ->ReportAggregatesOnly();
  };
  add("get_stats: everything", [](auto& c) { return c.get_stats(StatsQuery{}); });
  add("get_stats: 35d", [](auto& c) { return c.get_stats("35d"); });
  add("get_stats: 30d", [](auto& c) { return c.get_stats("30d"); });
  add("get_stats: from a minute 34 days and 23 hours ago", [](auto& c) {
    return c.get_stats(StatsQuery{.from = past().time.now() - 34 * 24h - 23h - 7min});
  });
  add("get_stats: 24h", [](auto& c) { return c.get_stats("24h"); });
  add("get_stats: 1h", [](auto& c) { return c.get_stats("1h"); });
  add("get_stats: 30d of a tenant", [](auto& c) { return c.get_stats("30d", "tenant-1"); });
  add("get_stats: 30d of a provider",
      [](auto& c) { return c.get_stats(StatsQuery{.period = "30d", .provider = "provider-1"}); });
  add("get_stats: 30d of a model",
      [](auto& c) { return c.get_stats(StatsQuery{.period = "30d", .model = "model-1"}); });
  add("get_stats: 30d of a tenant and a model", [](auto& c) {
    return c.get_stats(StatsQuery{.period = "30d", .tenant_id = "tenant-1", .model = "model-1"});
  });
  add("get_cost_breakdown: 30d", [](auto& c) { return c.get_cost_breakdown("30d"); });
  add("get_tenant_stats: 30d", [](auto& c) { return c.get_tenant_stats("tenant-1", "30d"); });
  add("get_tenant_costs: 30d", [](auto& c) { return c.get_tenant_costs("30d"); });
  add("get_timeseries: 30d by the hour",
      [](auto& c) { return c.get_timeseries({.period = "30d"}, "1h"); });
  add("get_timeseries: 30d by the day, Europe/Berlin",
      [](auto& c) { return c.get_timeseries({.period = "30d"}, TimeStep::day("Europe/Berlin")); });
  add("get_timeseries: 30d by the hour, of a tenant",
      [](auto& c) { return c.get_timeseries({.period = "30d", .tenant_id = "tenant-1"}, "1h"); });
  add("get_timeseries: 30d by the day and model", [](auto& c) {
    return c.get_timeseries({.period = "30d"}, "1d", {.group_by = GroupBy::model});
  });
  benchmark::RunSpecifiedBenchmarks();
}
