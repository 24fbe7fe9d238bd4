// SPDX-License-Identifier: MIT
// Every finished call goes to a callback, on a background thread: here it feeds one's own counters,
// as a Prometheus client has them. Another callback always fails, and nobody is the worse for it.
//
// Output:
//   llm_cost_usd_total{model="gpt-4o",tenant_id="acme"} 0.00525
//   llm_requests_total{model="gpt-4o",tenant_id="acme"} 2
//   llm_tokens_total{model="gpt-4o",tenant_id="acme"} 1500
//   callback 1: 2 delivered, 0 failed
//   callback 2: 2 delivered, 2 failed connection refused
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

using namespace netrun::llm;

namespace {

struct Counters {
  std::mutex mutex;  // a scrape comes on a thread of its own
  std::map<std::string, double> values;

  void add(LLMRequestMetrics const& call) {
    auto const key = fmt::format("{{model=\"{}\",tenant_id=\"{}\"}}", call.model, call.tenant_id);
    std::lock_guard const lock(mutex);
    values["llm_requests_total" + key] += 1;
    values["llm_tokens_total" + key] += static_cast<double>(call.total_tokens);
    values["llm_cost_usd_total" + key] += call.cost_usd;
  }
  void print() {
    std::lock_guard const lock(mutex);
    for (auto const& [name, value] : values) fmt::print("{} {:.6g}\n", name, value);
  }
};

}  // namespace

int main() {
  Counters counters;
  TelemetryCollector collector(
      {.export_callback = [&](LLMRequestMetrics const& call) { counters.add(call); }});
  collector.add_export_callback(
      [](LLMRequestMetrics const&) { throw std::runtime_error("connection refused"); });

  collector.track_request("openai", "gpt-4o", "acme").set_tokens(400, 80);
  collector.track_request("openai", "gpt-4o", "acme").set_tokens(900, 120);
  collector.flush(std::chrono::seconds(2));
  counters.print();
  for (auto const& reader : collector.diagnostics().readers) {
    fmt::print("{}: {} delivered, {} failed {}\n", reader.name, reader.delivered, reader.failed,
               reader.last_error);
  }
}
