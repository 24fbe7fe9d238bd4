// SPDX-License-Identifier: MIT
// What was found in a body, made into what it says.
#include "usage/interpret.hpp"

#include <cstddef>

namespace netrun::llm::detail {
namespace {

using Count = std::optional<std::uint64_t>;

[[nodiscard]] bool exceeds(Count part, Count whole) noexcept {
  return part && whole && *part > *whole;
}

/// The part that is larger than its whole, by name; empty when there is none.
[[nodiscard]] std::string_view excess_of_input(ReportedCounts const& c) noexcept {
  if (exceeds(c.cache_read_tokens, c.input_tokens)) return "cache_read";
  if (exceeds(c.cache_write_tokens, c.input_tokens)) return "cache_write";
  if (exceeds(c.cache_write_1h_tokens, c.cache_write_tokens)) return "cache_write_1h";
  if (exceeds(c.audio_input_tokens, c.input_tokens)) return "input_audio";
  if (exceeds(c.image_input_tokens, c.input_tokens)) return "input_image";
  if (exceeds(c.video_input_tokens, c.input_tokens)) return "input_video";
  if (exceeds(c.cached_audio_input_tokens, c.audio_input_tokens)) return "cached_input_audio";
  return {};
}
[[nodiscard]] std::string_view excess_of_output(ReportedCounts const& c) noexcept {
  if (exceeds(c.reasoning_tokens, c.output_tokens)) return "reasoning";
  if (exceeds(c.citation_tokens, c.output_tokens)) return "citation";
  if (exceeds(c.audio_output_tokens, c.output_tokens)) return "output_audio";
  if (exceeds(c.image_output_tokens, c.output_tokens)) return "output_image";
  if (exceeds(c.video_output_tokens, c.output_tokens)) return "output_video";
  return {};
}

/// A part and its whole that contradict each other: nobody knows which of the two is wrong, so
/// that all counts of that side go.
void check_parts(ResponseInfo& info) noexcept {
  auto& c = info.counts;
  if (auto const part = excess_of_input(c); !part.empty()) {
    note_problem(info, ReadProblem::parts_exceed_whole, part);
    info.counts_make_sense = false;
    ReportedCounts output;
    output.output_tokens = c.output_tokens;
    output.reasoning_tokens = c.reasoning_tokens;
    output.citation_tokens = c.citation_tokens;
    output.audio_output_tokens = c.audio_output_tokens;
    output.image_output_tokens = c.image_output_tokens;
    output.video_output_tokens = c.video_output_tokens;
    output.billed_output_tokens = c.billed_output_tokens;
    c = output;
  }
  if (auto const part = excess_of_output(c); !part.empty()) {
    note_problem(info, ReadProblem::parts_exceed_whole, part);
    info.counts_make_sense = false;
    c.output_tokens = c.reasoning_tokens = c.citation_tokens = c.audio_output_tokens =
        c.image_output_tokens = c.video_output_tokens = c.billed_output_tokens = std::nullopt;
  }
  for (std::size_t i = 0; i < info.sub_call_count; ++i) {
    auto& call = info.sub_calls[i].counts;
    if (excess_of_input(call).empty() && excess_of_output(call).empty()) continue;
    note_problem(info, ReadProblem::parts_exceed_whole, "usage.iterations");
    call = {};
  }
}

/// What of the counts is no count. A total is only a help, and costs are told of apart.
void check_counts(Evidence const& from, ResponseInfo& info) noexcept {
  auto const& raw = from.raw;
  for (std::size_t i = 0; i < count_fields; ++i) {
    auto const field = static_cast<Field>(i);
    if (!raw.bad.has(field) || field == Field::total_tokens || field == Field::gemini_total) {
      continue;
    }
    if (field == Field::cost_ticks) {
      note_problem(info, ReadProblem::bad_amount, place_of(field));
      continue;
    }
    note_problem(info, raw.why_bad[i], place_of(field));
    info.counts_make_sense = false;
  }
  for (std::size_t i = 0; i < from.sub_calls.count; ++i) {
    auto const problem = from.sub_calls.calls[i].problem;
    if (problem != ReadProblem::none) note_problem(info, problem, "usage.iterations");
  }
  if (raw.bad_amount != Field::none) {
    note_problem(info, ReadProblem::bad_amount, place_of(raw.bad_amount));
  }
}

/// Fireworks tells in headers what older bodies and some streams leave out.
void add_fireworks(RawResponse const& raw, HeaderFindings const& headers,
                   ResponseInfo& info) noexcept {
  if (info.api != Api::fireworks_chat && info.api != Api::fireworks_completions) return;
  if (info.error || !raw.bad.empty()) return;
  auto& counts = info.counts;
  if (!counts.input_tokens && headers.fireworks_prompt) {
    counts.input_tokens = headers.fireworks_prompt;
    info.counts_from_headers = true;
  }
  if (!counts.cache_read_tokens) counts.cache_read_tokens = headers.fireworks_cached;
}

void interpret_counts(Evidence const& from, Family family, ResponseInfo& info) noexcept {
  switch (family) {
    case Family::openai:
      interpret_openai(from.raw, info);
      return add_fireworks(from.raw, from.headers, info);
    case Family::responses:
      return interpret_responses(from.raw, info);
    case Family::anthropic:
      interpret_anthropic(from.raw, info);
      return interpret_sub_calls(from.sub_calls, info);
    case Family::gemini:
    case Family::vertex_embed:
      return interpret_gemini(from.raw, info);
    case Family::converse:
      return interpret_converse(from.raw, info);
    case Family::invoke:
      interpret_invoke(from.raw, from.headers, info);
      return interpret_sub_calls(from.sub_calls, info);
    case Family::cohere:
      return interpret_cohere(from.raw, info);
    case Family::ollama:
      return interpret_ollama(from.raw, info);
    case Family::llamacpp:
      return interpret_llamacpp(from.raw, info);
    case Family::unknown:
      return;
  }
}

void interpret_names(Evidence const& from, Family family, ResponseInfo& info) noexcept {
  auto const& raw = from.raw;
  info.model = raw.model;
  if (raw.model.view().starts_with("models/")) info.model.assign(raw.model.view().substr(7));
  info.response_id = raw.response_id;
  bool const bedrock = family == Family::converse || family == Family::invoke;
  if (bedrock && info.response_id.empty()) info.response_id.assign(from.headers.request_id);
  info.service_tier = raw.service_tier.empty() ? raw.traffic_type : raw.service_tier;
  info.inference_geo = raw.inference_geo;
  info.speed = raw.speed;
  info.search_context_size = raw.search_context_size;
  auto const add_reason = [&](FixedText<32> const& reason) {
    if (!reason.empty() && info.finish_reason_count < most_finish_reasons) {
      info.finish_reasons[info.finish_reason_count++] = reason;
    }
  };
  if (family == Family::responses) {
    bool const under_way = raw.status == "in_progress" || raw.status == "queued";
    if (!from.streaming || !under_way) add_reason(raw.status);
  } else {
    for (auto const& reason : raw.finish_reasons) add_reason(reason);
    if (info.finish_reason_count == 0) add_reason(raw.stop_reason);
    if (info.finish_reason_count == 0) add_reason(raw.block_reason);
  }
  auto const given = [](double value) {
    return value == value ? std::optional<double>(value) : std::nullopt;
  };
  info.provider_latency_ms = given(raw.latency_ms);
  if (!info.provider_latency_ms) info.provider_latency_ms = given(raw.invocation_latency_ms);
  if (!info.provider_latency_ms) info.provider_latency_ms = from.headers.latency_ms;
  if (!info.provider_latency_ms && given(raw.total_duration_ns)) {
    info.provider_latency_ms = raw.total_duration_ns / 1e6;
  }
  info.provider_first_byte_ms = given(raw.first_byte_ms);
}

/// True when a stream has told all that it had to tell.
[[nodiscard]] bool stream_is_over(Evidence const& from, Family family) noexcept {
  auto const& raw = from.raw;
  bool finished = raw.choices != 0;
  for (std::size_t i = 0; i < raw.choices; ++i) {
    finished = finished && !raw.finish_reasons[i].empty();
  }
  finished = finished || !raw.stop_reason.empty() || !raw.block_reason.empty();
  switch (family) {
    case Family::responses: {
      auto const status = raw.status.view();
      return status == "completed" || status == "incomplete" || status == "failed" ||
             status == "cancelled";
    }
    case Family::anthropic:
      return !raw.stop_reason.empty();  // with it come the counts; before, they are a beginning
    case Family::ollama:
    case Family::llamacpp:
      return raw.has(Mark::done) || finished;
    case Family::converse:
      return raw.has(Mark::metrics_event);  // the counts come after the end of the message
    case Family::invoke:
      // Titan counts its output in its last piece alone.
      return finished || raw.count(Field::metrics_input) || raw.count(Field::titan_total_output) ||
             raw.count(Field::converse_input);
    case Family::openai:
      return raw.has(Mark::end_of_stream) ||
             (finished && (raw.count(Field::prompt_tokens) || raw.has(Mark::timings)));
    default:
      return finished || raw.has(Mark::end_of_stream);
  }
}

/// True when a piece of the stream was damaged that may have had the last of running totals.
[[nodiscard]] bool may_lack_the_last(Evidence const& from, Family family,
                                     ResponseInfo const& info) noexcept {
  bool const damaged = info.problem == ReadProblem::malformed ||
                       info.problem == ReadProblem::too_deep ||
                       info.problem == ReadProblem::wrong_checksum;
  bool const running = family == Family::openai || family == Family::anthropic ||
                       family == Family::gemini || family == Family::invoke;
  return damaged && running && !from.raw.count(Field::metrics_output);
}

}  // namespace

void note_problem(ResponseInfo& info, ReadProblem problem, std::string_view at) noexcept {
  if (info.problem != ReadProblem::none) return;
  info.problem = problem;
  info.problem_at.assign(at);
}

void interpret(Evidence const& from, ResponseInfo& info) noexcept {
  auto const seen = family_of(from.raw);
  auto family = family_of(info.api);
  interpret_error(from, info);
  if (info.api == Api::automatic) {
    family = seen;
    info.api = guess_api(from.raw, seen);
    if (seen == Family::unknown && !info.error) note_problem(info, ReadProblem::unknown_api, "");
  } else if (seen != Family::unknown && seen != family && !related(seen, family)) {
    note_problem(info, ReadProblem::wrong_api, to_string(guess_api(from.raw, seen)));
    family = Family::unknown;
  }
  interpret_counts(from, family, info);
  interpret_names(from, family == Family::unknown ? seen : family, info);
  if (family != Family::unknown) check_counts(from, info);
  check_parts(info);
  bool const broken = info.problem == ReadProblem::malformed ||
                      info.problem == ReadProblem::too_deep || info.problem == ReadProblem::empty;
  bool const over = stream_is_over(from, family);
  info.complete = !from.ended_inside && (from.streaming ? info.error || over : !broken);
  if (!info.complete && from.streaming) note_problem(info, ReadProblem::cut, "");
  info.counts_are_final = !from.streaming || (over && !may_lack_the_last(from, family, info));
}

}  // namespace netrun::llm::detail
