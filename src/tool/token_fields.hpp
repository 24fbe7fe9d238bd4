// SPDX-License-Identifier: MIT
// The counts of TokenUsage by the names that they have on the command line and in case files.
#pragma once

#include <netrun/llm/tokens.hpp>

#include <array>
#include <cstdint>
#include <string_view>

namespace netrun::llm::tool {

struct TokenField {
  std::string_view key;     ///< In case files.
  std::string_view member;  ///< Of TokenUsage; case files may use this name as well.
  char const* option;
  std::uint64_t TokenUsage::*count;
  char const* help;
};

/// All but web_search_requests, which is narrower.
inline constexpr std::array<TokenField, 17> token_fields{{
    {"input_tokens", "input_tokens", "--input", &TokenUsage::input_tokens,
     "All tokens that went in, those from and to a cache included"},
    {"output_tokens", "output_tokens", "--output", &TokenUsage::output_tokens,
     "All tokens that came out, reasoning included"},
    {"cache_read", "cache_read_tokens", "--cache-read", &TokenUsage::cache_read_tokens,
     "Of the input: read from a prompt cache"},
    {"cache_write", "cache_write_tokens", "--cache-write", &TokenUsage::cache_write_tokens,
     "Of the input: written to a prompt cache"},
    {"cache_write_1h", "cache_write_1h_tokens", "--cache-write-1h",
     &TokenUsage::cache_write_1h_tokens, "Of --cache-write: kept for an hour"},
    {"reasoning", "reasoning_tokens", "--reasoning", &TokenUsage::reasoning_tokens,
     "Of the output: reasoning"},
    {"citation", "citation_tokens", "--citation", &TokenUsage::citation_tokens,
     "Of the output: citations"},
    {"input_audio", "audio_input_tokens", "--input-audio", &TokenUsage::audio_input_tokens,
     "Of the input: audio"},
    {"output_audio", "audio_output_tokens", "--output-audio", &TokenUsage::audio_output_tokens,
     "Of the output: audio"},
    {"cache_read_audio", "cached_audio_input_tokens", "--cache-read-audio",
     &TokenUsage::cached_audio_input_tokens, "Of --input-audio and --cache-read: both"},
    {"input_image", "image_input_tokens", "--input-image", &TokenUsage::image_input_tokens,
     "Of the input: images"},
    {"output_image", "image_output_tokens", "--output-image", &TokenUsage::image_output_tokens,
     "Of the output: images"},
    {"cache_read_image", "cached_image_input_tokens", "--cache-read-image",
     &TokenUsage::cached_image_input_tokens, "Of --input-image and --cache-read: both"},
    {"input_video", "video_input_tokens", "--input-video", &TokenUsage::video_input_tokens,
     "Of the input: video"},
    {"output_video", "video_output_tokens", "--output-video", &TokenUsage::video_output_tokens,
     "Of the output: video"},
    {"billed_input", "billed_input_tokens", "--billed-input", &TokenUsage::billed_input_tokens,
     "Input that is billed, where it is not what was processed (Cohere)"},
    {"billed_output", "billed_output_tokens", "--billed-output", &TokenUsage::billed_output_tokens,
     "Output that is billed, where it is not what was processed"},
}};

}  // namespace netrun::llm::tool
