// SPDX-License-Identifier: MIT
// Callbacks that are given every finished call, on a background thread.
#pragma once

#include <netrun/llm/metrics.hpp>

#include <functional>
#include <memory>

namespace netrun::llm {

namespace detail {
class Reader;
class Delivery;
}  // namespace detail

/// Called once for every recorded call, in order of completion, on a background thread of the
/// collector and never on the thread that made the call.
///
/// It may block and it may throw: a throw is counted (ReaderStats::failed) and the record is
/// consumed. It may use the collector, add and remove callbacks, itself included. It must not wait
/// for flush(), which returns false at once when it is called from here, nor end its thread.
using ExportCallback = std::function<void(LLMRequestMetrics const&)>;

/// Names a registered callback. Not RAII: dropping it leaves the callback in place.
///
/// Thread safety: as a shared_ptr; different handles of one callback may be used at once.
/// Lifetime: may outlive its collector; then remove() does nothing.
class CallbackHandle {
 public:
  CallbackHandle() noexcept = default;

  /// Takes the callback out, with its account in Diagnostics; what it has not been given is
  /// dropped. When this returns, the callback is not running and will not be called again; except
  /// when called from within the callback, which then finishes its present call, and when the
  /// callback does not return within the collector's shutdown_timeout. Idempotent.
  void remove() noexcept;

 private:
  friend class detail::Delivery;
  explicit CallbackHandle(std::weak_ptr<detail::Reader> reader) noexcept
      : reader_(std::move(reader)) {}
  std::weak_ptr<detail::Reader> reader_;
};

}  // namespace netrun::llm
