// SPDX-License-Identifier: MIT
#include "workload/plan.hpp"

#include "workload/random.hpp"

#include <fmt/format.h>

#include <array>
#include <tuple>
#include <utility>

namespace workload {
namespace {

using netrun::llm::TokenUsage;

// Speeds are round figures of the right order. vllm serves a model of the user's own, of which no
// price book can know what it costs.
constexpr std::array models{
    Model{"openai", "gpt-4o", 20, 8, 180, 9'000, 85, 0, 0.35},
    Model{"openai", "gpt-4o-mini", 18, 10, 150, 14'000, 110, 0, 0.35},
    Model{"openai", "gpt-5", 6, 8, 250, 8'000, 110, 1.6, 0.4},
    Model{"anthropic", "claude-sonnet-4-5", 16, 26, 260, 7'000, 72, 0, 0.55, 0.15},
    Model{"anthropic", "claude-haiku-4-5", 10, 8, 170, 12'000, 140, 0, 0.5, 0.15},
    Model{"google", "gemini-2.5-flash", 12, 8, 140, 16'000, 160, 0.5, 0.3},
    Model{"mistral", "codestral-2508", 0, 18, 120, 11'000, 130, 0, 0.2},
    Model{"deepseek", "deepseek-v3.2", 8, 6, 420, 5'000, 45, 0, 0.6},
    Model{"ollama", "llama3.1:8b", 6, 4, 25, 2'600, 55},
    Model{"vllm", "acme-support-7b", 4, 4, 30, 6'000, 90},
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
auto weights_of(Items const& items, Weight weight) {
  std::array<double, std::tuple_size_v<Items>> weights{};
  for (std::size_t i = 0; i < items.size(); ++i) weights[i] = weight(items[i]);
  return weights;
}

Outcome draw_outcome(Random& random) {
  constexpr std::array<double, 6> weights{88.0, 10.0, 0.9, 0.35, 0.35, 0.4};
  return static_cast<Outcome>(random.pick(weights));
}

nanoseconds milliseconds(double ms) { return nanoseconds(static_cast<std::int64_t>(ms * 1e6)); }

TokenUsage draw_usage(Request const& request, Model const& model, Random& random) {
  TokenUsage usage{.input_tokens = request.context_tokens,
                   .output_tokens = request.generated_tokens};
  if (model.reasoning > 0) {
    auto const visible = static_cast<double>(request.generated_tokens);
    usage.reasoning_tokens =
        static_cast<std::uint64_t>(visible * model.reasoning * random.between(0.4, 1.6));
    usage.output_tokens += usage.reasoning_tokens;
  }
  // Providers cache prefixes from 1,024 tokens on, in blocks.
  constexpr std::uint64_t shortest = 1'024, block = 128;
  double const share = random.between(0.5, 0.95);
  double const habit = random.unit();
  if (usage.input_tokens < shortest) return usage;
  auto const prefix =
      static_cast<std::uint64_t>(static_cast<double>(usage.input_tokens) * share) / block * block;
  if (habit < model.cache_reads) {
    usage.cache_read_tokens = prefix;
  } else if (habit < model.cache_reads + model.cache_writes) {
    usage.cache_write_tokens = prefix;
  }
  return usage;
}

void draw_times(Call& call, Random& random) {
  auto const& [usage, model] = std::tie(call.usage, *call.model);
  auto const fresh = static_cast<double>(usage.input_tokens - usage.cache_read_tokens);
  double const prefill =
      (model.overhead_ms + fresh / model.prefill_per_s * 1'000) * random.jitter();
  double const per_token = 1'000 / model.decode_per_s * random.jitter();
  auto const hidden = static_cast<double>(usage.reasoning_tokens);
  call.first_token = milliseconds(prefill + (hidden + 1) * per_token);
  call.latency = milliseconds(prefill + static_cast<double>(usage.output_tokens) * per_token);
  switch (call.outcome) {
    case Outcome::answered:
      break;
    case Outcome::from_own_cache:
      call.latency = milliseconds(random.between(2, 12));
      break;
    case Outcome::rate_limited:
      call.latency = milliseconds(random.between(60, 240));
      break;
    case Outcome::timed_out:
      call.latency = std::chrono::seconds(30);
      break;
    case Outcome::filtered:
      call.latency = milliseconds(prefill);
      break;
    case Outcome::connection_lost:
      call.latency = milliseconds(random.between(20, 120));
      break;
  }
}

}  // namespace

std::vector<Call> plan_calls(std::span<Request const> requests, std::uint64_t seed) {
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
    call.outcome = draw_outcome(random);
    call.streaming = random.chance(streaming_share);
    call.usage = draw_usage(request, model, random);
    draw_times(call, random);
    calls.push_back(std::move(call));
  }
  return calls;
}

}  // namespace workload
