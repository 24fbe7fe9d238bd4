// SPDX-License-Identifier: MIT
// A tracked call in a coroutine: what TelemetryCollector::track_async is made of.
#pragma once

#include <netrun/llm/tracker.hpp>

#include <coroutine>
#include <functional>
#include <type_traits>
#include <utility>

namespace netrun::llm::detail {

/// The tracker of a coroutine, as a parameter of it: it lives from before the first suspension
/// until the frame is destroyed. Its end is not the end of the call, because a frame may be kept
/// long after; so the coroutine says when it is over, and what is not over when this is destroyed
/// was abandoned.
///
/// A coroutine may be resumed by any thread, and from within a destructor during unwinding. So
/// nothing here looks at std::uncaught_exceptions, and what touches the state of a thread is not
/// inline: compilers may keep the address of such state across a suspension.
class AsyncCall {
 public:
  AsyncCall(TelemetryCollector& collector, CallInfo const& call) noexcept;
  AsyncCall(AsyncCall&&) noexcept = default;
  AsyncCall& operator=(AsyncCall&&) = delete;  // a parameter is moved into its frame, no further
  ~AsyncCall();

  [[nodiscard]] RequestTracker& tracker() noexcept { return tracker_; }

  /// The body begins: the time between the making of a lazy coroutine and its start is not the
  /// call's.
  void start() noexcept;
  /// The call is over, and a success unless set_error was called.
  void completed() noexcept;
  template <class T>
  [[nodiscard]] T&& completed_with(T&& result) noexcept {
    completed();
    return std::forward<T>(result);
  }
  /// The call is over by the exception that is being handled.
  void failed() noexcept;

 private:
  RequestTracker tracker_;
  bool started_ = false;
};

/// The promise of the coroutine that track_async makes for a function that returns A.
template <class A, class F>
using AsyncPromise = typename std::coroutine_traits<A, AsyncCall, F>::promise_type;

/// A function whose return type can be a coroutine's: asio::awaitable<T>, a Task<T> of your own.
template <class F>
concept ReturnsCoroutine = requires {
  typename AsyncPromise<std::invoke_result_t<F&, RequestTracker&>, F>;
};

template <class A, class F>
concept ReturnsVoid = requires(AsyncPromise<A, F>& promise) {
  promise.return_void();
};

/// Runs `fn` in a coroutine of its own type and ends the call before whoever awaits it goes on.
///
/// The result is passed on within the expression that awaits it: some tasks give a reference to
/// what lives in them, and some must be awaited where they are made.
template <class A, class F>
requires ReturnsVoid<A, F> A run_async(AsyncCall call, F fn) {
  call.start();
  try {
    static_cast<void>(co_await std::invoke(fn, call.tracker()));
    call.completed();
  } catch (...) {
    call.failed();
    throw;
  }
}

template <class A, class F>
requires(!ReturnsVoid<A, F>) A run_async(AsyncCall call, F fn) {
  call.start();
  try {
    co_return call.completed_with(co_await std::invoke(fn, call.tracker()));
  } catch (...) {
    call.failed();
    throw;
  }
}

}  // namespace netrun::llm::detail
