// SPDX-License-Identifier: MIT
// Which logarithmic bucket a value is in, and which value stands for a bucket.
#include <netrun/llm/detail/sketch.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace netrun::llm::detail {
namespace {

constexpr std::size_t octave = 36;  // buckets for each power of two
constexpr int fraction_bits = 52;
constexpr std::uint64_t one_bits = std::bit_cast<std::uint64_t>(1.0);
constexpr double lowest = 0x1p-20, highest = 0x1p70;
constexpr std::uint64_t lowest_exponent = std::bit_cast<std::uint64_t>(lowest) >> fraction_bits;

/// 2^(k/36), rounded up: the least double in the k-th bucket of an octave. Literals, so that the
/// buckets are the same wherever they are counted.
constexpr std::array<double, octave + 1> bounds{
    0x1.0000000000000p+0, 0x1.04fa0fe0e9f57p+0, 0x1.0a0ce483df7f9p+0, 0x1.0f38f92d97963p+0,
    0x1.147ecb8844cd2p+0, 0x1.19dedbaf82830p+0, 0x1.1f59ac3c7d6c0p+0, 0x1.24efc252589e8p+0,
    0x1.2aa1a5aad04f6p+0, 0x1.306fe0a31b716p+0, 0x1.365b00490d6fbp+0, 0x1.3c63946879436p+0,
    0x1.428a2f98d728bp+0, 0x1.48cf674b2e400p+0, 0x1.4f33d3d8436bep+0, 0x1.55b8108f0ec5ep+0,
    0x1.5c5cbbc379086p+0, 0x1.632276dd6253cp+0, 0x1.6a09e667f3bcdp+0, 0x1.7113b2213d178p+0,
    0x1.7840850a207a1p+0, 0x1.7f910d768cfb0p+0, 0x1.8705fd1e0a350p+0, 0x1.8ea0092c96215p+0,
    0x1.965fea53d6e3dp+0, 0x1.9e465cdca22a0p+0, 0x1.a65420b8dbc65p+0, 0x1.ae89f995ad3aep+0,
    0x1.b6e8aeee17ed6p+0, 0x1.bf710c1de3c7fp+0, 0x1.c823e074ec12ap+0, 0x1.d101ff4acc5a9p+0,
    0x1.da0c4012ef44dp+0, 0x1.e3437e7101344p+0, 0x1.eca89a4dc8b32p+0, 0x1.f63c77ec669b3p+0,
    0x1.0000000000000p+1};

/// The first six bits of a fraction leave at most one bound in question, as buckets are wider than
/// 1/64. An entry holds the first bucket in its upper bits and, below them, what carries over into
/// the next one when a fraction is added that is not below the bound.
constexpr std::array<std::uint64_t, 64> steps = [] {
  std::array<std::uint64_t, 64> result{};
  constexpr std::uint64_t one = std::uint64_t{1} << fraction_bits;
  for (std::uint64_t i = 0; i < result.size(); ++i) {
    std::uint64_t first = 0;
    auto const bound = [](std::uint64_t k) {
      return std::bit_cast<std::uint64_t>(bounds[k]) - one_bits;
    };
    while (bound(first + 1) <= i * (one / 64)) ++first;
    result[i] = (first << fraction_bits) + (one - bound(first + 1));
  }
  return result;
}();

/// The values that stand for the buckets of the lowest octave: harmonic means of the bounds, which
/// are off from both by the same share.
constexpr std::array<double, octave> middles = [] {
  std::array<double, octave> result{};
  for (std::size_t k = 0; k < octave; ++k) {
    result[k] = lowest * (2 * bounds[k] * bounds[k + 1] / (bounds[k] + bounds[k + 1]));
  }
  return result;
}();

}  // namespace

Bucket bucket_of(double ms) noexcept {
  if (!(ms >= lowest)) return 0;
  if (ms >= highest) return bucket_count - 1;
  auto const bits = std::bit_cast<std::uint64_t>(ms);
  constexpr std::uint64_t mask = (std::uint64_t{1} << fraction_bits) - 1;
  auto const fraction = bits & mask;
  auto const step = (fraction + steps[fraction >> (fraction_bits - 6)]) >> fraction_bits;
  return static_cast<Bucket>(((bits >> fraction_bits) - lowest_exponent) * octave + step + 1);
}

double value_of(Bucket bucket) noexcept {
  if (bucket == 0) return 0;
  std::uint64_t const doublings = (bucket - 1U) / octave;
  auto const bits = std::bit_cast<std::uint64_t>(middles[(bucket - 1U) % octave]);
  return std::bit_cast<double>(bits + (doublings << fraction_bits));
}

}  // namespace netrun::llm::detail
