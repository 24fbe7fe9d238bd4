// SPDX-License-Identifier: MIT
// How a tracked coroutine begins and ends.
#include "core/thrown.hpp"
#include <netrun/llm/collector.hpp>
#include <netrun/llm/detail/async_call.hpp>

namespace netrun::llm::detail {

AsyncCall::AsyncCall(TelemetryCollector& collector, CallInfo const& call) noexcept
    : tracker_(collector.track_request(call)) {}

AsyncCall::~AsyncCall() {
  if (!tracker_.active()) return;
  if (!started_) tracker_.restart();  // what never began took no time
  if (tracker_.call_.success) tracker_.set_error("abandoned");
  tracker_.finish();
}

void AsyncCall::start() noexcept {
  started_ = true;
  tracker_.restart();
}

void AsyncCall::completed() noexcept { tracker_.finish(); }

void AsyncCall::failed() noexcept {
  if (!tracker_.active()) return;
  try {
    Thrown const thrown = thrown_now();
    tracker_.set_error(thrown.cancelled ? NameView("cancelled") : thrown.type, thrown.message);
  } catch (...) {
    tracker_.set_error("exception");  // no memory for the name
  }
  tracker_.finish();
}

}  // namespace netrun::llm::detail
