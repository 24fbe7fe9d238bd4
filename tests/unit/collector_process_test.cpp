// SPDX-License-Identifier: MIT
// The collector of the process: set-up, and what its threads leave alone.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/exporters.hpp"

#include <atomic>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <thread>

#include <signal.h>
#include <unistd.h>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

TEST_CASE("get_collector: is one object that configure_telemetry sets up") {
  auto& collector = get_collector();
  CHECK(&configure_telemetry({.max_history = 123}) == &collector);
  CHECK(collector.max_history() == 123);
  configure_telemetry({});
  CHECK(collector.max_history() == 10'000);
}

TEST_CASE(
    "configure_telemetry: a smaller max_history keeps the newest and a larger one keeps more") {
  auto& collector = configure_telemetry({.max_history = 50});
  collector.clear();
  auto call = finished_call("openai", "gpt-4o", "acme");
  for (std::uint64_t i = 0; i < 50; ++i) {
    call.input_tokens = i;
    collector.record(call);
  }
  configure_telemetry({.max_history = 3});
  auto const calls = collector.snapshot();
  REQUIRE(calls.size() == 3);
  CHECK(calls.front().input_tokens == 47);
  configure_telemetry({.max_history = 30'000});
  for (int i = 0; i < 40'000; ++i) collector.record(call);
  CHECK(collector.size() == 30'000);
  CHECK(collector.snapshot().size() == 30'000);
  CHECK(collector.get_stats(StatsQuery{}).total_requests == 40'050);
  configure_telemetry({});
}

TEST_CASE("configure_telemetry: a tracker that is alive meanwhile is recorded") {
  auto& collector = configure_telemetry({.max_history = 1'000});
  collector.clear();
  {
    auto tracker = collector.track_request("openai", "gpt-4o");
    configure_telemetry({.max_history = 60'000});
    tracker.set_tokens(7, 0);
  }
  CHECK(collector.snapshot().back().input_tokens == 7);
  configure_telemetry({});
}

TEST_CASE(
    "configure_telemetry: replaces the configured callback which first gets what is pending") {
  int first = 0;
  int second = 0;
  auto& collector = configure_telemetry({.export_callback = [&](auto const&) { ++first; }});
  collector.record(finished_call("openai", "gpt-4o", "acme"));
  configure_telemetry({.export_callback = [&](auto const&) { ++second; }});
  collector.record(finished_call("openai", "gpt-4o", "acme"));
  REQUIRE(collector.flush(10s));
  CHECK(first == 1);
  CHECK(second == 1);
  configure_telemetry({});
  CHECK(collector.diagnostics().readers.empty());
}

TEST_CASE("configure_telemetry: a call is given to the old callback or to the new one") {
  constexpr auto none = std::numeric_limits<std::uint64_t>::max();
  std::atomic<std::uint64_t> last_of_old{none};
  std::atomic<std::uint64_t> first_of_new{none};
  auto& collector = configure_telemetry(
      {.export_callback = [&](LLMRequestMetrics const& c) { last_of_old = c.input_tokens; }});
  std::atomic<bool> stop{false};
  std::thread recording([&] {
    auto call = finished_call("openai", "gpt-4o", "acme");
    for (; !stop; ++call.input_tokens) collector.record(call);
  });
  while (last_of_old == none) std::this_thread::yield();
  configure_telemetry({.export_callback = [&](LLMRequestMetrics const& c) {
    auto not_yet = none;
    first_of_new.compare_exchange_strong(not_yet, c.input_tokens);
  }});
  while (first_of_new == none) std::this_thread::yield();
  stop = true;
  recording.join();
  CHECK(last_of_old < first_of_new);
  configure_telemetry({});
}

TEST_CASE("configure_telemetry: a shorter export_interval applies at once") {
  std::atomic<int> calls{0};
  auto const set_up = [&](std::chrono::milliseconds interval) -> TelemetryCollector& {
    return configure_telemetry({.export_interval = interval});
  };
  auto& collector = set_up(1h);
  auto handle = collector.add_export_callback([&](auto const&) { ++calls; });
  collector.record(finished_call("openai", "gpt-4o", "acme"));
  set_up(1ms);
  while (calls == 0) std::this_thread::yield();
  handle.remove();
  set_up(100ms);
}

TEST_CASE("configure_telemetry: a mistake throws and changes nothing") {
  configure_telemetry({.max_history = 77});
  CHECK_THROWS_AS(configure_telemetry({.max_history = 0}), std::invalid_argument);
  CHECK_THROWS_AS(configure_telemetry({.max_history = 88, .max_tenants = 7}),
                  std::invalid_argument);
  ManualTime time;
  CHECK_THROWS_AS(configure_telemetry({.max_history = 88, .time_source = &time}),
                  std::invalid_argument);
  CHECK(get_collector().max_history() == 77);
  configure_telemetry({});
}

TEST_CASE("threads: signals for the program are left to its own threads") {
  TelemetryCollector const collector({.export_callback = [](auto const&) {}});
  sigset_t user_signal;
  sigemptyset(&user_signal);
  sigaddset(&user_signal, SIGUSR1);
  REQUIRE(pthread_sigmask(SIG_BLOCK, &user_signal, nullptr) == 0);
  // Were it open on any other thread, the signal would now end the process.
  REQUIRE(kill(getpid(), SIGUSR1) == 0);
  timespec const limit{.tv_sec = 10, .tv_nsec = 0};
  CHECK(sigtimedwait(&user_signal, nullptr, &limit) == SIGUSR1);
}
