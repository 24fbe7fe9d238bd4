// SPDX-License-Identifier: MIT
// Exporters: what they are given, when, and how it is accounted for.
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

TEST_CASE("exporter: is given every call with all that is in snapshot and in its order") {
  std::vector<LLMRequestMetrics> received;
  TelemetryCollector collector;
  collector.add_exporter(scripted({.export_batch = [&](ExportBatch const& batch) {
    for (auto const& call : batch) received.push_back(call.to_metrics());
    return ExportResult::delivered();
  }}));
  std::array<Tag, 2> const tags{Tag{"team", "search"}, Tag{"env", "prod"}};
  for (int i = 0; i < 2'000; ++i) {
    auto tracker =
        collector.track_request({.provider = "openai",
                                 .model = i % 2 == 0 ? "gpt-4o" : "unheard-of",
                                 .tenant_id = i % 3 == 0 ? "acme" : "globex",
                                 .user_id = std::string(static_cast<std::size_t>(i % 60), 'u'),
                                 .request_id = i % 5 == 0 ? "given" : "",
                                 .endpoint = i % 7 == 0 ? "/v1/chat" : "",
                                 .tags = std::span(tags).first(static_cast<std::size_t>(i % 3))});
    tracker.set_usage({.input_tokens = 1'000, .output_tokens = 7, .cache_read_tokens = 3});
    if (i % 4 == 0) tracker.set_error("rate_limit", "429");
    if (i % 6 == 0) tracker.set_streaming(12ms);
  }
  REQUIRE(collector.flush(10s));
  CHECK(received == collector.snapshot());
}

TEST_CASE("exporter: is asked for its name once and called on one thread that is its own") {
  std::atomic<int> threads{0};
  std::thread::id thread;
  TelemetryCollector collector;
  collector.add_exporter(scripted({.name = "mine",
                                   .export_batch =
                                       [&](ExportBatch const&) {
                                         if (thread != std::this_thread::get_id()) ++threads;
                                         thread = std::this_thread::get_id();
                                         return ExportResult::delivered();
                                       }}),
                         quick_options());
  for (std::uint64_t i = 0; i < 5; ++i) {
    record_numbers(collector, i, 1);
    REQUIRE(collector.flush(10s));
  }
  CHECK(threads == 1);
  CHECK(thread != std::this_thread::get_id());
  CHECK(only_stats(collector).name == "mine");
}

TEST_CASE("exporter: a batch goes out when it is full") {
  std::promise<std::size_t> size;
  TelemetryCollector collector;
  auto options = quick_options();
  options.max_batch_size = 512;
  options.max_batch_delay = 1h;
  collector.add_exporter(scripted({.export_batch =
                                       [&, first = true](ExportBatch const& b) mutable {
                                         if (std::exchange(first, false)) size.set_value(b.size());
                                         return ExportResult::delivered();
                                       }}),
                         options);
  record_numbers(collector, 0, 1'500);
  auto received = size.get_future();
  REQUIRE(received.wait_for(20s) == std::future_status::ready);
  CHECK(received.get() == 512);
}

TEST_CASE("exporter: a batch goes out when its time has come") {
  std::promise<std::size_t> size;
  TelemetryCollector collector;
  collector.add_exporter(scripted({.export_batch =
                                       [&](ExportBatch const& b) {
                                         size.set_value(b.size());
                                         return ExportResult::delivered();
                                       }}),
                         {.max_batch_delay = 20ms});
  record_numbers(collector, 0, 3);
  REQUIRE(size.get_future().wait_for(20s) == std::future_status::ready);
}

TEST_CASE("exporter: no batch is larger than asked for") {
  std::atomic<std::size_t> largest{0};
  Inbox inbox;
  TelemetryCollector collector;
  auto options = quick_options();
  options.max_batch_size = 7;
  collector.add_exporter(scripted({.export_batch =
                                       [&](ExportBatch const& batch) {
                                         largest = std::max(largest.load(), batch.size());
                                         inbox.add(batch);
                                         return ExportResult::delivered();
                                       }}),
                         options);
  record_numbers(collector, 0, 100);
  REQUIRE(collector.flush(10s));
  CHECK(largest == 7);
  CHECK(inbox.numbers() == numbers_between(0, 100));
}

TEST_CASE("exporter: an attempt is told by when it should be over") {
  std::atomic<bool> within{false};
  TelemetryCollector collector;
  auto options = quick_options();
  options.attempt_timeout = 5s;
  collector.add_exporter(scripted({.export_batch =
                                       [&](ExportBatch const& batch) {
                                         auto const left =
                                             batch.deadline() - std::chrono::steady_clock::now();
                                         within = left > 0s && left <= 5s;
                                         return ExportResult::delivered();
                                       }}),
                         options);
  record_numbers(collector, 0, 1);
  REQUIRE(collector.flush(10s));
  CHECK(within);
}

TEST_CASE("exporter: a batch that could not be delivered comes again until it is") {
  std::atomic<std::uint32_t> attempts{0};
  Inbox inbox;
  TelemetryCollector collector;
  collector.add_exporter(scripted({.export_batch =
                                       [&](ExportBatch const& batch) {
                                         attempts = batch.attempt();
                                         if (batch.attempt() == 2)
                                           throw std::runtime_error("connection reset");
                                         if (batch.attempt() < 4) return ExportResult::retry("503");
                                         inbox.add(batch);
                                         return ExportResult::delivered();
                                       }}),
                         quick_options());
  record_numbers(collector, 0, 10);
  REQUIRE(collector.flush(10s));
  CHECK(inbox.numbers() == numbers_between(0, 10));
  auto const stats = only_stats(collector);
  CHECK(stats.delivered == 10);
  CHECK(stats.last_error == "503");
  CHECK(stats.last_success.has_value());
  CHECK(stats.failed == stats.retries);
  CHECK(stats.attempts == stats.failed + stats.attempts / 4);
}

TEST_CASE("exporter: only the named part of a batch comes again") {
  Inbox inbox;
  TelemetryCollector collector;
  auto options = quick_options();
  options.max_batch_size = 10;
  options.max_batch_delay = 1h;
  collector.add_exporter(scripted({.export_batch =
                                       [&](ExportBatch const& batch) {
                                         if (batch.attempt() > 1) {
                                           inbox.add(batch);
                                           return ExportResult::delivered();
                                         }
                                         auto result = ExportResult::retry("206");
                                         result.retry_indexes = {7, 2, 7, 99};
                                         result.refused = 3;
                                         return result;
                                       }}),
                         options);
  record_numbers(collector, 0, 10);
  REQUIRE(collector.flush(10s));
  CHECK(inbox.numbers() == std::vector<std::uint64_t>{2, 7});
  auto const stats = only_stats(collector);
  CHECK(stats.delivered == 7);
  CHECK(stats.dropped_by_reason.refused == 3);
  CHECK(stats.pending == 0);
}

TEST_CASE("exporter: what a receiver refuses is dropped and the next batch goes on") {
  Inbox inbox;
  TelemetryCollector collector;
  auto options = quick_options();
  options.max_batch_size = 10;
  collector.add_exporter(scripted({.export_batch =
                                       [&](ExportBatch const& batch) {
                                         if (batch[0].input_tokens < 10)
                                           return ExportResult::drop("400");
                                         inbox.add(batch);
                                         return ExportResult::partly_refused(4, "4 are too old");
                                       }}),
                         options);
  record_numbers(collector, 0, 10);
  REQUIRE(collector.flush(10s));
  record_numbers(collector, 10, 10);
  REQUIRE(collector.flush(10s));
  auto const stats = only_stats(collector);
  CHECK(stats.dropped == stats.dropped_by_reason.refused);
  CHECK(stats.delivered + stats.dropped == 20);
  CHECK(stats.failed == 0);
  CHECK(stats.last_error == "4 are too old");
}

TEST_CASE("exporter: a receiver that claims to have refused more than it got is not believed") {
  TelemetryCollector collector;
  collector.add_exporter(scripted({.export_batch =
                                       [](ExportBatch const&) {
                                         return ExportResult::partly_refused(
                                             std::numeric_limits<std::size_t>::max(), "?");
                                       }}),
                         quick_options());
  record_numbers(collector, 0, 10);
  REQUIRE(collector.flush(10s));
  CHECK(only_stats(collector).dropped_by_reason.refused == 10);
}

TEST_CASE("exporter: a batch that fails for too long is dropped and counted") {
  TelemetryCollector collector;
  auto options = quick_options();
  options.retry_limit = 5ms;
  collector.add_exporter(
      scripted({.export_batch = [](ExportBatch const&) { return ExportResult::retry("503"); }}),
      options);
  record_numbers(collector, 0, 100);
  REQUIRE(collector.flush(20s));
  auto const stats = only_stats(collector);
  CHECK(stats.dropped_by_reason.retry_limit == 100);
  CHECK(stats.delivered == 0);
  CHECK_FALSE(stats.last_success.has_value());
}

TEST_CASE("exporter: an open circuit shows and keeps the records") {
  std::promise<void> opened;
  TelemetryCollector collector({.shutdown_timeout = 10ms});
  auto options = quick_options();
  options.circuit_failures = 2;
  options.circuit_pause = 1h;
  options.retry_limit = 2h;
  collector.add_exporter(scripted({.export_batch =
                                       [&](ExportBatch const& batch) {
                                         if (batch.attempt() == 2) opened.set_value();
                                         return ExportResult::retry("down");
                                       }}),
                         options);
  record_numbers(collector, 0, 100);
  opened.get_future().wait();
  CHECK_FALSE(collector.flush(20ms));
  auto const stats = only_stats(collector);
  CHECK(stats.circuit == CircuitState::open);
  CHECK(stats.attempts == 2);
  CHECK(stats.pending == 100);
}

TEST_CASE("exporter: one that was lapped goes on with what is left and counts the rest") {
  Hook hook;
  Inbox inbox;
  TelemetryCollector collector({.max_history = 10});
  collector.add_exporter(scripted({.export_batch =
                                       [&, hook](ExportBatch const& batch) {
                                         hook.hang();
                                         inbox.add(batch);
                                         return ExportResult::delivered();
                                       }}),
                         quick_options());
  record_numbers(collector, 0, 100'000);
  hook.release();
  REQUIRE(collector.flush(20s));
  auto const stats = only_stats(collector);
  CHECK(stats.dropped_by_reason.lapped > 0);
  CHECK(stats.delivered == inbox.numbers().size());
  CHECK(stats.delivered + stats.dropped == 100'000);
  CHECK(inbox.numbers().back() == 99'999);
}

TEST_CASE("exporter: a batch that the ring cannot hold goes out before the ring forgets it") {
  Inbox inbox;
  TelemetryCollector collector({.max_history = 10});
  collector.add_exporter(scripted(inbox.script()),
                         {.max_batch_size = 100'000, .max_batch_delay = 1h});
  record_numbers(collector, 0, 3'000);
  while (inbox.numbers().empty()) std::this_thread::yield();  // though no batch is full
  REQUIRE(collector.flush(10s));
  CHECK(inbox.numbers() == numbers_between(0, 3'000));
}

TEST_CASE("exporter: a receiver that takes a part of every batch does not count as down") {
  std::size_t taken = 0;
  TelemetryCollector collector;
  auto options = quick_options();
  options.circuit_failures = 2;
  options.circuit_pause = 1h;
  options.retry_limit = 0ms;
  collector.add_exporter(scripted({.export_batch =
                                       [&](ExportBatch const& batch) {
                                         auto result = ExportResult::retry("206");
                                         ++taken;
                                         for (std::size_t i = 1; i < batch.size(); ++i) {
                                           result.retry_indexes.push_back(i);
                                         }
                                         return batch.size() == 1 ? ExportResult::delivered()
                                                                  : result;
                                       }}),
                         options);
  record_numbers(collector, 0, 20);
  REQUIRE(collector.flush(20s));
  CHECK(only_stats(collector).delivered == 20);
  CHECK(taken == 20);
}

TEST_CASE("exporter: a wrong one is refused") {
  TelemetryCollector collector;
  CHECK_THROWS_AS(collector.add_exporter(nullptr), std::invalid_argument);
  CHECK_THROWS_AS(collector.add_exporter(scripted({}), {.max_batch_size = 0}),
                  std::invalid_argument);
  CHECK(collector.export_stats().empty());
}
