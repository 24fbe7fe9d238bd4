// SPDX-License-Identifier: MIT
// Many threads, many tenants: who spends what, and on which model.
//
// Output:
//   acme       420 calls  $3.7155   99.0 % successful
//   initech    500 calls  $0.7425   99.0 % successful
//   globex    2000 calls  $0.5643   99.0 % successful
//   acme on claude-sonnet-4-5   120 calls  $1.7850  $0.0149 a call
//   acme on gpt-4o              300 calls  $1.9305  $0.0064 a call
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <array>
#include <thread>
#include <vector>

using namespace netrun::llm;

namespace {

struct Job {
  char const *tenant, *provider, *model;
  int calls, input_tokens, output_tokens;
};
constexpr std::array jobs{
    Job{"acme", "openai", "gpt-4o", 300, 1'200, 350},
    Job{"acme", "anthropic", "claude-sonnet-4-5", 120, 2'000, 600},
    Job{"globex", "openai", "gpt-4o-mini", 2'000, 900, 250},
    Job{"initech", "google", "gemini-2.5-flash", 500, 4'000, 120},
};

void work(TelemetryCollector& collector, Job const& job) {
  for (int i = 1; i <= job.calls; ++i) {
    auto tracker = collector.track_request(job.provider, job.model, job.tenant);
    bool const refused = i % 100 == 0;
    if (refused) tracker.set_error("rate_limit", "429 Too Many Requests");
    if (!refused) tracker.set_tokens(job.input_tokens, job.output_tokens);
  }
}

}  // namespace

int main() {
  TelemetryCollector collector;  // any thread may use it, and none waits for another
  std::vector<std::thread> threads;
  for (auto const& job : jobs) threads.emplace_back([&] { work(collector, job); });
  for (auto& thread : threads) thread.join();

  for (auto const& tenant : collector.get_tenant_costs("30d")) {
    fmt::print("{:<8} {:>5} calls  ${:<8} {:.1f} % successful\n", tenant.tenant_id, tenant.requests,
               tenant.total_cost.to_string(), tenant.success_rate);
  }
  for (auto const& [model, row] : collector.get_cost_breakdown("30d", "acme").by_model) {
    fmt::print("acme on {:<18} {:>4} calls  ${:.4f}  ${:.4f} a call\n", model, row.requests,
               row.cost_usd, row.avg_cost);
  }
}
