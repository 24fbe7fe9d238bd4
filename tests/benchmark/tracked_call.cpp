// SPDX-License-Identifier: MIT
// What a tracked call costs, against two reads of the steady clock in the same run.
//
//   build/bench/tests/benchmark/tracked_call
//
// The last lines sum up: ratios to the clock, calls per second on 1, 2 and 8 threads, allocations
// and voluntary context switches of recorders while get_stats runs in a loop.
#include "support/count_allocations.hpp"
#include "support/workload.hpp"
#include <netrun/llm/telemetry.hpp>

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <sys/resource.h>

namespace {

using namespace netrun::llm;

using benchmarks::track;

TelemetryCollector* shared_collector = nullptr;

void two_clock_reads(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(std::chrono::steady_clock::now());
    benchmark::DoNotOptimize(std::chrono::steady_clock::now());
  }
}

/// Arguments: max_history; calls recorded before the clock starts; whether calls have a user.
void tracked_call(benchmark::State& state) {
  if (state.thread_index() == 0) {
    shared_collector =
        new TelemetryCollector({.max_history = static_cast<std::size_t>(state.range(0))});
    for (std::int64_t i = 0; i < state.range(1); ++i) {
      track(*shared_collector, static_cast<std::size_t>(i), true);
    }
  }
  std::size_t i = static_cast<std::size_t>(state.thread_index()) * 37;
  auto const allocated_before = benchmarks::allocations();
  for (auto _ : state) track(*shared_collector, i++, state.range(2) != 0);
  auto const allocated = benchmarks::allocations() - allocated_before;
  state.counters["allocations"] =
      benchmark::Counter(static_cast<double>(allocated), benchmark::Counter::kAvgIterations);
  state.counters["calls/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
  if (state.thread_index() == 0) {
    auto const d = shared_collector->diagnostics();
    state.counters["lost"] = benchmark::Counter(static_cast<double>(d.lost_records));
    delete shared_collector;
    shared_collector = nullptr;
  }
}

void record_finished(benchmark::State& state) {
  TelemetryCollector collector;
  LLMRequestMetrics call;
  call.provider = "openai";
  call.model = "gpt-4o";
  call.tenant_id = "acme";
  call.input_tokens = 1000;
  call.latency_ms = 250;
  for (auto _ : state) collector.record(call);
}

void get_stats(benchmark::State& state) {
  auto const n = static_cast<std::size_t>(state.range(0));
  TelemetryCollector collector({.max_history = n});
  for (std::size_t i = 0; i < n; ++i) track(collector, i, true);
  for (auto _ : state) benchmark::DoNotOptimize(collector.get_stats("1h"));
}

constexpr int repetitions = 9;

void with_medians(benchmark::internal::Benchmark* benchmark) {
  benchmark->Repetitions(repetitions)->ReportAggregatesOnly();
}

BENCHMARK(two_clock_reads)->Apply(with_medians);
// The ring has room for all calls, then it has been full for long.
BENCHMARK(tracked_call)->Args({3'000'000, 1'000, 0})->Iterations(200'000)->Apply(with_medians);
BENCHMARK(tracked_call)->Args({10'000, 100'000, 0})->Apply(with_medians);
BENCHMARK(tracked_call)->Args({10'000, 100'000, 1})->Apply(with_medians);
BENCHMARK(tracked_call)->Args({10'000, 100'000, 0})->Threads(2)->UseRealTime()->Apply(with_medians);
BENCHMARK(tracked_call)->Args({10'000, 100'000, 0})->Threads(8)->UseRealTime()->Apply(with_medians);
BENCHMARK(record_finished)->Apply(with_medians);
BENCHMARK(get_stats)->Arg(10'000)->Arg(50'000)->Unit(benchmark::kMicrosecond);

/// Prints as usual and keeps the medians.
class Reporter : public benchmark::ConsoleReporter {
 public:
  std::map<std::string, Run> medians;
  void ReportRuns(std::vector<Run> const& runs) override {
    benchmark::ConsoleReporter::ReportRuns(runs);
    for (auto const& run : runs) {
      if (run.aggregate_name == "median") medians[run.run_name.str()] = run;
    }
  }
};

/// Voluntary context switches of one recorder in a second in which another thread queries all the
/// time.
void report_switches() {
  TelemetryCollector collector({.max_history = 50'000});
  for (std::size_t i = 0; i < 60'000; ++i) track(collector, i, false);
  std::atomic<bool> stop{false};
  std::uint64_t queries = 0;
  std::thread reader([&] {
    for (; !stop.load(); ++queries) benchmark::DoNotOptimize(collector.get_stats("1h"));
  });
  rusage before{};
  rusage after{};
  std::uint64_t calls = 0;
  getrusage(RUSAGE_THREAD, &before);
  auto const end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (std::chrono::steady_clock::now() < end) {
    for (int i = 0; i < 100; ++i) track(collector, calls++, false);
  }
  getrusage(RUSAGE_THREAD, &after);
  stop.store(true);
  reader.join();
  auto const d = collector.diagnostics();
  std::printf(
      "recorder while get_stats loops: %ld voluntary context switches in %llu calls and %llu "
      "queries "
      "(%llu folds by the recorder, %llu extra chunks, %llu restarts)\n",
      after.ru_nvcsw - before.ru_nvcsw, static_cast<unsigned long long>(calls),
      static_cast<unsigned long long>(queries), static_cast<unsigned long long>(d.folds_by_callers),
      static_cast<unsigned long long>(d.extra_chunks),
      static_cast<unsigned long long>(d.query_restarts));
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  auto const& medians = reporter.medians;
  auto const clock = medians.find("two_clock_reads/repeats:9");
  if (clock == medians.end()) return 0;  // a filter left it out
  double const base = clock->second.GetAdjustedRealTime();
  std::printf("\ntwo steady_clock reads: %.1f ns\n", base);
  for (auto const& [name, run] : medians) {
    if (name.rfind("tracked_call", 0) != 0) continue;
    double const ns = run.GetAdjustedRealTime();
    std::printf(
        "%-70s %6.1f ns = %.2f times; %.2f million calls/s; %.3f allocations a call; %.0f calls "
        "lost\n",
        name.c_str(), ns, ns / base, run.counters.at("calls/s").value / 1e6,
        run.counters.at("allocations").value, run.counters.at("lost").value);
  }
  report_switches();
}
