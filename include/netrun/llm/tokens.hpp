// SPDX-License-Identifier: MIT
// Token counts of one call, and where they came from.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace netrun::llm {

/// Who said how many tokens a call used. In JSON the name as text.
enum class UsageSource : std::uint8_t {
  absent,     ///< Nobody said; it is not zero.
  reported,   ///< The provider, or the caller on its behalf.
  estimated,  ///< Counted or guessed on this side.
};

/// The name of the enumerator, as it stands in JSON; "unknown" of a number that is none.
[[nodiscard]] constexpr std::string_view to_string(UsageSource source) noexcept {
  switch (source) {
    case UsageSource::absent:
      return "absent";
    case UsageSource::reported:
      return "reported";
    case UsageSource::estimated:
      return "estimated";
  }
  return "unknown";
}

/// The enumerator with exactly this name; absent when there is none.
[[nodiscard]] constexpr std::optional<UsageSource> parse_usage_source(
    std::string_view name) noexcept {
  for (auto const source : {UsageSource::absent, UsageSource::reported, UsageSource::estimated}) {
    if (to_string(source) == name) return source;
  }
  return std::nullopt;
}

/// Token counts of one call. Every part is included in its whole: `cache_*` and audio, image and
/// video input in `input_tokens`; reasoning, citation and audio, image and video output in
/// `output_tokens`; `cache_write_1h_tokens` in `cache_write_tokens`; `cached_audio_input_tokens` in
/// both `audio_input_tokens` and `cache_read_tokens`, and likewise cached images.
///
/// Providers differ here: Anthropic reports cached tokens beside `input_tokens`, OpenAI within. Add
/// them before they are put in. Parts that exceed their whole make a call unpriced and are counted
/// in Diagnostics::invalid_usage; they are never clamped.
struct TokenUsage {
  std::uint64_t input_tokens = 0, output_tokens = 0;
  std::uint64_t cache_read_tokens = 0;   ///< Read from a prompt cache.
  std::uint64_t cache_write_tokens = 0;  ///< Written to a prompt cache, for whatever time.
  std::uint64_t cache_write_1h_tokens =
      0;  ///< The part of cache_write_tokens that is kept an hour.
  std::uint64_t reasoning_tokens = 0, citation_tokens = 0;
  std::uint64_t audio_input_tokens = 0, audio_output_tokens = 0, cached_audio_input_tokens = 0;
  std::uint64_t image_input_tokens = 0, image_output_tokens = 0;
  /// What is billed where that differs from what was processed (Cohere); 0 means the same.
  std::uint64_t billed_input_tokens = 0, billed_output_tokens = 0;
  std::uint32_t web_search_requests = 0;  ///< Searches that the provider made and bills one by one.
  UsageSource source = UsageSource::reported;
  std::uint64_t cached_image_input_tokens = 0, video_input_tokens = 0, video_output_tokens = 0;

  [[nodiscard]] friend bool operator==(TokenUsage const&, TokenUsage const&) = default;
};

}  // namespace netrun::llm
