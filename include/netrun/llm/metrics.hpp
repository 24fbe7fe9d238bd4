// SPDX-License-Identifier: MIT
// One finished call: what it was, what it used, what it cost.
#pragma once

#include <netrun/llm/name_view.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/tokens.hpp>
#include <netrun/llm/usd.hpp>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm {

/// Where the cost of a call comes from. In JSON the name as text.
enum class CostSource : std::uint8_t {
  automatic,  ///< Not decided yet: record() prices the call. Never found on a recorded call.
  /// Computed from the price book. A failed call that reports no tokens costs 0 by it: providers do
  /// not bill for what they refuse.
  price_book,
  manual,             ///< Given by the caller (set_cost); zero stays zero.
  provider_reported,  ///< Stated by the provider in its response.
  estimated,          ///< Computed from token counts that are estimates.
  /// Nobody knows: no price for the model, a success without token counts, or impossible counts.
  unpriced,
};

/// The name of the enumerator, as it stands in JSON; "unknown" of a number that is none.
[[nodiscard]] constexpr std::string_view to_string(CostSource source) noexcept {
  switch (source) {
    case CostSource::automatic:
      return "automatic";
    case CostSource::price_book:
      return "price_book";
    case CostSource::manual:
      return "manual";
    case CostSource::provider_reported:
      return "provider_reported";
    case CostSource::estimated:
      return "estimated";
    case CostSource::unpriced:
      return "unpriced";
  }
  return "unknown";
}

/// The enumerator with exactly this name; absent when there is none.
[[nodiscard]] constexpr std::optional<CostSource> parse_cost_source(
    std::string_view name) noexcept {
  for (auto const source :
       {CostSource::automatic, CostSource::price_book, CostSource::manual,
        CostSource::provider_reported, CostSource::estimated, CostSource::unpriced}) {
    if (to_string(source) == name) return source;
  }
  return std::nullopt;
}

/// A key and a value that a call is marked with.
using Tag = std::pair<std::string_view, std::string_view>;

/// Longest name (provider, model, tenant, user, any request id, endpoint, error type, finish
/// reason, tag key or value) in bytes. What is longer is cut at a character's edge and counted in
/// Diagnostics::truncated_texts.
inline constexpr std::size_t max_name_bytes = 255;
/// Longest error message in bytes; cut and counted in the same way.
inline constexpr std::size_t max_message_bytes = 1023;
/// Most bytes that the billing attributes of one call may take together; one that no longer fits is
/// left out and counted in Diagnostics::dropped_texts.
inline constexpr std::size_t max_call_attribute_bytes = 290;
/// Most bytes that the texts of one call may take together (user, foreign request id, endpoint,
/// error message, the provider's request id, finish reason, tags), 3 bytes more for each of them
/// and 1 for a tag's key; a text that no longer fits is left out and counted in
/// Diagnostics::dropped_texts. All but the tags fit together at their longest.
inline constexpr std::size_t max_call_text_bytes = 2'340;

/// One finished call, as it is recorded, exported and given out by snapshot().
///
/// Token fields are as in TokenUsage: parts are included in their whole. Names are UTF-8; bytes
/// that are not are replaced by U+FFFD when the call is recorded.
///
/// Thread safety: a plain value.
struct LLMRequestMetrics {
  std::string request_id{};  ///< A UUIDv7 made by the library when empty.
  std::string tenant_id{}, provider{}, model{};
  std::optional<std::string> user_id{}, endpoint{}, error_type{}, error_message{};
  /// The provider's own id of the response, for its support and its log. Kept beside request_id;
  /// nothing is looked up by it.
  std::optional<std::string> provider_request_id{};
  /// The request_id of the call that caused this one.
  std::optional<std::string> parent_request_id{};
  /// Why the provider stopped, in its own words ("stop", "max_tokens"); those of several choices
  /// joined with ",".
  std::optional<std::string> finish_reason{};
  std::uint64_t input_tokens = 0, output_tokens = 0;
  std::uint64_t total_tokens =
      0;  ///< Set when the call is recorded: input + output, 2^64 - 1 at most.
  std::uint64_t cache_read_tokens = 0, cache_write_tokens = 0, cache_write_1h_tokens = 0;
  std::uint64_t reasoning_tokens = 0;
  std::uint64_t audio_input_tokens = 0, audio_output_tokens = 0;
  std::uint64_t citation_tokens = 0, cached_audio_input_tokens = 0;
  std::uint64_t image_input_tokens = 0, image_output_tokens = 0;
  std::uint64_t cached_image_input_tokens = 0, video_input_tokens = 0, video_output_tokens = 0;
  std::uint64_t billed_input_tokens = 0, billed_output_tokens = 0;
  std::uint32_t web_search_requests = 0;
  UsageSource usage_source = UsageSource::reported;
  double latency_ms = 0.0;
  std::optional<double> time_to_first_token_ms{};
  /// From the first token to the last, divided by output tokens - 1.
  std::optional<double> time_per_output_token_ms{};
  double cost_usd = 0.0;
  CostSource cost_source =
      CostSource::automatic;  ///< automatic: record() prices it; else cost_usd stands.
  Clock::time_point timestamp = Clock::now();  ///< Start of the call.
  bool success = true, streaming = false;
  bool cached =
      false;  ///< Answered from the caller's own cache. A flag only; it never changes a price.
  std::vector<std::pair<std::string, std::string>> tags{};
  /// What the provider said that bears on the price: "service_tier", "inference_geo" ...; see
  /// PriceBook.
  std::vector<std::pair<std::string, std::string>> attributes{};
  /// The exact amount behind cost_usd. Given out with every recorded call; on the way in it counts
  /// when it agrees with cost_usd (so that a changed cost_usd wins over a stale exact amount).
  std::optional<Usd> exact_cost{};

  [[nodiscard]] friend bool operator==(LLMRequestMetrics const&,
                                       LLMRequestMetrics const&) = default;
};

/// What a call is, when it begins. Views need to live only until the function that takes this
/// returns; a null `char const*` counts as empty.
///
/// Example:
///   collector.track_request({.provider = "openai", .model = "gpt-4o", .tenant_id = "acme"});
struct CallInfo {
  NameView provider{}, model{}, tenant_id{}, user_id{}, request_id{}, endpoint{};
  std::span<Tag const> tags{};
  /// The request_id of the call that caused this one, such as an agent's step.
  NameView parent_request_id{};
};

/// A call that a provider made on behalf of another one and bills apart from it; see
/// RequestTracker::record_sub_call. Views need to live only until the function that takes this
/// returns; a null `char const*` counts as empty.
struct SubCallInfo {
  NameView model{};    ///< Empty: the model of the other call.
  NameView kind{};     ///< As the provider names it ("compaction"); becomes the tag "sub_call".
  TokenUsage usage{};  ///< Not included in the usage of the other call.
};

}  // namespace netrun::llm
