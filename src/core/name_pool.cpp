// SPDX-License-Identifier: MIT
// Names with small numbers that are given to others when they have long been out of use.
#include <netrun/llm/detail/name_pool.hpp>

#include <algorithm>

namespace netrun::llm::detail {
namespace {
/// A node of the map, with what the allocator adds.
constexpr std::size_t node_bytes = sizeof(std::string) + 48;

std::size_t text_bytes_of(std::string const& name) noexcept {
  return node_bytes + (name.capacity() > 15 ? name.capacity() + 17 : 0);
}
}  // namespace

NamePool::NamePool(std::size_t cap) : cap_(std::max<std::size_t>(cap, 1)) {
  static_cast<void>(intern("other", 0));
}

std::size_t NamePool::place_of(std::string_view name) const noexcept {
  auto const at = std::lower_bound(
      sorted_.begin(), sorted_.end(), name,
      [this](std::uint32_t id, std::string_view wanted) { return entries_[id].name < wanted; });
  return static_cast<std::size_t>(at - sorted_.begin());
}

std::uint32_t NamePool::intern(std::string_view name, std::uint64_t use) {
  if (auto const found = ids_.find(name); found != ids_.end()) {
    entries_[found->second].last_use = use;
    return found->second;
  }
  if (sorted_.size() >= cap_) return none;
  // Room first, so that nothing can fail half way.
  if (sorted_.size() == sorted_.capacity())
    sorted_.reserve(sorted_.size() + sorted_.size() / 2 + 8);
  if (free_.empty()) {
    entries_.push_back({});
    free_.push_back(static_cast<std::uint32_t>(entries_.size() - 1));
  }
  auto const id = free_.back();
  auto const added = ids_.emplace(name, id).first;
  free_.pop_back();
  entries_[id] = {.name = added->first, .in_use = true, .last_use = use};
  sorted_.insert(sorted_.begin() + static_cast<std::ptrdiff_t>(place_of(name)), id);
  text_bytes_ += text_bytes_of(added->first);
  return id;
}

std::uint32_t NamePool::find(std::string_view name) const {
  auto const found = ids_.find(name);
  return found == ids_.end() ? none : found->second;
}

std::vector<bool> NamePool::longest_unused(std::size_t count) const {
  std::vector<bool> chosen(entries_.size(), false);
  std::vector<std::uint64_t> uses;
  uses.reserve(sorted_.size());
  for (auto const id : sorted_) {
    if (id != other) uses.push_back(entries_[id].last_use);
  }
  if (uses.empty() || count == 0) return chosen;
  auto const nth = uses.begin() + static_cast<std::ptrdiff_t>(std::min(count, uses.size()) - 1);
  std::nth_element(uses.begin(), nth, uses.end());
  for (auto const id : sorted_) {
    chosen[id] = id != other && entries_[id].last_use <= *nth;
  }
  return chosen;
}

void NamePool::remove(std::vector<bool> const& which) {
  free_.reserve(entries_.size());
  std::erase_if(sorted_, [&](std::uint32_t id) { return which[id]; });
  for (std::uint32_t id = 0; id < which.size(); ++id) {
    if (!which[id] || !entries_[id].in_use) continue;
    if (auto const known = ids_.find(entries_[id].name); known != ids_.end()) {
      text_bytes_ -= text_bytes_of(known->first);
      ids_.erase(known);
    }
    entries_[id] = {};
    free_.push_back(id);
  }
}

std::size_t NamePool::memory_bytes() const noexcept {
  return text_bytes_ + ids_.bucket_count() * sizeof(void*) + entries_.capacity() * sizeof(Entry) +
         (sorted_.capacity() + free_.capacity()) * sizeof(std::uint32_t);
}

}  // namespace netrun::llm::detail
