// SPDX-License-Identifier: MIT
// ResponseInfo and the names around it.
#include <netrun/llm/response.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace netrun::llm {
namespace {

constexpr std::array<std::string_view, 14> problem_names{"none",
                                                         "empty",
                                                         "malformed",
                                                         "too_deep",
                                                         "cut",
                                                         "wrong_checksum",
                                                         "bad_amount",
                                                         "negative_count",
                                                         "fractional_count",
                                                         "not_a_count",
                                                         "count_too_large",
                                                         "parts_exceed_whole",
                                                         "wrong_api",
                                                         "unknown_api"};

constexpr std::array<std::pair<BodyForm, std::string_view>, 5> form_names{
    {{BodyForm::automatic, "auto"},
     {BodyForm::json, "json"},
     {BodyForm::sse, "sse"},
     {BodyForm::ndjson, "ndjson"},
     {BodyForm::event_stream, "eventstream"}}};

}  // namespace

std::string_view to_string(ReadProblem problem) noexcept {
  auto const i = static_cast<std::size_t>(problem);
  return i < problem_names.size() ? problem_names[i] : "unknown";
}

std::string_view to_string(BodyForm form) noexcept {
  for (auto const& [value, name] : form_names) {
    if (value == form) return name;
  }
  return "unknown";
}

std::optional<BodyForm> parse_body_form(std::string_view name) noexcept {
  if (name == "error") return BodyForm::json;
  if (name == "event_stream") return BodyForm::event_stream;
  for (auto const& [value, known] : form_names) {
    if (known == name) return value;
  }
  return std::nullopt;
}

TokenUsage usage_of(ReportedCounts const& c) noexcept {
  TokenUsage usage;
  usage.source = UsageSource::absent;
  if (!c.input_tokens && !c.output_tokens) return usage;
  usage.input_tokens = c.input_tokens.value_or(0);
  usage.output_tokens = c.output_tokens.value_or(0);
  usage.cache_read_tokens = c.cache_read_tokens.value_or(0);
  usage.cache_write_tokens = c.cache_write_tokens.value_or(0);
  usage.cache_write_1h_tokens = c.cache_write_1h_tokens.value_or(0);
  usage.reasoning_tokens = c.reasoning_tokens.value_or(0);
  usage.citation_tokens = c.citation_tokens.value_or(0);
  usage.audio_input_tokens = c.audio_input_tokens.value_or(0);
  usage.audio_output_tokens = c.audio_output_tokens.value_or(0);
  usage.cached_audio_input_tokens = c.cached_audio_input_tokens.value_or(0);
  usage.image_input_tokens = c.image_input_tokens.value_or(0);
  usage.image_output_tokens = c.image_output_tokens.value_or(0);
  usage.cached_image_input_tokens = c.cached_image_input_tokens.value_or(0);
  usage.video_input_tokens = c.video_input_tokens.value_or(0);
  usage.video_output_tokens = c.video_output_tokens.value_or(0);
  usage.billed_input_tokens = c.billed_input_tokens.value_or(0);
  usage.billed_output_tokens = c.billed_output_tokens.value_or(0);
  auto const searches = c.web_searches.value_or(0);
  usage.web_search_requests =
      static_cast<std::uint32_t>(searches < 0xFFFF'FFFFU ? searches : 0xFFFF'FFFFU);
  bool const whole = c.output_tokens && (c.input_tokens || c.search_units);
  usage.source = whole ? UsageSource::reported : UsageSource::estimated;
  return usage;
}

TokenUsage ResponseInfo::usage() const noexcept {
  if (!counts_make_sense) return {.source = UsageSource::absent};
  auto usage = usage_of(counts);
  if (!counts_are_final && usage.source == UsageSource::reported) {
    usage.source = UsageSource::estimated;
  }
  return usage;
}

}  // namespace netrun::llm
