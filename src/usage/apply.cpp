// SPDX-License-Identifier: MIT
// Telling a tracker what a response says.
#include "usage/apply.hpp"

#include "usage/interpret.hpp"

namespace netrun::llm::detail {
namespace {

/// True of an id in an address of Bedrock that names a model, and not something of the caller's own
/// that stands for one.
[[nodiscard]] bool names_model(std::string_view id) noexcept {
  for (std::string_view const own : {"application-inference-profile/", "provisioned-model/",
                                     "imported-model/", "custom-model", "prompt/"}) {
    if (id.find(own) != id.npos) return false;
  }
  return true;
}

/// The model in the body; on Bedrock, whose prices go by its own ids, the one in the address.
void apply_model(RequestTracker& tracker, ResponseInfo const& info) noexcept {
  auto const family = family_of(info.api);
  if (family == Family::converse || family == Family::invoke) {
    if (names_model(info.request_model)) tracker.set_model(info.request_model);
  } else if (!info.model.empty()) {
    tracker.set_model(info.model);
  } else if (family == Family::gemini || family == Family::vertex_embed) {
    tracker.set_model(info.request_model);
  }
}

/// Vertex names its tiers by how traffic is paid for.
[[nodiscard]] std::string_view tier_of(ResponseInfo const& info) noexcept {
  auto const tier = info.service_tier.view();
  if (tier == "ON_DEMAND_FLEX") return "flex";
  if (tier == "ON_DEMAND_PRIORITY") return "priority";
  return tier;
}

void apply_terms(RequestTracker& tracker, ResponseInfo const& info) noexcept {
  if (!info.service_tier.empty()) tracker.set_service_tier(tier_of(info));
  if (!info.inference_geo.empty() && info.inference_geo != "not_available") {
    tracker.set_attribute("inference_geo", info.inference_geo);
  }
  if (!info.speed.empty()) tracker.set_attribute("speed", info.speed);
  if (!info.search_context_size.empty()) {
    tracker.set_attribute("search_context_size", info.search_context_size);
  }
}

void apply_finish(RequestTracker& tracker, ResponseInfo const& info) noexcept {
  FixedText<255> reasons;
  for (std::size_t i = 0; i < info.finish_reason_count; ++i) {
    if (i != 0) reasons.append(",");
    reasons.append(info.finish_reasons[i]);
  }
  tracker.set_finish_reason(reasons);
}

/// The response's own error first, then what the caller says, then what the body shows.
void apply_error(RequestTracker& tracker, ResponseInfo const& info,
                 HowItEnded const& how) noexcept {
  if (info.error) return tracker.set_error(info.error->type, info.error->message);
  if (how.ending == Ending::failed) return tracker.set_error(how.error_type, how.error_message);
  if (info.complete) return;
  // The same word as the tracker's own; track() puts type and text in its place.
  if (how.ending == Ending::thrown) return tracker.set_error("exception");
  if (how.ending == Ending::abandoned) return tracker.set_error("abandoned");
  tracker.set_error(info.problem == ReadProblem::cut ? "incomplete_response" : "malformed_response",
                    to_string(info.problem));
}

void apply_counts(RequestTracker& tracker, ResponseInfo const& info) noexcept {
  auto const usage = info.usage();
  if (usage.source != UsageSource::absent) tracker.set_usage(usage);
  if (info.reported_cost_usd) {
    tracker.set_cost(*info.reported_cost_usd + info.upstream_cost_usd.value_or(0),
                     CostSource::provider_reported);
  } else if (usage.source == UsageSource::absent && !info.error && !info.complete) {
    // What was answered before it broke is paid for, and nobody says how much it was.
    tracker.set_cost(Usd{}, CostSource::unpriced);
  }
}

/// True of problems that bear on the counts, or may.
[[nodiscard]] bool is_about_counts(ReadProblem problem) noexcept {
  return problem == ReadProblem::malformed || problem == ReadProblem::too_deep ||
         problem >= ReadProblem::wrong_checksum;
}

void apply_timing(RequestTracker& tracker, ResponseInfo const& info,
                  Timing const& timing) noexcept {
  tracker.set_streaming(timing.first);
  auto output = info.counts.output_tokens.value_or(0);
  auto const reasoning = info.counts.reasoning_tokens.value_or(0);
  // What was thought in silence came before the first token that was seen.
  if (!timing.reasoning_seen) output -= reasoning < output ? reasoning : output;
  bool const one_piece = !timing.first || timing.first == timing.last;
  if (one_piece || output < 2 || !info.counts_are_final) return;
  tracker.set_time_per_output_token((*timing.last - *timing.first) /
                                    static_cast<double>(output - 1));
}

}  // namespace

void apply(RequestTracker& tracker, ResponseInfo const& info, Timing const& timing, bool streaming,
           HowItEnded const& how) noexcept {
  apply_model(tracker, info);
  tracker.set_provider_request_id(info.response_id);
  apply_terms(tracker, info);
  apply_counts(tracker, info);
  if (info.finish_reason_count != 0) apply_finish(tracker, info);
  apply_error(tracker, info, how);
  if (streaming) apply_timing(tracker, info, timing);
  for (std::size_t i = 0; i < info.sub_call_count; ++i) {
    auto const& call = info.sub_calls[i];
    tracker.record_sub_call(
        {.model = call.model, .kind = call.kind, .usage = usage_of(call.counts)});
  }
  if (is_about_counts(info.problem)) tracker.set_tag("usage_problem", to_string(info.problem));
}

}  // namespace netrun::llm::detail
