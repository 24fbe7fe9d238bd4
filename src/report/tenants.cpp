// SPDX-License-Identifier: MIT
// Who spends how much.
#include <netrun/llm/report.hpp>

#include <algorithm>
#include <utility>

namespace netrun::llm {

TenantReport make_tenant_report(TelemetryCollector const& collector, Period const& period,
                                std::size_t most_tenants) {
  auto costs = collector.get_tenant_costs(period);
  TenantReport report;
  report.period = period.text();
  for (auto const& tenant : costs) {
    report.total_cost += tenant.total_cost;
    report.requests += tenant.requests;
    report.unpriced += tenant.unpriced;
  }
  double const total = report.total_cost.to_double();
  auto const listed = std::min(costs.size(), most_tenants);
  for (std::size_t i = 0; i < costs.size(); ++i) {
    if (i >= listed) {
      report.cost_not_listed += costs[i].total_cost;
      continue;
    }
    double const share = total > 0 ? 100 * costs[i].total_cost_usd / total : 0;
    report.tenants.push_back({.cost = std::move(costs[i]), .share_percent = share});
  }
  report.tenants_not_listed = costs.size() - listed;
  return report;
}

}  // namespace netrun::llm
