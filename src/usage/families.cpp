// SPDX-License-Identifier: MIT
// What the counts of each family mean. Sources: the providers' documentation of their usage
// objects, and recorded responses; where a rule is not written down anywhere, it is said here.
#include "usage/interpret.hpp"

namespace netrun::llm::detail {
namespace {

using Count = std::optional<std::uint64_t>;

[[nodiscard]] Count first_of(Count a, Count b) noexcept { return a ? a : b; }

[[nodiscard]] bool served_by_grok(RawResponse const& raw, Api api) noexcept {
  return api == Api::xai_chat || api == Api::xai_responses ||
         raw.model.view().starts_with("grok-") || raw.model.view().starts_with("xai/grok-");
}

/// Some services report cached tokens beside the prompt's, which shows when they are more: seen
/// with Grok on Azure AI (208 and 314).
[[nodiscard]] bool cached_is_apart(RawResponse const& raw, Api api) noexcept {
  return served_by_grok(raw, api) || api == Api::azure_chat || api == Api::azure_ai_chat ||
         api == Api::azure_responses;
}

/// Parts that may be in their whole or beside it: the total tells which.
void settle_parts(RawResponse const& raw, Api api, Count& input, Count& output, Count audio,
                  Count reasoning) noexcept {
  if (!input || !output) {
    if (api == Api::mistral_chat && input && audio) *input += *audio;
    return;
  }
  auto const total = raw.count(Field::total_tokens);
  auto const sum = *input + *output;
  auto const a = audio.value_or(0), r = reasoning.value_or(0);
  // Mistral's audio and xAI's reasoning are beside the whole; only the total knows better.
  bool audio_apart = api == Api::mistral_chat && a != 0;
  bool reasoning_apart =
      (api == Api::xai_chat && r != 0) || (r > *output && served_by_grok(raw, api));
  if (total && *total == sum) {
    audio_apart = reasoning_apart = false;
  } else if (total && a != 0 && r != 0 && *total == sum + a + r) {
    audio_apart = reasoning_apart = true;
  } else if (total && r != 0 && *total == sum + r) {
    reasoning_apart = true;
    audio_apart = false;
  } else if (total && a != 0 && *total == sum + a) {
    audio_apart = true;
    reasoning_apart = false;
  }
  if (audio_apart) *input += a;
  if (reasoning_apart) *output += r;
}

/// Only of those who say what they charge themselves: with others it is a gateway's own figure.
void add_cost(RawResponse const& raw, ResponseInfo& info) noexcept {
  auto const speaks_for = [&](Api api) {
    return info.api == api || guess_api(raw, family_of(info.api)) == api;
  };
  bool const openrouter = info.api == Api::openrouter_responses || speaks_for(Api::openrouter_chat);
  if ((openrouter || speaks_for(Api::perplexity_chat)) && raw.cost == raw.cost) {
    info.reported_cost_usd = raw.cost;
  }
  // 1 tick = 1e-10 USD; where others serve its models, what xAI says is not what they charge.
  bool const xai = info.api == Api::xai_chat || info.api == Api::xai_responses;
  if (auto const ticks = raw.count(Field::cost_ticks); ticks && xai) {
    info.reported_cost_usd = static_cast<double>(*ticks) / 1e10;
  }
  // With a key of one's own the cost is OpenRouter's fee alone.
  if (openrouter && raw.has(Mark::byok) && raw.upstream_cost == raw.upstream_cost) {
    info.upstream_cost_usd = raw.upstream_cost;
  }
}

[[nodiscard]] bool is_embedding(RawResponse const& raw, Api api) noexcept {
  switch (api) {
    case Api::openai_embeddings:
    case Api::azure_embeddings:
    case Api::azure_ai_embeddings:
    case Api::mistral_embeddings:
    case Api::vllm_embeddings:
      return true;
    default:
      return raw.object == "list" && !raw.has(Mark::choices);
  }
}

}  // namespace

void interpret_openai(RawResponse const& raw, ResponseInfo& info) noexcept {
  auto& counts = info.counts;
  auto input = sum_of(raw, Field::prompt_tokens);
  auto output = sum_of(raw, Field::completion_tokens);
  auto const cached =
      first_of(first_of(raw.count(Field::prompt_cached), raw.count(Field::top_cached)),
               first_of(raw.count(Field::cache_hit),
                        first_of(raw.count(Field::timing_cached),        // llama.cpp
                                 raw.count(Field::cache_read_input))));  // proxies
  auto const audio = raw.count(Field::prompt_audio);
  auto const reasoning =
      first_of(raw.count(Field::completion_reasoning), raw.count(Field::top_reasoning));
  if (info.api == Api::perplexity_chat) {
    // Deep research: what it reasoned and quoted is counted apart, and not in the total.
    output = sum_of(raw, Field::completion_tokens, Field::top_reasoning, Field::citation_tokens);
  } else {
    settle_parts(raw, info.api, input, output, audio, reasoning);
  }
  if (input && cached && *cached > *input && cached_is_apart(raw, info.api)) *input += *cached;
  if (input && !output && !raw.is_bad(Field::completion_tokens) && is_embedding(raw, info.api)) {
    output = 0;
  }
  counts.input_tokens = input;
  counts.output_tokens = output;
  counts.cache_read_tokens = cached;
  counts.cache_write_tokens =
      first_of(raw.count(Field::prompt_cache_write), raw.count(Field::cache_creation_input));
  counts.reasoning_tokens = reasoning;
  counts.citation_tokens = raw.count(Field::citation_tokens);
  counts.audio_input_tokens = audio;
  counts.audio_output_tokens = raw.count(Field::completion_audio);
  counts.image_input_tokens = raw.count(Field::prompt_image);
  counts.image_output_tokens = raw.count(Field::completion_image);
  counts.video_input_tokens = raw.count(Field::prompt_video);
  counts.video_output_tokens = raw.count(Field::completion_video);
  counts.web_searches =
      first_of(first_of(raw.count(Field::web_search_uses), raw.count(Field::search_queries)),
               raw.count(Field::tool_web_searches));
  add_cost(raw, info);
  // llama.cpp's server times its tokens where it was not asked to count them.
  if (!input && !raw.is_bad(Field::prompt_tokens)) {
    counts.input_tokens = sum_of(raw, Field::timing_prompt, Field::timing_cached);
  }
  if (!output && !raw.is_bad(Field::completion_tokens)) {
    counts.output_tokens = raw.count(Field::timing_predicted);
  }
}

void interpret_responses(RawResponse const& raw, ResponseInfo& info) noexcept {
  auto& counts = info.counts;
  auto input = sum_of(raw, Field::input_tokens);
  auto const cached = raw.count(Field::input_cached);
  if (input && cached && *cached > *input && cached_is_apart(raw, info.api)) *input += *cached;
  counts.input_tokens = input;
  counts.output_tokens = sum_of(raw, Field::output_tokens);
  counts.cache_read_tokens = cached;
  counts.cache_write_tokens = raw.count(Field::input_cache_write);
  counts.reasoning_tokens = raw.count(Field::output_reasoning);
  counts.audio_input_tokens = raw.count(Field::input_audio);
  counts.audio_output_tokens = raw.count(Field::output_audio);
  counts.image_input_tokens = raw.count(Field::input_image);
  counts.image_output_tokens = raw.count(Field::output_image);
  counts.web_searches =
      first_of(raw.count(Field::web_search_calls), raw.count(Field::tool_web_searches));
  counts.file_searches =
      first_of(raw.count(Field::file_search_calls), raw.count(Field::tool_file_searches));
  counts.code_runs =
      first_of(raw.count(Field::code_interpreter_calls), raw.count(Field::tool_code_runs));
  add_cost(raw, info);
}

void interpret_anthropic(RawResponse const& raw, ResponseInfo& info) noexcept {
  auto& counts = info.counts;
  auto const created =
      raw.is_bad(Field::cache_creation_input)
          ? std::nullopt
          : first_of(raw.count(Field::cache_creation_input),
                     sum_of(raw, Field::cache_creation_5m, Field::cache_creation_1h));
  counts.input_tokens =
      sum_of(raw, Field::input_tokens, Field::cache_read_input, Field::cache_creation_input);
  if (counts.input_tokens && !raw.count(Field::cache_creation_input)) {
    *counts.input_tokens += created.value_or(0);
  }
  counts.output_tokens = sum_of(raw, Field::output_tokens);
  counts.cache_read_tokens = raw.count(Field::cache_read_input);
  counts.cache_write_tokens = created;
  counts.cache_write_1h_tokens = raw.count(Field::cache_creation_1h);
  counts.reasoning_tokens = raw.count(Field::thinking_tokens);
  counts.web_searches = raw.count(Field::web_search_uses);
  counts.web_fetches = raw.count(Field::web_fetch_uses);
}

void interpret_gemini(RawResponse const& raw, ResponseInfo& info) noexcept {
  auto& counts = info.counts;
  counts.input_tokens = sum_of(raw, Field::gemini_prompt, Field::gemini_tool_use);
  auto const candidates = raw.count(Field::gemini_candidates);
  auto const total = raw.count(Field::gemini_total);
  // Some models count thoughts among the candidates: then the total is reached without them.
  bool const inclusive =
      total && candidates && counts.input_tokens && *total == *counts.input_tokens + *candidates;
  // Either may be missing: all was spent on thoughts, or nothing was thought.
  counts.output_tokens = inclusive ? candidates
                         : candidates
                             ? sum_of(raw, Field::gemini_candidates, Field::gemini_thoughts)
                             : sum_of(raw, Field::gemini_thoughts, Field::gemini_candidates);
  counts.cache_read_tokens = raw.count(Field::gemini_cached);
  counts.reasoning_tokens = raw.count(Field::gemini_thoughts);
  counts.tool_use_input_tokens = raw.count(Field::gemini_tool_use);
  counts.audio_input_tokens = raw.count(Field::gemini_prompt_audio);
  counts.image_input_tokens = raw.count(Field::gemini_prompt_image);
  counts.video_input_tokens = raw.count(Field::gemini_prompt_video);
  counts.audio_output_tokens = raw.count(Field::gemini_output_audio);
  counts.image_output_tokens = raw.count(Field::gemini_output_image);
  counts.video_output_tokens = raw.count(Field::gemini_output_video);
  counts.cached_audio_input_tokens = raw.count(Field::gemini_cached_audio);
  // Sums of modalities can be off from the whole.
  for (auto* const part :
       {&counts.audio_input_tokens, &counts.image_input_tokens, &counts.video_input_tokens}) {
    if (*part && counts.input_tokens && **part > *counts.input_tokens) part->reset();
  }
  for (auto* const part :
       {&counts.audio_output_tokens, &counts.image_output_tokens, &counts.video_output_tokens}) {
    if (*part && counts.output_tokens && **part > *counts.output_tokens) part->reset();
  }
  // A document in the prompt is an image in the cache: then there is no telling.
  auto const cached_image = raw.count(Field::gemini_cached_image);
  if (cached_image && *cached_image <= counts.image_input_tokens.value_or(0)) {
    counts.cached_image_input_tokens = cached_image;
  }
  counts.web_searches = raw.count(Field::grounding_queries);
  if (info.api == Api::gemini_embed || info.api == Api::vertex_embed) {
    if (!counts.input_tokens) counts.input_tokens = raw.count(Field::embedding_tokens);
    if (counts.input_tokens && !counts.output_tokens) counts.output_tokens = 0;
  }
}

void interpret_converse(RawResponse const& raw, ResponseInfo& info) noexcept {
  auto& counts = info.counts;
  counts.input_tokens =
      sum_of(raw, Field::converse_input, Field::converse_cache_read, Field::converse_cache_write);
  counts.output_tokens = sum_of(raw, Field::converse_output);
  counts.cache_read_tokens = raw.count(Field::converse_cache_read);
  counts.cache_write_tokens = raw.count(Field::converse_cache_write);
  counts.cache_write_1h_tokens = raw.count(Field::converse_cache_write_1h);
}

void interpret_invoke(RawResponse const& raw, HeaderFindings const& headers,
                      ResponseInfo& info) noexcept {
  auto& counts = info.counts;
  switch (family_of(raw)) {
    case Family::anthropic:
      interpret_anthropic(raw, info);
      break;
    case Family::openai:
      interpret_openai(raw, info);
      break;
    case Family::converse:
      interpret_converse(raw, info);
      break;
    case Family::cohere:
      interpret_cohere(raw, info);
      break;
    default:
      counts.input_tokens = first_of(raw.count(Field::titan_input), raw.count(Field::llama_prompt));
      counts.output_tokens =
          first_of(first_of(raw.count(Field::titan_output), raw.count(Field::titan_total_output)),
                   raw.count(Field::llama_generation));
  }
  // Bedrock's own count, in the last piece of a stream; the vendor's may have been a beginning.
  auto const input =
      sum_of(raw, Field::metrics_input, Field::metrics_cache_read, Field::metrics_cache_write);
  if (input) counts.input_tokens = input;
  if (auto const output = raw.count(Field::metrics_output)) counts.output_tokens = output;
  if (!counts.cache_read_tokens) counts.cache_read_tokens = raw.count(Field::metrics_cache_read);
  if (!counts.cache_write_tokens) counts.cache_write_tokens = raw.count(Field::metrics_cache_write);
  bool const embeds = raw.has(Mark::embedding) ||
                      info.request_model.view().find("embed") != std::string_view::npos ||
                      info.request_model.view().find("rerank") != std::string_view::npos;
  if (!counts.input_tokens && !counts.output_tokens && headers.input && raw.bad.empty()) {
    counts.input_tokens =
        *headers.input + headers.cache_read.value_or(0) + headers.cache_write.value_or(0);
    counts.output_tokens = headers.output;
    counts.cache_read_tokens = headers.cache_read;
    counts.cache_write_tokens = headers.cache_write;
    info.counts_from_headers = true;
  }
  if (embeds && counts.input_tokens && !counts.output_tokens) counts.output_tokens = 0;
}

void interpret_cohere(RawResponse const& raw, ResponseInfo& info) noexcept {
  auto& counts = info.counts;
  // Images are billed, and stand beside the tokens.
  counts.input_tokens = sum_of(raw, Field::cohere_input, Field::cohere_image);
  counts.output_tokens = sum_of(raw, Field::cohere_output);
  counts.billed_input_tokens = raw.count(Field::billed_input);
  counts.billed_output_tokens = raw.count(Field::billed_output);
  counts.image_input_tokens = raw.count(Field::cohere_image);
  counts.cache_read_tokens = raw.count(Field::top_cached);
  counts.reasoning_tokens = raw.count(Field::cohere_reasoning);
  counts.search_units = raw.count(Field::search_units);
  bool const tokenless =
      info.api == Api::cohere_embed || info.api == Api::cohere_rerank || counts.search_units;
  if (!counts.input_tokens && !raw.is_bad(Field::cohere_input)) {
    counts.input_tokens = sum_of(raw, Field::billed_input);
    if (info.api == Api::cohere_embed) {
      counts.input_tokens = counts.input_tokens
                                ? sum_of(raw, Field::billed_input, Field::billed_image)
                                : sum_of(raw, Field::billed_image);
    }
  }
  if (!counts.output_tokens && !raw.is_bad(Field::cohere_output)) {
    bool const answered =
        !info.error && (!raw.response_id.empty() || !raw.given.empty() || raw.has(Mark::embedding));
    counts.output_tokens =
        tokenless ? (answered ? Count(0) : Count()) : raw.count(Field::billed_output);
  }
}

void interpret_ollama(RawResponse const& raw, ResponseInfo& info) noexcept {
  info.counts.input_tokens = raw.count(Field::prompt_eval);
  info.counts.output_tokens = raw.count(Field::eval);
  if (info.api == Api::ollama_embed && info.counts.input_tokens && !info.counts.output_tokens &&
      !raw.is_bad(Field::eval)) {
    info.counts.output_tokens = 0;
  }
}

void interpret_llamacpp(RawResponse const& raw, ResponseInfo& info) noexcept {
  info.counts.input_tokens = first_of(raw.count(Field::tokens_evaluated),
                                      sum_of(raw, Field::timing_prompt, Field::timing_cached));
  info.counts.output_tokens =
      first_of(raw.count(Field::tokens_predicted), raw.count(Field::timing_predicted));
  info.counts.cache_read_tokens = raw.count(Field::timing_cached);
}

void interpret_sub_calls(RawSubCalls const& from, ResponseInfo& info) noexcept {
  info.sub_call_count = from.count;
  for (std::size_t i = 0; i < from.count; ++i) {
    auto const& raw = from.calls[i];
    auto& call = info.sub_calls[i];
    call.kind = raw.kind;
    call.model = raw.model;
    Count created = raw.cache_creation;
    if (!created && (raw.creation_5m || raw.creation_1h)) {
      created = raw.creation_5m.value_or(0) + raw.creation_1h.value_or(0);
    }
    if (raw.input) {
      call.counts.input_tokens = *raw.input + raw.cache_read.value_or(0) + created.value_or(0);
    }
    call.counts.output_tokens = raw.output;
    call.counts.cache_read_tokens = raw.cache_read;
    call.counts.cache_write_tokens = created;
    call.counts.cache_write_1h_tokens = raw.creation_1h;
    call.counts.reasoning_tokens = raw.thinking;
  }
}

}  // namespace netrun::llm::detail
