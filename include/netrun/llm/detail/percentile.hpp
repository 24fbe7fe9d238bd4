// SPDX-License-Identifier: MIT
// Exact percentiles of a set of values.
#pragma once

#include <vector>

namespace netrun::llm::detail {

struct Percentiles {
  double p50 = 0, p95 = 0, p99 = 0;
};

/// Percentiles by linear interpolation between the two closest ranks: the value at rank q * (n -
/// 1). All 0 when there are no values. Reorders `values`, in time linear in their number.
///
/// Example:
///   std::vector<double> values{1, 1000};
///   percentiles(values).p50;  // 500.5
[[nodiscard]] Percentiles percentiles(std::vector<double>& values);

}  // namespace netrun::llm::detail
