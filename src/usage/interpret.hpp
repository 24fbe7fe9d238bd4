// SPDX-License-Identifier: MIT
// What was found in a body, made into what it says.
#pragma once

#include "usage/raw_response.hpp"
#include <netrun/llm/api.hpp>
#include <netrun/llm/response.hpp>

#include <cstdint>

namespace netrun::llm::detail {

/// Interfaces whose counts have the same names and meaning.
enum class Family : std::uint8_t {
  unknown,
  openai,  ///< Chat, completions and embeddings.
  responses,
  anthropic,
  gemini,
  vertex_embed,
  converse,
  invoke,  ///< Any vendor's.
  cohere,
  ollama,
  llamacpp,
};

[[nodiscard]] Family family_of(Api api) noexcept;
/// Whose body it is by what stands in it.
[[nodiscard]] Family family_of(RawResponse const& raw) noexcept;
/// True when a body of the one may well be read as the other.
[[nodiscard]] bool related(Family seen, Family said) noexcept;
/// Which interface of that family, as far as it shows.
[[nodiscard]] Api guess_api(RawResponse const& raw, Family family) noexcept;

/// What headers say that bodies do not.
struct HeaderFindings {
  FixedText<96> request_id{}, error_type{};
  std::optional<std::uint64_t> input{}, output{}, cache_read{}, cache_write{};
  std::optional<std::uint64_t> fireworks_prompt{}, fireworks_cached{};
  std::optional<double> latency_ms{};
};

/// All that is known when a body is over, or so far.
struct Evidence {
  RawResponse const& raw;
  RawSubCalls const& sub_calls;
  HeaderFindings const& headers;
  bool streaming;               ///< The body is a sequence of pieces.
  bool ended_inside;            ///< It ends in the middle of one.
  std::string_view plain_text;  ///< Of a body that is no JSON.
};

/// Fills in everything but form, request_model and what the reading itself found wrong, which is
/// there already.
void interpret(Evidence const& evidence, ResponseInfo& info) noexcept;

// The families; each fills in counts and cost. Counts that contradict each other come out too.
void interpret_openai(RawResponse const& raw, ResponseInfo& info) noexcept;
void interpret_responses(RawResponse const& raw, ResponseInfo& info) noexcept;
void interpret_anthropic(RawResponse const& raw, ResponseInfo& info) noexcept;
void interpret_gemini(RawResponse const& raw, ResponseInfo& info) noexcept;
void interpret_converse(RawResponse const& raw, ResponseInfo& info) noexcept;
void interpret_invoke(RawResponse const& raw, HeaderFindings const& headers,
                      ResponseInfo& info) noexcept;
void interpret_cohere(RawResponse const& raw, ResponseInfo& info) noexcept;
void interpret_ollama(RawResponse const& raw, ResponseInfo& info) noexcept;
void interpret_llamacpp(RawResponse const& raw, ResponseInfo& info) noexcept;
void interpret_sub_calls(RawSubCalls const& from, ResponseInfo& info) noexcept;
void interpret_error(Evidence const& evidence, ResponseInfo& info) noexcept;

/// Keeps a problem unless there is one already.
void note_problem(ResponseInfo& info, ReadProblem problem, std::string_view at) noexcept;

/// A whole of several fields: absent without the first, and when one of them is no count; the
/// others may be missing.
template <class... Fields>
[[nodiscard]] std::optional<std::uint64_t> sum_of(RawResponse const& raw, Field first,
                                                  Fields... others) noexcept {
  if (raw.is_bad(first) || (raw.is_bad(others) || ...)) return std::nullopt;
  auto sum = raw.count(first);
  if (sum) ((*sum += raw.count(others).value_or(0)), ...);
  return sum;
}

}  // namespace netrun::llm::detail
