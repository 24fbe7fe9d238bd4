// SPDX-License-Identifier: MIT
// track_async and the life of a frame: who resumes it, who destroys it, what it outlives.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/task.hpp"

#include <coroutine>
#include <cstddef>
#include <functional>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

CallInfo const gpt{.provider = "openai", .model = "gpt-4o", .tenant_id = "acme"};

/// A call that waits at `gate` and then ends as `end` does.
Task<int> held_call(TelemetryCollector& collector, Gate& gate, std::function<int()> end) {
  return collector.track_async(gpt,
                               [&gate, end = std::move(end)](RequestTracker& tracker) -> Task<int> {
                                 co_await gate;
                                 tracker.set_tokens(10, 10);
                                 co_return end();
                               });
}
int returns() { return 1; }
int throws() { throw std::runtime_error("lost"); }

/// Does something while an exception that has nothing to do with it is on its way.
template <class F>
void during_unwinding(F const& what) {
  struct Cleanup {
    F const& what;
    ~Cleanup() { what(); }
  };
  try {
    Cleanup const cleanup{what};
    throw std::logic_error("unrelated");
  } catch (std::logic_error const&) {
  }
}

}  // namespace

TEST_CASE("frames: one that another thread resumes and that ends is a success") {
  TelemetryCollector collector;
  Gate gate;
  auto task = held_call(collector, gate, returns);
  task.start();
  std::thread([&] { gate.open(); }).join();
  CHECK(task.result() == 1);
  CHECK(only_call(collector).success);
  CHECK(only_call(collector).input_tokens == 10);
}

TEST_CASE("frames: one that another thread resumes and that throws is a failure") {
  TelemetryCollector collector;
  Gate gate;
  auto task = held_call(collector, gate, throws);
  task.start();
  std::thread([&] { gate.open(); }).join();
  CHECK_THROWS_AS(task.result(), std::runtime_error);
  CHECK(only_call(collector).error_type == "std::runtime_error");
  CHECK(only_call(collector).error_message == "lost");
}

TEST_CASE("frames: one that is resumed during unwinding and that ends is a success") {
  TelemetryCollector collector;
  Gate gate;
  auto task = held_call(collector, gate, returns);
  task.start();
  during_unwinding([&] { gate.open(); });
  CHECK(only_call(collector).success);
}

TEST_CASE("frames: one that is made during unwinding and throws later is a failure") {
  TelemetryCollector collector;
  Gate gate;
  std::optional<Task<int>> task;
  during_unwinding([&] {
    task.emplace(held_call(collector, gate, throws));
    task->start();
  });
  std::thread([&] { gate.open(); }).join();
  CHECK(only_call(collector).error_type == "std::runtime_error");
}

TEST_CASE("frames: one that throws while another exception is handled is recorded as its own") {
  TelemetryCollector collector;
  Gate gate;
  auto task = held_call(collector, gate, throws);
  task.start();
  try {
    throw std::logic_error("outer");
  } catch (std::logic_error const&) {
    gate.open();
  }
  CHECK(only_call(collector).error_type == "std::runtime_error");
}

TEST_CASE("frames: one that is destroyed while it waits is abandoned") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  Gate gate;
  {
    auto task = held_call(collector, gate, returns);
    task.start();
    time.advance(40ms);
  }
  auto const call = only_call(collector);
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "abandoned");
  CHECK_FALSE(call.error_message.has_value());
  CHECK(call.latency_ms == 40.0);
}

TEST_CASE("frames: one that is destroyed by unwinding is abandoned") {
  TelemetryCollector collector;
  Gate gate;
  try {
    auto task = held_call(collector, gate, returns);
    task.start();
    throw std::logic_error("unrelated");
  } catch (std::logic_error const&) {
  }
  CHECK(only_call(collector).error_type == "abandoned");
}

TEST_CASE("frames: one that never started is abandoned and took no time") {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  {
    auto task = collector.track_async(gpt, [](RequestTracker&) -> Task<int> { co_return 1; });
    time.advance(70ms);
  }
  auto const call = only_call(collector);
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "abandoned");
  CHECK(call.latency_ms == 0.0);
  CHECK(call.timestamp == time.now());
}

TEST_CASE("frames: one that is destroyed keeps what set_error said") {
  TelemetryCollector collector;
  Gate gate;
  {
    auto task = collector.track_async(gpt, [&](RequestTracker& tracker) -> Task<int> {
      tracker.set_error("rate_limit", "slow down");
      co_await gate;
      co_return 0;
    });
    task.start();
  }
  CHECK(only_call(collector).error_type == "rate_limit");
  CHECK(only_call(collector).error_message == "slow down");
}

TEST_CASE("frames: one that is over is recorded though its frame is kept") {
  TelemetryCollector collector;
  auto task = collector.track_async(gpt, [](RequestTracker&) -> Task<int> { co_return 1; });
  task.start();
  CHECK(collector.size() == 1);
  task = collector.track_async(gpt, [](RequestTracker&) -> Task<int> { co_return 2; });
  CHECK(collector.size() == 1);
}

TEST_CASE("frames: names, tags and texts are copied when the coroutine is made") {
  TelemetryCollector collector;
  auto task = [&] {
    std::string const long_text(200, 'x');
    std::string const tenant = "tenant-" + long_text;
    Tag const tags[] = {{"team", long_text}};
    return collector.track_async({.provider = std::string("provider-") + long_text,
                                  .model = std::string("model-") + long_text,
                                  .tenant_id = tenant,
                                  .user_id = std::string("user-") + long_text,
                                  .request_id = std::string("request-") + long_text,
                                  .endpoint = std::string("/v1/") + long_text,
                                  .tags = tags},
                                 [](RequestTracker&) -> Task<void> { co_return; });
  }();
  task.start();
  std::string const long_text(200, 'x');
  auto const call = only_call(collector);
  CHECK(call.provider == "provider-" + long_text);
  CHECK(call.model == "model-" + long_text);
  CHECK(call.tenant_id == "tenant-" + long_text);
  CHECK(call.user_id == "user-" + long_text);
  CHECK(call.request_id == "request-" + long_text);
  CHECK(call.endpoint == "/v1/" + long_text);
  REQUIRE(call.tags.size() == 1);
  CHECK(call.tags[0].second == long_text);
}

TEST_CASE("frames: one that outlives its collector runs to its end and records nothing") {
  std::optional<TelemetryCollector> collector(std::in_place);
  Gate gate;
  auto held = held_call(*collector, gate, returns);
  auto late = held_call(*collector, gate, returns);
  held.start();
  collector.reset();
  TelemetryCollector next;  // may use the same inside again
  gate.open();
  CHECK(held.result() == 1);
  late.start();
  gate.open();
  CHECK(late.result() == 1);
  CHECK(next.size() == 0);
}

TEST_CASE("frames: one that is destroyed after its collector records nothing") {
  TelemetryCollector next;
  Gate gate;
  {
    std::optional<TelemetryCollector> collector(std::in_place);
    auto held = held_call(*collector, gate, returns);
    auto never = held_call(*collector, gate, returns);
    held.start();
    collector.reset();
  }
  CHECK(next.size() == 0);
}

TEST_CASE("frames: a frame for which there is no memory is the caller's error, and abandoned") {
  // It never ends, so that no compiler finds that its frame need not be allocated.
  struct NoMemory {
    struct promise_type {
      static void* operator new(std::size_t) { throw std::bad_alloc(); }
      static void operator delete(void*) {}
      NoMemory get_return_object() { return {}; }
      static std::suspend_always initial_suspend() noexcept { return {}; }
      static std::suspend_always final_suspend() noexcept { return {}; }
      void return_void() {}
      void unhandled_exception() {}
    };
    static bool await_ready() noexcept { return true; }
    static void await_suspend(std::coroutine_handle<>) noexcept {}
    static void await_resume() noexcept {}
  };
  TelemetryCollector collector;
  auto const make = [&] { collector.track_async(gpt, [](RequestTracker&) { return NoMemory{}; }); };
  CHECK_THROWS_AS(make(), std::bad_alloc);
  CHECK(only_call(collector).error_type == "abandoned");
}
