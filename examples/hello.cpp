// SPDX-License-Identifier: MIT
// The first program: track a call, ask what it cost.
//
// Output:
//   $0.0075  p95 ~120 ms
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <thread>

using namespace netrun::llm;

namespace {

// Stands for the LLM client that you have.
struct Usage {
  int prompt_tokens, completion_tokens;
};
struct Response {
  std::string_view text;
  Usage usage;
};
struct Client {
  Response complete(std::string_view) {
    std::this_thread::sleep_for(std::chrono::milliseconds(120));
    return {.text = "Bonjour", .usage = {.prompt_tokens = 1'000, .completion_tokens = 500}};
  }
};

}  // namespace

int main() {
  Client client;

  auto& collector = get_collector();
  {
    auto tracker =
        collector.track_request({.provider = "openai", .model = "gpt-4o", .tenant_id = "acme"});
    auto response = client.complete("Translate to French: Hello");
    tracker.set_tokens(response.usage.prompt_tokens, response.usage.completion_tokens);
  }  // latency, outcome and cost are recorded here
  auto stats = collector.get_stats("1h");
  fmt::print("${:.4f}  p95 {:.0f} ms\n", stats.total_cost_usd, stats.latency_p95);
}
