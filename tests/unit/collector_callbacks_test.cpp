// SPDX-License-Identifier: MIT
// Export callbacks: what they get, in which order, and what their failures do not harm.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/exporters.hpp"

#include <atomic>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

/// Keeps the input tokens of what it is given.
struct Received {
  std::mutex mutex;
  std::vector<std::uint64_t> numbers;

  ExportCallback callback() {
    return [this](LLMRequestMetrics const& call) {
      std::lock_guard const guard(mutex);
      numbers.push_back(call.input_tokens);
    };
  }
  std::vector<std::uint64_t> all() {
    std::lock_guard const guard(mutex);
    return numbers;
  }
};

}  // namespace

TEST_CASE("callback: gets every call with all that is in snapshot and in its order") {
  std::vector<LLMRequestMetrics> received;
  TelemetryCollector collector(
      {.export_callback = [&](LLMRequestMetrics const& call) { received.push_back(call); }});
  for (int i = 0; i < 1'000; ++i) {
    auto tracker = collector.track_request({.provider = "openai",
                                            .model = "gpt-4o",
                                            .tenant_id = "acme",
                                            .user_id = "u",
                                            .request_id = "r"});
    tracker.set_tokens(i, i);
    tracker.set_tag("k", "v");
  }
  REQUIRE(collector.flush(10s));
  CHECK(received == collector.snapshot());
}

TEST_CASE("callback: is called on another thread than the caller's") {
  std::thread::id thread;
  TelemetryCollector collector(
      {.export_callback = [&](auto const&) { thread = std::this_thread::get_id(); }});
  record_numbers(collector, 0, 1);
  REQUIRE(collector.flush(10s));
  CHECK(thread != std::this_thread::get_id());
  CHECK(thread != std::thread::id{});
}

TEST_CASE("callback: one that is added later gets what finishes from then on") {
  Received received;
  TelemetryCollector collector;
  record_numbers(collector, 0, 5);
  collector.add_export_callback(received.callback());
  record_numbers(collector, 5, 2);
  REQUIRE(collector.flush(10s));
  CHECK(received.all() == std::vector<std::uint64_t>{5, 6});
}

TEST_CASE("callback: is called without flush too") {
  std::promise<void> called;
  TelemetryCollector collector(
      {.export_callback = [&](auto const&) { called.set_value(); }, .export_interval = 1ms});
  record_numbers(collector, 0, 1);
  CHECK(called.get_future().wait_for(10s) == std::future_status::ready);
}

TEST_CASE("callback: one that throws has consumed its record and harms no other") {
  Received received;
  TelemetryCollector collector({.export_callback = [](LLMRequestMetrics const& call) {
    if (call.input_tokens % 2 == 0) throw std::runtime_error("store is full");
    throw 42;
  }});
  collector.add_export_callback(received.callback());
  record_numbers(collector, 0, 10);
  REQUIRE(collector.flush(10s));
  CHECK(received.all().size() == 10);
  auto const failing = collector.diagnostics().readers[0];
  CHECK(failing.delivered == 10);
  CHECK(failing.failed == 10);
  CHECK(failing.last_error == "unknown type");
}

TEST_CASE("callback: what the ring forgets before a slow one comes to it is counted as dropped") {
  std::promise<void> go;
  auto const gate = go.get_future().share();
  TelemetryCollector collector(
      {.max_history = 10, .export_callback = [gate](auto const&) { gate.wait(); }});
  record_numbers(collector, 0, 50'000);
  CHECK_FALSE(collector.flush(1ms));
  go.set_value();
  REQUIRE(collector.flush(30s));
  auto const reader = only_stats(collector);
  CHECK(reader.dropped > 0);
  CHECK(reader.delivered + reader.dropped == 50'000);
  CHECK(reader.pending == 0);
}

TEST_CASE("callback: one that was lapped goes on with what the ring still holds") {
  std::promise<void> go;
  Received received;
  TelemetryCollector collector({.max_history = 10});
  collector.add_export_callback(
      [gate = go.get_future().share(), store = received.callback()](LLMRequestMetrics const& call) {
        gate.wait();
        store(call);
      });
  record_numbers(collector, 0, 200'000);
  go.set_value();
  REQUIRE(collector.flush(30s));
  // At least the 4,096 that a ring always keeps, and the newest of all.
  CHECK(received.all().size() >= 4'096);
  CHECK(received.all().back() == 199'999);
}

TEST_CASE("callback: can add another from within") {
  Received received;
  std::atomic<bool> added{false};
  TelemetryCollector collector;
  collector.add_export_callback([&](auto const&) {
    if (!added.exchange(true)) collector.add_export_callback(received.callback());
  });
  record_numbers(collector, 0, 1);
  REQUIRE(collector.flush(10s));
  record_numbers(collector, 1, 3);
  REQUIRE(collector.flush(10s));
  CHECK(received.all().size() == 3);
}

TEST_CASE("callback: can remove itself from within") {
  std::atomic<int> calls{0};
  TelemetryCollector collector;
  CallbackHandle handle;
  std::promise<void> ready;
  handle = collector.add_export_callback([&, wait = ready.get_future().share()](auto const&) {
    wait.wait();
    ++calls;
    handle.remove();
  });
  ready.set_value();
  record_numbers(collector, 0, 10);
  REQUIRE(collector.flush(10s));
  CHECK(calls == 1);
  CHECK(collector.diagnostics().readers.empty());
}

TEST_CASE("callback: can use the collector from within") {
  std::atomic<std::uint64_t> seen{0};
  std::atomic<bool> flushed{true};
  TelemetryCollector collector;
  collector.add_export_callback([&](LLMRequestMetrics const& call) {
    seen = collector.get_stats().total_requests;
    if (call.provider != "inner") collector.track_request("inner", "m").finish();
    flushed = collector.flush(10s);
  });
  record_numbers(collector, 0, 1);
  REQUIRE(collector.flush(10s));
  CHECK(seen >= 1);
  CHECK_FALSE(flushed);
}

TEST_CASE("callback: after remove it is not running and not called again") {
  auto const running = std::make_shared<std::atomic<bool>>(false);
  TelemetryCollector collector;
  auto handle = collector.add_export_callback([running](auto const&) {
    running->store(true);
    std::this_thread::yield();
    running->store(false);
  });
  record_numbers(collector, 0, 3'000);
  handle.remove();
  CHECK_FALSE(running->load());
  CHECK(running.use_count() == 1);  // and what it held is gone
  handle.remove();
}

TEST_CASE("callback: a handle may be dropped and may outlive its collector") {
  Received received;
  CallbackHandle handle;
  {
    TelemetryCollector collector;
    collector.add_export_callback(received.callback());
    handle = collector.add_export_callback(received.callback());
    record_numbers(collector, 0, 1);
  }
  handle.remove();
  CallbackHandle().remove();
  CHECK(received.all().size() == 2);
}

TEST_CASE("flush: without callbacks is true and with a timeout of zero only looks") {
  std::promise<void> go;
  TelemetryCollector collector;
  record_numbers(collector, 0, 1);
  CHECK(collector.flush(0s));
  collector.add_export_callback([gate = go.get_future().share()](auto const&) { gate.wait(); });
  CHECK(collector.flush(0s));
  record_numbers(collector, 1, 1);
  CHECK_FALSE(collector.flush(0s));
  CHECK_FALSE(collector.flush(-1s));
  go.set_value();
  CHECK(collector.flush(std::chrono::nanoseconds::max()));
}

TEST_CASE("destructor: gives callbacks what is pending") {
  Received received;
  {
    TelemetryCollector collector({.export_callback = received.callback()});
    record_numbers(collector, 0, 3'000);
  }
  CHECK(received.all().size() == 3'000);
}

TEST_CASE("destructor: leaves a callback that hangs behind at the timeout and counts it") {
  auto const go = std::make_shared<std::promise<void>>();
  auto const done = std::make_shared<std::promise<void>>();
  auto const before = TelemetryCollector().diagnostics().workers_left_behind;
  auto const start = std::chrono::steady_clock::now();
  {
    TelemetryCollector collector({.export_callback =
                                      [go, done](auto const&) {
                                        go->get_future().wait();
                                        done->set_value();
                                      },
                                  .shutdown_timeout = 50ms});
    record_numbers(collector, 0, 1);
  }
  CHECK(std::chrono::steady_clock::now() - start < 10s);
  CHECK(TelemetryCollector().diagnostics().workers_left_behind == before + 1);
  go->set_value();  // the thread goes on with state of its own, and ends
  CHECK(done->get_future().wait_for(10s) == std::future_status::ready);
}

TEST_CASE("destructor: a callback that is slow is not called again afterwards") {
  auto const calls = std::make_shared<std::atomic<int>>(0);
  {
    TelemetryCollector collector({.export_callback =
                                      [calls](auto const&) {
                                        ++*calls;
                                        std::this_thread::sleep_for(5ms);
                                      },
                                  .shutdown_timeout = 100ms});
    record_numbers(collector, 0, 200);
  }
  int const at_end = *calls;
  std::this_thread::sleep_for(50ms);
  CHECK(*calls == at_end);
  CHECK(at_end < 200);
}

TEST_CASE("options: time limits without end are kept") {
  std::atomic<int> calls{0};
  {
    TelemetryCollector collector({.export_callback = [&](auto const&) { ++calls; },
                                  .export_interval = std::chrono::milliseconds::max(),
                                  .shutdown_timeout = std::chrono::milliseconds::max()});
    record_numbers(collector, 0, 100);
  }
  CHECK(calls == 100);
}

TEST_CASE("clear: callbacks still get what they have not seen") {
  std::promise<void> go;
  std::atomic<int> calls{0};
  TelemetryCollector collector;
  collector.add_export_callback([&, gate = go.get_future().share()](auto const&) {
    gate.wait();
    ++calls;
  });
  record_numbers(collector, 0, 100);
  collector.clear();
  go.set_value();
  REQUIRE(collector.flush(10s));
  CHECK(calls == 100);
}

TEST_CASE("callback: what it holds may remove it when it is destroyed") {
  struct Remover {
    CallbackHandle handle;
    ~Remover() { handle.remove(); }
  };
  auto const start = std::chrono::steady_clock::now();
  {
    TelemetryCollector collector({.shutdown_timeout = 1h});
    auto remover = std::make_shared<Remover>();
    remover->handle = collector.add_export_callback([remover](auto const&) {});
    record_numbers(collector, 0, 1);
    auto handle = remover->handle;
    remover.reset();  // now the callback alone has it
    handle.remove();
  }
  CHECK(std::chrono::steady_clock::now() - start < 60s);
}
