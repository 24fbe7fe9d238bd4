// SPDX-License-Identifier: MIT
// SymbolTable: names made into small numbers.
#include "support/catch.hpp"
#include <netrun/llm/detail/symbols.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>

namespace netrun::llm::detail {
namespace {

constexpr std::uint64_t seed = 42;

auto const nothing = [](Symbol&) {};

TEST_CASE("SymbolTable: a name that was not put in is not found", "[unit][symbols]") {
  SymbolTable<Symbol> const table(8, seed);
  CHECK(table.find("gpt-4o") == nullptr);
  CHECK(table.find("") == nullptr);
  CHECK(table.size() == 0);
}

TEST_CASE("SymbolTable: ids count up in order of arrival", "[unit][symbols]") {
  SymbolTable<Symbol> table(8, seed);
  Symbol const* const first = table.insert("a", {}, nothing);
  Symbol const* const second = table.insert("b", {}, nothing);
  REQUIRE(first != nullptr);
  REQUIRE(second != nullptr);
  CHECK(first->id == 0);
  CHECK(second->id == 1);
  CHECK(&table.by_id(1) == second);
  CHECK(table.find("a") == first);
  CHECK(table.size() == 2);
}

TEST_CASE("SymbolTable: a known name keeps its node", "[unit][symbols]") {
  SymbolTable<Symbol> table(8, seed);
  int filled = 0;
  auto const fill = [&](Symbol&) { ++filled; };
  Symbol const* const first = table.insert("a", {}, fill);
  CHECK(table.insert("a", {}, fill) == first);
  CHECK(filled == 1);
  CHECK(table.size() == 1);
}

TEST_CASE("SymbolTable: nothing is taken past the cap", "[unit][symbols]") {
  SymbolTable<Symbol> table(2, seed);
  REQUIRE(table.insert("a", {}, nothing) != nullptr);
  REQUIRE(table.insert("b", {}, nothing) != nullptr);
  CHECK(table.insert("c", {}, nothing) == nullptr);
  CHECK(table.find("c") == nullptr);
  CHECK(table.insert("a", {}, nothing) != nullptr);
  CHECK(table.size() == 2);
}

TEST_CASE("SymbolTable: the parts of a name keep their border", "[unit][symbols]") {
  SymbolTable<Symbol> table(8, seed);
  Symbol const* const node = table.insert("openai", "gpt-4o", nothing);
  REQUIRE(node != nullptr);
  CHECK(node->first() == "openai");
  CHECK(node->second() == "gpt-4o");
  CHECK(table.find("openai", "gpt-4o") == node);
  CHECK(table.find("openaigpt-4o") == nullptr);
  CHECK(table.find("openaig", "pt-4o") == nullptr);
  CHECK(table.find("openai") == nullptr);
}

TEST_CASE("SymbolTable: names with an empty part are told apart", "[unit][symbols]") {
  SymbolTable<Symbol> table(8, seed);
  Symbol const* const both = table.insert({}, {}, nothing);
  Symbol const* const first = table.insert("a", {}, nothing);
  Symbol const* const second = table.insert({}, "a", nothing);
  CHECK(table.size() == 3);
  CHECK(table.find("", "") == both);
  CHECK(table.find("a", "") == first);
  CHECK(table.find("", "a") == second);
}

TEST_CASE("SymbolTable: swapped parts are another name", "[unit][symbols]") {
  SymbolTable<Symbol> table(8, seed);
  Symbol const* const one = table.insert("a", "b", nothing);
  Symbol const* const other = table.insert("b", "a", nothing);
  CHECK(one != other);
  CHECK(table.find("a", "b") == one);
}

TEST_CASE("SymbolTable: a full table of many names finds each of them", "[unit][symbols]") {
  constexpr std::uint32_t count = 3000;
  SymbolTable<Symbol> table(count, seed);
  for (std::uint32_t i = 0; i < count; ++i) {
    REQUIRE(table.insert("p" + std::to_string(i % 7), std::to_string(i), nothing) != nullptr);
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    Symbol const* const node = table.find("p" + std::to_string(i % 7), std::to_string(i));
    REQUIRE(node != nullptr);
    REQUIRE(node->id == i);
    REQUIRE(&table.by_id(i) == node);
  }
  CHECK(table.find("p0", "missing") == nullptr);
}

TEST_CASE("SymbolTable: a fill that throws leaves no name behind", "[unit][symbols]") {
  SymbolTable<Symbol> table(8, seed);
  auto const throws = [](Symbol&) { throw std::runtime_error("no"); };
  CHECK(table.insert("a", {}, throws) == nullptr);
  CHECK(table.find("a") == nullptr);
  CHECK(table.size() == 0);
  CHECK(table.insert("a", {}, nothing) != nullptr);
}

TEST_CASE("SymbolTable: what fill sets is found with the name", "[unit][symbols]") {
  SymbolTable<Route> table(8, seed);
  auto const* const plan = PriceBook::builtin().find("openai", "gpt-4o").plan();
  REQUIRE(plan != nullptr);
  static_cast<void>(table.insert("openai", "gpt-4o", [&](Route& route) {
    CHECK(route.set_price(std::make_unique<RoutePrice const>(plan)) == nullptr);
  }));
  REQUIRE(table.find("openai", "gpt-4o") != nullptr);
  CHECK(table.find("openai", "gpt-4o")->price().plan == plan);
}

TEST_CASE("SymbolTable: memory grows with the names", "[unit][symbols]") {
  SymbolTable<Symbol> table(8, seed);
  auto const before = table.memory_bytes();
  static_cast<void>(table.insert(std::string(200, 'x'), {}, nothing));
  CHECK(table.memory_bytes() >= before + 200 + sizeof(Symbol));
}

}  // namespace
}  // namespace netrun::llm::detail
