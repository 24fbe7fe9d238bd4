// SPDX-License-Identifier: MIT
// Any bytes as a time zone, or as the rule of one: they are refused, or its clock makes sense.
#include "support/tz_file.hpp"
#include <netrun/llm/detail/time_zone.hpp>

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using netrun::llm::detail::TimeZone;

void expect(bool holds, char const* what, std::int64_t at_s) {
  if (holds) return;
  std::cerr << "not so: " << what << " at " << at_s << std::endl;
  std::abort();
}

std::optional<TimeZone> read(std::string_view bytes) {
  try {
    return TimeZone::from_bytes("Fuzz/Zone", bytes);
  } catch (std::invalid_argument const& error) {
    expect(std::string_view(error.what()).find("\"Fuzz/Zone\"") != std::string_view::npos,
           "a refusal quotes the name", 0);
    return std::nullopt;
  }
}

void expect_sense(TimeZone const& zone, std::int64_t at_s) {
  auto const offset_s = zone.offset_at(at_s);
  expect(std::abs(offset_s) < std::int64_t{26} * 3600, "an offset is less than 26 hours", at_s);
  std::int64_t local_s = 0;
  if (__builtin_add_overflow(at_s, offset_s, &local_s)) return;
  auto const first_s = zone.to_utc(local_s);
  expect(first_s <= at_s, "the first moment is no later than another", at_s);
  expect(first_s + zone.offset_at(first_s) >= local_s, "then the time has come", at_s);
  if (first_s == std::numeric_limits<std::int64_t>::min()) return;
  auto const before_s = first_s - 1;
  std::int64_t shown_s = 0;
  expect(__builtin_add_overflow(before_s, zone.offset_at(before_s), &shown_s) || shown_s < local_s,
         "before, it has not", at_s);
}

}  // namespace

// The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  std::string const text(bytes, bytes + size);
  auto const zone =
      read(text.starts_with("TZif") ? text : netrun::llm::testing::tz_file_of_rule(text));
  if (!zone) return 0;
  // Steps of some weeks within the range of nanoseconds, then ever wider ones.
  constexpr std::int64_t range_s = 9'300'000'000;
  for (std::int64_t at_s = -range_s; at_s < range_s; at_s += 7'654'321) expect_sense(*zone, at_s);
  for (std::int64_t at_s = range_s; at_s < std::numeric_limits<std::int64_t>::max() / 2;
       at_s += at_s / 7) {
    expect_sense(*zone, at_s);
    expect_sense(*zone, -at_s);
  }
  expect_sense(*zone, std::numeric_limits<std::int64_t>::min());
  expect_sense(*zone, std::numeric_limits<std::int64_t>::max());
  return 0;
}
