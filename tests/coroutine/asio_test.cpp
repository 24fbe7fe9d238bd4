// SPDX-License-Identifier: MIT
// track_async in Asio: real waits, threads, cancellation, and an io_context that goes first.
#include "support/calls.hpp"
#include "support/catch.hpp"

#include <asio/awaitable.hpp>
#include <asio/bind_cancellation_slot.hpp>
#include <asio/cancellation_signal.hpp>
#include <asio/co_spawn.hpp>
#include <asio/error.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/thread_pool.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/use_future.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;
using asio::awaitable;
using asio::use_awaitable;

namespace {

CallInfo const gpt{.provider = "openai", .model = "gpt-4o", .tenant_id = "acme"};

awaitable<void> wait(std::chrono::milliseconds length) {
  asio::steady_timer timer(co_await asio::this_coro::executor, length);
  co_await timer.async_wait(use_awaitable);
}

/// A call that takes longer than any test.
awaitable<int> long_call(TelemetryCollector& collector) {
  return collector.track_async(gpt, [](RequestTracker&) -> awaitable<int> {
    co_await wait(1h);
    co_return 1;
  });
}

/// Where co_spawn leaves what became of a coroutine.
struct Outcome {
  std::exception_ptr thrown;
  bool done = false;

  auto token() {
    return [this](std::exception_ptr exception, auto&&...) {
      thrown = exception;
      done = true;
    };
  }
};

}  // namespace

TEST_CASE("asio: a call on an io_context gives its result and is recorded") {
  TelemetryCollector collector;
  asio::io_context context;
  auto text =
      asio::co_spawn(context,
                     collector.track_async(gpt,
                                           [](RequestTracker& tracker) -> awaitable<std::string> {
                                             co_await wait(1ms);
                                             tracker.set_tokens(1000, 500);
                                             co_return "Bonjour";
                                           }),
                     asio::use_future);
  context.run();
  CHECK(text.get() == "Bonjour");
  auto const call = only_call(collector);
  CHECK(call.success);
  CHECK(call.cost_usd == 0.0075);
  CHECK(call.latency_ms >= 1.0);
}

TEST_CASE("asio: a call is recorded before the coroutine that awaits it goes on") {
  TelemetryCollector collector;
  asio::io_context context;
  auto size = asio::co_spawn(
      context,
      [&]() -> awaitable<std::size_t> {
        auto const moved = co_await collector.track_async(
            gpt, [](RequestTracker&) -> awaitable<std::unique_ptr<int>> {
              co_await wait(0ms);
              co_return std::make_unique<int>(7);
            });
        CHECK(*moved == 7);
        co_return collector.size();
      },
      asio::use_future);
  context.run();
  CHECK(size.get() == 1);
}

TEST_CASE("asio: an exception is recorded with its type and text and goes on") {
  TelemetryCollector collector;
  asio::io_context context;
  auto done = asio::co_spawn(context,
                             collector.track_async(gpt,
                                                   [](RequestTracker&) -> awaitable<void> {
                                                     co_await wait(0ms);
                                                     throw std::runtime_error("lost");
                                                   }),
                             asio::use_future);
  context.run();
  CHECK_THROWS_AS(done.get(), std::runtime_error);
  CHECK(only_call(collector).error_type == "std::runtime_error");
  CHECK(only_call(collector).error_message == "lost");
}

TEST_CASE("asio: calls that hop between the threads of a pool are recorded once each") {
  constexpr int count = 2'000;
  TelemetryCollector collector;
  std::atomic<int> ended{0};
  asio::thread_pool pool(4);
  for (int i = 0; i < count; ++i) {
    asio::co_spawn(pool,
                   collector.track_async(gpt,
                                         [i](RequestTracker& tracker) -> awaitable<void> {
                                           auto const executor = co_await asio::this_coro::executor;
                                           co_await asio::post(executor, use_awaitable);
                                           tracker.set_tokens(i, 1);
                                           co_await asio::post(executor, use_awaitable);
                                           if (i % 2 == 0) throw std::runtime_error("even");
                                         }),
                   [&](std::exception_ptr const&) { ++ended; });
  }
  pool.join();
  CHECK(ended == count);
  auto const stats = collector.get_stats(StatsQuery{});
  CHECK(stats.total_requests == count);
  CHECK(stats.failed_requests == count / 2);
  CHECK(stats.total_input_tokens == std::uint64_t{count} * (count - 1) / 2);
}

TEST_CASE("asio: a timer that is cancelled makes the call cancelled") {
  TelemetryCollector collector;
  asio::io_context context;
  asio::steady_timer timer(context, 1h);
  Outcome outcome;
  asio::co_spawn(context,
                 collector.track_async(gpt,
                                       [&](RequestTracker&) -> awaitable<void> {
                                         co_await timer.async_wait(use_awaitable);
                                       }),
                 outcome.token());
  asio::post(context, [&] { timer.cancel(); });
  context.run();
  CHECK(outcome.thrown != nullptr);
  auto const call = only_call(collector);
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "cancelled");
  CHECK(call.error_message == asio::error_code(asio::error::operation_aborted).message());
}

TEST_CASE("asio: a cancellation slot makes the call cancelled") {
  TelemetryCollector collector;
  asio::io_context context;
  asio::cancellation_signal signal;
  Outcome outcome;
  asio::co_spawn(context, long_call(collector),
                 asio::bind_cancellation_slot(signal.slot(), outcome.token()));
  asio::post(context, [&] { signal.emit(asio::cancellation_type::terminal); });
  context.run();
  CHECK(outcome.done);
  CHECK(only_call(collector).error_type == "cancelled");
}

TEST_CASE("asio: an io_context that is destroyed makes the call abandoned") {
  TelemetryCollector collector;
  Outcome outcome;
  {
    asio::io_context context;
    asio::co_spawn(context, long_call(collector), outcome.token());
    context.poll();
    CHECK(collector.size() == 0);
  }
  CHECK_FALSE(outcome.done);
  CHECK_FALSE(only_call(collector).success);
  CHECK(only_call(collector).error_type == "abandoned");
}

TEST_CASE("asio: an io_context that never ran makes the call abandoned") {
  TelemetryCollector collector;
  {
    asio::io_context context;
    asio::co_spawn(context, long_call(collector), [](std::exception_ptr const&, int) {});
  }
  CHECK(only_call(collector).error_type == "abandoned");
}

TEST_CASE("asio: an io_context that outlives the collector leaves no record") {
  TelemetryCollector next;
  {
    asio::io_context context;
    std::optional<TelemetryCollector> collector(std::in_place);
    asio::co_spawn(context, long_call(*collector), [](std::exception_ptr const&, int) {});
    context.poll();
    collector.reset();
  }
  CHECK(next.size() == 0);
}

TEST_CASE("asio: an error that travels as a value is a success unless set_error is called") {
  TelemetryCollector collector;
  asio::io_context context;
  asio::steady_timer timer(context, 1h);
  auto const unsaid = [&](RequestTracker&) -> awaitable<void> {
    auto const [error] = co_await timer.async_wait(asio::experimental::as_tuple(use_awaitable));
    CHECK(error == asio::error::operation_aborted);
  };
  auto const said = [&](RequestTracker& tracker) -> awaitable<void> {
    std::error_code error;
    co_await timer.async_wait(asio::redirect_error(use_awaitable, error));
    if (error) tracker.set_error("cancelled", error.message());
  };
  asio::co_spawn(context, collector.track_async(gpt, unsaid), [](std::exception_ptr const&) {});
  asio::co_spawn(context, collector.track_async(gpt, said), [](std::exception_ptr const&) {});
  asio::post(context, [&] { timer.cancel(); });
  context.run();
  auto const calls = collector.snapshot();
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].success);
  CHECK(calls[1].error_type == "cancelled");
}
