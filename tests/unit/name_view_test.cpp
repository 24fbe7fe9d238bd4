// SPDX-License-Identifier: MIT
// NameView: a string_view that may be made of null.
#include "support/catch.hpp"
#include <netrun/llm/name_view.hpp>

#include <string>
#include <string_view>
#include <type_traits>

namespace netrun::llm {
namespace {

/// Has a conversion of its own, as string classes of other libraries do.
struct ForeignText {
  std::string held;
  operator std::string_view() const { return held; }
};

TEST_CASE("NameView: a null pointer is the empty text", "[unit][name_view]") {
  char const* const null = nullptr;
  CHECK(NameView(null).empty());
  CHECK(NameView(nullptr).empty());
}

TEST_CASE("NameView: a null pointer that may be written through is the empty text",
          "[unit][name_view]") {
  char* const null = nullptr;
  CHECK(NameView(null).empty());
}

TEST_CASE("NameView: literals end at their zero byte", "[unit][name_view]") {
  CHECK(NameView("gpt-4o") == "gpt-4o");
  CHECK(NameView("").empty());
}

TEST_CASE("NameView: a char array ends at its zero byte", "[unit][name_view]") {
  char const buffer[16] = "gpt-4o";
  CHECK(NameView(buffer).size() == 6);
}

TEST_CASE("NameView: a string is seen whole with its zero bytes", "[unit][name_view]") {
  std::string const text("a\0b", 3);
  CHECK(NameView(text).size() == 3);
  CHECK(NameView(text).data() == text.data());
}

TEST_CASE("NameView: a string_view is seen as it is", "[unit][name_view]") {
  std::string_view const part = std::string_view("openai/gpt-4o").substr(7);
  CHECK(NameView(part) == "gpt-4o");
  CHECK(NameView(std::string_view{}).empty());
}

TEST_CASE("NameView: text classes of other libraries are seen", "[unit][name_view]") {
  ForeignText const text{"gpt-4o"};
  CHECK(NameView(text) == "gpt-4o");
}

TEST_CASE("NameView: numbers and single characters are no names", "[unit][name_view]") {
  CHECK_FALSE(std::is_constructible_v<NameView, int>);
  CHECK_FALSE(std::is_constructible_v<NameView, char>);
}

TEST_CASE("NameView: works at compile time", "[unit][name_view]") {
  STATIC_REQUIRE(NameView("openai").size() == 6);
  STATIC_REQUIRE(NameView(nullptr).empty());
}

}  // namespace
}  // namespace netrun::llm
