// SPDX-License-Identifier: MIT
// Base64: the vectors of RFC 4648, and texts that are none.
#include "support/catch.hpp"
#include "support/pieces.hpp"
#include "usage/base64.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>

namespace netrun::llm::detail {
namespace {

constexpr std::string_view alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct Decoded {
  std::string bytes;
  bool ok = false;
  bool complete = false;
  bool odd_piece = false;  // one that is empty, or larger than was promised

  friend bool operator==(Decoded const&, Decoded const&) = default;
};

Decoded decode_pieces(std::string_view text, std::function<std::size_t()> const& size_of_next) {
  Base64Decoder decoder;
  Decoded decoded;
  testing::feed_pieces(text, size_of_next, [&](std::string_view piece) {
    decoder.feed(piece, [&](std::string_view bytes) noexcept {
      decoded.bytes += bytes;
      if (bytes.empty() || bytes.size() > 768) decoded.odd_piece = true;
    });
  });
  decoded.ok = decoder.ok();
  decoded.complete = decoder.complete();
  return decoded;
}

/// Decoded in one piece, after comparing with a byte at a time.
Decoded decode(std::string_view text) {
  auto whole = decode_pieces(text, [&] { return text.size(); });
  CHECK(decode_pieces(text, [] { return 1; }) == whole);
  CHECK_FALSE(whole.odd_piece);
  return whole;
}

/// Bit by bit.
std::string encode(std::string_view bytes) {
  std::string text;
  for (std::size_t bit = 0; bit < bytes.size() * 8; bit += 6) {
    std::size_t value = 0;
    for (std::size_t i = bit; i < bit + 6; ++i) {
      auto const byte = i / 8 < bytes.size() ? static_cast<unsigned char>(bytes[i / 8]) : 0U;
      value = value * 2 + (byte >> (7 - i % 8) & 1U);
    }
    text += alphabet[value];
  }
  while (text.size() % 4 != 0) text += '=';
  return text;
}

TEST_CASE("base64: the vectors of RFC 4648", "[unit][usage_base64]") {
  auto const [text, bytes] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                       {"Zg==", "f"},
                                                                       {"Zm8=", "fo"},
                                                                       {"Zm9v", "foo"},
                                                                       {"Zm9vYg==", "foob"},
                                                                       {"Zm9vYmE=", "fooba"},
                                                                       {"Zm9vYmFy", "foobar"}}));
  auto const decoded = decode(text);
  CHECK(decoded.bytes == bytes);
  CHECK(decoded.ok);
  CHECK(decoded.complete);
}

TEST_CASE("base64: every byte at every place of a group", "[unit][usage_base64]") {
  for (unsigned value = 0; value < 256; ++value) {
    for (std::size_t before = 0; before < 3; ++before) {
      auto const bytes = std::string(before, 'x') + static_cast<char>(value);
      auto const decoded = decode(encode(bytes));
      REQUIRE(decoded.bytes == bytes);
      REQUIRE(decoded.complete);
    }
  }
}

TEST_CASE("base64: another character is wrong wherever it is", "[unit][usage_base64]") {
  for (unsigned value = 0; value < 256; ++value) {
    auto const c = static_cast<char>(value);
    if (c == '=' || alphabet.find(c) != std::string_view::npos) continue;
    for (std::size_t at = 0; at < 8; ++at) {
      std::string text = "Zm9vYmFy";
      text[at] = c;
      INFO("byte " << value << " at " << at);
      auto const decoded = decode(text);
      REQUIRE_FALSE(decoded.ok);
      REQUIRE_FALSE(decoded.complete);
      REQUIRE(decoded.bytes == std::string_view("foobar").substr(0, at * 6 / 8));
    }
  }
}

TEST_CASE("base64: nothing is decoded after a wrong character", "[unit][usage_base64]") {
  auto const decoded = decode("Zm9v-Zm9vZm9v");
  CHECK_FALSE(decoded.ok);
  CHECK(decoded.bytes == "foo");
}

TEST_CASE("base64: padding fills up a group, and is the end", "[unit][usage_base64]") {
  auto const text = GENERATE(as<std::string>{}, "=",
                             "Z=", "A=", "A===", "Z===", "Zm9v=", "Zm8==", "Zg===", "Zg=g",
                             "Zg==Zg==", "Zm8=Zm8=", "Zm8=Z", "====", "Zm9vY=");
  INFO(text);
  CHECK_FALSE(decode(text).ok);
}

TEST_CASE("base64: bits past the last byte are zero", "[unit][usage_base64]") {
  CHECK_FALSE(decode("Zh==").ok);
  CHECK_FALSE(decode("Zm9=").ok);
}

TEST_CASE("base64: a group that is cut is right so far, and not complete", "[unit][usage_base64]") {
  auto const text = GENERATE(as<std::string>{}, "Z", "Zg", "Zg=", "Zm8", "Zm9vY");
  INFO(text);
  CHECK(decode(text).ok);
  CHECK_FALSE(decode(text).complete);
}

TEST_CASE("base64: any bytes come back, however they are cut", "[unit][usage_base64]") {
  constexpr std::uint64_t seed = 5021;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 500; ++round) {
    std::string bytes(random() % (round % 10 == 0 ? 4'000 : 40), '\0');
    for (auto& c : bytes) c = static_cast<char>(random());
    auto const text = encode(bytes);
    auto const whole = decode(text);
    REQUIRE(whole.bytes == bytes);
    REQUIRE(whole.complete);
    REQUIRE(decode_pieces(text, [&] { return random() % 900; }) == whole);
    REQUIRE(decode_pieces(text, [&] { return random() % 6; }) == whole);
  }
}

TEST_CASE("base64: any text is decoded the same way, however it is cut", "[unit][usage_base64]") {
  constexpr std::uint64_t seed = 5022;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 30, '\0');
    for (auto& c : text) c = random() % 12 == 0 ? "=-_ \n"[random() % 5] : alphabet[random() % 64];
    INFO(text);
    auto const whole = decode(text);
    REQUIRE(decode_pieces(text, [&] { return random() % 6; }) == whole);
  }
}

}  // namespace
}  // namespace netrun::llm::detail
