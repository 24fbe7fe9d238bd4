// SPDX-License-Identifier: MIT
// When to try again, and when to stop trying: backoff and circuit breaker of one exporter.
#include <netrun/llm/detail/deadline.hpp>
#include <netrun/llm/detail/hash.hpp>
#include <netrun/llm/detail/retry.hpp>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace netrun::llm::detail {
namespace {

/// What a receiver may ask for. More would be a mistake of its, and stop the exporter for good.
constexpr std::chrono::hours longest_retry_after{1};

void check_time(char const* name, std::chrono::milliseconds value, std::int64_t least_ms) {
  if (value.count() >= least_ms) return;
  throw std::invalid_argument(std::string(name) + " must be at least " + std::to_string(least_ms) +
                              " ms, got " + std::to_string(value.count()) + " ms");
}

void check_count(char const* name, std::uint64_t value, std::uint64_t most) {
  if (value >= 1 && value <= most) return;
  throw std::invalid_argument(std::string(name) + " must be from 1 to " + std::to_string(most) +
                              ", got " + std::to_string(value));
}

}  // namespace

void check_options(ExporterOptions const& options) {
  check_count("max_batch_size", options.max_batch_size, 100'000);
  check_count("circuit_failures", options.circuit_failures,
              std::numeric_limits<std::uint32_t>::max());
  check_time("max_batch_delay", options.max_batch_delay, 1);
  check_time("attempt_timeout", options.attempt_timeout, 1);
  check_time("retry_delay", options.retry_delay, 1);
  check_time("retry_max_delay", options.retry_max_delay, 1);
  check_time("retry_limit", options.retry_limit, 0);
  check_time("circuit_pause", options.circuit_pause, 1);
}

std::chrono::nanoseconds Retry::pause(
    std::optional<std::chrono::milliseconds> retry_after) noexcept {
  using Nanoseconds = std::chrono::duration<double, std::nano>;
  auto const doublings = std::min<std::uint32_t>(pauses_++, 30);
  Nanoseconds const longest(bounded_time(options_.retry_max_delay));
  auto const whole = std::min(longest, Nanoseconds(bounded_time(options_.retry_delay)) *
                                           static_cast<double>(std::uint64_t{1} << doublings));
  random_ += hash_secret_a;
  double const part = static_cast<double>(mix(random_, hash_secret_b) >> 11U) * 0x1p-53;  // [0, 1)
  auto const wait = std::chrono::duration_cast<std::chrono::nanoseconds>(whole * (1 - part / 2));
  if (!retry_after) return wait;
  return std::max<std::chrono::nanoseconds>(
      wait, std::clamp<std::chrono::milliseconds>(*retry_after, {}, longest_retry_after));
}

bool Retry::failed(Time now, std::optional<std::chrono::milliseconds> retry_after) noexcept {
  if (failures_ < std::numeric_limits<std::uint32_t>::max()) ++failures_;
  auto wait = pause(retry_after);
  if (failures_ >= options_.circuit_failures) {
    wait = std::max<std::chrono::nanoseconds>(wait, bounded_time(options_.circuit_pause));
  }
  not_before_ = now + wait;
  return not_before_ - first_attempt_ <= bounded_time(options_.retry_limit);
}

void Retry::progressed(Time now, std::optional<std::chrono::milliseconds> retry_after) noexcept {
  failures_ = pauses_ = 0;
  first_attempt_ = now;
  not_before_ = now + pause(retry_after);
}

}  // namespace netrun::llm::detail
