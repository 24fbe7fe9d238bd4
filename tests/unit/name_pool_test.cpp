// SPDX-License-Identifier: MIT
// NamePool: small numbers for names, and room for new ones.
#include "support/catch.hpp"
#include <netrun/llm/detail/name_pool.hpp>

#include <string>
#include <vector>

namespace netrun::llm::detail {
namespace {

NamePool filled(std::size_t cap) {
  NamePool pool(cap);
  for (std::size_t i = 1; i < cap; ++i)
    REQUIRE(pool.intern("n" + std::to_string(i), i) != NamePool::none);
  return pool;
}

TEST_CASE("NamePool: a new one knows \"other\" alone", "[unit][history]") {
  NamePool const pool(10);
  CHECK(pool.count() == 1);
  CHECK(pool.find("other") == NamePool::other);
  CHECK(pool.name(NamePool::other) == "other");
  CHECK(pool.find("acme") == NamePool::none);
}

TEST_CASE("NamePool: a name keeps its number", "[unit][history]") {
  NamePool pool(10);
  auto const acme = pool.intern("acme", 1);
  auto const zeta = pool.intern("zeta", 1);
  CHECK(acme != zeta);
  CHECK(pool.intern("acme", 2) == acme);
  CHECK(pool.find("zeta") == zeta);
  CHECK(pool.name(acme) == "acme");
}

TEST_CASE("NamePool: the empty name is one like any other", "[unit][history]") {
  NamePool pool(10);
  auto const id = pool.intern("", 1);
  CHECK(id != NamePool::other);
  CHECK(pool.find("") == id);
}

TEST_CASE("NamePool: past its cap there is no number", "[unit][history]") {
  auto pool = filled(5);
  CHECK(pool.count() == 5);
  CHECK(pool.intern("one too many", 9) == NamePool::none);
  CHECK(pool.intern("n1", 9) != NamePool::none);
}

TEST_CASE("NamePool: there is always room for \"other\"", "[unit][history]") {
  NamePool pool(0);
  CHECK(pool.find("other") == NamePool::other);
  CHECK(pool.intern("acme", 1) == NamePool::none);
}

TEST_CASE("NamePool: those go that were unused for the longest", "[unit][history]") {
  auto pool = filled(6);
  pool.touch(pool.find("n1"), 100);
  CHECK(pool.intern("n3", 100) == pool.find("n3"));
  auto const gone = pool.longest_unused(2);
  CHECK(gone[pool.find("n2")]);
  CHECK(gone[pool.find("n4")]);
  CHECK(std::vector<bool>{false, false, true, false, true, false} == gone);
}

TEST_CASE("NamePool: those of the same last use go together", "[unit][history]") {
  NamePool pool(10);
  for (auto const* const name : {"a", "b", "c"}) static_cast<void>(pool.intern(name, 7));
  static_cast<void>(pool.intern("d", 8));
  auto const gone = pool.longest_unused(1);
  CHECK(std::vector<bool>{false, true, true, true, false} == gone);
}

TEST_CASE("NamePool: \"other\" never goes", "[unit][history]") {
  auto pool = filled(4);
  auto const gone = pool.longest_unused(100);
  CHECK(std::vector<bool>{false, true, true, true} == gone);
}

TEST_CASE("NamePool: nothing goes when nothing is to go", "[unit][history]") {
  auto const pool = filled(4);
  CHECK(pool.longest_unused(0) == std::vector<bool>(4, false));
  CHECK(NamePool(3).longest_unused(2) == std::vector<bool>(1, false));
}

TEST_CASE("NamePool: numbers of names that went are given to new ones", "[unit][history]") {
  auto pool = filled(4);
  auto const second = pool.find("n2");
  pool.remove({false, false, true, false});
  CHECK(pool.find("n2") == NamePool::none);
  CHECK(pool.count() == 3);
  CHECK(pool.intern("new", 9) == second);
  CHECK(pool.name(second) == "new");
  CHECK(pool.size() == 4);
}

TEST_CASE("NamePool: numbers are listed in the order of their names", "[unit][history]") {
  NamePool pool(10);
  for (auto const* const name : {"zeta", "acme", "ninth", "", "past"})
    static_cast<void>(pool.intern(name, 1));
  pool.remove({false, false, false, true, false, false});  // "ninth"
  static_cast<void>(pool.intern("beta", 1));
  std::vector<std::string> names;
  for (auto const id : pool.sorted()) names.emplace_back(pool.name(id));
  CHECK(names == std::vector<std::string>{"", "acme", "beta", "other", "past", "zeta"});
}

TEST_CASE("NamePool: names that went give their memory back", "[unit][history]") {
  NamePool pool(1'000);
  for (int i = 0; i < 999; ++i)
    static_cast<void>(pool.intern(std::string(200, 'x') + std::to_string(i), 1));
  auto const full = pool.memory_bytes();
  CHECK(full > 999 * 200);
  pool.remove(pool.longest_unused(999));
  CHECK(pool.memory_bytes() < full - 999 * 200);
}

}  // namespace
}  // namespace netrun::llm::detail
