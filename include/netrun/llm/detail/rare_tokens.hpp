// SPDX-License-Identifier: MIT
// Counts of the kinds of tokens that few calls have.
#pragma once

#include <netrun/llm/tokens.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace netrun::llm::detail {

[[nodiscard]] constexpr std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

/// All counts of TokenUsage but the five in TokenCounts; the web searches come last.
inline constexpr std::array rare_token_members{
    &TokenUsage::cache_write_1h_tokens,     &TokenUsage::citation_tokens,
    &TokenUsage::audio_input_tokens,        &TokenUsage::audio_output_tokens,
    &TokenUsage::cached_audio_input_tokens, &TokenUsage::image_input_tokens,
    &TokenUsage::image_output_tokens,       &TokenUsage::cached_image_input_tokens,
    &TokenUsage::video_input_tokens,        &TokenUsage::video_output_tokens,
    &TokenUsage::billed_input_tokens,       &TokenUsage::billed_output_tokens};

struct RareTokens {
  static constexpr std::size_t web_searches = rare_token_members.size();
  std::array<std::uint64_t, web_searches + 1> counts{};  ///< In the order above.

  RareTokens() = default;
  explicit RareTokens(TokenUsage const& usage) noexcept {
    for (std::size_t i = 0; i < web_searches; ++i) counts[i] = usage.*rare_token_members[i];
    counts[web_searches] = usage.web_search_requests;
  }
  void add(RareTokens const& other) noexcept {
    for (std::size_t i = 0; i < counts.size(); ++i)
      counts[i] = saturating_add(counts[i], other.counts[i]);
  }
  [[nodiscard]] bool any() const noexcept {
    for (auto const count : counts) {
      if (count != 0) return true;
    }
    return false;
  }
  [[nodiscard]] friend bool operator==(RareTokens const&, RareTokens const&) = default;
};

}  // namespace netrun::llm::detail
