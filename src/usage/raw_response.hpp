// SPDX-License-Identifier: MIT
// What was found in a body, before it is decided what it means.
#pragma once

#include "usage/count_set.hpp"
#include "usage/field.hpp"
#include <netrun/llm/fixed_text.hpp>
#include <netrun/llm/response.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

namespace netrun::llm::detail {

/// Things that only have to be there.
struct Mark {
  static constexpr unsigned choices = 1, candidates = 2, x_groq = 4, time_info = 8, timings = 16,
                            sources = 32, filter = 64, usage_metadata = 128, done = 256,
                            message_start = 512, message_stop = 1024, response_event = 2048,
                            byok = 4096, latency_checkpoint = 8192, message_body = 16384,
                            cohere_event = 32768, metrics_event = 65536, error = 131072,
                            code_is_number = 262144, root_code_is_number = 524288,
                            end_of_stream = 1048576, embedding = 2097152;
};

inline constexpr double not_given = std::numeric_limits<double>::quiet_NaN();

/// Trivially copyable, so that what a broken document said can be taken back.
struct RawResponse {
  std::array<std::uint64_t, count_fields> counts{};
  CountSet given{};                                 ///< Which counts mean something.
  CountSet bad{};                                   ///< Which were there, but are no counts.
  std::array<ReadProblem, count_fields> why_bad{};  ///< Of those.
  std::size_t choices = 0;         ///< As many as were seen, up to most_finish_reasons.
  Field bad_amount = Field::none;  ///< The last cost or time that was none.
  unsigned marks = 0;
  double cost = not_given, upstream_cost = not_given;
  double latency_ms = not_given, invocation_latency_ms = not_given, first_byte_ms = not_given;
  double total_duration_ns = not_given;

  FixedText<160> model{};
  FixedText<128> response_id{};
  FixedText<32> service_tier{}, traffic_type{}, inference_geo{}, speed{}, search_context_size{};
  FixedText<32> object{}, stop_reason{}, status{}, block_reason{}, provider{};
  std::array<FixedText<32>, most_finish_reasons> finish_reasons{};  ///< By choice.
  FixedText<96> request_id{};
  FixedText<96> error_type{}, error_status{}, error_code{}, root_code{}, root_error_type{};
  FixedText<96> root_type{}, amazon_type{};
  FixedText<255> error_message{}, root_message{}, detail{};

  [[nodiscard]] bool has(unsigned mark) const noexcept { return (marks & mark) != 0; }
  [[nodiscard]] std::optional<std::uint64_t> count(Field field) const noexcept {
    if (!given.has(field)) return std::nullopt;
    return counts[index_of(field)];
  }
  [[nodiscard]] bool is_bad(Field field) const noexcept { return bad.has(field); }
};

/// The counts of an iteration of Anthropic's.
struct RawSubCall {
  FixedText<32> kind{};
  FixedText<160> model{};
  std::optional<std::uint64_t> input{}, output{}, cache_read{}, cache_creation{}, creation_5m{},
      creation_1h{}, thinking{};
  ReadProblem problem = ReadProblem::none;  ///< Of its counts.
};

struct RawSubCalls {
  std::array<RawSubCall, most_sub_calls> calls{};
  std::size_t count = 0;
};

}  // namespace netrun::llm::detail
