// SPDX-License-Identifier: MIT
// Exact percentiles of a set of values.
#include <netrun/llm/detail/percentile.hpp>

#include <algorithm>
#include <cstddef>

namespace netrun::llm::detail {
namespace {

/// The value at rank `q * (n - 1)`; everything before `begin` is known to be no larger than what
/// follows.
double select(std::vector<double>& values, std::vector<double>::iterator begin, double q) {
  double const rank = q * static_cast<double>(values.size() - 1);
  auto const below = static_cast<std::size_t>(rank);
  auto const at = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(begin, at, values.end());
  double const low = *at;
  double const fraction = rank - static_cast<double>(below);
  if (fraction == 0.0) return low;
  double const high = *std::min_element(at + 1, values.end());
  return low + (high - low) * fraction;
}

}  // namespace

Percentiles percentiles(std::vector<double>& values) {
  if (values.empty()) return {};
  auto const begin_of = [&](double q) {
    return values.begin() + static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
  };
  Percentiles result;
  result.p50 = select(values, values.begin(), 0.50);
  result.p95 = select(values, begin_of(0.50), 0.95);
  result.p99 = select(values, begin_of(0.95), 0.99);
  return result;
}

}  // namespace netrun::llm::detail
