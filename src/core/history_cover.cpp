// SPDX-License-Identifier: MIT
// Which steps of the history are to be read for a stretch of time.
#include <netrun/llm/detail/history.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>

namespace netrun::llm::detail {
namespace {

constexpr auto beginning_of_time = std::numeric_limits<std::int64_t>::min();
constexpr auto end_of_time = std::numeric_limits<std::int64_t>::max();

std::int64_t ceil_to(std::int64_t length_ns, std::int64_t wall_ns) noexcept {
  auto const floor = floor_to(length_ns, wall_ns);
  return floor == wall_ns ? wall_ns : next_step(length_ns, wall_ns);
}

/// Steps from `from`, growing and then shrinking, to `to`: both are edges of steps.
void cut(Cover& cover, std::int64_t from, std::int64_t to) noexcept {
  auto const add = [&](std::size_t rung, std::int64_t until) {
    if (until <= from) return;
    cover.segments[cover.size++] = {.rung = rung, .from = from, .to = until};
    from = until;
  };
  // Of each rung whole steps alone: the one that `to` lies in holds younger calls too.
  auto const last = [to](std::size_t rung) {
    return to == end_of_time ? to : floor_to(rung_ns[rung], to);
  };
  for (std::size_t r = 0; r < last_rung; ++r)
    add(r, std::min(ceil_to(rung_ns[r + 1], from), last(r)));
  for (std::size_t r = rung_count; r-- > 0;) add(r, last(r));
}

}  // namespace

std::size_t History::finest(Detail detail, std::int64_t at) const noexcept {
  std::size_t rung = 0;
  while (rung < last_rung && at < known_from(rung, detail)) ++rung;
  return rung;
}

std::int64_t History::edge_before(Detail detail, std::int64_t at) const noexcept {
  auto const rung = finest(detail, at);
  auto const start = floor_to(rung_ns[rung], at);
  return rungs_[rung].contains(start) ? start : at;
}

std::int64_t History::edge_after(Detail detail, std::int64_t at) const noexcept {
  if (at == beginning_of_time) return at;
  auto const rung = finest(detail, at - 1);
  auto const start = floor_to(rung_ns[rung], at - 1);
  return rungs_[rung].contains(start) ? next_step(rung_ns[rung], at - 1) : at;
}

Cover History::cover(Detail detail, std::int64_t from, std::int64_t to) const noexcept {
  Cover cover{.from = from, .to = to};
  if (from >= to) return cover;
  auto const& days = rungs_[last_rung];
  if (from != beginning_of_time) cover.from = edge_before(detail, from);
  if (to != end_of_time) cover.to = edge_after(detail, to);
  if (days.empty()) return cover;
  auto const first = from == beginning_of_time ? days.begin()->first
                                               : floor_to(rung_ns[finest(detail, from)], from);
  auto last = end_of_time;
  if (to != end_of_time) {
    auto const rung = finest(detail, to - 1);
    last = ceil_to(rung_ns[rung], to);
    // Where the rest of the day holds no calls the whole day is one step: as a rule, for it has
    // only begun.
    auto const day_end = ceil_to(rung_ns[last_rung], last);
    auto const later = rungs_[rung].lower_bound(last);
    if (later == rungs_[rung].end() || later->first >= day_end) last = day_end;
  }
  cut(cover, first, last);
  return cover;
}

std::optional<std::int64_t> History::oldest_start() const noexcept {
  auto const& days = rungs_[last_rung];
  if (days.empty()) return std::nullopt;
  // The finest rung that reaches back to the oldest day has its calls in its own oldest step.
  for (std::size_t r = 0; r < last_rung; ++r) {
    if (known_from(r, Detail::total) <= days.begin()->first && !rungs_[r].empty())
      return rungs_[r].begin()->first;
  }
  return days.begin()->first;
}

std::optional<std::int64_t> History::newest_end() const noexcept {
  auto const& days = rungs_[last_rung];
  auto const after = days.lower_bound(far_future);
  if (after == days.begin()) return std::nullopt;
  auto const day = std::prev(after)->first;
  for (std::size_t r = 0; r < last_rung; ++r) {
    if (!rungs_[r].empty() && rungs_[r].rbegin()->first >= day)
      return next_step(rung_ns[r], rungs_[r].rbegin()->first);
  }
  return next_step(rung_ns[last_rung], day);
}

}  // namespace netrun::llm::detail
