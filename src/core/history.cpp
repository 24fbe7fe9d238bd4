// SPDX-License-Identifier: MIT
// What the calls add up to that have left the ring: taking them in, and finding the steps to read.
#include <netrun/llm/detail/history.hpp>

#include <algorithm>
#include <limits>

namespace netrun::llm::detail {
namespace {

constexpr auto beginning_of_time = std::numeric_limits<std::int64_t>::min();
constexpr auto end_of_time = std::numeric_limits<std::int64_t>::max();

/// Names of all kinds together take at most about a quarter of the memory, even at their longest.
std::size_t most_names(HistoryOptions const& options) noexcept {
  constexpr std::size_t bytes_of_a_name = 384;
  auto const bytes_of_a_kind = options.max_memory / 4 / (1 + options.facets.size());
  return std::clamp<std::size_t>(bytes_of_a_kind / bytes_of_a_name, 128, 65'536);
}

}  // namespace

std::int64_t floor_to(std::int64_t length_ns, std::int64_t wall_ns) noexcept {
  auto const rest = wall_ns % length_ns;
  auto const towards_zero = wall_ns - rest;
  if (rest >= 0 || towards_zero < beginning_of_time + length_ns) return towards_zero;
  return towards_zero - length_ns;
}

std::int64_t next_step(std::int64_t length_ns, std::int64_t wall_ns) noexcept {
  auto const floor = floor_to(length_ns, wall_ns);
  return floor > end_of_time - length_ns ? end_of_time : floor + length_ns;
}

std::size_t HistoryStep::memory_bytes() const noexcept {
  auto bytes = total.memory_bytes() + routes.memory_bytes() + tenants.memory_bytes() +
               pairs.memory_bytes() + facets.capacity() * sizeof(CellTable);
  for (auto const& facet : facets) bytes += facet.memory_bytes();
  return bytes;
}

void HistoryStep::drop(Detail from) {
  pairs = {};
  facets.clear();
  if (from == Detail::joint) return;
  routes = {};
  tenants = {};
}

void HistoryStep::add(HistoryStep const& other, std::uint32_t use) {
  total.add(other.total, use);
  routes.add(other.routes, use);
  tenants.add(other.tenants, use);
  pairs.add(other.pairs, use);
  facets.resize(std::max(facets.size(), other.facets.size()));
  for (std::size_t i = 0; i < other.facets.size(); ++i) facets[i].add(other.facets[i], use);
}

/// The steps that one minute's calls go into; null where a rung does not reach back so far.
struct History::Rooms {
  std::array<HistoryStep*, rung_count> steps{};
  std::array<Detail, rung_count> detail{};
  std::array<std::size_t, rung_count> bytes_before{};
};

History::History(HistoryOptions options)
    : options_(std::move(options)), tenants_(most_names(options_)) {
  values_.reserve(options_.facets.size());
  for (std::size_t i = 0; i < options_.facets.size(); ++i)
    values_.emplace_back(most_names(options_));
  clear();
}

void History::clear() noexcept {
  for (auto& rung : rungs_) rung.clear();
  for (auto& known : known_from_) known.fill(beginning_of_time);
  step_bytes_.fill(0);
  buffer_.clear();
  newest_start_ = beginning_of_time;
  last_minute_ = 0;
  complete_from_ = beginning_of_time;
  requests_ = 0;
}

std::uint32_t History::tenant(std::string_view name, std::int64_t now_ns) {
  auto id = tenants_.intern(name, use_);
  if (id != NamePool::none) return id;
  flush(now_ns);  // so that nothing is on its way under a number that goes
  forget_tenants();
  id = tenants_.intern(name, use_);
  return id == NamePool::none ? NamePool::other : id;
}

std::uint32_t History::value(std::size_t facet, std::string_view name, std::int64_t now_ns) {
  auto id = values_[facet].intern(name, use_);
  if (id != NamePool::none) return id + 1;
  flush(now_ns);
  forget_values(facet);
  id = values_[facet].intern(name, use_);
  return (id == NamePool::none ? NamePool::other : id) + 1;
}

void History::add(Record const& record, TokenCounts const& counts, RareTokens const* rare,
                  std::uint32_t tenant, std::span<std::uint32_t const> values,
                  std::int64_t now_ns) {
  if (buffer_.full()) flush(now_ns);
  // Most records are of the same minute as the one before them: a comparison instead of a division.
  auto const start = std::max<std::int64_t>(record.start_ns, 0);
  if (start < last_minute_ || start - last_minute_ >= minute_ns)
    last_minute_ = floor_to(minute_ns, start);
  newest_start_ = std::max(newest_start_, start);
  CellKey key{.route = record.route, .tenant = tenant};
  buffer_.add(last_minute_, 0, key, record, counts, rare);
  for (std::size_t facet = 0; facet < values.size(); ++facet) {
    key.value = values[facet];
    buffer_.add(last_minute_, static_cast<std::uint32_t>(facet + 1), key, record, counts, rare);
  }
}

History::Rooms History::rooms_of(std::int64_t minute) {
  Rooms rooms;
  // What is stamped far in the future is kept apart, in one day: with a step for each such moment,
  // wrong clocks could fill the memory.
  std::size_t const finest = minute >= far_future ? last_rung : 0;
  for (std::size_t r = finest; r < rung_count; ++r) {
    if (r != last_rung && minute < known_from(r, Detail::total)) continue;
    auto const [it, is_new] = rungs_[r].try_emplace(floor_to(rung_ns[r], minute));
    if (is_new) step_bytes_[r] += step_overhead_bytes;
    HistoryStep& step = it->second;
    rooms.steps[r] = &step;
    rooms.bytes_before[r] = step.memory_bytes();
    rooms.detail[r] = minute >= known_from(r, Detail::joint)       ? Detail::joint
                      : minute >= known_from(r, Detail::marginals) ? Detail::marginals
                                                                   : Detail::total;
    if (rooms.detail[r] == Detail::joint) step.facets.resize(options_.facets.size());
  }
  return rooms;
}

void History::leave(Rooms& rooms) {
  for (std::size_t r = 0; r < rung_count; ++r) {
    if (rooms.steps[r] == nullptr) continue;
    limit(*rooms.steps[r]);
    step_bytes_[r] += rooms.steps[r]->memory_bytes() - rooms.bytes_before[r];
  }
  rooms = {};
}

void History::add_row(Rooms& rooms, std::size_t row) {
  auto const& [minute, key, facet, sums] = buffer_.rows()[row];
  auto const delta = buffer_.delta(row);
  for (std::size_t r = 0; r < rung_count; ++r) {
    if (rooms.steps[r] == nullptr) continue;
    HistoryStep& step = *rooms.steps[r];
    if (facet != 0) {
      if (rooms.detail[r] == Detail::joint) step.facets[facet - 1].add(key, delta, use_);
      continue;
    }
    step.total.add({}, delta, use_);
    if (rooms.detail[r] == Detail::total) continue;
    step.routes.add({.route = key.route}, delta, use_);
    step.tenants.add({.tenant = key.tenant}, delta, use_);
    if (rooms.detail[r] == Detail::joint) step.pairs.add(key, delta, use_);
  }
}

void History::limit(HistoryStep& step) {
  auto const keep = [](std::size_t most) { return most - most / 4; };
  if (step.tenants.size() > options_.max_tenants) {
    step.tenants.keep_newest(keep(options_.max_tenants), {.tenant = NamePool::other});
    // Their pairs go with them, or a tenant that comes again would be less than its models.
    std::vector<bool> gone(tenants_.size(), true);
    for (auto const& cell : step.tenants.cells()) gone[cell.key.tenant] = false;
    step.pairs.remove_tenants(gone, nullptr);
    for (auto& facet : step.facets) facet.remove_tenants(gone, nullptr);
  }
  if (step.pairs.size() > options_.max_pairs) step.pairs.keep_largest(keep(options_.max_pairs));
  for (auto& facet : step.facets) {
    if (facet.size() > options_.max_pairs) facet.keep_largest(keep(options_.max_pairs));
  }
}

void History::flush(std::int64_t now_ns) {
  if (buffer_.empty()) return;
  try {
    spread(now_ns);
    buffer_.clear();
  } catch (...) {  // without memory a part is lost, and nothing counts twice
    buffer_.clear();
    recount_memory();
    throw;
  }
}

void History::spread(std::int64_t now_ns) {
  buffer_.distil();
  auto const reference = reference_time(now_ns);
  auto const oldest = oldest_kept(reference);
  auto const far = now_ns > far_future - ahead_ns
                       ? far_future
                       : next_step(rung_ns[last_rung], now_ns + ahead_ns);
  ++use_;
  Rooms rooms;
  std::int64_t last = beginning_of_time;
  for (auto const row : buffer_.by_minute()) {
    auto const& [minute, key, facet, sums] = buffer_.rows()[row];
    if (facet == 0) (minute < oldest ? expired_ : requests_) += sums.requests;
    if (minute < oldest) {
      miss_before(oldest);
      continue;
    }
    if (minute != last) {
      leave(rooms);
      rooms = rooms_of(minute < far ? minute : far_future);
      last = minute;
    }
    add_row(rooms, row);
  }
  leave(rooms);
  drop_old(reference);
  keep_memory();
}

}  // namespace netrun::llm::detail
