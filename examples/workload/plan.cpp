// SPDX-License-Identifier: MIT
#include "workload/plan.hpp"

#include "workload/random.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace workload {
namespace {

using local_provider::Outcome;
using local_provider::Tokens;

// Speeds are round figures of the right order. vllm serves a model of the user's own, of which no
// price book can know what it costs.
Model const all_models[] = {
    {"openai", "gpt-4o", 20, 8, {180, 9'000, 85}, 0, 0.35},
    {"openai", "gpt-4o-mini", 18, 10, {150, 14'000, 110}, 0, 0.35},
    {"openai", "gpt-5", 6, 8, {250, 8'000, 110}, 1.6, 0.4},
    {"anthropic", "claude-sonnet-4-5", 16, 26, {260, 7'000, 72}, 0, 0.55, 0.15},
    {"anthropic", "claude-haiku-4-5", 10, 8, {170, 12'000, 140}, 0, 0.5, 0.15},
    {"google", "gemini-2.5-flash", 12, 8, {140, 16'000, 160}, 0.5, 0.3},
    {"mistral", "codestral-2508", 0, 18, {120, 11'000, 130}, 0, 0.2},
    {"deepseek", "deepseek-v3.2", 8, 6, {420, 5'000, 45}, 0, 0.6},
    {"ollama", "llama3.1:8b", 6, 4, {25, 2'600, 55}},
    {"vllm", "acme-support-7b", 4, 4, {30, 6'000, 90}},
};

struct Tenant {
  char const* name;
  double weight;
  unsigned users;
};
constexpr std::array tenants{
    Tenant{"acme", 30, 40},    Tenant{"globex", 19, 25}, Tenant{"initech", 13, 12},
    Tenant{"umbrella", 10, 9}, Tenant{"hooli", 8, 15},   Tenant{"stark", 6, 5},
    Tenant{"wayne", 4.5, 4},   Tenant{"wonka", 3.5, 3},  Tenant{"tyrell", 2.5, 3},
    Tenant{"cyberdyne", 2, 2}, Tenant{"soylent", 1, 2},  Tenant{"dunder-mifflin", 0.5, 1},
};

template <class Items, class Weight>
std::vector<double> weights_of(Items const& items, Weight weight) {
  std::vector<double> weights;
  for (auto const& item : items) weights.push_back(weight(item));
  return weights;
}

void draw_outcome(Call& call, Random& random) {
  constexpr double own_cache_share = 0.1;
  if (random.chance(own_cache_share)) {
    call.from_own_cache = true;
    call.own_cache_time = nanoseconds(static_cast<std::int64_t>(random.between(2e6, 12e6)));
    return;
  }
  constexpr std::array outcomes{Outcome::answered, Outcome::rate_limited, Outcome::server_error,
                                Outcome::cut, Outcome::silent};
  constexpr std::array<double, outcomes.size()> weights{97.8, 1.0, 0.4, 0.4, 0.4};
  call.outcome = outcomes[random.pick(weights)];
}

Tokens draw_tokens(Request const& request, Model const& model, Random& random) {
  Tokens tokens{.input = request.context_tokens, .output = request.generated_tokens};
  if (model.reasoning > 0) {
    auto const visible = static_cast<double>(request.generated_tokens);
    tokens.reasoning =
        static_cast<std::uint64_t>(visible * model.reasoning * random.between(0.4, 1.6));
    tokens.output += tokens.reasoning;
  }
  // Providers cache prefixes from 1,024 tokens on, in blocks.
  constexpr std::uint64_t shortest = 1'024, block = 128;
  double const share = random.between(0.5, 0.95);
  double const habit = random.unit();
  if (tokens.input < shortest) return tokens;
  auto const prefix =
      static_cast<std::uint64_t>(static_cast<double>(tokens.input) * share) / block * block;
  if (habit < model.cache_reads) {
    tokens.cache_read = prefix;
  } else if (habit < model.cache_reads + model.cache_writes) {
    tokens.cache_write = prefix;
  }
  return tokens;
}

}  // namespace

std::span<Model const> simulated_models() { return all_models; }

std::map<std::string, local_provider::Pace, std::less<>> paces_of(std::span<Model const> models) {
  std::map<std::string, local_provider::Pace, std::less<>> paces;
  for (auto const& model : models) paces.emplace(model.name, model.pace);
  return paces;
}

std::vector<Call> plan_calls(std::span<Request const> requests, std::span<Model const> models,
                             std::uint64_t seed) {
  auto const chat_weights = weights_of(models, [](Model const& m) { return m.chat_weight; });
  auto const code_weights = weights_of(models, [](Model const& m) { return m.code_weight; });
  auto const tenant_weights = weights_of(tenants, [](Tenant const& t) { return t.weight; });
  constexpr double streaming_share = 0.6;

  Random random(seed);
  std::vector<Call> calls;
  calls.reserve(requests.size());
  for (auto const& request : requests) {
    auto const& weights = request.kind == Kind::code ? code_weights : chat_weights;
    Model const& model = models[random.pick(weights)];
    Tenant const& tenant = tenants[random.pick(tenant_weights)];
    Call call{.at = request.at, .kind = request.kind, .model = &model, .tenant = tenant.name};
    auto const user = static_cast<unsigned>(random.unit() * tenant.users) + 1;
    call.user = fmt::format("{}/user-{:02}", tenant.name, user);
    draw_outcome(call, random);
    call.streaming = random.chance(streaming_share);
    call.tokens = draw_tokens(request, model, random);
    calls.push_back(std::move(call));
  }
  return calls;
}

}  // namespace workload
