// SPDX-License-Identifier: MIT
// When to try again, and when to stop trying: backoff and circuit breaker of one exporter.
#pragma once

#include <netrun/llm/diagnostics.hpp>
#include <netrun/llm/exporter.hpp>

#include <chrono>
#include <cstdint>
#include <optional>

namespace netrun::llm::detail {

/// Decides from the outcomes that it is told. Reads no clock and waits for nothing.
class Retry {
 public:
  using Time = Deadline;

  /// `seed` begins the random parts of the pauses.
  Retry(ExporterOptions const& options, std::uint64_t seed) noexcept
      : options_(options), random_(seed) {}

  /// A new batch: its time limit begins with its first attempt.
  void begin_batch() noexcept { tried_ = pauses_ = 0; }
  /// Before an attempt.
  void attempt(Time now) noexcept {
    if (tried_++ == 0) first_attempt_ = now;
  }

  /// The receiver answered, if only to refuse.
  void succeeded() noexcept {
    failures_ = 0;
    not_before_ = {};
  }
  /// The attempt failed; true when the batch may be tried again, at not_before().
  [[nodiscard]] bool failed(Time now,
                            std::optional<std::chrono::milliseconds> retry_after) noexcept;

  /// The receiver has taken a part of the batch, so it is not down: for the rest all begins anew.
  void progressed(Time now, std::optional<std::chrono::milliseconds> retry_after) noexcept;

  /// Before this moment no attempt with any batch should be made.
  [[nodiscard]] Time not_before() const noexcept { return not_before_; }
  /// Attempts made with this batch.
  [[nodiscard]] std::uint32_t tried() const noexcept { return tried_; }
  [[nodiscard]] CircuitState circuit(Time now) const noexcept {
    if (failures_ < options_.circuit_failures) return CircuitState::closed;
    return now < not_before_ ? CircuitState::open : CircuitState::half_open;
  }

 private:
  [[nodiscard]] std::chrono::nanoseconds pause(
      std::optional<std::chrono::milliseconds> retry_after) noexcept;

  ExporterOptions options_;
  std::uint64_t random_;
  Time first_attempt_{}, not_before_{};
  std::uint32_t tried_ = 0;
  std::uint32_t pauses_ = 0;    // since the last progress
  std::uint32_t failures_ = 0;  // in a row, of all batches
};

/// Throws std::invalid_argument, quoting it, for a value out of range.
void check_options(ExporterOptions const& options);

}  // namespace netrun::llm::detail
