// SPDX-License-Identifier: MIT
// Findings: documents and their parts.
#include "usage/findings.hpp"

#include "usage/count_text.hpp"

#include <cstddef>
#include <utility>

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

/// Lists whose elements are counted or added up: each begins anew.
constexpr std::pair<Field, CountSet> counted_lists[] = {
    {Field::output_items, {Field::web_search_calls, Field::code_interpreter_calls}},
    {Field::titan_results, {Field::titan_output, Field::titan_output}},
    {Field::predictions, {Field::embedding_tokens, Field::embedding_tokens}},
    {Field::grounding_list, {Field::grounding_queries, Field::grounding_queries}},
    {Field::prompt_details, {Field::gemini_prompt_audio, Field::gemini_prompt_video}},
    {Field::cache_details, {Field::gemini_cached_audio, Field::gemini_cached_image}},
    {Field::candidate_details, {Field::gemini_output_audio, Field::gemini_output_video}},
    {Field::ttl_details, {Field::converse_cache_write_1h, Field::converse_cache_write_1h}},
};

constexpr std::pair<Field, unsigned> fields_that_mark[] = {
    {Field::mark_choices, Mark::choices},
    {Field::mark_candidates, Mark::candidates},
    {Field::mark_x_groq, Mark::x_groq},
    {Field::mark_time_info, Mark::time_info},
    {Field::mark_timings, Mark::timings},
    {Field::mark_filter, Mark::filter},
    {Field::mark_usage_metadata, Mark::usage_metadata},
    {Field::mark_embedding, Mark::embedding},
    {Field::mark_latency_checkpoint, Mark::latency_checkpoint},
};

/// Adds to a count of sub-calls; false when the sum is none any more.
bool add(std::optional<std::uint64_t>& to, std::optional<std::uint64_t> const& more) noexcept {
  if (more) to = to.value_or(0) + *more;
  return to.value_or(0) <= largest_count;
}

/// One that is no count leaves the others without a meaning.
void drop_counts_of(RawSubCall& call) noexcept {
  RawSubCall kept;
  kept.kind = call.kind;
  kept.model = call.model;
  kept.problem = call.problem;
  call = kept;
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
  has_root_message_ = has_choices_ = in_iteration_ = false;
  next_choice_ = 0;
  details_ = Field::none;
}

void Findings::end_document() noexcept {
  ++documents_;
  replace_usage();
  // OpenAI's answer to include_usage: nothing comes after it.
  if (has_choices_ && next_choice_ == 0 && seen_.has(Field::prompt_tokens)) {
    set_mark(Mark::end_of_stream);
  }
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
  } else if ((has_root_message_ || raw_.object == "error") && raw_.root_type != type) {
    touch();
    raw_.root_type.assign(type);
  }
}

void Findings::begin(Field field, bool array) noexcept {
  if (is_count(field)) return spoil_count(field, ReadProblem::not_a_count);
  for (auto const& [list, counted] : counted_lists) {
    if (list == field) drop_counts(counted);
  }
  for (auto const& [there, mark] : fields_that_mark) {
    if (there == field) set_mark(mark);
  }
  switch (field) {
    case Field::usage:
      return renew_usage(in_usage);
    case Field::mark_usage_metadata:
      return renew_usage(gemini_usage);
    case Field::mark_choices:
      has_choices_ = true;
      return;
    case Field::choice:
      choice_index_.reset();
      choice_finish_.clear();
      choice_stop_.clear();
      return;
    case Field::prompt_details:
    case Field::cache_details:
    case Field::candidate_details:
    case Field::ttl_details:
      details_ = field;
      return;
    case Field::modality_entry:
    case Field::ttl_entry:
      entry_tokens_.reset();
      entry_name_.clear();
      return;
    case Field::iterations:
      if (sub_calls_.count == 0) return;
      touch_sub_calls();
      sub_calls_.count = 0;
      return;
    case Field::iteration:
      in_iteration_ = true;
      iteration_ = {};
      return;
    case Field::content:
    case Field::reasoning:
      if (!array) mark_content(field == Field::reasoning);
      return;
    case Field::root_message:
      has_root_message_ = true;
      return;
    default:
      return;
  }
}

/// An object of usage begins. Where one was there in the same document, the later one stands.
void Findings::renew_usage(CountSet const& counts) noexcept {
  drop_counts(seen_ & counts);
  seen_ = seen_ - counts;
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
  if (next_choice_ > raw_.choices) {
    touch();
    raw_.choices = next_choice_;
  }
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
  if (iteration_.problem != ReadProblem::none) drop_counts_of(iteration_);
  touch_sub_calls();
  if (sub_calls_.count < most_sub_calls) {
    sub_calls_.calls[sub_calls_.count++] = iteration_;
    return;
  }
  auto& last = sub_calls_.calls.back();
  auto const& more = iteration_;
  if (last.kind != more.kind || last.model != more.model) last.model.assign("several");
  bool const whole = add(last.input, more.input) && add(last.output, more.output) &&
                     add(last.cache_read, more.cache_read) &&
                     add(last.cache_creation, more.cache_creation) &&
                     add(last.creation_5m, more.creation_5m) &&
                     add(last.creation_1h, more.creation_1h) && add(last.thinking, more.thinking);
  if (last.problem == ReadProblem::none) last.problem = more.problem;
  if (!whole) last.problem = ReadProblem::count_too_large;
  if (last.problem != ReadProblem::none) drop_counts_of(last);
}

}  // namespace netrun::llm::detail
