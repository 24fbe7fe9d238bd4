// SPDX-License-Identifier: MIT
// Exporters that do as a test says.
#pragma once

#include <netrun/llm/telemetry.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace netrun::llm::testing {

/// What an exporter does; by default it delivers.
struct Script {
  std::string name = "scripted";
  std::function<ExportResult(ExportBatch const&)> export_batch{};
  std::function<bool(Deadline)> flush{};
  std::function<void(Deadline)> shutdown{};
  std::function<void()> after_fork{};
};
std::unique_ptr<Exporter> scripted(Script script);

/// Options with which nothing has to be waited for.
ExporterOptions quick_options();

/// Keeps the input tokens of all calls that it is given.
class Inbox {
 public:
  void add(ExportBatch const& batch);
  void add(LLMRequestView const& call);
  [[nodiscard]] std::vector<std::uint64_t> numbers() const;
  /// A script that delivers into it. The inbox must outlive the collector.
  [[nodiscard]] Script script();

 private:
  mutable std::mutex mutex_;
  std::vector<std::uint64_t> numbers_;
};

/// Something to hang on until it is released; as a copy, safe in threads that outlive the test.
class Hook {
 public:
  void hang() const { state_->released.wait(); }
  void release() const { state_->release.set_value(); }

 private:
  struct State {
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

/// Records calls whose input tokens are first, first + 1, ...
void record_numbers(TelemetryCollector& collector, std::uint64_t first, std::uint64_t count);

/// first, first + 1, ... up to end
std::vector<std::uint64_t> numbers_between(std::uint64_t first, std::uint64_t end);

/// The account of the only reader.
ExportStats only_stats(TelemetryCollector const& collector);

}  // namespace netrun::llm::testing
