// SPDX-License-Identifier: MIT
// Reading back a call whose texts and token counts take all the room that there is.
#include "support/catch.hpp"
#include <netrun/llm/collector.hpp>
#include <netrun/llm/detail/texts_view.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace netrun::llm::detail {
namespace {

/// Counts that no record has room for, each of them different.
TokenUsage wide_usage() {
  constexpr std::uint64_t wide = std::uint64_t{1} << 40;
  return {.input_tokens = wide * 100,
          .output_tokens = wide * 90,
          .cache_read_tokens = wide * 9,
          .cache_write_tokens = wide * 8,
          .cache_write_1h_tokens = wide * 3,
          .reasoning_tokens = wide * 4,
          .citation_tokens = wide * 5,
          .audio_input_tokens = wide * 6,
          .audio_output_tokens = wide * 7,
          .cached_audio_input_tokens = wide * 2,
          .image_input_tokens = wide * 10,
          .image_output_tokens = wide * 11,
          .billed_input_tokens = wide * 99,
          .billed_output_tokens = wide * 89,
          .web_search_requests = 12};
}

TEST_CASE("TextsCopy: a copy holds the longest packed texts", "[unit][call_texts]") {
  CHECK(sizeof(TextsCopy) >= sizeof(std::uint16_t) + most_packed_bytes);
}

TEST_CASE("TextsCopy: full texts come back whole beside what has room of its own",
          "[unit][call_texts]") {
  TelemetryCollector collector({.max_history = 10});
  // The first call under a name carries it among its texts.
  collector.track_request("openai", "gpt-4o").finish();
  std::string const parent(max_name_bytes, 'P');
  auto tracker = collector.track_request(
      {.provider = "openai", .model = "gpt-4o", .parent_request_id = parent});
  tracker.set_usage(wide_usage());
  tracker.set_attribute("service_tier", std::string(250, 's'));
  // Four tags of 514 bytes; the message takes what is left.
  constexpr std::size_t left = max_call_text_bytes - 4 * 514 - CallTexts::header_bytes;
  for (char c = 'a'; c < 'e'; ++c) {
    tracker.set_tag(std::string(255, c), std::string(255, c));
  }
  tracker.set_error(std::string(255, 'E'), std::string(left, 'm'));
  tracker.set_time_per_output_token(Milliseconds(12.5));
  tracker.finish();

  auto const calls = collector.snapshot();
  REQUIRE(calls.size() == 2);
  auto const& call = calls.back();
  TokenUsage const wide = wide_usage();
  CHECK(call.input_tokens == wide.input_tokens);
  CHECK(call.image_input_tokens == wide.image_input_tokens);
  CHECK(call.image_output_tokens == wide.image_output_tokens);
  CHECK(call.billed_input_tokens == wide.billed_input_tokens);
  CHECK(call.billed_output_tokens == wide.billed_output_tokens);
  CHECK(call.web_search_requests == wide.web_search_requests);
  CHECK(call.tags.size() == 4);
  CHECK(call.attributes.size() == 1);
  CHECK(call.parent_request_id == parent);
  CHECK(call.time_per_output_token_ms == 12.5);
  CHECK(call.error_type.value_or("").size() == 255);
  CHECK(call.error_message.value_or("").size() == left);
  CHECK(collector.diagnostics().dropped_texts == 0);
}

}  // namespace
}  // namespace netrun::llm::detail
