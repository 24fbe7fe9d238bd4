// SPDX-License-Identifier: MIT
// An exporter of one's own: finished calls go out in batches, on a thread of their own. A receiver
// that is down is tried again, what it refuses is counted, and nobody who makes calls waits.
//
// Output:
//   receiver: 503
//   receiver: 202, 3 calls, $0.0225
//   batches: delivered 3, retries 1, failed 1 (503 Service Unavailable), dropped 0, pending 0
//   receiver: 413, too large
//   batches: delivered 3, retries 1, failed 1 (413 Payload Too Large), dropped 1, pending 0
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>

using namespace netrun::llm;
using std::chrono::milliseconds;

namespace {

// Stands for a connection to the receiver, with a time limit of its own.
struct Connection {
  int posts = 0;
  int post(ExportBatch const& batch) {
    if (++posts == 1) return fmt::print("receiver: 503\n"), 503;
    if (batch[0].model == "gpt-4o-mini") return fmt::print("receiver: 413, too large\n"), 413;
    Usd total;
    for (LLMRequestView const& call : batch) total += call.exact_cost.value_or(Usd{});
    fmt::print("receiver: 202, {} calls, ${}\n", batch.size(), total.to_string());
    return 202;
  }
};

class Batches final : public Exporter {
 public:
  std::string name() const override { return "batches"; }

  ExportResult export_batch(ExportBatch const& batch) override {
    switch (connection_.post(batch)) {  // may throw: that counts as retry
      case 202:
        return ExportResult::delivered();
      case 503:
        return ExportResult::retry("503 Service Unavailable", milliseconds(10));
      default:
        return ExportResult::drop("413 Payload Too Large");
    }
  }
  // flush() and shutdown() are there for exporters that hold something back.

 private:
  Connection connection_;
};

void print_state(TelemetryCollector& collector) {
  collector.flush(std::chrono::seconds(5));
  for (ExportStats const& s : collector.export_stats()) {
    fmt::print("{}: delivered {}, retries {}, failed {} ({}), dropped {}, pending {}\n", s.name,
               s.delivered, s.retries, s.failed, s.last_error, s.dropped, s.pending);
  }
}

}  // namespace

int main() {
  TelemetryCollector collector;
  collector.add_exporter(std::make_unique<Batches>(),
                         {.max_batch_size = 100, .retry_delay = milliseconds(10)});

  for (int i = 0; i < 3; ++i) {
    collector.track_request("openai", "gpt-4o", "acme").set_tokens(1'000, 500);
  }
  print_state(collector);
  collector.track_request("openai", "gpt-4o-mini", "acme").set_tokens(1'000, 500);
  print_state(collector);
}
