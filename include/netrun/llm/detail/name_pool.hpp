// SPDX-License-Identifier: MIT
// Names with small numbers that are given to others when they have long been out of use.
#pragma once

#include <netrun/llm/detail/hash.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace netrun::llm::detail {

/// Up to `cap` names. Number 0 is "other" and stays; the rest can be taken out again.
///
/// Thread safety: none.
class NamePool {
 public:
  static constexpr std::uint32_t other = 0;
  static constexpr std::uint32_t none = 0xffffffff;

  explicit NamePool(std::size_t cap);

  /// The number of a name, made when it is new, its last use noted; `none` when there is no room.
  /// Throws std::bad_alloc, and changes nothing.
  [[nodiscard]] std::uint32_t intern(std::string_view name, std::uint64_t use);
  [[nodiscard]] std::uint32_t find(std::string_view name) const;
  /// Notes a use without looking for the name.
  void touch(std::uint32_t id, std::uint64_t use) noexcept { entries_[id].last_use = use; }
  [[nodiscard]] std::string_view name(std::uint32_t id) const noexcept { return entries_[id].name; }

  /// Chooses names that go, at least `count` of those that were unused for the longest: their
  /// numbers as flags. Those of the same last use go together, "other" never does.
  [[nodiscard]] std::vector<bool> longest_unused(std::size_t count) const;
  /// Takes names out. Nobody may refer to their numbers any more.
  void remove(std::vector<bool> const& which);

  /// Numbers in the order of their names.
  [[nodiscard]] std::span<std::uint32_t const> sorted() const noexcept { return sorted_; }
  /// One more than the highest number in use.
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] std::size_t count() const noexcept { return sorted_.size(); }
  [[nodiscard]] std::size_t cap() const noexcept { return cap_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  struct Entry {
    std::string_view name;  // of the map's key
    bool in_use = false;
    std::uint64_t last_use = 0;
  };
  [[nodiscard]] std::size_t place_of(std::string_view name) const noexcept;

  std::size_t cap_;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> ids_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> sorted_, free_;
  std::size_t text_bytes_ = 0;
};

}  // namespace netrun::llm::detail
