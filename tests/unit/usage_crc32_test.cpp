// SPDX-License-Identifier: MIT
// The checksum of frames.
#include "support/catch.hpp"
#include "support/event_stream_frames.hpp"
#include "usage/crc32.hpp"

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace netrun::llm::detail {
namespace {

TEST_CASE("crc32: known checksums", "[unit][usage_crc32]") {
  CHECK(crc32("") == 0);
  CHECK(crc32("123456789") == 0xCBF43926);
  CHECK(crc32("The quick brown fox jumps over the lazy dog") == 0x414FA339);
  CHECK(crc32(std::string(32, '\xff')) == 0xFF6CAB0B);
}

TEST_CASE("crc32: is the same bit by bit, at once and in two parts", "[unit][usage_crc32]") {
  constexpr std::uint64_t seed = 5031;
  INFO("seed " << seed);
  std::mt19937_64 random(seed);
  for (std::size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (auto& c : bytes) c = static_cast<char>(random());
    auto const expected = testing::crc32_by_the_rules(bytes);
    REQUIRE(crc32(bytes) == expected);
    for (std::size_t cut = 0; cut <= size; ++cut) {
      auto const whole = std::string_view(bytes);
      REQUIRE(crc32(whole.substr(cut), crc32(whole.substr(0, cut))) == expected);
    }
  }
}

}  // namespace
}  // namespace netrun::llm::detail
