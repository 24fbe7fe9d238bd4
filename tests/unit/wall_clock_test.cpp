// SPDX-License-Identifier: MIT
// WallClock: stamps from the steady clock that follow a wall clock that is set.
#include "support/catch.hpp"
#include <netrun/llm/detail/wall_clock.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>

namespace netrun::llm::detail {
namespace {

using namespace std::chrono_literals;

std::int64_t stamp(WallClock& clock, ManualTime const& time) { return clock.at(time.steady_ns()); }

TEST_CASE("WallClock: a stamp is the wall time", "[unit][wall_clock]") {
  ManualTime time;
  WallClock clock(&time);
  CHECK(stamp(clock, time) == time.wall_ns());
  time.advance(300ms);
  CHECK(stamp(clock, time) == time.wall_ns());
}

TEST_CASE("WallClock: a moment that has passed is stamped with its own time",
          "[unit][wall_clock]") {
  ManualTime time;
  WallClock clock(&time);
  auto const then = time.wall_ns();
  auto const steady_then = time.steady_ns();
  time.advance(5s);
  CHECK(clock.at(steady_then) == then);
}

TEST_CASE("WallClock: a clock that was set is followed after a second", "[unit][wall_clock]") {
  ManualTime time;
  WallClock clock(&time);
  time.set_wall(time.now() + 1h);
  time.advance(1s);
  CHECK(stamp(clock, time) == time.wall_ns());
}

TEST_CASE("WallClock: a clock that was set back is followed after a second", "[unit][wall_clock]") {
  ManualTime time;
  WallClock clock(&time);
  time.set_wall(time.now() - 1h);
  time.advance(1s);
  CHECK(stamp(clock, time) == time.wall_ns());
}

TEST_CASE("WallClock: the offset stands until a second has passed", "[unit][wall_clock]") {
  ManualTime time;
  WallClock clock(&time);
  auto const start = time.wall_ns();
  time.set_wall(time.now() + 1h);
  time.advance(999ms);
  CHECK(stamp(clock, time) == start + 999'000'000);
}

TEST_CASE("WallClock: the offset is read anew in every later second", "[unit][wall_clock]") {
  ManualTime time;
  WallClock clock(&time);
  for (int i = 0; i < 3; ++i) {
    time.set_wall(time.now() + 1h);
    time.advance(1s);
    CHECK(stamp(clock, time) == time.wall_ns());
  }
}

TEST_CASE("WallClock: without a source it follows the clocks of the system", "[unit][wall_clock]") {
  WallClock clock(nullptr);
  auto const before = wall_now_ns(nullptr);
  auto const stamped = clock.at(steady_now_ns(nullptr));
  // A clock may be adjusted meanwhile; by far less than this.
  CHECK(stamped > before - 1'000'000'000);
  CHECK(stamped < before + 60'000'000'000);
}

TEST_CASE("ManualTime: it starts in 2026 on both clocks", "[unit][wall_clock]") {
  ManualTime const time;
  using namespace std::chrono;
  CHECK(time.now() == Clock::time_point(sys_days(year{2026} / 1 / 1)));
  CHECK(time.steady_ns() == time.wall_ns());
}

TEST_CASE("ManualTime: setting the wall clock leaves the steady one", "[unit][wall_clock]") {
  ManualTime time;
  auto const steady = time.steady_ns();
  time.set_wall(time.now() + 1h);
  CHECK(time.steady_ns() == steady);
}

TEST_CASE("ManualTime: nobody sees one clock moved and the other not yet", "[unit][wall_clock]") {
  ManualTime time;
  std::atomic<int> looks{0}, torn{0};
  std::thread looking([&] {
    for (; looks.load() < 300'000; looks.fetch_add(1)) {
      auto const before = time.steady_ns();
      auto const wall = time.wall_ns();
      if (time.steady_ns() == before && wall != before) torn.fetch_add(1);
    }
  });
  while (looks.load() < 300'000) time.advance(1us);
  looking.join();
  CHECK(torn.load() == 0);
}

}  // namespace
}  // namespace netrun::llm::detail
