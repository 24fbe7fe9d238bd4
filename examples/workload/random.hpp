// SPDX-License-Identifier: MIT
// Random draws that are the same with every compiler and standard library.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace workload {

/// The engine is fixed by the standard, std::*_distribution is not: so the draws are made here.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// Evenly from [0, 1).
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
  bool chance(double probability) { return unit() < probability; }
  double between(double low, double high) { return low + (high - low) * unit(); }
  double exponential(double mean) { return -mean * std::log1p(-unit()); }

  /// An index, each with the chance that its weight gives it.
  std::size_t pick(std::span<double const> weights) {
    double total = 0;
    for (double const weight : weights) total += weight;
    double left = unit() * total;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (left < weights[i]) return i;
      left -= weights[i];
    }
    return weights.size() - 1;
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace workload
