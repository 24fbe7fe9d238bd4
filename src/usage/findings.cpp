// SPDX-License-Identifier: MIT
// Findings: documents and their parts.
#include "usage/findings.hpp"

#include <cstddef>

namespace netrun::llm::detail {
namespace {

// An object of usage of these two shapes says all that there is, so that what an earlier one said
// goes. Anthropic's are different: a later one has only what changed.
constexpr CountSet openai_usage(Field::prompt_tokens, Field::tool_file_searches);
constexpr CountSet gemini_usage(Field::gemini_prompt, Field::gemini_output_video);
/// What stands in an object called usage.
constexpr CountSet in_usage = CountSet(Field::prompt_tokens, Field::thinking_tokens) |
                              CountSet(Field::converse_input, Field::converse_cache_write_1h) |
                              CountSet(Field::cohere_input, Field::search_units);

void add(std::optional<std::uint64_t>& to, std::optional<std::uint64_t> const& more) noexcept {
  if (more) to = to.value_or(0) + *more;  // two counts of at most 2^53, sixteen at a time
}

}  // namespace

void Findings::touch() noexcept {
  if (saved_) return;
  before_ = raw_;
  saved_ = true;
}

void Findings::touch_sub_calls() noexcept {
  if (saved_sub_calls_) return;
  sub_calls_before_ = sub_calls_;
  saved_sub_calls_ = true;
}

void Findings::end_part(bool keep) noexcept {
  if (!keep && saved_) raw_ = before_;
  if (!keep && saved_sub_calls_) sub_calls_ = sub_calls_before_;
  saved_ = saved_sub_calls_ = false;
}

void Findings::begin_document() noexcept {
  if (!in_parts_) begin_part();
  seen_ = {};
  type_.clear();
  has_root_message_ = in_iteration_ = false;
  next_choice_ = 0;
  details_ = Field::none;
}

void Findings::end_document() noexcept {
  ++documents_;
  replace_usage();
  keep_type();
  if (!in_parts_) end_part(true);
}

void Findings::replace_usage() noexcept {
  for (auto const& group : {openai_usage, gemini_usage}) {
    if (!(seen_ & group).empty()) drop_counts(group - seen_);
  }
}

void Findings::drop_counts(CountSet const& which) noexcept {
  if (((raw_.given | raw_.bad) & which).empty()) return;
  touch();
  raw_.given = raw_.given - which;
  raw_.bad = raw_.bad - which;
}

void Findings::set_mark(unsigned mark) noexcept {
  if ((raw_.marks & mark) == mark) return;
  touch();
  raw_.marks |= mark;
}

void Findings::set_error(std::string_view type, std::string_view message) noexcept {
  touch();
  raw_.marks |= Mark::error;
  raw_.error_type.assign(type);
  raw_.error_message.assign(message);
}

void Findings::note_problem(ReadProblem problem, std::string_view at) noexcept {
  if (problem_ != ReadProblem::none) return;
  problem_ = problem;
  problem_at_.assign(at);
}

/// What the type of a document says about its body.
void Findings::keep_type() noexcept {
  auto const type = type_.view();
  if (type.empty()) return;
  if (type == "content_block_delta") {
    mark_content();
  } else if (type == "message_start") {
    set_mark(Mark::message_start);
  } else if (type == "message_stop") {
    set_mark(Mark::message_stop);
  } else if (type == "message") {
    set_mark(Mark::message_body);
  } else if (type.starts_with("response.")) {
    set_mark(Mark::response_event);
  } else if (type == "message-start" || type == "message-end") {
    set_mark(Mark::cohere_event);
  } else if (type == "error") {
    set_mark(Mark::error);
  } else if (has_root_message_ && raw_.root_type != type) {
    touch();
    raw_.root_type.assign(type);
  }
}

void Findings::begin(Field field, bool array) noexcept {
  if (is_count(field)) {
    if (!in_iteration_) spoil_count(field, ReadProblem::not_a_count);
    return;
  }
  switch (field) {
    case Field::usage:
      drop_counts(seen_ & in_usage);  // given twice: the later one stands
      seen_ = seen_ - in_usage;
      break;
    case Field::choice:
      choice_index_.reset();
      choice_finish_.clear();
      choice_stop_.clear();
      break;
    case Field::output_items:
      drop_counts(CountSet(Field::web_search_calls, Field::code_interpreter_calls));
      break;
    case Field::titan_results:
      drop_counts(CountSet(Field::titan_output, Field::titan_output));
      break;
    case Field::predictions:
      drop_counts(CountSet(Field::embedding_tokens, Field::embedding_tokens));
      break;
    case Field::grounding_list:
      drop_counts(CountSet(Field::grounding_queries, Field::grounding_queries));
      break;
    case Field::prompt_details:
      details_ = field;
      drop_counts(CountSet(Field::gemini_prompt_audio, Field::gemini_prompt_video));
      break;
    case Field::cache_details:
      details_ = field;
      drop_counts(CountSet(Field::gemini_cached_audio, Field::gemini_cached_image));
      break;
    case Field::candidate_details:
      details_ = field;
      drop_counts(CountSet(Field::gemini_output_audio, Field::gemini_output_video));
      break;
    case Field::ttl_details:
      drop_counts(CountSet(Field::converse_cache_write_1h, Field::converse_cache_write_1h));
      break;
    case Field::modality_entry:
    case Field::ttl_entry:
      entry_tokens_.reset();
      entry_name_.clear();
      break;
    case Field::iterations:
      if (sub_calls_.count != 0) {
        touch_sub_calls();
        sub_calls_.count = 0;
      }
      break;
    case Field::iteration:
      in_iteration_ = true;
      iteration_ = {};
      break;
    case Field::content:
      if (!array) mark_content();
      break;
    case Field::root_message:
      has_root_message_ = true;
      break;
    case Field::mark_choices:
      set_mark(Mark::choices);
      break;
    case Field::mark_candidates:
      set_mark(Mark::candidates);
      break;
    case Field::mark_x_groq:
      set_mark(Mark::x_groq);
      break;
    case Field::mark_time_info:
      set_mark(Mark::time_info);
      break;
    case Field::mark_timings:
      set_mark(Mark::timings);
      break;
    case Field::mark_filter:
      set_mark(Mark::filter);
      break;
    case Field::mark_usage_metadata:
      drop_counts(seen_ & gemini_usage);
      seen_ = seen_ - gemini_usage;
      set_mark(Mark::usage_metadata);
      break;
    case Field::mark_embedding:
      set_mark(Mark::embedding);
      break;
    case Field::mark_latency_checkpoint:
      set_mark(Mark::latency_checkpoint);
      break;
    default:
      break;
  }
}

void Findings::end(Field field) noexcept {
  switch (field) {
    case Field::choice:
      return end_choice();
    case Field::modality_entry:
      return end_modality();
    case Field::ttl_entry:
      if (entry_tokens_ && entry_name_ == "1h") {
        add_count(Field::converse_cache_write_1h, *entry_tokens_);
      }
      return;
    case Field::iteration:
      return end_iteration();
    default:
      return;
  }
}

void Findings::end_choice() noexcept {
  auto const index = choice_index_.value_or(next_choice_);
  next_choice_ = index < most_finish_reasons ? index + 1 : most_finish_reasons;
  auto const& reason = choice_finish_.empty() ? choice_stop_ : choice_finish_;
  if (reason.empty() || index >= most_finish_reasons) return;
  auto& slot = raw_.finish_reasons[index];
  if (slot == reason) return;
  touch();
  slot = reason;
}

void Findings::end_modality() noexcept {
  if (!entry_tokens_) return;
  auto const name = entry_name_.view();
  std::size_t const which = name == "AUDIO" ? 0 : name == "IMAGE" ? 1 : name == "VIDEO" ? 2 : 3;
  if (which == 3) return;
  auto const field = [&](Field audio) {
    add_count(static_cast<Field>(index_of(audio) + which), *entry_tokens_);
  };
  if (details_ == Field::prompt_details) field(Field::gemini_prompt_audio);
  if (details_ == Field::candidate_details) field(Field::gemini_output_audio);
  if (details_ == Field::cache_details && which < 2) field(Field::gemini_cached_audio);
}

void Findings::end_iteration() noexcept {
  in_iteration_ = false;
  if (iteration_.kind.empty() || iteration_.kind == "message") return;  // in the totals
  touch_sub_calls();
  if (sub_calls_.count < most_sub_calls) {
    sub_calls_.calls[sub_calls_.count++] = iteration_;
    return;
  }
  auto& last = sub_calls_.calls.back();
  add(last.input, iteration_.input);
  add(last.output, iteration_.output);
  add(last.cache_read, iteration_.cache_read);
  add(last.cache_creation, iteration_.cache_creation);
  add(last.creation_5m, iteration_.creation_5m);
  add(last.creation_1h, iteration_.creation_1h);
  add(last.thinking, iteration_.thinking);
}

}  // namespace netrun::llm::detail
