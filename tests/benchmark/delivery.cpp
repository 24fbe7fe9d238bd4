// SPDX-License-Identifier: MIT
// How fast records leave the log, and what exporters that run cost those who record.
//
//   build/bench/tests/benchmark/delivery
//
// First: records a second through one exporter that only counts, from a log that is full of them.
// Then: the time of single calls (two clock reads included) on one thread, in turns without
// exporters and with four that only count, in the same run.
#include "support/workload.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <vector>

namespace {

using namespace netrun::llm;
using benchmarks::track;
using SteadyClock = std::chrono::steady_clock;

class Counting final : public Exporter {
 public:
  std::string name() const override { return "counting"; }
  ExportResult export_batch(ExportBatch const& batch) override {
    for (auto const& call : batch) tokens_ += call.total_tokens;
    return ExportResult::delivered();
  }

 private:
  std::uint64_t tokens_ = 0;
};

/// In bursts that do not fill a batch, so that each waits for the flush.
double records_per_second_in_bursts(std::size_t batch_size) {
  TelemetryCollector collector;
  collector.add_exporter(std::make_unique<Counting>(),
                         {.max_batch_size = batch_size, .max_batch_delay = std::chrono::hours(1)});
  constexpr int rounds = 500;
  auto const burst = std::min<std::size_t>(batch_size - 1, 4'000);
  SteadyClock::duration total{};
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < burst; ++i) track(collector, i, true);
    auto const start = SteadyClock::now();
    (void)collector.flush(std::chrono::seconds(60));
    total += SteadyClock::now() - start;
  }
  return static_cast<double>(rounds * burst) / std::chrono::duration<double>(total).count();
}

/// All of `count` records are in the log before the exporter may begin.
class Gated final : public Exporter {
 public:
  explicit Gated(std::atomic<bool> const& open) : open_(open) {}
  std::string name() const override { return "gated"; }
  ExportResult export_batch(ExportBatch const& batch) override {
    open_.wait(false);
    for (auto const& call : batch) tokens_ += call.total_tokens;
    return ExportResult::delivered();
  }

 private:
  std::atomic<bool> const& open_;
  std::uint64_t tokens_ = 0;
};

double records_per_second_of_full_log(std::size_t count, std::size_t batch_size, bool with_user) {
  std::atomic<bool> open{false};
  TelemetryCollector collector({.max_history = count});
  collector.add_exporter(std::make_unique<Gated>(open), {.max_batch_size = batch_size});
  for (std::size_t i = 0; i < count; ++i) track(collector, i, with_user);
  auto const start = SteadyClock::now();
  open.store(true);
  open.notify_all();
  (void)collector.flush(std::chrono::seconds(60));
  auto const seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
  auto const stats = collector.export_stats().front();
  if (stats.delivered != count) std::printf("only %zu delivered\n", std::size_t{stats.delivered});
  return static_cast<double>(count) / seconds;
}

struct Tail {
  double p50 = 0, p99 = 0, p999 = 0;
};

Tail tail_of(std::vector<std::uint32_t>& times) {
  auto const at = [&](double part) {
    auto const place =
        times.begin() + static_cast<std::ptrdiff_t>(part * static_cast<double>(times.size() - 1));
    std::nth_element(times.begin(), place, times.end());
    return static_cast<double>(*place);
  };
  return {at(0.5), at(0.99), at(0.999)};
}

Tail record(TelemetryCollector& collector, std::size_t count, std::chrono::nanoseconds pace) {
  std::vector<std::uint32_t> times(count);
  auto next = SteadyClock::now();
  for (std::size_t i = 0; i < count; ++i) {
    while (pace.count() > 0 && SteadyClock::now() < next) {
    }
    next += pace;
    auto const start = SteadyClock::now();
    track(collector, i, false);
    times[i] = static_cast<std::uint32_t>((SteadyClock::now() - start).count());
  }
  return tail_of(times);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void report_tail(char const* what, std::chrono::nanoseconds pace, std::size_t count) {
  constexpr int rounds = 15;
  TelemetryCollector without;
  TelemetryCollector with;
  for (int i = 0; i < 4; ++i) with.add_exporter(std::make_unique<Counting>());
  std::array<std::vector<double>, 6> figures;
  for (int round = 0; round < rounds + 1; ++round) {
    auto const a = record(without, count, pace);
    auto const b = record(with, count, pace);
    if (round == 0) continue;  // warms up
    for (auto [i, value] : {std::pair{0U, a.p50},
                            {1U, a.p99},
                            {2U, a.p999},
                            {3U, b.p50},
                            {4U, b.p99},
                            {5U, b.p999}}) {
      figures[i].push_back(value);
    }
  }
  std::array<double, 6> m{};
  for (std::size_t i = 0; i < m.size(); ++i) m[i] = median(figures[i]);
  std::printf(
      "%s, ns a call without -> with four exporters: p50 %.0f -> %.0f, p99 %.0f -> %.0f, p99.9 "
      "%.0f -> %.0f = %.2f times\n",
      what, m[0], m[3], m[1], m[4], m[2], m[5], m[5] / m[2]);
  std::uint64_t delivered = 0;
  std::uint64_t dropped = 0;
  for (auto const& stats : with.export_stats()) {
    delivered += stats.delivered;
    dropped += stats.dropped;
  }
  std::printf("  delivered to the four: %.1f million, lapped: %.1f million\n",
              static_cast<double>(delivered) / 1e6, static_cast<double>(dropped) / 1e6);
}

}  // namespace

int main() {
  for (std::size_t const size : {std::size_t{512}, std::size_t{4'096}}) {
    std::printf("bursts below %zu records, ring of 10,000: %.2f million records/s\n", size,
                records_per_second_in_bursts(size) / 1e6);
  }
  for (std::size_t const count : {std::size_t{100'000}, std::size_t{1'000'000}}) {
    for (std::size_t const size : {std::size_t{512}, std::size_t{4'096}}) {
      std::printf("%zu records in the log, batches of %zu: %.2f million records/s\n", count, size,
                  records_per_second_of_full_log(count, size, true) / 1e6);
    }
  }
  using std::chrono::nanoseconds;
  report_tail("as fast as it goes", nanoseconds(0), 500'000);
  report_tail("a call every microsecond", nanoseconds(1'000), 200'000);
  report_tail("a call every 10 microseconds", nanoseconds(10'000), 30'000);
}
