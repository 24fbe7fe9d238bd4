// SPDX-License-Identifier: MIT
// Every finished call goes to a callback, on a thread of its own: here into one's own counters, as
// a Prometheus client has them. Another callback fails, and nobody is the worse for it.
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
#include <cstdint>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

using namespace netrun::llm;

namespace {

// These three must be escaped in a label, or a tenant's name can forge lines.
std::string label(std::string const& value) {
  std::string text;
  for (char const c : value) {
    text += c == '\n' ? "\\n" : (c == '\\' || c == '"') ? std::string{'\\', c} : std::string{c};
  }
  return text;
}

struct Counters {
  struct Row {
    std::uint64_t requests = 0, tokens = 0;
    Usd cost;  // exact, whatever the order of the sum
  };
  std::mutex mutex;  // a scrape comes on a thread of its own
  std::map<std::pair<std::string, std::string>, Row> rows;

  void add(LLMRequestMetrics const& call) {
    std::lock_guard const lock(mutex);
    auto& row = rows[{call.model, call.tenant_id}];
    row.requests += 1;
    row.tokens += call.total_tokens;
    row.cost += call.exact_cost.value_or(Usd{});
  }
  void print() {
    std::lock_guard const lock(mutex);
    for (auto const& [name, row] : rows) {
      auto const labels =
          fmt::format("{{model=\"{}\",tenant_id=\"{}\"}}", label(name.first), label(name.second));
      fmt::print("llm_cost_usd_total{} {}\n", labels, row.cost.to_string());
      fmt::print("llm_requests_total{0} {1}\nllm_tokens_total{0} {2}\n", labels, row.requests,
                 row.tokens);
    }
  }
};

}  // namespace

int main() {
  Counters counters;
  TelemetryCollector collector({.export_callback = [&](auto const& call) { counters.add(call); }});
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
