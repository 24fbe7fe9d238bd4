// SPDX-License-Identifier: MIT
// Sends a production workload of LLM calls over HTTP and reports on it: see --help.
#include "local_provider/provider.hpp"
#include "workload/agreement.hpp"
#include "workload/options.hpp"
#include "workload/plan.hpp"
#include "workload/replay.hpp"
#include "workload/report.hpp"
#include "workload/text.hpp"
#include "workload/trace.hpp"
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

using namespace workload;
namespace llm = netrun::llm;
using std::chrono::steady_clock;

constexpr std::uint64_t seed = 2023;

nanoseconds length_of(Options const& options) {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(options.seconds));
}

bool reads_trace(Options const& options) {
  return !options.generate && (options.trace_given || has_trace(options.trace));
}

std::vector<Request> requests_of(Options const& options) {
  auto requests = reads_trace(options) ? read_trace(options.trace, length_of(options))
                                       : generate_requests(length_of(options), seed);
  if (options.most_calls > 0 && requests.size() > options.most_calls) {
    requests.resize(options.most_calls);
  }
  if (requests.empty()) {
    throw InputError(fmt::format("there are no calls in {}", length_text(options.seconds)));
  }
  return requests;
}

void print_source(Options const& options, std::size_t calls, unsigned threads, Style const& style) {
  fmt::print(style.heading, "{} LLM calls: {}{} of production traffic", grouped(calls),
             options.most_calls == calls ? "the first of " : "", length_text(options.seconds));
  fmt::print("\n");
  if (reads_trace(options)) {
    fmt::print(
        "  from the trace   when each call came, its input and output tokens: Azure LLM inference\n"
        "                   trace 2023 (Patel et al., Splitwise, ISCA 2024; CC-BY 4.0)\n");
  } else {
    fmt::print(
        "  generated        when each call came, its input and output tokens, after the published\n"
        "                   statistics of the Azure LLM inference trace 2023 (Patel et al.,\n"
        "                   Splitwise, ISCA 2024; CC-BY 4.0){}\n",
        options.generate ? "" : "; to read the trace itself: --trace DIR");
  }
  fmt::print("  made up          model, tenant, user, latency, caching and outcome (seed {})\n",
             seed);
  fmt::print(
      "  sent             by {} threads over HTTP to a provider on this machine,\n"
      "                   {}\n\n",
      threads,
      options.speed == 1 ? std::string("in real time")
                         : fmt::format("{} times as fast as it happened", options.speed));
}

/// Shows how far it is until the replay is over.
void watch(Replay const& replay, ReplayClock const& clock, llm::TelemetryCollector const& collector,
           std::size_t calls, bool terminal) {
  auto const interval = std::chrono::milliseconds(terminal ? 200 : 3'000);
  auto next = steady_clock::now() + interval;
  double last_seconds = 0;
  std::uint64_t last_calls = 0;
  bool running = true;
  std::fflush(stdout);
  while (running) {
    while ((running = replay.running()) && steady_clock::now() < next) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    next += interval;
    auto const stats = collector.get_stats(llm::StatsQuery{});
    double const seconds = std::chrono::duration<double>(clock.now()).count();
    // The last line is about the whole of it.
    double const rate =
        running ? static_cast<double>(stats.total_requests - last_calls) / (seconds - last_seconds)
                : static_cast<double>(stats.total_requests) / seconds;
    last_seconds = seconds;
    last_calls = stats.total_requests;
    fmt::print(
        "{}  {}  {:>6} of {} calls  {:>5.1f} calls/s  {:>8} spent  {:>3} errors  p95 {:>7}{}",
        terminal ? "\r" : "", minutes_text(seconds), grouped(stats.total_requests), grouped(calls),
        rate, money(stats.total_cost_usd), grouped(stats.failed_requests),
        duration_text(stats.latency_p95), terminal ? "\x1b[K" : "\n");
    std::fflush(stdout);
  }
  if (terminal) fmt::print("\n");
}

/// A collector with a callback that counts.
struct Recording {
  Recording(llm::TimeSource const& time, std::size_t calls)
      : collector({.max_history = calls,
                   .export_callback = [this](llm::LLMRequestMetrics const&) { ++exported; },
                   .time_source = &time}) {}

  std::atomic<std::uint64_t> exported{0};
  llm::TelemetryCollector collector;
};

void print_report(Recording& recording, std::span<Call const> calls, nanoseconds length,
                  Style const& style) {
  if (!recording.collector.flush(std::chrono::seconds(5))) {
    fmt::print(stderr, "workload: the export callback was not given all calls within 5 s\n");
  }
  Report const report(recording.collector, calls, length, style);
  report.print_money();
  report.print_tokens();
  report.print_latency();
  report.print_errors();
  report.print_dearest();
  report.print_tracking(recording.exported);
}

/// All of the workload, to a provider in this process. False when the two sides differ.
bool run_here(Options const& options, Style const& style, bool terminal) {
  using std::chrono::milliseconds;
  // Longer than any answer takes, in the time of the replay. A busy machine takes its own time in
  // addition, which no speed divides; requests that wait for nothing need not wait as long.
  constexpr double time_limit_s = 120;
  constexpr milliseconds least_limit{10'000}, least_silent_limit{2'000};
  auto const threads = options.threads > 0 ? options.threads : 128;
  auto const calls = plan_calls(requests_of(options), simulated_models(), seed);
  print_source(options, calls.size(), threads, style);

  local_provider::LocalProvider provider(
      {.connections = threads + 2, .speed = options.speed, .paces = paces_of(simulated_models())});
  Target target{
      .openai = chat::make_endpoint(chat::Protocol::openai, provider.openai_base_url(), ""),
      .anthropic =
          chat::make_endpoint(chat::Protocol::anthropic, provider.anthropic_base_url(), "")};
  milliseconds const limit(static_cast<int>(time_limit_s * 1'000 / options.speed));
  target.limits.total = std::max(limit, least_limit);
  target.silent_limit = std::max(limit, least_silent_limit);

  ReplayClock clock(options.speed, length_of(options));
  Recording recording(clock, calls.size());
  {
    Replay replay(recording.collector, clock, calls, target, threads);
    watch(replay, clock, recording.collector, calls.size(), terminal);
  }
  provider.stop();
  clock.stop();
  print_report(recording, calls, length_of(options), style);
  return print_agreement(recording.collector, provider.counts(), style);
}

/// False, and says why, when no call of some succeeded.
bool has_success(llm::TelemetryCollector const& collector) {
  if (collector.get_stats(llm::StatsQuery{}).successful_requests > 0) return true;
  auto const records = collector.snapshot();
  auto const failed = std::find_if(records.begin(), records.end(),
                                   [](auto const& record) { return !record.success; });
  std::fflush(stdout);
  if (failed == records.end()) {
    fmt::print(stderr, "workload: no call was recorded\n");
    return false;
  }
  auto const message = failed->error_message.value_or("");
  fmt::print(stderr, "workload: no call succeeded; the first failed with {}{}{}\n",
             failed->error_type.value_or("unknown"), message.empty() ? "" : ": ", message);
  return false;
}

/// A few calls to a provider elsewhere, which may take money for them. False when none succeeded.
bool run_elsewhere(Options const& given, Style const& style, bool terminal) {
  constexpr std::size_t default_calls = 20;
  constexpr std::uint64_t most_output_tokens = 64, prompt_tokens = 20;
  auto options = given;
  if (options.most_calls == 0) options.most_calls = default_calls;
  auto const threads = options.threads > 0 ? options.threads : 4;
  auto const& endpoint = *options.endpoint;
  bool const anthropic = endpoint.protocol == chat::Protocol::anthropic;
  if (options.model.empty()) options.model = anthropic ? "claude-haiku-4-5" : "gpt-4o-mini";
  std::vector<Model> const models{
      {.provider = anthropic ? "anthropic" : std::string(llm::provider_of(endpoint.api)),
       .name = options.model}};

  auto calls = plan_calls(requests_of(options), models, seed);
  for (auto& call : calls) {
    call.at = nanoseconds::zero();  // as soon as a thread is free
    call.from_own_cache = false;
  }
  auto const quote = llm::PriceBook::builtin().price(
      models[0].provider, models[0].name,
      {.input_tokens = prompt_tokens, .output_tokens = most_output_tokens}, llm::Clock::now());
  fmt::print(style.heading, "{} LLM calls to {} at {}", calls.size(), options.model, endpoint.url);
  fmt::print("\n");
  auto const most = quote.cost.to_double() * static_cast<double>(calls.size());
  fmt::print(style.warning, "  real ones        they may cost money: {}",
             quote.priced ? fmt::format("about {} at most, by the price book", money(most))
                          : "the price book does not know how much");
  fmt::print("\n  made up          tenants and users (seed {})\n\n", seed);

  Target const target{.openai = endpoint,
                      .anthropic = endpoint,
                      .simulated = false,
                      .max_output_tokens = most_output_tokens};
  ReplayClock clock(1, nanoseconds::zero());
  Recording recording(clock, calls.size());
  {
    Replay replay(recording.collector, clock, calls, target, threads);
    watch(replay, clock, recording.collector, calls.size(), terminal);
  }
  clock.stop();
  print_report(recording, calls, std::chrono::ceil<std::chrono::seconds>(clock.now()), style);
  fmt::print("\n");
  fmt::print(style.heading, "OVER HTTP");
  fmt::print("\n  sent         {} requests to {}\n", grouped(calls.size()), endpoint.url);
  return has_success(recording.collector);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto const options = read_options({argv + 1, argv + argc});
    bool const terminal = isatty(STDOUT_FILENO) != 0;
    Style const style =
        terminal && std::getenv("NO_COLOR") == nullptr ? Style::of_terminal() : Style{};
    return (options.endpoint ? run_elsewhere : run_here)(options, style, terminal) ? 0 : 1;
  } catch (InputError const& error) {
    fmt::print(stderr, "workload: {}\n", error.what());
    return 2;
  } catch (std::exception const& error) {
    fmt::print(stderr, "workload: {}\n", error.what());
    return 1;
  }
}
