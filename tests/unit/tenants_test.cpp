// SPDX-License-Identifier: MIT
// TenantTable: slots for tenants, and how they are given to others.
#include "support/catch.hpp"
#include <netrun/llm/detail/tenants.hpp>

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {
namespace {

constexpr std::uint64_t seed = 42;
constexpr auto none = TenantTable::none;

std::uint32_t insert(TenantTable& table, std::string_view name, std::uint32_t epoch = 1) {
  return table.insert(table.hash(name), name, epoch);
}
std::uint32_t find(TenantTable& table, std::string_view name, std::uint32_t epoch = 1) {
  return table.find(table.hash(name), name, epoch);
}

TEST_CASE("TenantTable: a tenant that was not put in is not found", "[unit][tenants]") {
  TenantTable table(8, seed);
  CHECK(find(table, "acme") == none);
  CHECK(find(table, "") == none);
}

TEST_CASE("TenantTable: a tenant keeps its slot and its name", "[unit][tenants]") {
  TenantTable table(8, seed);
  auto const slot = insert(table, "acme");
  REQUIRE(slot != none);
  CHECK(insert(table, "acme") == slot);
  CHECK(find(table, "acme") == slot);
  CHECK(table.name(slot) == "acme");
  CHECK(table.slots_of("acme") == std::vector{slot});
  CHECK(table.size() == slot + 1);
}

TEST_CASE("TenantTable: the empty tenant has a slot as any other", "[unit][tenants]") {
  TenantTable table(8, seed);
  auto const slot = insert(table, {});
  REQUIRE(slot != none);
  CHECK(find(table, {}) == slot);
  CHECK(table.name(slot).empty());
}

TEST_CASE("TenantTable: the slot of other is no tenant of that name", "[unit][tenants]") {
  TenantTable table(8, seed);
  CHECK(table.name(TenantTable::other) == "other");
  CHECK(find(table, "other") == none);
  CHECK(insert(table, "other") != TenantTable::other);
}

TEST_CASE("TenantTable: nothing is taken past the cap", "[unit][tenants]") {
  TenantTable table(4, seed);  // one of them is "other"
  std::set<std::uint32_t> slots;
  for (auto const* name : {"a", "b", "c"}) slots.insert(insert(table, name));
  CHECK(slots.size() == 3);
  CHECK(slots.count(none) == 0);
  CHECK(insert(table, "d") == none);
  CHECK(insert(table, "a") != none);
}

TEST_CASE("TenantTable: many tenants are all found", "[unit][tenants]") {
  constexpr std::uint32_t count = 2000;
  TenantTable table(count + 1, seed);
  for (std::uint32_t i = 0; i < count; ++i) REQUIRE(insert(table, "t" + std::to_string(i)) != none);
  for (std::uint32_t i = 0; i < count; ++i) {
    auto const name = "t" + std::to_string(i);
    REQUIRE(table.name(find(table, name)) == name);
  }
}

TEST_CASE("TenantTable: it is crowded when few slots are free", "[unit][tenants]") {
  TenantTable table(16, seed);
  for (int i = 0; i < 13; ++i) static_cast<void>(insert(table, std::to_string(i)));
  CHECK_FALSE(table.crowded());
  static_cast<void>(insert(table, "one more"));
  CHECK(table.crowded());
}

TEST_CASE("TenantTable: tenants unused since an epoch are taken out", "[unit][tenants]") {
  TenantTable table(8, seed);
  static_cast<void>(insert(table, "old", 1));
  auto const fresh = insert(table, "fresh", 5);
  table.unlink_unused(5, 10);
  CHECK(find(table, "old", 5) == none);
  CHECK(find(table, "fresh", 5) == fresh);
}

TEST_CASE("TenantTable: a later use keeps a tenant in", "[unit][tenants]") {
  TenantTable table(8, seed);
  auto const slot = insert(table, "acme", 4);
  CHECK(find(table, "acme", 5) == slot);
  CHECK(find(table, "acme", 3) == slot);
  table.unlink_unused(5, 10);
  CHECK(find(table, "acme", 5) == slot);
}

TEST_CASE("TenantTable: the longest unused are taken out first", "[unit][tenants]") {
  TenantTable table(8, seed);
  static_cast<void>(insert(table, "c", 3));
  static_cast<void>(insert(table, "a", 1));
  static_cast<void>(insert(table, "b", 2));
  table.unlink_unused(9, 2);
  CHECK(find(table, "a", 9) == none);
  CHECK(find(table, "b", 9) == none);
  CHECK(find(table, "c", 9) != none);
}

TEST_CASE("TenantTable: a slot that was taken out keeps its name until release",
          "[unit][tenants]") {
  TenantTable table(2, seed);
  auto const slot = insert(table, "old", 1);
  table.unlink_unused(5, 10);
  CHECK(table.name(slot) == "old");
  CHECK(table.slots_of("old") == std::vector{slot});
  CHECK(insert(table, "new", 5) == none);
}

TEST_CASE("TenantTable: a released slot is given to another tenant", "[unit][tenants]") {
  TenantTable table(2, seed);
  auto const slot = insert(table, "old", 1);
  table.unlink_unused(5, 10);
  table.release_unlinked(5);
  CHECK(insert(table, "new", 5) == slot);
  CHECK(table.name(slot) == "new");
  CHECK(find(table, "old", 5) == none);
  CHECK(table.slots_of("old").empty());
}

TEST_CASE("TenantTable: a tenant that comes back while taken out has two slots",
          "[unit][tenants]") {
  TenantTable table(8, seed);
  auto const before = insert(table, "acme", 1);
  table.unlink_unused(5, 10);
  auto const after = insert(table, "acme", 5);
  CHECK(after != before);
  CHECK(table.slots_of("acme") == std::vector{after, before});
  table.release_unlinked(5);
  CHECK(table.slots_of("acme") == std::vector{after});
}

TEST_CASE("TenantTable: a slot that was used late stays out until its records are gone",
          "[unit][tenants]") {
  TenantTable table(2, seed);
  auto const slot = insert(table, "acme", 4);
  table.unlink_unused(5, 10);
  table.release_unlinked(4);  // a use in epoch 4 may still be in the ring
  CHECK(insert(table, "new", 5) == none);
  CHECK(table.name(slot) == "acme");
  table.release_unlinked(5);
  CHECK(insert(table, "new", 5) == slot);
}

TEST_CASE("TenantTable: taking out keeps the rest of a chain", "[unit][tenants]") {
  // Sixty-four tenants in a table for as many: chains of several are certain.
  TenantTable table(65, seed);
  for (int i = 0; i < 64; ++i) {
    static_cast<void>(insert(table, "t" + std::to_string(i), i % 3 == 0 ? 1 : 9));
  }
  table.unlink_unused(5, 1000);
  for (int i = 0; i < 64; ++i) {
    INFO("tenant " << i);
    CHECK((find(table, "t" + std::to_string(i), 9) == none) == (i % 3 == 0));
  }
}

TEST_CASE("TenantTable: slots can be given on without end", "[unit][tenants]") {
  TenantTable table(5, seed);
  auto const bytes = table.memory_bytes();
  for (std::uint32_t epoch = 1; epoch < 500; ++epoch) {
    for (int i = 0; i < 4; ++i) {
      auto const name = std::to_string(epoch) + "/" + std::to_string(i);
      auto const slot = insert(table, name, epoch);
      REQUIRE(slot != none);
      REQUIRE(table.name(slot) == name);
    }
    table.unlink_unused(epoch + 1, 100);
    table.release_unlinked(epoch + 1);
  }
  CHECK(table.size() == 5);
  CHECK(table.memory_bytes() == bytes);
}

}  // namespace
}  // namespace netrun::llm::detail
