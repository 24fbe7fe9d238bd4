// SPDX-License-Identifier: MIT
#include "history/replay.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string_view>
#include <thread>

using namespace netrun::llm;
using std::chrono::floor;
using std::chrono::hours;

namespace history {
namespace {

struct Model {
  std::string_view provider, name;
  std::uint64_t input_tokens, output_tokens;
  double latency_ms;
};
constexpr std::array models{
    Model{"anthropic", "claude-sonnet-4-5", 2'400, 450, 2'600},
    Model{"openai", "gpt-4o", 1'500, 300, 1'400},
    Model{"openai", "gpt-4o-mini", 900, 200, 800},
    Model{"google", "gemini-2.5-flash", 3'000, 250, 900},
};
constexpr std::array tenants{"acme", "globex", "initech"};

constexpr std::array calls_by_hour{100, 70,  50,  40,  60,  130, 220, 330, 420, 450, 440, 400,
                                   380, 420, 420, 390, 330, 280, 240, 220, 200, 180, 150, 130};

int calls_in_hour_of(Clock::time_point at) {
  auto const day = floor<std::chrono::days>(at);
  bool const weekend = std::chrono::weekday(day).iso_encoding() > 5;
  return calls_by_hour.at(static_cast<std::size_t>(floor<hours>(at - day).count())) /
         (weekend ? 3 : 1);
}

bool answers(Model const& model, Clock::time_point at) {
  constexpr auto down = std::chrono::sys_days{std::chrono::March / 31 / 2026} + hours(7);
  return model.provider != "anthropic" || at < down || at >= down + hours(5);
}

/// What a call was like, told afterwards: record() takes it as well as a tracker's.
LLMRequestMetrics call_at(Clock::time_point at, std::mt19937_64& random) {
  auto const& model = models[random() % models.size()];
  LLMRequestMetrics call;
  call.timestamp = at;
  call.provider = model.provider;
  call.model = model.name;
  call.tenant_id = tenants[random() % tenants.size()];
  if (!answers(model, at) || random() % 250 == 0) {
    call.success = false;
    call.error_type = "timeout";
    call.latency_ms = 30'000;
    return call;
  }
  call.input_tokens = model.input_tokens * (5 + random() % 16) / 10;  // a half to twice as many
  call.output_tokens = model.output_tokens * (5 + random() % 16) / 10;
  double const unit = static_cast<double>(random() >> 11) * 0x1p-53;
  call.latency_ms = model.latency_ms * (0.5 + unit * unit * 3);
  return call;
}

/// Calls that leave the ring are summed up on a thread of the collector's own. It is not used to
/// forty days in a second; answers are right without this, but more of the calls would be there one
/// by one.
void wait_until_summed_up(TelemetryCollector const& collector) {
  auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (std::chrono::steady_clock::now() < deadline) {
    auto const diagnostics = collector.diagnostics();
    if (diagnostics.recorded - diagnostics.folded < 2 * collector.max_history()) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace

void replay(TelemetryCollector& collector, ManualTime& time) {
  std::mt19937_64 random(6);
  while (time.now() < end) {
    auto const calls = calls_in_hour_of(time.now());
    auto const next_hour = time.now() + hours(1);
    for (int i = 0; i < calls; ++i) {
      time.advance(std::chrono::nanoseconds(hours(1)) / calls);
      collector.record(call_at(time.now(), random));
    }
    time.advance(next_hour - time.now());
  }
  wait_until_summed_up(collector);
}

}  // namespace history
