// SPDX-License-Identifier: MIT
// track_async in a coroutine type that the library knows nothing of: results, outcomes, times.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/task.hpp"

#include <chrono>
#include <coroutine>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

CallInfo const gpt{.provider = "openai", .model = "gpt-4o", .tenant_id = "acme"};

/// Cannot be moved, is its own awaiter, and gives a reference to what lives in it.
struct AwaitedWhereMade {
  struct promise_type {
    AwaitedWhereMade get_return_object() { return AwaitedWhereMade(*this); }
    static std::suspend_never initial_suspend() noexcept { return {}; }
    static std::suspend_always final_suspend() noexcept { return {}; }
    void return_value(std::string value) { result = std::move(value); }
    static void unhandled_exception() { std::terminate(); }
    std::string result;
  };
  explicit AwaitedWhereMade(promise_type& made) : promise(made) {}
  AwaitedWhereMade(AwaitedWhereMade const&) = delete;
  AwaitedWhereMade& operator=(AwaitedWhereMade const&) = delete;
  ~AwaitedWhereMade() { std::coroutine_handle<promise_type>::from_promise(promise).destroy(); }
  static bool await_ready() noexcept { return true; }
  static void await_suspend(std::coroutine_handle<>) noexcept {}
  [[nodiscard]] std::string&& await_resume() const noexcept { return std::move(promise.result); }

  promise_type& promise;
};

template <class F>
concept Trackable = requires(TelemetryCollector& collector, F fn) {
  collector.track_async(CallInfo{}, fn);
};

static_assert(Trackable<Task<int> (*)(RequestTracker&)>);
static_assert(!Trackable<int (*)(RequestTracker&)>);
static_assert(!Trackable<Task<int> (*)(int)>);
static_assert(!Trackable<int>);

}  // namespace

TEST_CASE("track_async: a normal end is a success with what the tracker was given") {
  TelemetryCollector collector;
  auto task = collector.track_async(gpt, [](RequestTracker& tracker) -> Task<int> {
    tracker.set_tokens(1000, 500);
    co_return 42;
  });
  static_assert(std::is_same_v<decltype(task), Task<int>>);
  CHECK(collector.size() == 0);
  task.start();
  CHECK(task.result() == 42);
  auto const call = only_call(collector);
  CHECK(call.success);
  CHECK(call.provider == "openai");
  CHECK(call.model == "gpt-4o");
  CHECK(call.tenant_id == "acme");
  CHECK(call.cost_usd == 0.0075);
}

TEST_CASE("track_async: the call is recorded before whoever awaits it goes on") {
  TelemetryCollector collector;
  auto const size_after = [&]() -> Task<std::size_t> {
    co_await collector.track_async(gpt, [](RequestTracker&) -> Task<void> { co_return; });
    co_return collector.size();
  };
  auto task = size_after();
  task.start();
  CHECK(task.result() == 1);
}

TEST_CASE("track_async: a result that can only be moved comes through") {
  TelemetryCollector collector;
  auto task = collector.track_async(gpt, [](RequestTracker&) -> Task<std::unique_ptr<int>> {
    co_return std::make_unique<int>(7);
  });
  task.start();
  std::unique_ptr<int> const result = task.result();
  CHECK(*result == 7);
}

TEST_CASE("track_async: a result without a default comes through, and so does a long text") {
  struct Answer {
    explicit Answer(std::string words) : text(std::move(words)) {}
    std::string text;
  };
  TelemetryCollector collector;
  auto task = collector.track_async(gpt, [](RequestTracker&) -> Task<Answer> {
    co_return Answer("longer than what a string holds within itself");
  });
  task.start();
  CHECK(task.result().text == "longer than what a string holds within itself");
}

TEST_CASE("track_async: a reference comes through as the same object") {
  TelemetryCollector collector;
  int number = 3;
  auto task = collector.track_async(gpt, [&](RequestTracker&) -> Task<int&> { co_return number; });
  task.start();
  CHECK(&task.result() == &number);
}

TEST_CASE("track_async: a void coroutine comes through") {
  TelemetryCollector collector;
  bool ran = false;
  auto task = collector.track_async(gpt, [&](RequestTracker&) -> Task<void> {
    ran = true;
    co_return;
  });
  task.start();
  task.result();
  CHECK(ran);
  CHECK(only_call(collector).success);
}

TEST_CASE("track_async: a task that must be awaited where it is made comes through") {
  TelemetryCollector collector;
  auto const task = collector.track_async(gpt, [](RequestTracker&) -> AwaitedWhereMade {
    co_return "longer than what a string holds within itself";
  });
  CHECK(task.await_resume() == "longer than what a string holds within itself");
  CHECK(only_call(collector).success);
}

TEST_CASE("track_async: a function that can only be moved is kept for the coroutine") {
  TelemetryCollector collector;
  Gate gate;
  auto task = collector.track_async(
      gpt, [&gate, kept = std::make_unique<int>(5)](RequestTracker&) -> Task<int> {
        co_await gate;
        co_return *kept;
      });
  task.start();
  gate.open();
  CHECK(task.result() == 5);
}

TEST_CASE("track_async: a plain function that only makes the coroutine will do") {
  struct Client {
    static Task<int> complete(RequestTracker& tracker, std::string prompt) {
      tracker.set_tokens(prompt.size(), 1);
      co_return 1;
    }
  };
  TelemetryCollector collector;
  auto task = collector.track_async(
      gpt, [](RequestTracker& tracker) { return Client::complete(tracker, "four"); });
  task.start();
  CHECK(task.result() == 1);
  CHECK(only_call(collector).input_tokens == 4);
}

TEST_CASE("track_async: what throws before it makes a coroutine is recorded too") {
  TelemetryCollector collector;
  auto task = collector.track_async(
      gpt, [](RequestTracker&) -> Task<int> { throw std::runtime_error("no connection"); });
  task.start();
  CHECK_THROWS_AS(task.result(), std::runtime_error);
  CHECK(only_call(collector).error_type == "std::runtime_error");
}

TEST_CASE("track_async: an exception replaces what set_error said before") {
  TelemetryCollector collector;
  auto task = collector.track_async(gpt, [](RequestTracker& tracker) -> Task<int> {
    tracker.set_error("rate_limit", "slow down");
    throw std::runtime_error("gave up");
    co_return 0;
  });
  task.start();
  CHECK(only_call(collector).error_type == "std::runtime_error");
  CHECK(only_call(collector).error_message == "gave up");
}

TEST_CASE("track_async: set_error makes a normal end a failure") {
  TelemetryCollector collector;
  auto task = collector.track_async(gpt, [](RequestTracker& tracker) -> Task<int> {
    tracker.set_error("rate_limit", "slow down");
    co_return 0;
  });
  task.start();
  CHECK(task.result() == 0);
  auto const call = only_call(collector);
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "rate_limit");
  CHECK(call.error_message == "slow down");
}

TEST_CASE("track_async: finish within it ends the call, once") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  auto task = collector.track_async(gpt, [&](RequestTracker& tracker) -> Task<int> {
    time.advance(10ms);
    tracker.finish();
    time.advance(1s);
    throw std::runtime_error("too late");
    co_return 0;
  });
  task.start();
  CHECK(only_call(collector).success);
  CHECK(only_call(collector).latency_ms == 10.0);
}

TEST_CASE("track_async: discard within it leaves no record") {
  TelemetryCollector collector;
  auto task = collector.track_async(gpt, [](RequestTracker& tracker) -> Task<void> {
    tracker.discard();
    co_return;
  });
  task.start();
  CHECK(collector.size() == 0);
}

TEST_CASE("track_async: the call begins when the coroutine does") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  Gate gate;
  auto task = collector.track_async(gpt, [&](RequestTracker& tracker) -> Task<int> {
    time.advance(20ms);
    tracker.mark_first_token();
    co_await gate;
    co_return 0;
  });
  time.advance(300ms);
  auto const started = time.now();
  task.start();
  time.advance(30ms);
  gate.open();
  auto const call = only_call(collector);
  CHECK(call.timestamp == started);
  CHECK(call.latency_ms == 50.0);
  CHECK(call.time_to_first_token_ms == 20.0);
}

TEST_CASE("track_async: one that starts late is stamped by the wall clock of then") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  auto task = collector.track_async(gpt, [](RequestTracker&) -> Task<void> { co_return; });
  time.set_wall(time.now() + 1h);
  time.advance(2s);
  task.start();
  CHECK(only_call(collector).timestamp == time.now());
}

TEST_CASE("track_async: one within another is a call of its own") {
  TelemetryCollector collector;
  auto task = collector.track_async(gpt, [&](RequestTracker& outer) -> Task<int> {
    auto const inner = co_await collector.track_async(
        {.provider = "openai", .model = "gpt-4o-mini"}, [](RequestTracker& tracker) -> Task<int> {
          tracker.set_tokens(1, 1);
          co_return 20;
        });
    outer.set_tokens(2, 2);
    co_return inner + 1;
  });
  task.start();
  CHECK(task.result() == 21);
  auto const calls = collector.snapshot();
  REQUIRE(calls.size() == 2);
  CHECK(calls[0].model == "gpt-4o-mini");
  CHECK(calls[0].input_tokens == 1);
  CHECK(calls[1].model == "gpt-4o");
  CHECK(calls[1].input_tokens == 2);
}

TEST_CASE("track_async: an exception goes through an outer call and is recorded in both") {
  TelemetryCollector collector;
  auto task = collector.track_async(gpt, [&](RequestTracker&) -> Task<int> {
    co_return co_await collector.track_async(gpt, [](RequestTracker&) -> Task<int> {
      throw std::out_of_range("inner");
      co_return 0;
    });
  });
  task.start();
  for (auto const& call : collector.snapshot()) CHECK(call.error_type == "std::out_of_range");
  CHECK(collector.size() == 2);
}
