// SPDX-License-Identifier: MIT
// Request ids: the layout of UUIDv7, and that no two are the same.
#include "support/catch.hpp"
#include <netrun/llm/detail/ids.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace netrun::llm::detail {
namespace {

std::string id_text(std::uint64_t high, std::uint64_t low) {
  std::string text(36, '?');
  write_id_text(text.data(), high, low);
  return text;
}

constexpr std::int64_t some_time_ns = 1'767'225'600'123'456'789;  // 2026-01-01T00:00:00.123456789Z

TEST_CASE("make_id: version and variant are those of UUIDv7", "[unit][ids]") {
  for (int i = 0; i < 1000; ++i) {
    Id const id = make_id(some_time_ns);
    REQUIRE((id.high >> 12 & 0xf) == 7);
    REQUIRE(id.low >> 62 == 2);
  }
}

TEST_CASE("make_id: the first 48 bits are milliseconds since 1970", "[unit][ids]") {
  CHECK(make_id(some_time_ns).high >> 16 == 1'767'225'600'123);
  CHECK(make_id(0).high >> 16 == 0);
  CHECK(make_id(999'999).high >> 16 == 0);
  CHECK(make_id(1'000'000).high >> 16 == 1);
}

TEST_CASE("make_id: ids of later milliseconds sort after earlier ones", "[unit][ids]") {
  Id const early = make_id(some_time_ns);
  Id const late = make_id(some_time_ns + 1'000'000);
  CHECK(id_text(early.high, early.low) < id_text(late.high, late.low));
}

TEST_CASE("make_id: every random bit takes both values", "[unit][ids]") {
  std::uint64_t high_seen = 0;
  std::uint64_t high_unseen = 0;
  std::uint64_t low_seen = 0;
  std::uint64_t low_unseen = 0;
  for (int i = 0; i < 1000; ++i) {
    Id const id = make_id(some_time_ns);
    high_seen |= id.high;
    high_unseen |= ~id.high;
    low_seen |= id.low;
    low_unseen |= ~id.low;
  }
  CHECK((high_seen & high_unseen) == 0xfff);
  CHECK((low_seen & low_unseen) == 0x3fff'ffff'ffff'ffff);
}

TEST_CASE("make_id: random bits are set about half of the time", "[unit][ids]") {
  constexpr int rounds = 20'000;
  std::vector<int> ones(62);
  for (int i = 0; i < rounds; ++i) {
    std::uint64_t const low = make_id(some_time_ns).low;
    for (std::size_t bit = 0; bit < ones.size(); ++bit)
      ones[bit] += static_cast<int>(low >> bit & 1);
  }
  // Ten standard deviations: a fair bit leaves this once in 10^22 runs.
  auto const [fewest, most] = std::minmax_element(ones.begin(), ones.end());
  CHECK(*fewest > rounds / 2 - 707);
  CHECK(*most < rounds / 2 + 707);
}

TEST_CASE("make_id: a million ids of several threads are distinct", "[unit][ids]") {
  constexpr std::size_t threads = 4;
  constexpr std::size_t each = 250'000;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> all(threads * each);
  std::vector<std::thread> makers;
  for (std::size_t t = 0; t < threads; ++t) {
    makers.emplace_back([&, t] {
      for (std::size_t i = 0; i < each; ++i) {
        Id const id = make_id(some_time_ns);
        all[t * each + i] = {id.high, id.low};
      }
    });
  }
  for (auto& maker : makers) maker.join();
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("make_id: threads that follow each other do not repeat ids", "[unit][ids]") {
  std::vector<std::uint64_t> lows;
  for (int t = 0; t < 100; ++t) {
    std::thread([&] {
      for (int i = 0; i < 50; ++i) lows.push_back(make_id(some_time_ns).low);
    }).join();
  }
  std::sort(lows.begin(), lows.end());
  CHECK(std::adjacent_find(lows.begin(), lows.end()) == lows.end());
}

TEST_CASE("make_id: a stream that begins anew makes other ids", "[unit][ids]") {
  Id const before = make_id(some_time_ns);
  restart_ids_in_child();
  Id const after = make_id(some_time_ns);
  CHECK(before.low != after.low);
}

TEST_CASE("write_id_text: an id is written in five groups of lower case digits", "[unit][ids]") {
  CHECK(id_text(0x0123'4567'89ab'7def, 0x8edc'ba98'7654'3210) ==
        "01234567-89ab-7def-8edc-ba9876543210");
  CHECK(id_text(0, 0) == "00000000-0000-0000-0000-000000000000");
}

}  // namespace
}  // namespace netrun::llm::detail
