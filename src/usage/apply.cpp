// SPDX-License-Identifier: MIT
// Telling a tracker what a response says.
#include "usage/apply.hpp"

#include "usage/interpret.hpp"

namespace netrun::llm::detail {
namespace {

/// Bedrock prices go by the id in the address, not by the vendor's name in the body.
[[nodiscard]] bool names_model(Api api) noexcept {
  auto const family = family_of(api);
  return family != Family::converse && family != Family::invoke;
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
  if (how.ending == Ending::thrown || info.complete) return;
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
  } else if (usage.source == UsageSource::absent && !info.error && !info.complete &&
             info.form != BodyForm::automatic) {
    // What came before a stream broke is paid for, and nobody says how much it was.
    tracker.set_cost(Usd{}, CostSource::unpriced);
  }
}

[[nodiscard]] bool is_about_counts(ReadProblem problem) noexcept {
  return problem >= ReadProblem::wrong_checksum;
}

void apply_timing(RequestTracker& tracker, ResponseInfo const& info,
                  Timing const& timing) noexcept {
  tracker.set_streaming(timing.first);
  auto const output = info.counts.output_tokens.value_or(0);
  if (!timing.first || !timing.last || output < 2 || !info.counts_are_final) return;
  tracker.set_time_per_output_token((*timing.last - *timing.first) /
                                    static_cast<double>(output - 1));
}

}  // namespace

void apply(RequestTracker& tracker, ResponseInfo const& info, Timing const& timing, bool streaming,
           HowItEnded const& how) noexcept {
  if (names_model(info.api)) tracker.set_model(info.model);
  tracker.set_provider_request_id(info.response_id);
  apply_terms(tracker, info);
  apply_counts(tracker, info);
  if (info.finish_reason_count != 0) apply_finish(tracker, info);
  apply_error(tracker, info, how);
  if (is_about_counts(info.problem)) tracker.set_tag("usage_problem", to_string(info.problem));
  if (streaming) apply_timing(tracker, info, timing);
  for (std::size_t i = 0; i < info.sub_call_count; ++i) {
    auto const& call = info.sub_calls[i];
    tracker.record_sub_call(
        {.model = call.model, .kind = call.kind, .usage = usage_of(call.counts)});
  }
}

}  // namespace netrun::llm::detail
