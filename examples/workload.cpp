// SPDX-License-Identifier: MIT
// Replays a production workload of LLM calls through the library and reports on it: see --help.
#include "workload/plan.hpp"
#include "workload/replay.hpp"
#include "workload/report.hpp"
#include "workload/text.hpp"
#include "workload/trace.hpp"
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

#include <unistd.h>

namespace {

using namespace workload;
namespace llm = netrun::llm;
using std::chrono::steady_clock;

constexpr std::uint64_t seed = 2023;

constexpr char usage[] = R"(Usage: workload [OPTION...]

Puts a production workload through the telemetry: the requests of the Azure LLM inference trace
2023, made by threads that really wait for simulated answers, with the clock running faster. Reports
on money, tokens, latency, errors, and on what the tracking itself cost.

  --trace DIR    where azure_conv_2023.csv and azure_code_2023.csv are; without them the same mix is
                 generated from the published statistics of the trace
  --generate     generate it in any case
  --seconds N    how much of the trace, 1 to 3500 (default 1200)
  --speed X      how much faster than real time, 1 to 1000 (default 70)
  --threads N    threads that make the calls, 1 to 256 (default 8)
  --help         this text
)";

struct Options {
  std::filesystem::path trace = NETRUN_LLM_EXAMPLE_TRACE;
  bool trace_given = false, generate = false;
  double seconds = 1'200, speed = 70;
  unsigned threads = 8;
};

template <class T>
T read_number(std::string_view option, std::string_view text, T low, T high) {
  T value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && value >= low && value <= high) {
    return value;
  }
  throw InputError(fmt::format("{}: \"{}\" is not a {}number from {} to {}", option, text,
                               std::is_integral_v<T> ? "whole " : "", low, high));
}

/// Exits after --help.
Options read_options(std::span<char* const> arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view const argument = arguments[i];
    auto const equals = argument.find('=');
    auto const option = argument.substr(0, equals);
    auto const value = [&]() -> std::string_view {
      if (equals != argument.npos) return argument.substr(equals + 1);
      if (i + 1 < arguments.size()) return arguments[++i];
      throw InputError(fmt::format("{} needs a value; see --help", option));
    };
    if (argument == "-h" || argument == "--help") {
      fmt::print("{}", usage);
      std::exit(0);
    } else if (argument == "--generate") {
      options.generate = true;
    } else if (option == "--trace") {
      options.trace = value();
      options.trace_given = true;
    } else if (option == "--seconds") {
      options.seconds = read_number<double>(option, value(), 1, 3'500);
    } else if (option == "--speed") {
      options.speed = read_number<double>(option, value(), 1, 1'000);
    } else if (option == "--threads") {
      options.threads = read_number<unsigned>(option, value(), 1, 256);
    } else {
      throw InputError(fmt::format("unknown option \"{}\"; see --help", argument));
    }
  }
  return options;
}

nanoseconds length_of(Options const& options) {
  return std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(options.seconds));
}

std::vector<Request> requests_of(Options const& options, Style const& style) {
  bool const from_trace = !options.generate && (options.trace_given || has_trace(options.trace));
  auto requests = from_trace ? read_trace(options.trace, length_of(options))
                             : generate_requests(length_of(options), seed);
  fmt::print(style.heading, "{} LLM calls: {} of production traffic", grouped(requests.size()),
             length_text(options.seconds));
  fmt::print("\n");
  if (from_trace) {
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
  fmt::print("  replayed         by {} threads that wait out each answer, {}\n\n", options.threads,
             options.speed == 1 ? std::string("in real time")
                                : fmt::format("{} times as fast as it happened", options.speed));
  return requests;
}

/// Shows how far it is until the replay is over.
void watch(Replay const& replay, ReplayClock const& clock, llm::TelemetryCollector const& collector,
           Options const& options, bool terminal) {
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
                : static_cast<double>(stats.total_requests) / options.seconds;
    last_seconds = seconds;
    last_calls = stats.total_requests;
    fmt::print(
        "{}  {} of {}  {:>6} calls  {:>5.1f} calls/s  {:>8} spent  {:>3} errors  p95 {:>7}{}",
        terminal ? "\r" : "", minutes_text(std::min(seconds, options.seconds)),
        minutes_text(options.seconds), grouped(stats.total_requests), rate,
        money(stats.total_cost_usd), grouped(stats.failed_requests),
        duration_text(stats.latency_p95), terminal ? "\x1b[K" : "\n");
    std::fflush(stdout);
  }
  if (terminal) fmt::print("\n");
}

void run(Options const& options) {
  bool const terminal = isatty(STDOUT_FILENO) != 0;
  Style const style =
      terminal && std::getenv("NO_COLOR") == nullptr ? Style::of_terminal() : Style{};
  auto const length = length_of(options);
  auto const calls = plan_calls(requests_of(options, style), seed);
  if (calls.empty()) {
    throw InputError(fmt::format("there are no calls in {}", length_text(options.seconds)));
  }

  std::atomic<std::uint64_t> exported{0};
  ReplayClock clock(options.speed, length);
  llm::TelemetryCollector collector(
      {.max_history = calls.size(),
       .export_callback = [&](llm::LLMRequestMetrics const&) { ++exported; },
       .time_source = &clock});
  {
    Replay replay(collector, clock, calls, options.threads);
    watch(replay, clock, collector, options, terminal);
  }
  clock.stop();
  if (!collector.flush(std::chrono::seconds(5))) {
    fmt::print(stderr, "workload: the export callback was not given all calls within 5 s\n");
  }

  Report const report(collector, calls, length, style);
  report.print_money();
  report.print_tokens();
  report.print_latency();
  report.print_errors();
  report.print_dearest();
  report.print_tracking(exported);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(read_options({argv + 1, argv + argc}));
  } catch (InputError const& error) {
    fmt::print(stderr, "workload: {}\n", error.what());
    return 2;
  } catch (std::exception const& error) {
    fmt::print(stderr, "workload: {}\n", error.what());
    return 1;
  }
}
