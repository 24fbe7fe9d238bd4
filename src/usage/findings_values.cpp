// SPDX-License-Identifier: MIT
// Findings: texts, numbers and literals.
#include "usage/count_text.hpp"
#include "usage/findings.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace netrun::llm::detail {
namespace {

/// Finish reasons by number, of the answers that were asked for with enum-encoding=int. Gemini and
/// Vertex agree on these alone.
constexpr std::array<std::string_view, 6> numbered_finish{"",       "STOP",       "MAX_TOKENS",
                                                          "SAFETY", "RECITATION", "OTHER"};
constexpr std::array<std::string_view, 3> numbered_traffic{"", "ON_DEMAND",
                                                           "PROVISIONED_THROUGHPUT"};
constexpr std::array<std::string_view, 6> numbered_block{
    "", "SAFETY", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "IMAGE_SAFETY"};
constexpr std::array<std::string_view, 6> numbered_modality{"",      "TEXT",  "IMAGE",
                                                            "VIDEO", "AUDIO", "DOCUMENT"};

/// What is more for one call is a mistake.
constexpr double largest_cost_usd = 1e6, largest_time = 1e15;

template <std::size_t size>
std::string_view by_number(std::array<std::string_view, size> const& names,
                           std::string_view digits) noexcept {
  auto const read = read_count(digits);
  bool const known = read.problem == ReadProblem::none && read.value < size;
  return known && !names[read.value].empty() ? names[read.value] : digits;
}

}  // namespace

/// Puts the text that was read into its place.
template <std::size_t size>
void Findings::keep(FixedText<size>& slot) noexcept {
  if (capture_.empty() || slot == capture_.view()) return;
  touch();
  slot.assign(capture_.view());
}

void Findings::add_count(Field field, std::uint64_t value) noexcept {
  touch();
  auto const i = index_of(field);
  auto const before = raw_.given.has(field) ? raw_.counts[i] : 0;
  if (value > largest_count - before) return spoil_count(field, ReadProblem::count_too_large);
  raw_.counts[i] = before + value;
  raw_.given.set(field);
  seen_.set(field);
}

void Findings::spoil_count(Field field, ReadProblem problem) noexcept {
  if (in_iteration_) {
    if (iteration_.problem == ReadProblem::none) iteration_.problem = problem;
    return;
  }
  touch();
  raw_.given.reset(field);
  raw_.bad.set(field);
  raw_.why_bad[index_of(field)] = problem;
  seen_.set(field);
}

/// An entry of a list of parts that is no count: then the part that it belongs to is none.
void Findings::spoil_details(ReadProblem problem) noexcept {
  spoil_count(details_ == Field::prompt_details      ? Field::gemini_prompt_audio
              : details_ == Field::candidate_details ? Field::gemini_output_audio
              : details_ == Field::cache_details     ? Field::gemini_cached_audio
                                                     : Field::converse_cache_write_1h,
              problem);
}

void Findings::spoil_amount(Field field) noexcept {
  touch();
  raw_.bad_amount = field;
}

void Findings::number_in_iteration(Field field, std::uint64_t value) noexcept {
  auto& call = iteration_;
  if (field == Field::input_tokens) call.input = value;
  if (field == Field::output_tokens) call.output = value;
  if (field == Field::cache_read_input) call.cache_read = value;
  if (field == Field::cache_creation_input) call.cache_creation = value;
  if (field == Field::cache_creation_5m) call.creation_5m = value;
  if (field == Field::cache_creation_1h) call.creation_1h = value;
  if (field == Field::thinking_tokens) call.thinking = value;
}

void Findings::set_count(Field field, std::string_view digits) noexcept {
  auto const read = read_count(digits);
  if (read.problem != ReadProblem::none) return spoil_count(field, read.problem);
  if (in_iteration_) return number_in_iteration(field, read.value);
  if (field == Field::titan_output || field == Field::embedding_tokens) {
    return add_count(field, read.value);
  }
  touch();
  raw_.counts[index_of(field)] = read.value;
  raw_.given.set(field);
  raw_.bad.reset(field);
  seen_.set(field);
}

void Findings::number(Field field, std::string_view digits, bool whole) noexcept {
  if (is_count(field)) {
    return whole ? set_count(field, digits) : spoil_count(field, ReadProblem::count_too_large);
  }
  if (!whole) return spoil_amount(field);
  capture_.assign(digits);
  auto const amount = [&](double RawResponse::*slot) {
    double const value = read_double(digits);
    bool const money = field == Field::cost || field == Field::upstream_cost;
    if (!(value >= 0) || value > (money ? largest_cost_usd : largest_time)) {
      return spoil_amount(field);
    }
    touch();
    raw_.*slot = value;
  };
  switch (field) {
    case Field::cost:
      return amount(&RawResponse::cost);
    case Field::upstream_cost:
      return amount(&RawResponse::upstream_cost);
    case Field::latency_ms:
      return amount(&RawResponse::latency_ms);
    case Field::invocation_latency_ms:
      return amount(&RawResponse::invocation_latency_ms);
    case Field::first_byte_ms:
      return amount(&RawResponse::first_byte_ms);
    case Field::total_duration_ns:
      return amount(&RawResponse::total_duration_ns);
    case Field::choice_index: {
      auto const read = read_count(digits);
      choice_index_ = read.problem == ReadProblem::none ? read.value : largest_count;
      return;
    }
    case Field::modality_tokens:
    case Field::ttl_tokens: {
      auto const read = read_count(digits);
      if (read.problem != ReadProblem::none) return spoil_details(read.problem);
      entry_tokens_ = read.value;
      return;
    }
    case Field::finish_reason:
      choice_finish_.assign(by_number(numbered_finish, digits));
      return;
    case Field::modality:
      entry_name_.assign(by_number(numbered_modality, digits));
      return;
    case Field::traffic_type:
      capture_.assign(by_number(numbered_traffic, digits));
      return keep(raw_.traffic_type);
    case Field::block_reason:
      capture_.assign(by_number(numbered_block, digits));
      return keep(raw_.block_reason);
    case Field::response_id:
      return keep(raw_.response_id);
    case Field::error_code:
      set_mark(Mark::code_is_number | Mark::error);
      return keep(raw_.error_code);
    case Field::root_code:
      set_mark(Mark::root_code_is_number);
      return keep(raw_.root_code);
    case Field::mark_sources:
      return set_mark(Mark::sources);
    default:
      return;
  }
}

void Findings::literal(Field field, Literal value) noexcept {
  if (value == Literal::null) return;
  if (is_count(field)) {
    return spoil_count(field, ReadProblem::not_a_count);
  }
  if (value != Literal::yes) return;
  if (field == Field::thought) reasoning_seen_ = true;
  if (field == Field::done) set_mark(Mark::done);
  if (field == Field::byok) set_mark(Mark::byok);
}

void Findings::text_end(Field field) noexcept {
  if (is_count(field)) {
    return spoil_count(field, ReadProblem::not_a_count);
  }
  switch (field) {
    case Field::content:
    case Field::content_text:
    case Field::reasoning:
    case Field::reasoning_text:
      if (!text_is_empty_) mark_content(field >= Field::reasoning);
      return;
    case Field::type:
      type_.assign(capture_.view());
      return;
    case Field::item_type:
      if (capture_ == "web_search_call") add_count(Field::web_search_calls, 1);
      if (capture_ == "file_search_call") add_count(Field::file_search_calls, 1);
      if (capture_ == "code_interpreter_call") add_count(Field::code_interpreter_calls, 1);
      return;
    case Field::finish_reason:
      choice_finish_.assign(capture_.view());
      return;
    case Field::choice_stop_reason:
      choice_stop_.assign(capture_.view());
      return;
    case Field::modality:
    case Field::ttl:
      entry_name_.assign(capture_.view());
      return;
    case Field::iteration_type:
      iteration_.kind.assign(capture_.view());
      return;
    case Field::iteration_model:
      iteration_.model.assign(capture_.view());
      return;
    case Field::grounding_query:
      return add_count(Field::grounding_queries, 1);
    case Field::cost:
    case Field::upstream_cost:
      return spoil_amount(field);
    case Field::modality_tokens:
    case Field::ttl_tokens:
      return spoil_details(ReadProblem::not_a_count);
    default:
      if (!keep_error(field)) keep_name(field);
  }
}

/// The texts of errors. False when it is none of them.
bool Findings::keep_error(Field field) noexcept {
  switch (field) {
    case Field::error:
      keep(raw_.error_message);
      break;
    case Field::error_type:
      keep(raw_.error_type);
      break;
    case Field::error_code:
      keep(raw_.error_code);
      raw_.marks &= ~Mark::code_is_number;
      break;
    case Field::error_message:
      keep(raw_.error_message);
      break;
    case Field::error_status:
      keep(raw_.error_status);
      break;
    // What follows is an error only in the body of one.
    case Field::root_code:
      keep(raw_.root_code);
      raw_.marks &= ~Mark::root_code_is_number;
      return true;
    case Field::root_message:
      has_root_message_ = true;
      keep(raw_.root_message);
      return true;
    case Field::root_error_type:
      keep(raw_.root_error_type);
      return true;
    case Field::amazon_type:
      keep(raw_.amazon_type);
      return true;
    case Field::detail:
      if (raw_.detail.empty()) keep(raw_.detail);
      return true;
    default:
      return false;
  }
  if (!capture_.empty()) set_mark(Mark::error);
  return true;
}

void Findings::keep_name(Field field) noexcept {
  switch (field) {
    case Field::model:
      return keep(raw_.model);
    case Field::response_id:
      return keep(raw_.response_id);
    case Field::service_tier:
      return keep(raw_.service_tier);
    case Field::traffic_type:
      return keep(raw_.traffic_type);
    case Field::inference_geo:
      return keep(raw_.inference_geo);
    case Field::speed:
      return keep(raw_.speed);
    case Field::search_context_size:
      return keep(raw_.search_context_size);
    case Field::stop_reason:
      return keep(raw_.stop_reason);
    case Field::response_status:
      return keep(raw_.status);
    case Field::block_reason:
      return keep(raw_.block_reason);
    case Field::object:
      return keep(raw_.object);
    case Field::provider:
      return keep(raw_.provider);
    case Field::request_id:
    case Field::groq_id:
      return keep(raw_.request_id);
    default:
      return;
  }
}

}  // namespace netrun::llm::detail
