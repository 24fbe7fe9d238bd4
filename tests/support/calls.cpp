// SPDX-License-Identifier: MIT
// Short ways to put calls into a collector.
#include "support/calls.hpp"

#include "support/catch.hpp"

#include <utility>

namespace netrun::llm::testing {

LLMRequestMetrics finished_call(std::string provider, std::string model, std::string tenant,
                                double latency_ms, double cost_usd) {
  LLMRequestMetrics call;
  call.provider = std::move(provider);
  call.model = std::move(model);
  call.tenant_id = std::move(tenant);
  call.latency_ms = latency_ms;
  call.cost_usd = cost_usd;
  call.cost_source = CostSource::manual;
  return call;
}

void track_call(TelemetryCollector& collector, ManualTime& time, NameView provider, NameView model,
                NameView tenant, std::chrono::milliseconds latency, unsigned input,
                unsigned output) {
  auto tracker = collector.track_request(provider, model, tenant);
  time.advance(latency);
  tracker.set_tokens(input, output);
}

LLMRequestMetrics only_call(TelemetryCollector const& collector) {
  auto const all = collector.snapshot();
  REQUIRE(all.size() == 1);
  return all.front();
}

}  // namespace netrun::llm::testing
