// SPDX-License-Identifier: MIT
#include <netrun/llm/detail/aggregate.hpp>
namespace netrun::llm::detail {
TimeSeries run_time_series(Core&, StatsQuery const&, TimeStep const&, TimeSeriesOptions const&) {
  return {};
}
}  // namespace netrun::llm::detail
