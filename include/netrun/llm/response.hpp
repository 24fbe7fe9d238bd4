// SPDX-License-Identifier: MIT
// What a provider's response says about the call: tokens, model, cost, error.
#pragma once

#include <netrun/llm/api.hpp>
#include <netrun/llm/fixed_text.hpp>
#include <netrun/llm/tokens.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace netrun::llm {

/// How a body is written.
enum class BodyForm : std::uint8_t {
  automatic,     ///< Seen from its first bytes.
  json,          ///< One document, or one array of documents (Gemini without alt=sse).
  sse,           ///< Server-sent events.
  ndjson,        ///< One document a line.
  event_stream,  ///< application/vnd.amazon.eventstream, binary.
};

/// What is wrong with a body. The first that was met is kept.
enum class ReadProblem : std::uint8_t {
  none,
  empty,               ///< No byte of it came.
  malformed,           ///< Not JSON, not events, not frames: what is named is where.
  too_deep,            ///< Nested deeper than 512 levels.
  cut,                 ///< It ends in the middle of a document, or before the stream's own end.
  wrong_checksum,      ///< A frame whose checksum does not agree; it was left out.
  bad_amount,          ///< A cost or a time that is negative, no number or absurd; left out.
  negative_count,      ///< A count below zero; it was left out, as with the three that follow.
  fractional_count,    ///< A count with a fraction; 8.0 is none.
  not_a_count,         ///< A text, a list or the like in the place of a count.
  count_too_large,     ///< A count above 2^53, where JSON's numbers stop being exact.
  parts_exceed_whole,  ///< More cached, reasoning or audio tokens than tokens: all left out.
  wrong_api,           ///< The body is of another interface than was said; no count was taken.
  unknown_api,         ///< Nobody said whose body it is, and it does not show.
};

/// The name of the enumerator; "unknown" of a number that is none.
[[nodiscard]] std::string_view to_string(ReadProblem problem) noexcept;
[[nodiscard]] std::string_view to_string(BodyForm form) noexcept;
/// The form with this name; "eventstream" and "error" (a JSON document) are understood too.
[[nodiscard]] std::optional<BodyForm> parse_body_form(std::string_view name) noexcept;

/// Token counts as a response reports them, in the meaning of TokenUsage: parts are included in
/// their whole, whatever the provider's own habit is. What was not reported is absent, not 0.
struct ReportedCounts {
  std::optional<std::uint64_t> input_tokens{}, output_tokens{};
  std::optional<std::uint64_t> cache_read_tokens{}, cache_write_tokens{}, cache_write_1h_tokens{};
  std::optional<std::uint64_t> reasoning_tokens{}, citation_tokens{};
  std::optional<std::uint64_t> audio_input_tokens{}, audio_output_tokens{};
  std::optional<std::uint64_t> cached_audio_input_tokens{};
  std::optional<std::uint64_t> image_input_tokens{}, image_output_tokens{};
  std::optional<std::uint64_t> cached_image_input_tokens{};
  std::optional<std::uint64_t> video_input_tokens{}, video_output_tokens{};
  std::optional<std::uint64_t> billed_input_tokens{}, billed_output_tokens{};
  std::optional<std::uint64_t> tool_use_input_tokens{};  ///< Gemini; included in input_tokens.
  std::optional<std::uint64_t> web_searches{}, web_fetches{}, file_searches{}, code_runs{};
  std::optional<std::uint64_t> search_units{};  ///< Cohere's rerank.

  [[nodiscard]] friend bool operator==(ReportedCounts const&, ReportedCounts const&) = default;
};

/// The counts as one goes on with them. Source: reported when input and output are there (or units
/// that take their place), estimated when one of the two is missing, absent without both.
[[nodiscard]] TokenUsage usage_of(ReportedCounts const& counts) noexcept;

/// A call that the provider made on behalf of this one and bills apart, outside its totals: a
/// compaction, an advisor (Anthropic's usage.iterations).
struct SubCall {
  FixedText<32> kind{};    ///< "compaction", "advisor_message" ...
  FixedText<160> model{};  ///< Empty: the model of the call.
  /// Absent, all of them, when one was no count or they contradict each other.
  ReportedCounts counts{};
};

/// Most sub-calls that are told apart; what is more is added to the last.
inline constexpr std::size_t most_sub_calls = 16;
/// Most choices whose finish reason is kept.
inline constexpr std::size_t most_finish_reasons = 16;

/// The error in a response.
struct ResponseError {
  /// The body's type or status, else its code when that is a word, else the type in the headers,
  /// else the name for the HTTP status ("rate_limit"). Never empty.
  FixedText<96> type{};
  FixedText<96> code{};  ///< As in the body; may be empty.
  bool code_is_number = false;
  FixedText<255> message{};
  FixedText<96> request_id{};  ///< Of the provider, when body or headers have it.
};

/// What a response says. A plain value of 12 KB without memory of its own.
struct ResponseInfo {
  Api api = Api::automatic;  ///< As given, or as guessed.
  BodyForm form = BodyForm::automatic;
  int http_status = 0;  ///< 0: nobody said.

  ReportedCounts counts{};
  /// False when one that matters is no count, or they contradict each other: usage() is absent.
  bool counts_make_sense = true;
  /// False where a stream was cut or damaged: the counts are what it had told so far.
  bool counts_are_final = true;
  /// The counts come from the headers of the response (Bedrock's InvokeModel, Fireworks).
  bool counts_from_headers = false;
  FixedText<160> model{};          ///< Served, as the body says.
  FixedText<255> request_model{};  ///< As in the address of the request.
  FixedText<128> response_id{};    ///< Of the provider.
  FixedText<32> service_tier{}, inference_geo{}, speed{}, search_context_size{};
  std::array<FixedText<32>, most_finish_reasons> finish_reasons{};
  std::size_t finish_reason_count = 0;
  /// What the provider charged, in USD, as it says.
  std::optional<double> reported_cost_usd{};
  /// What another provider charged beside it, where the key is the caller's own (OpenRouter).
  std::optional<double> upstream_cost_usd{};
  std::optional<double> provider_latency_ms{}, provider_first_byte_ms{};
  std::optional<ResponseError> error{};
  std::array<SubCall, most_sub_calls> sub_calls{};
  std::size_t sub_call_count = 0;

  /// False when the end of the body was not seen.
  bool complete = false;
  ReadProblem problem = ReadProblem::none;
  FixedText<64> problem_at{};  ///< A field ("usage.prompt_tokens"), a byte ("byte 512") or empty.

  /// As usage_of(counts), but for what is known about them: estimated when the stream was cut,
  /// absent when a count made no sense or they contradict each other.
  [[nodiscard]] TokenUsage usage() const noexcept;
};

/// What is known beside the body. Views need to live only until the call returns.
struct ResponseContext {
  BodyForm form = BodyForm::automatic;
  int http_status = 0;     ///< 0: judge by the body alone.
  std::string_view url{};  ///< Of the request.
  std::span<std::pair<std::string_view, std::string_view> const> headers{};  ///< Of the response.
};

/// Reads a whole body. Neither allocates nor throws; any bytes may come.
///
/// Example:
///   auto const info = read_response(Api::openai_chat, body);
///   if (info.counts.input_tokens) ...
[[nodiscard]] ResponseInfo read_response(Api api, std::string_view body,
                                         ResponseContext const& context = {}) noexcept;

}  // namespace netrun::llm
