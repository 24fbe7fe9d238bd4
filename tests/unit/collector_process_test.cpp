// SPDX-License-Identifier: MIT
// The collector of the process: set-up, fork and the end of the process.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/exporters.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

namespace {

enum class Leave { at_once, by_exit };

/// Runs `child` in a forked process and returns what it wrote to the pipe whose end it is given.
/// The child ends with what `child` returns, within a time limit; at once, for a search for leaks
/// does not know that the stacks of the parent's threads are gone.
struct Child {
  std::string output;
  int status = -1;

  explicit Child(std::function<int(int)> const& child, Leave leave = Leave::at_once) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    std::cout.flush();  // or the child would print it again
    auto const pid = fork();
    if (pid == 0) {
      close(ends[0]);
      alarm(30);  // a child that hangs ends by a signal
      int const result = child(ends[1]);
      if (leave == Leave::at_once) _exit(result);
      std::exit(result);
    }
    close(ends[1]);
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = read(ends[0], buffer.data(), buffer.size())) > 0;) {
      output.append(buffer.data(), static_cast<std::size_t>(n));
    }
    close(ends[0]);
    waitpid(pid, &status, 0);
  }
};

ExportCallback write_dot(int end) {
  return [end](LLMRequestMetrics const&) {
    if (write(end, ".", 1) != 1) std::abort();
  };
}

}  // namespace

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

#if !defined(__SANITIZE_THREAD__)  // which does not follow a process with threads into its child

// A forked child whose parent had threads in the allocator of g++ 12's AddressSanitizer hangs in
// it.
#if !defined(__SANITIZE_ADDRESS__)

TEST_CASE("fork: the child keeps its history and records and queries and exports on") {
  TelemetryCollector collector;
  for (int i = 0; i < 100; ++i) collector.record(finished_call("openai", "gpt-4o", "acme"));
  Child const child([&](int end) {
    collector.add_export_callback(write_dot(end));
    for (int i = 0; i < 20'000; ++i) collector.record(finished_call("openai", "gpt-4o", "child"));
    if (collector.get_stats("30d").total_requests != 20'100) return 1;
    collector.flush(10s);
    auto const reader = collector.diagnostics().readers.at(0);
    return reader.delivered + reader.dropped == 20'000 ? 0 : 2;
  });
  CHECK(child.status == 0);
  CHECK(collector.get_stats("30d").total_requests == 100);
}

TEST_CASE(
    "fork: the child's callbacks begin with an empty queue and are given what the child records") {
  int parent_end = -1;
  TelemetryCollector collector({.export_callback =
                                    [&](auto const&) {
                                      if (parent_end >= 0 && write(parent_end, ".", 1) != 1)
                                        std::abort();
                                    },
                                .export_interval = 10s});
  collector.record(finished_call("openai", "gpt-4o", "acme"));
  Child const child([&](int end) {
    parent_end = end;
    for (int i = 0; i < 3; ++i) collector.record(finished_call("openai", "gpt-4o", "child"));
    return collector.flush(10s) ? 0 : 1;
  });
  CHECK(child.status == 0);
  CHECK(child.output == "...");
}

TEST_CASE("fork: the child's exporters are told first and are given what the child records") {
  auto const fate = std::make_shared<std::string>();
  TelemetryCollector collector;
  collector.add_exporter(scripted({.export_batch =
                                       [=](ExportBatch const& batch) {
                                         fate->append(batch.size(), '.');
                                         return ExportResult::delivered();
                                       },
                                   .after_fork = [=] { *fate = "forked "; }}),
                         {.max_batch_delay = 1h});
  for (int i = 0; i < 5; ++i) collector.record(finished_call("openai", "gpt-4o", "acme"));
  Child const child([&](int end) {
    for (int i = 0; i < 3; ++i) collector.record(finished_call("openai", "gpt-4o", "child"));
    if (!collector.flush(10s)) return 1;
    auto const stats = collector.export_stats().at(0);
    if (stats.delivered != 3 || stats.dropped != 0 || stats.pending != 0) return 2;
    return write(end, fate->data(), fate->size()) < 0 ? 3 : 0;
  });
  CHECK(child.status == 0);
  CHECK(child.output == "forked ...");
  REQUIRE(collector.flush(10s));
  CHECK(*fate == ".....");
}

TEST_CASE("fork: a child that is made within a callback gets none of the parent's queue") {
  std::atomic<int> status{-1};
  std::atomic<bool> is_child{false};
  TelemetryCollector collector({.export_callback = [&](auto const&) {
    if (is_child) _exit(1);
    if (status != -1) return;
    auto const pid = fork();
    if (pid == 0) {
      is_child = true;
      alarm(30);
      std::thread([] {
        std::this_thread::sleep_for(200ms);
        _exit(0);
      }).detach();
      return;
    }
    int child_status = 0;
    waitpid(pid, &child_status, 0);
    status = child_status;
  }});
  for (int i = 0; i < 10; ++i) collector.record(finished_call("openai", "gpt-4o", "acme"));
  REQUIRE(collector.flush(20s));
  CHECK(status == 0);
}

TEST_CASE("fork: a child of busy threads can record and end") {
  TelemetryCollector collector({.export_callback = [](auto const&) {}});
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; !stop; ++i) {
        auto tracker = collector.track_request("openai", "gpt-4o", std::to_string(i % 500));
        tracker.set_tag("k", "v");
      }
    });
  }
  for (int i = 0; i < 10; ++i) {
    Child const child([&](int) {
      auto const before = collector.get_stats(StatsQuery{}).total_requests;
      for (int k = 0; k < 2'000; ++k) collector.record(finished_call("a", "b", "c"));
      return collector.get_stats(StatsQuery{}).total_requests == before + 2'000 ? 0 : 1;
    });
    CHECK(child.status == 0);
  }
  stop = true;
  for (auto& thread : threads) thread.join();
}

TEST_CASE("fork: parent and child make different request ids") {
  TelemetryCollector collector;
  collector.record(finished_call("a", "b", "c"));
  Child const child([&](int end) {
    collector.record(finished_call("a", "b", "c"));
    auto const id = collector.snapshot().back().request_id;
    return write(end, id.data(), id.size()) == static_cast<ssize_t>(id.size()) ? 0 : 1;
  });
  collector.record(finished_call("a", "b", "c"));
  REQUIRE(child.output.size() == 36);
  CHECK(child.output.substr(14) != collector.snapshot().back().request_id.substr(14));
}

#endif  // AddressSanitizer

TEST_CASE("exit: a program that ends gives its callbacks all that is pending") {
  Child const child(
      [](int end) {
        auto& collector =
            configure_telemetry({.export_callback = write_dot(end), .export_interval = 10s});
        for (int i = 0; i < 1'000; ++i) collector.record(finished_call("openai", "gpt-4o", "acme"));
        return 0;
      },
      Leave::by_exit);
  CHECK(child.status == 0);
  CHECK(child.output.size() == 1'000);
}

namespace {
struct Sink {
  bool alive = true;
  ~Sink() { alive = false; }
};
Sink& sink() {
  static Sink one;
  return one;
}
}  // namespace

TEST_CASE("exit: a callback may use statics that are younger than the collector") {
  Child const child(
      [](int end) {
        auto& collector = get_collector();
        sink();
        collector.add_export_callback([end](auto const&) {
          if (write(end, sink().alive ? "." : "!", 1) != 1) std::abort();
        });
        for (int i = 0; i < 3; ++i) collector.record(finished_call("openai", "gpt-4o", "acme"));
        return 0;
      },
      Leave::by_exit);
  CHECK(child.output == "...");
}

TEST_CASE("exit: a program that ends gives its exporters all that is pending") {
  Child const child(
      [](int end) {
        auto& collector = get_collector();
        auto const fate = std::make_shared<std::string>();
        collector.add_exporter(
            scripted({.export_batch =
                          [=](ExportBatch const& batch) {
                            fate->append(batch.size(), '.');
                            return ExportResult::delivered();
                          },
                      .flush = [=](Deadline) { return (fate->append("f"), true); },
                      .shutdown =
                          [=](Deadline) {
                            fate->append("s");
                            if (write(end, fate->data(), fate->size()) < 0) std::abort();
                          }}),
            {.max_batch_delay = 1h});
        for (int i = 0; i < 1'000; ++i) {
          collector.track_request("openai", "gpt-4o", "acme").set_tokens(i, i);
        }
        return 0;
      },
      Leave::by_exit);
  CHECK(child.status == 0);
  CHECK(child.output == std::string(1'000, '.') + "fs");
}

TEST_CASE("exit: an exporter that hangs does not keep the process nor the others") {
  Child const child(
      [](int end) {
        auto& collector = configure_telemetry({.shutdown_timeout = 400ms});
        collector.add_exporter(scripted({.export_batch = [](ExportBatch const&) {
          std::this_thread::sleep_for(1h);
          return ExportResult::delivered();
        }}));
        collector.add_export_callback(write_dot(end));
        for (int i = 0; i < 10; ++i) collector.record(finished_call("openai", "gpt-4o", "acme"));
        return 0;
      },
      Leave::by_exit);
  CHECK(child.status == 0);
  CHECK(child.output == "..........");
}

TEST_CASE("exit: a callback that hangs does not keep the process") {
  Child const child(
      [](int) {
        auto& collector = configure_telemetry(
            {.export_callback = [](auto const&) { std::this_thread::sleep_for(1h); },
             .shutdown_timeout = 50ms});
        collector.record(finished_call("openai", "gpt-4o", "acme"));
        return 0;
      },
      Leave::by_exit);
  CHECK(child.status == 0);
}

#endif
