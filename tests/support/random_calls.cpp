// SPDX-License-Identifier: MIT
// Finished calls and questions about them, drawn at random.
#include "support/random_calls.hpp"

#include <cmath>
#include <cstddef>
#include <iterator>

namespace netrun::llm::testing {
namespace {

constexpr char const* error_types[] = {"timeout", "rate_limit", "server_error"};

std::string name(char const* prefix, std::uint64_t number) {
  return prefix + std::to_string(number);
}

/// The first tenant is the one without a name.
std::string tenant_name(std::uint64_t number) { return number == 0 ? "" : name("t", number); }

void set_rare_counts(Random& random, LLMRequestMetrics& call) {
  for (auto* const count :
       {&call.cache_write_1h_tokens, &call.citation_tokens, &call.audio_input_tokens,
        &call.audio_output_tokens, &call.cached_audio_input_tokens, &call.image_input_tokens,
        &call.image_output_tokens, &call.cached_image_input_tokens, &call.video_input_tokens,
        &call.video_output_tokens, &call.billed_input_tokens, &call.billed_output_tokens}) {
    if (one_in(random, 3)) *count = random() % 10'000;
  }
  call.web_search_requests = static_cast<std::uint32_t>(random() % 5);
}

void set_counts(Random& random, LLMRequestMetrics& call) {
  call.input_tokens = static_cast<std::uint64_t>(any_size(random, 1'000'000));
  call.output_tokens = static_cast<std::uint64_t>(any_size(random, 100'000));
  if (one_in(random, 200)) call.input_tokens = std::uint64_t{1} << (32 + random() % 12);
  if (one_in(random, 3)) call.cache_read_tokens = call.input_tokens / 3;
  if (one_in(random, 5)) call.cache_write_tokens = call.input_tokens / 4;
  if (one_in(random, 4)) call.reasoning_tokens = call.output_tokens / 2;
  if (one_in(random, 10)) set_rare_counts(random, call);
}

void set_outcome(Random& random, LLMRequestMetrics& call) {
  call.success = !one_in(random, 8);
  if (!call.success && !one_in(random, 4)) call.error_type = error_types[random() % 3];
  call.cached = one_in(random, 6);
  call.latency_ms = std::exp(std::uniform_real_distribution<double>(-5, 12)(random));
  if (one_in(random, 50)) call.latency_ms = 0;
  call.streaming = one_in(random, 3);
  if (call.streaming && !one_in(random, 5)) call.time_to_first_token_ms = call.latency_ms / 7;
  if (one_in(random, 12)) {
    call.cost_source = CostSource::unpriced;
    return;
  }
  call.cost_source = one_in(random, 2) ? CostSource::manual : CostSource::provider_reported;
  call.exact_cost = Usd::from_picos(any_size(random, 50'000'000'000'000));
  call.cost_usd = call.exact_cost->to_double();
}

}  // namespace

std::int64_t any_size(Random& random, std::int64_t most) {
  std::uniform_real_distribution<double> exponent(0, std::log(static_cast<double>(most)));
  return static_cast<std::int64_t>(std::exp(exponent(random)));
}

LLMRequestMetrics random_call(Random& random, Names const& names) {
  LLMRequestMetrics call;
  auto const model = random() % names.models;
  call.model = name("m", model);
  // The first model is offered by two.
  call.provider = name("p", model == 0 ? random() % 2 : model % 3);
  call.tenant_id = tenant_name(random() % names.tenants);
  if (!one_in(random, 3)) call.user_id = name("u", random() % names.users);
  if (!one_in(random, 4)) call.endpoint = name("/v", random() % 4);
  if (one_in(random, 2)) call.tags.emplace_back("team", one_in(random, 4) ? "" : "red");
  if (one_in(random, 3)) call.tags.emplace_back("env", name("e", random() % 3));
  set_counts(random, call);
  set_outcome(random, call);
  return call;
}

void Conditions::apply_to(StatsQuery& query) const {
  query.tenant_id = tenant;
  query.provider = provider;
  query.model = model;
  query.user_id = user;
  query.endpoint = endpoint;
  if (tag) query.tag = Tag(tag->first, tag->second);
}

std::string Conditions::describe() const {
  std::string text = "tenant " + tenant + " provider " + provider + " model " + model + " user " +
                     user + " endpoint " + endpoint;
  if (tag) text += " tag " + tag->first + "=" + tag->second;
  return text;
}

Conditions random_conditions(Random& random, Names const& names) {
  Conditions wanted;
  if (one_in(random, 3)) wanted.tenant = tenant_name(random() % (names.tenants + 1));
  if (one_in(random, 4)) wanted.provider = name("p", random() % 3);
  if (one_in(random, 3)) wanted.model = name("m", random() % (names.models + 1));
  if (one_in(random, 6)) wanted.user = name("u", random() % (names.users + 1));
  if (one_in(random, 7)) wanted.endpoint = name("/v", random() % 5);
  if (one_in(random, 7)) wanted.tag.emplace("team", one_in(random, 3) ? "" : "red");
  if (one_in(random, 25)) wanted.tag.emplace("env", "e1");
  return wanted;
}

}  // namespace netrun::llm::testing
