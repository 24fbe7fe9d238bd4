// SPDX-License-Identifier: MIT
// Exporters that do as a test says.
#include "support/exporters.hpp"

#include "support/calls.hpp"

#include <numeric>
#include <stdexcept>
#include <utility>

namespace netrun::llm::testing {
namespace {

class ScriptedExporter final : public Exporter {
 public:
  explicit ScriptedExporter(Script script) : script_(std::move(script)) {}
  std::string name() const override { return script_.name; }
  ExportResult export_batch(ExportBatch const& batch) override {
    return script_.export_batch ? script_.export_batch(batch) : ExportResult::delivered();
  }
  bool flush(Deadline deadline) override { return !script_.flush || script_.flush(deadline); }
  void shutdown(Deadline deadline) override {
    if (script_.shutdown) script_.shutdown(deadline);
  }
  void after_fork() override {
    if (script_.after_fork) script_.after_fork();
  }

 private:
  Script script_;
};

}  // namespace

std::unique_ptr<Exporter> scripted(Script script) {
  return std::make_unique<ScriptedExporter>(std::move(script));
}

ExporterOptions quick_options() {
  using std::chrono::milliseconds;
  return {.max_batch_delay = milliseconds(1),
          .retry_delay = milliseconds(1),
          .retry_max_delay = milliseconds(1),
          .circuit_failures = 1'000'000,
          .circuit_pause = milliseconds(1)};
}

void Inbox::add(ExportBatch const& batch) {
  std::lock_guard const guard(mutex_);
  for (auto const& call : batch) numbers_.push_back(call.input_tokens);
}

void Inbox::add(LLMRequestView const& call) {
  std::lock_guard const guard(mutex_);
  numbers_.push_back(call.input_tokens);
}

std::vector<std::uint64_t> Inbox::numbers() const {
  std::lock_guard const guard(mutex_);
  return numbers_;
}

Script Inbox::script() {
  return {.name = "inbox", .export_batch = [this](ExportBatch const& batch) {
            add(batch);
            return ExportResult::delivered();
          }};
}

void record_numbers(TelemetryCollector& collector, std::uint64_t first, std::uint64_t count) {
  auto call = finished_call("openai", "gpt-4o", "acme");
  for (std::uint64_t i = first; i < first + count; ++i) {
    call.input_tokens = i;
    collector.record(call);
  }
}

std::vector<std::uint64_t> numbers_between(std::uint64_t first, std::uint64_t end) {
  std::vector<std::uint64_t> numbers(end - first);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

ExportStats only_stats(TelemetryCollector const& collector) {
  auto const all = collector.export_stats();
  if (all.size() != 1) throw std::logic_error("not one reader");
  return all.front();
}

}  // namespace netrun::llm::testing
