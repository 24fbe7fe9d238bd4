// SPDX-License-Identifier: MIT
// Exporters: how they are flushed, removed and ended.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/exporters.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <future>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using namespace std::chrono_literals;

TEST_CASE("flush: asks the exporter to flush when all is delivered and says whether it did") {
  std::atomic<bool> flushes{true};
  std::atomic<std::uint64_t> delivered{0}, at_flush{0};
  TelemetryCollector collector;
  collector.add_exporter(scripted({.export_batch =
                                       [&](ExportBatch const& batch) {
                                         delivered += batch.size();
                                         return ExportResult::delivered();
                                       },
                                   .flush =
                                       [&](Deadline) {
                                         at_flush = delivered.load();
                                         return flushes.load();
                                       }}),
                         {.max_batch_delay = 1h});
  record_numbers(collector, 0, 100);
  CHECK(collector.flush(10s));
  CHECK(at_flush == 100);
  flushes = false;
  CHECK_FALSE(collector.flush(10s));
  CHECK(only_stats(collector).last_error == "flush failed");
}

TEST_CASE("flush: one that is in a hurry does not spoil another") {
  TelemetryCollector collector;
  collector.add_exporter(scripted({.flush = [](Deadline deadline) {
    return deadline - std::chrono::steady_clock::now() > 10s;  // needs as long
  }}));
  std::atomic<bool> stop{false};
  std::thread hurrying([&] {
    while (!stop) (void)collector.flush(1ms);
  });
  for (std::uint64_t i = 0; i < 20; ++i) {
    record_numbers(collector, i, 1);
    CHECK(collector.flush(60s));
  }
  stop = true;
  hurrying.join();
}

TEST_CASE("flush: takes any duration") {
  TelemetryCollector collector;
  collector.add_exporter(scripted({}));
  record_numbers(collector, 0, 1);
  CHECK(collector.flush(std::chrono::hours::max()));
  CHECK(collector.flush(std::chrono::duration<double>(10.0)));
  CHECK(collector.flush(std::chrono::seconds::min()));
}

TEST_CASE("remove: shuts the exporter down and destroys it") {
  auto const alive = std::make_shared<int>(0);
  std::atomic<bool> shut{false};
  TelemetryCollector collector;
  auto handle = collector.add_exporter(
      scripted({.export_batch = [alive](ExportBatch const&) { return ExportResult::delivered(); },
                .shutdown = [&](Deadline) { shut = true; }}));
  record_numbers(collector, 0, 10);
  handle.remove();
  CHECK(shut);
  CHECK(alive.use_count() == 1);
  CHECK(collector.export_stats().empty());
  CHECK(collector.flush(10s));
  handle.remove();
}

TEST_CASE("destructor: exporters get what is pending and are flushed and shut down on time") {
  Inbox inbox;
  std::string calls;
  {
    TelemetryCollector collector;
    auto script = inbox.script();
    script.flush = [&](Deadline deadline) {
      calls += deadline > std::chrono::steady_clock::now() ? "flush " : "late ";
      return true;
    };
    script.shutdown = [&](Deadline) { calls += "shutdown"; };
    collector.add_exporter(scripted(script), {.max_batch_delay = 1h});
    record_numbers(collector, 0, 3'000);
  }
  CHECK(inbox.numbers() == numbers_between(0, 3'000));
  CHECK(calls == "flush shutdown");
}

TEST_CASE("destructor: an idle exporter is ended in time, however little of that there is") {
  auto const left_behind = TelemetryCollector().diagnostics().workers_left_behind;
  for (int i = 0; i < 100; ++i) {
    auto const alive = std::make_shared<int>(0);
    {
      TelemetryCollector collector({.shutdown_timeout = 0ms});
      collector.add_exporter(scripted({.flush = [alive](Deadline) { return *alive == 0; }}),
                             {.max_batch_delay = 1ms});
      record_numbers(collector, 0, 1);
    }
    REQUIRE(alive.use_count() == 1);
  }
  CHECK(TelemetryCollector().diagnostics().workers_left_behind == left_behind);
}

TEST_CASE("destructor: does not wait for what hangs at the end of an exporter's thread") {
  struct HangsAtEnd {
    Hook hook;
    bool armed = false;
    ~HangsAtEnd() {
      if (armed) hook.hang();
    }
  };
  static thread_local HangsAtEnd hanging;
  static Hook const hook;  // reachable while its thread ends, or it would be a leak
  auto const start = std::chrono::steady_clock::now();
  {
    TelemetryCollector collector({.shutdown_timeout = 100ms});
    auto handle = collector.add_exporter(scripted({.export_batch = [](ExportBatch const&) {
      hanging.hook = hook;
      hanging.armed = true;
      return ExportResult::delivered();
    }}));
    record_numbers(collector, 0, 1);
    REQUIRE(collector.flush(10s));
    handle.remove();
    CHECK(collector.flush(10s));
  }
  CHECK(std::chrono::steady_clock::now() - start < 30s);
  hook.release();
}

TEST_CASE("destructor: an exporter that cannot flush is shut down all the same") {
  std::atomic<bool> shut{false};
  {
    TelemetryCollector collector;
    collector.add_exporter(
        scripted({.flush = [](Deadline) -> bool { throw std::runtime_error("?"); },
                  .shutdown = [&](Deadline) { shut = true; }}));
  }
  CHECK(shut);
}

TEST_CASE("destructor: a batch that waits for its next attempt gets one more") {
  std::atomic<int> attempts{0};
  std::promise<void> failed;
  {
    TelemetryCollector collector;
    collector.add_exporter(scripted({.export_batch =
                                         [&](ExportBatch const&) {
                                           if (++attempts == 1) {
                                             failed.set_value();
                                             return ExportResult::retry("503", 1h);
                                           }
                                           return ExportResult::delivered();
                                         }}),
                           {.max_batch_delay = 1ms, .retry_limit = 2h});
    record_numbers(collector, 0, 10);
    failed.get_future().wait();
  }
  CHECK(attempts >= 2);
}
