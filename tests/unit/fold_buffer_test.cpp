// SPDX-License-Identifier: MIT
// FoldBuffer: calls become rows by minute and key.
#include "support/catch.hpp"
#include <netrun/llm/detail/fold_buffer.hpp>
#include <netrun/llm/detail/history.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace netrun::llm::detail {
namespace {

Record call(double latency_ms = 1) {
  Record record{};
  record.flags = RecordFlags::success;
  record.latency_ms = latency_ms;
  record.time_to_first_token_ms = absent_ms;
  return record;
}

Record failure(std::uint16_t error) {
  Record record = call();
  record.flags = 0;
  record.error = error;
  return record;
}

TEST_CASE("FoldBuffer: a new one is empty", "[unit][history]") {
  FoldBuffer const buffer;
  CHECK(buffer.empty());
  CHECK_FALSE(buffer.full());
}

TEST_CASE("FoldBuffer: calls of one minute and key share a row", "[unit][history]") {
  FoldBuffer buffer;
  buffer.add(0, 0, {.route = 1}, call(), {.input = 10}, nullptr);
  buffer.add(0, 0, {.route = 1}, call(), {.input = 20}, nullptr);
  buffer.distil();
  REQUIRE(buffer.rows().size() == 1);
  CHECK(buffer.rows()[0].sums.requests == 2);
  CHECK(buffer.rows()[0].sums.tokens.input == 30);
}

TEST_CASE("FoldBuffer: minute, facet and key are kept apart", "[unit][history]") {
  FoldBuffer buffer;
  buffer.add(0, 0, {}, call(), {}, nullptr);
  buffer.add(minute_ns, 0, {}, call(), {}, nullptr);
  buffer.add(0, 1, {}, call(), {}, nullptr);
  buffer.add(0, 0, {.route = 1}, call(), {}, nullptr);
  buffer.add(0, 0, {.tenant = 1}, call(), {}, nullptr);
  buffer.add(0, 1, {.value = 1}, call(), {}, nullptr);
  buffer.distil();
  CHECK(buffer.rows().size() == 6);
}

TEST_CASE("FoldBuffer: a row has the buckets of its own calls, sorted", "[unit][history]") {
  FoldBuffer buffer;
  for (double const ms : {500.0, 2.0, 500.0}) {
    buffer.add(0, 0, {}, call(ms), {}, nullptr);
    buffer.add(0, 0, {.route = 1}, call(7), {}, nullptr);
  }
  buffer.distil();
  auto const delta = buffer.delta(0);
  std::vector<BucketCount> const expected{{bucket_of(2), 1}, {bucket_of(500), 2}};
  CHECK(std::vector<BucketCount>(delta.latency.begin(), delta.latency.end()) == expected);
}

TEST_CASE("FoldBuffer: only calls with a first token have its bucket", "[unit][history]") {
  FoldBuffer buffer;
  auto streamed = call();
  streamed.time_to_first_token_ms = 0;
  buffer.add(0, 0, {}, call(), {}, nullptr);
  buffer.add(0, 0, {}, streamed, {}, nullptr);
  buffer.distil();
  auto const delta = buffer.delta(0);
  REQUIRE(delta.first_token.size() == 1);
  CHECK(delta.first_token[0] == BucketCount{0, 1});
  CHECK(delta.sums->first_tokens == 1);
}

TEST_CASE("FoldBuffer: failures are counted by type", "[unit][history]") {
  FoldBuffer buffer;
  for (auto const error : {3, 4, 3}) {
    buffer.add(0, 0, {}, failure(static_cast<std::uint16_t>(error)), {}, nullptr);
    buffer.add(0, 0, {.route = 1}, failure(5), {}, nullptr);
  }
  buffer.add(0, 0, {}, call(), {}, nullptr);
  buffer.distil();
  auto const delta = buffer.delta(0);
  REQUIRE(delta.errors.size() == 2);
  auto const of = [&](std::uint16_t error) {
    auto const known = std::find_if(delta.errors.begin(), delta.errors.end(),
                                    [&](ErrorCount const& e) { return e.error == error; });
    return known == delta.errors.end() ? 0 : known->count;
  };
  CHECK(of(3) == 2);
  CHECK(of(4) == 1);
}

TEST_CASE("FoldBuffer: rare tokens go to the rows of their calls", "[unit][history]") {
  FoldBuffer buffer;
  RareTokens rare;
  rare.counts[2] = 5;
  buffer.add(0, 0, {.route = 1}, call(), {}, nullptr);
  buffer.add(0, 0, {}, call(), {}, &rare);
  buffer.add(0, 0, {}, call(), {}, &rare);
  buffer.distil();
  CHECK(buffer.delta(0).rare == nullptr);
  auto const delta = buffer.delta(1);
  REQUIRE(delta.rare != nullptr);
  CHECK(delta.rare->counts[2] == 10);
}

TEST_CASE("FoldBuffer: rows are visited in the order of their minutes", "[unit][history]") {
  FoldBuffer buffer;
  for (std::int64_t const minute : {5, -3, 9, 0, 5})
    buffer.add(minute * minute_ns, 0, {}, call(), {}, nullptr);
  buffer.distil();
  std::vector<std::int64_t> minutes;
  for (auto const row : buffer.by_minute())
    minutes.push_back(buffer.rows()[row].minute / minute_ns);
  CHECK(minutes == std::vector<std::int64_t>{-3, 0, 5, 9});
}

TEST_CASE("FoldBuffer: it is full before its rows run out of room", "[unit][history]") {
  FoldBuffer buffer;
  std::uint32_t rows = 0;
  while (!buffer.full()) buffer.add(0, 0, {.tenant = rows++}, call(), {}, nullptr);
  CHECK(rows == 1'024);
}

TEST_CASE("FoldBuffer: it is full before its calls take too much memory", "[unit][history]") {
  FoldBuffer buffer;
  std::size_t calls = 0;
  for (; !buffer.full(); ++calls) buffer.add(0, 0, {}, failure(1), {}, nullptr);
  buffer.distil();
  CHECK(calls == 16'384);
  CHECK(buffer.memory_bytes() < std::size_t{1} << 20);
}

TEST_CASE("FoldBuffer: cleared, it begins anew", "[unit][history]") {
  FoldBuffer buffer;
  RareTokens rare;
  rare.counts[2] = 5;
  auto streamed = failure(3);
  streamed.time_to_first_token_ms = 4;
  buffer.add(0, 0, {}, streamed, {}, &rare);
  buffer.distil();
  buffer.clear();
  CHECK(buffer.empty());
  buffer.add(0, 0, {}, call(2), {}, nullptr);
  buffer.distil();
  REQUIRE(buffer.rows().size() == 1);
  auto const delta = buffer.delta(0);
  CHECK(delta.sums->requests == 1);
  CHECK(delta.latency.size() == 1);
  CHECK(delta.first_token.empty());
  CHECK(delta.errors.empty());
  CHECK(delta.rare == nullptr);
}

}  // namespace
}  // namespace netrun::llm::detail
