// SPDX-License-Identifier: MIT
// A finished call in 128 bytes, and how it is written while others read.
#pragma once

#include <netrun/llm/detail/pending_call.hpp>
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/tokens.hpp>

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace netrun::llm::detail {

/// Bits of Record::flags.
struct RecordFlags {
  static constexpr unsigned success = 1, streaming = 2, cached = 4;
  static constexpr unsigned cost_source_shift = 3, usage_source_shift = 6, user_size_shift = 8;
  static constexpr unsigned user_size_mask = 63;
  /// Token counts that do not fit here are in the texts.
  static constexpr unsigned counts = 1U << 15;
};

/// One finished call. What does not fit lies in the texts of its chunk.
struct Record {
  std::int64_t start_ns;  ///< since 1970
  double latency_ms;
  std::uint64_t id_high, id_low;  ///< UUIDv7
  std::uint64_t ticket;           ///< Place in the order of completion, from 0 in each collector.
  std::int64_t cost_picos;
  double time_to_first_token_ms;  ///< not a number: absent
  std::uint32_t input, output, cache_read, cache_write, reasoning;
  std::uint32_t tenant, route;
  std::uint16_t error, endpoint;  ///< symbol id + 1; 0: none
  std::uint16_t flags;
  std::uint16_t texts;  ///< Where the texts begin in the chunk, in units of text_unit; 0: none.
  char user[inline_user_bytes];

  [[nodiscard]] bool is(unsigned flag) const noexcept { return (flags & flag) != 0; }
  [[nodiscard]] CostSource cost_source() const noexcept {
    return static_cast<CostSource>(flags >> RecordFlags::cost_source_shift & 7U);
  }
  [[nodiscard]] UsageSource usage_source() const noexcept {
    return static_cast<UsageSource>(flags >> RecordFlags::usage_source_shift & 3U);
  }
  [[nodiscard]] std::string_view inline_user() const noexcept {
    return {user, flags >> RecordFlags::user_size_shift & RecordFlags::user_size_mask};
  }
};

using RecordWords = std::array<std::uint64_t, 16>;
static_assert(sizeof(Record) == sizeof(RecordWords) && std::is_trivially_copyable_v<Record>);

/// Writes words that others may be reading. Release, so that a reader who sees any of them also
/// sees the generation that was raised before: that is what takes the place of a fence.
inline void store_words(std::uint64_t* to, std::uint64_t const* from, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    std::atomic_ref<std::uint64_t>(to[i]).store(from[i], std::memory_order_release);
  }
}

/// Reads words that may be overwritten meanwhile. Acquire; pairs with store_words. The caller
/// checks the generation afterwards and throws away what it read when that has changed.
inline void load_words(std::uint64_t* to, std::uint64_t* from, std::size_t count) noexcept {
  for (std::size_t i = 0; i < count; ++i) {
    to[i] = std::atomic_ref<std::uint64_t>(from[i]).load(std::memory_order_acquire);
  }
}

}  // namespace netrun::llm::detail
