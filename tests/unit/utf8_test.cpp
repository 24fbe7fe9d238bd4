// SPDX-License-Identifier: MIT
// UTF-8: the edges of table 3-7 of the Unicode standard, cutting and repairing.
#include "support/catch.hpp"
#include <netrun/llm/detail/utf8.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace netrun::llm::detail {
namespace {

std::string repaired(std::string_view text, std::size_t capacity = 4096) {
  std::string out(capacity + 8, '#');
  std::size_t const written = repair_utf8(text, out.data(), capacity);
  REQUIRE(written <= capacity);
  REQUIRE(out.substr(written) == std::string(capacity + 8 - written, '#'));
  return out.substr(0, written);
}

std::string encode(std::uint32_t code_point) {
  auto const byte = [](std::uint32_t bits) { return static_cast<char>(bits); };
  if (code_point < 0x80) return {byte(code_point)};
  if (code_point < 0x800) return {byte(0xc0 | code_point >> 6), byte(0x80 | (code_point & 0x3f))};
  if (code_point < 0x10000) {
    return {byte(0xe0 | code_point >> 12), byte(0x80 | (code_point >> 6 & 0x3f)),
            byte(0x80 | (code_point & 0x3f))};
  }
  return {byte(0xf0 | code_point >> 18), byte(0x80 | (code_point >> 12 & 0x3f)),
          byte(0x80 | (code_point >> 6 & 0x3f)), byte(0x80 | (code_point & 0x3f))};
}

TEST_CASE("is_utf8: the empty text and ASCII are well formed", "[unit][utf8]") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("gpt-4o"));
  CHECK(is_utf8(std::string_view("\0\x01\x7f", 3)));
}

TEST_CASE("is_utf8: the first and last character of every row are well formed", "[unit][utf8]") {
  auto const code_point =
      GENERATE(0x00U, 0x7fU, 0x80U, 0x7ffU, 0x800U, 0xfffU, 0x1000U, 0xcfffU, 0xd000U, 0xd7ffU,
               0xe000U, 0xffffU, 0x10000U, 0x3ffffU, 0x40000U, 0xfffffU, 0x100000U, 0x10ffffU);
  CHECK(is_utf8(encode(code_point)));
}

TEST_CASE("is_utf8: exactly the scalar values are well formed", "[unit][utf8]") {
  std::uint32_t first_wrong = 0xffffffff;
  for (std::uint32_t code_point = 0; code_point < 0x200000; ++code_point) {
    bool const scalar = code_point <= 0x10ffff && !(code_point >= 0xd800 && code_point <= 0xdfff);
    if (is_utf8(encode(code_point)) != scalar) {
      first_wrong = code_point;
      break;
    }
  }
  CHECK(first_wrong == 0xffffffff);
}

TEST_CASE("is_utf8: bytes past the edges of table 3-7 are refused", "[unit][utf8]") {
  std::string_view const text = GENERATE(
      as<std::string_view>{},  //
      "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x7f", "\xc2\xc0", "\xe0\x9f\xbf",
      "\xe0\x80\x80", "\xe0\xa0", "\xe1\x80", "\xe1\x80\x7f", "\xe1\x80\xc0", "\xed\xa0\x80",
      "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x80\x80\x80", "\xf0\x90\x80", "\xf1\x80\x80\x7f",
      "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xf8\x88\x80\x80\x80", "\xfe", "\xff");
  CHECK_FALSE(is_utf8(text));
}

TEST_CASE("is_utf8: a bad byte is found at every place of a text", "[unit][utf8]") {
  for (std::size_t at = 0; at < 33; ++at) {
    std::string text(33, 'a');
    text[at] = '\xff';
    INFO("at " << at);
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("is_utf8: a character is seen at every place of a text", "[unit][utf8]") {
  for (std::size_t at = 0; at < 33; ++at) {
    std::string text(33, 'a');
    text.insert(at, "\xf0\x9f\x98\x80");
    INFO("at " << at);
    CHECK(is_utf8(text));
  }
}

TEST_CASE("cut_utf8: a text that fits stays whole", "[unit][utf8]") {
  CHECK(cut_utf8("abc", 3) == "abc");
  CHECK(cut_utf8("", 0).empty());
  CHECK(cut_utf8("\xe2\x82\xac", 3) == "\xe2\x82\xac");
}

TEST_CASE("cut_utf8: a cut falls at the edge of a character", "[unit][utf8]") {
  CHECK(cut_utf8("abc", 2) == "ab");
  CHECK(cut_utf8("a\xc3\xa9", 2) == "a");
  CHECK(cut_utf8("a\xe2\x82\xac", 3) == "a");
  CHECK(cut_utf8("a\xf0\x9f\x98\x80", 4) == "a");
  CHECK(cut_utf8("a\xf0\x9f\x98\x80z", 5) == "a\xf0\x9f\x98\x80");
  CHECK(cut_utf8("\xf0\x9f\x98\x80", 3).empty());
}

TEST_CASE("cut_utf8: stray continuation bytes are cut at the limit", "[unit][utf8]") {
  std::string const text(300, '\x80');
  CHECK(cut_utf8(text, 255).size() == 255);
}

TEST_CASE("cut_utf8: the longest start of whole characters is kept", "[unit][utf8]") {
  constexpr std::uint64_t seed = 12;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  constexpr std::array<std::uint32_t, 4> top{0x7f, 0x7ff, 0xd7ff, 0x10ffff};
  constexpr std::array<std::uint32_t, 4> bottom{0x20, 0x80, 0x800, 0x10000};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    std::size_t const limit = random() % 40;
    std::size_t longest = 0;
    while (text.size() < 48) {
      auto const row = random() % 4;
      text += encode(static_cast<std::uint32_t>(bottom[row] + random() % (top[row] - bottom[row])));
      if (text.size() <= limit) longest = text.size();
    }
    REQUIRE(cut_utf8(text, limit) == std::string_view(text).substr(0, longest));
  }
}

TEST_CASE("repair_utf8: well formed text stays as it is", "[unit][utf8]") {
  CHECK(repaired("na\xc3\xafve \xf0\x9f\x98\x80") == "na\xc3\xafve \xf0\x9f\x98\x80");
}

TEST_CASE("repair_utf8: each byte of no character becomes U+FFFD", "[unit][utf8]") {
  CHECK(repaired("a\xff"
                 "b") ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(repaired("\xe2\x82") == "\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(repaired("\xed\xa0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(repaired("\xc3(") == "\xef\xbf\xbd(");
}

TEST_CASE("repair_utf8: nothing is written past the capacity", "[unit][utf8]") {
  CHECK(repaired("abcdef", 3) == "abc");
  CHECK(repaired("ab\xff", 4) == "ab");
  CHECK(repaired("ab\xf0\x9f\x98\x80", 5) == "ab");
  CHECK(repaired("abc", 0).empty());
}

TEST_CASE("repair_utf8: any bytes become well formed text", "[unit][utf8]") {
  constexpr std::uint64_t seed = 77;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 5000; ++round) {
    std::string text(random() % 40, '\0');
    for (auto& c : text) c = static_cast<char>(random() % 3 == 0 ? random() % 128 : random() % 256);
    REQUIRE(is_utf8(repaired(text, random() % 80)));
  }
}

}  // namespace
}  // namespace netrun::llm::detail
