// SPDX-License-Identifier: MIT
// Per-minute sums of the calls that have left the ring.
#include <netrun/llm/detail/history.hpp>

#include <algorithm>

namespace netrun::llm::detail {
namespace {
std::size_t slot_of(std::uint32_t route, std::uint32_t tenant, std::size_t mask) noexcept {
  return mix((std::uint64_t{route} << 32 | tenant) ^ hash_secret_a, hash_secret_b) & mask;
}
}  // namespace

HistoryCell& HistoryMinute::cell(std::uint32_t route, std::uint32_t tenant) {
  if ((cells_.size() + 1) * 2 > index_.size()) grow();
  auto const mask = index_.size() - 1;
  for (std::size_t i = slot_of(route, tenant, mask);; i = (i + 1) & mask) {
    if (index_[i] == 0) {
      cells_.push_back({.route = route, .tenant = tenant, .sums = {}});
      index_[i] = static_cast<std::uint32_t>(cells_.size());
      return cells_.back();
    }
    auto& cell = cells_[index_[i] - 1];
    if (cell.route == route && cell.tenant == tenant) return cell;
  }
}

void HistoryMinute::grow() {
  std::vector<std::uint32_t> bigger(std::max<std::size_t>(16, index_.size() * 2), 0);
  auto const mask = bigger.size() - 1;
  for (std::size_t n = 0; n < cells_.size(); ++n) {
    std::size_t i = slot_of(cells_[n].route, cells_[n].tenant, mask);
    while (bigger[i] != 0) i = (i + 1) & mask;
    bigger[i] = static_cast<std::uint32_t>(n + 1);
  }
  index_.swap(bigger);
}

void History::clear() noexcept {
  minutes_.clear();
  names_.clear();
  tenants_.clear();
  last_ = nullptr;
  requests_ = 0;
}

std::uint32_t History::tenant(std::string_view name) {
  if (names_.empty()) {
    auto const other = tenants_.emplace("other", other_tenant).first;
    names_.push_back(&other->first);
  }
  auto const found = tenants_.find(name);
  if (found != tenants_.end()) return found->second;
  if (names_.size() >= tenant_cap_) {
    ++overflowed_;
    return other_tenant;
  }
  names_.push_back(nullptr);
  try {
    auto const added = tenants_.emplace(name, static_cast<std::uint32_t>(names_.size() - 1)).first;
    names_.back() = &added->first;
    return added->second;
  } catch (...) {
    names_.pop_back();
    throw;
  }
}

std::uint32_t History::find_tenant(std::string_view name) const {
  auto const found = tenants_.find(name);
  return found == tenants_.end() ? none : found->second;
}

void History::add(Record const& record, TokenCounts const& counts, std::uint32_t tenant) {
  // Most records are of the same minute as the one before them: a comparison instead of a division.
  if (last_ == nullptr || record.start_ns < last_start_ ||
      record.start_ns - last_start_ >= minute_ns) {
    last_start_ = floor_minute(record.start_ns);
    last_ = &minutes_[last_start_];
  }
  auto& cell = last_->cell(record.route, tenant);
  if (!record.is(RecordFlags::success)) {
    last_->add_error({.route = record.route, .tenant = tenant, .error = record.error});
  }
  cell.sums.add(record, counts);
  ++requests_;
}

std::size_t History::cell_count() const noexcept {
  std::size_t count = 0;
  for (auto const& [start, minute] : minutes_) count += minute.cells().size();
  return count;
}

std::size_t History::memory_bytes() const noexcept {
  std::size_t bytes = names_.capacity() * sizeof(void*);
  for (auto const& [name, id] : tenants_) bytes += sizeof(name) + name.capacity() + 32;
  for (auto const& [start, minute] : minutes_) bytes += minute.memory_bytes();
  return bytes;
}

}  // namespace netrun::llm::detail
