// SPDX-License-Identifier: MIT
// What calls cost now.
#include <netrun/llm/report.hpp>

namespace netrun::llm {

CostSample CostMonitor::sample() {
  // The total of everything known only grows, so its growth is exact whenever calls began; a
  // difference of two sliding hours would subtract what has left the hour.
  auto const clears = collector_.diagnostics().clears;
  auto const total = collector_.get_stats(StatsQuery{}).total_cost;
  auto const hour = collector_.get_stats("1h");
  CostSample sample{.at = hour.period_end,
                    .last_hour = hour.total_cost,
                    .projected_daily = hour.total_cost * 24,
                    .projected_monthly = hour.total_cost * (24 * 30),
                    .requests = hour.total_requests,
                    .failed = hour.failed_requests,
                    .unpriced = hour.unpriced_requests,
                    .by_provider = hour.by_provider};
  if (last_total_) {
    // After clear() everything that is there is new.
    sample.since_last = clears == last_clears_ ? total - *last_total_ : total;
    sample.since_last_ms = hour.period_end - last_at_;
  }
  last_total_ = total;
  last_clears_ = clears;
  last_at_ = hour.period_end;
  return sample;
}

}  // namespace netrun::llm
