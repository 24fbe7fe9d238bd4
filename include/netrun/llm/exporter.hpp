// SPDX-License-Identifier: MIT
// Who is given finished calls: callbacks, one call at a time, and exporters, in batches.
#pragma once

#include <netrun/llm/metrics.hpp>
#include <netrun/llm/request_view.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm {

namespace detail {
class Delivery;
class Worker;
}  // namespace detail

/// Called once for every recorded call, in order of completion, on a thread of its own and never on
/// the thread that made the call.
///
/// It may block and it may throw: a throw is counted (ExportStats::failed) and the record is
/// consumed. It may use the collector, add and remove callbacks, itself included. It must not wait
/// for flush(), which returns false at once when it is called from here, nor end its thread.
using ExportCallback = std::function<void(LLMRequestMetrics const&)>;

/// Names a registered callback or exporter. Not RAII: dropping it leaves the callback in place.
///
/// Thread safety: as a shared_ptr; different handles of one callback may be used at once.
/// Lifetime: may outlive its collector; then remove() does nothing.
class CallbackHandle {
 public:
  CallbackHandle() noexcept = default;

  /// Takes the callback out, with its account in Diagnostics; what it has not been given is
  /// dropped. When this returns, the callback is not running and will not be called again; except
  /// when called from within the callback, which then finishes its present call, and when the
  /// callback does not return within the collector's shutdown_timeout. An exporter is first asked
  /// to shut down. Idempotent.
  void remove() noexcept;

 private:
  friend class detail::Delivery;
  explicit CallbackHandle(std::weak_ptr<detail::Worker> worker) noexcept
      : worker_(std::move(worker)) {}
  std::weak_ptr<detail::Worker> worker_;
};
using ExporterHandle = CallbackHandle;

/// Moments of the steady clock by which something has to be done.
using Deadline = std::chrono::steady_clock::time_point;

/// Calls to be exported together, in order of completion.
///
/// Lifetime: the batch and its views end with the call of export_batch that they are given to.
class ExportBatch {
 public:
  ExportBatch(std::span<LLMRequestView const> calls, Deadline deadline,
              std::uint32_t attempt = 1) noexcept
      : calls_(calls), deadline_(deadline), attempt_(attempt) {}

  [[nodiscard]] std::span<LLMRequestView const> calls() const noexcept { return calls_; }
  [[nodiscard]] auto begin() const noexcept { return calls_.begin(); }
  [[nodiscard]] auto end() const noexcept { return calls_.end(); }
  [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }  ///< At least 1.
  [[nodiscard]] LLMRequestView const& operator[](std::size_t i) const noexcept { return calls_[i]; }

  /// When this attempt should be over, for the time limits of sockets and the like. An attempt that
  /// takes longer is let go on, and counted.
  [[nodiscard]] Deadline deadline() const noexcept { return deadline_; }
  /// 1 for the first attempt with these calls.
  [[nodiscard]] std::uint32_t attempt() const noexcept { return attempt_; }

 private:
  std::span<LLMRequestView const> calls_;
  Deadline deadline_;
  std::uint32_t attempt_;
};

/// What became of a batch.
///
/// Example:
///   if (status == 429) return ExportResult::retry("429 Too Many Requests", retry_after);
///   if (status == 400) return ExportResult::drop("400 Bad Request: " + body);
///   return ExportResult::delivered();
struct ExportResult {
  enum class Outcome : std::uint8_t {
    delivered,  ///< Handed over, but for `refused` of them.
    retry,      ///< Not yet: the batch, or the part named in `retry_indexes`, is to be given again.
    drop,       ///< Never: the receiver will not take it, however often it is asked.
  };
  Outcome outcome = Outcome::delivered;
  /// Of the calls that are not to be retried, those that the receiver has refused for good; at most
  /// as many as there are.
  std::size_t refused = 0;
  /// How long to wait, at least, before the next attempt, when the receiver said so.
  std::optional<std::chrono::milliseconds> retry_after{};
  /// For `retry`: which calls of this batch, from 0; the others are delivered, or refused. Empty
  /// means all. What is out of range is ignored.
  std::vector<std::size_t> retry_indexes{};
  std::string reason{};  ///< Shown in ExportStats::last_error; no secrets.

  [[nodiscard]] static ExportResult delivered() noexcept { return {}; }
  /// Delivered, but for `count` calls that the receiver has refused.
  [[nodiscard]] static ExportResult partly_refused(std::size_t count, std::string reason) {
    return {.refused = count, .reason = std::move(reason)};
  }
  [[nodiscard]] static ExportResult retry(std::string reason,
                                          std::optional<std::chrono::milliseconds> after = {}) {
    return {.outcome = Outcome::retry, .retry_after = after, .reason = std::move(reason)};
  }
  [[nodiscard]] static ExportResult drop(std::string reason) {
    return {.outcome = Outcome::drop, .reason = std::move(reason)};
  }
};

/// Takes finished calls somewhere else. Each has a thread of its own, a place in the log of its
/// own, and no influence on the others: one that blocks, throws or is down delays nobody and loses
/// only its own records, visibly (TelemetryCollector::export_stats).
///
/// Promise: every call that is recorded while the exporter is registered is given to it at least
/// once, in order of completion, unless it is counted as dropped, or the exporter is removed. Calls
/// are given twice when an attempt fails half-way; request_id and timestamp tell them apart.
///
/// Thread safety: called by one thread at a time, its own; it is destroyed there too, or on the
/// thread that ends the collector.
/// Errors: an exception counts as `retry` with its what().
/// Time: every function may block until its deadline. One that blocks for ever is left behind, with
/// its thread, when the collector ends (Diagnostics::workers_left_behind).
///
/// Example: examples/own_exporter.cpp
class Exporter {
 public:
  Exporter() = default;
  Exporter(Exporter const&) = delete;  // it stands for a connection
  Exporter& operator=(Exporter const&) = delete;
  virtual ~Exporter() = default;

  /// For export_stats(); called once, when it is added.
  [[nodiscard]] virtual std::string name() const = 0;
  [[nodiscard]] virtual ExportResult export_batch(ExportBatch const& batch) = 0;
  /// Sees to it that what was delivered is where it should be, on disk for example. False when it
  /// is not, or not in time.
  virtual bool flush(Deadline) { return true; }
  /// The last call: closes connections.
  virtual void shutdown(Deadline) {}
  /// The first call in the child of a fork, which may have happened in the middle of any other
  /// call. Connections and locks belong to the parent: to be replaced, not closed politely.
  virtual void after_fork() {}
};

/// How an exporter is served. Values out of range are refused with std::invalid_argument.
struct ExporterOptions {
  /// Most calls in one batch; 1 to 100,000. A batch under way takes some 600 bytes a call. It goes
  /// out with fewer when the ring could not hold as many twice.
  std::size_t max_batch_size = 512;
  /// How long a finished call may wait, at most, for others to fill its batch; above 0.
  std::chrono::milliseconds max_batch_delay{1'000};
  /// How long one attempt should take at most (ExportBatch::deadline); above 0. Default: that of
  /// OTEL_EXPORTER_OTLP_TIMEOUT in the OpenTelemetry specification.
  std::chrono::milliseconds attempt_timeout{10'000};
  /// Pause before the second attempt; it doubles with each further one up to retry_max_delay, and
  /// each is shortened by a random part of up to a half, so that many senders do not come at once.
  /// Both above 0. Defaults and retry_limit are of the order that the OpenTelemetry Collector uses
  /// (5 s, 30 s, 300 s).
  std::chrono::milliseconds retry_delay{1'000};
  std::chrono::milliseconds retry_max_delay{30'000};
  /// How long a batch is tried for, from its first attempt, until it is dropped, so that one that
  /// can never succeed does not stop all others; 0: one attempt.
  std::chrono::milliseconds retry_limit{300'000};
  /// Failed attempts in a row, whatever the batch, after which the receiver counts as down: then
  /// one attempt is made every circuit_pause until one succeeds. At least 1; pause above 0.
  std::uint32_t circuit_failures = 5;
  std::chrono::milliseconds circuit_pause{30'000};
};

}  // namespace netrun::llm
