// SPDX-License-Identifier: MIT
// Asks a model over HTTP and says what the answer cost: see --help.
#include "chat/client.hpp"
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace {

namespace llm = netrun::llm;

constexpr char usage[] = R"(Usage: chat [OPTION...] PROMPT

Asks a model, prints the answer, and a line with tokens, cost and times.

  --provider P   openai (and all that speak like it) or anthropic; default: the one of which a
                 variable is set
  --model M      default gpt-4o-mini or claude-haiku-4-5
  --stream       print the answer while it comes
  --help         this text

OPENAI_BASE_URL and OPENAI_API_KEY, or ANTHROPIC_BASE_URL and ANTHROPIC_API_KEY, say where and with
what key; without a base URL the official one. Without a key: start the example local_provider.
)";

struct Options {
  std::optional<chat::Protocol> protocol{};
  std::string model, prompt;
  bool stream = false, help = false;
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string_view const argument = argv[i];
    auto const value = [&]() -> std::string_view {
      if (i + 1 < argc) return argv[++i];
      throw std::invalid_argument(fmt::format("{} needs a value; see --help", argument));
    };
    if (argument == "-h" || argument == "--help") {
      options.help = true;
    } else if (argument == "--stream") {
      options.stream = true;
    } else if (argument == "--model") {
      options.model = value();
    } else if (argument == "--provider") {
      auto const name = value();
      if (name != "openai" && name != "anthropic") {
        throw std::invalid_argument(
            fmt::format("--provider: \"{}\" is neither openai nor anthropic", name));
      }
      options.protocol = name == "openai" ? chat::Protocol::openai : chat::Protocol::anthropic;
    } else if (argument.starts_with("-") || !options.prompt.empty()) {
      throw std::invalid_argument(fmt::format("unexpected \"{}\"; see --help", argument));
    } else {
      options.prompt = argument;
    }
  }
  return options;
}

/// What the collector has of the call.
void print_record(llm::LLMRequestMetrics const& call) {
  if (call.usage_source == llm::UsageSource::absent) {
    fmt::print("tokens not reported");
  } else {
    fmt::print("{} tokens in, {} out", call.input_tokens, call.output_tokens);
  }
  if (call.cost_source == llm::CostSource::unpriced) {
    fmt::print(", cost unknown");
  } else {
    fmt::print(", ${}", call.exact_cost.value_or(llm::Usd{}).to_string());
  }
  if (call.time_to_first_token_ms) {
    fmt::print(", first token after {:.0f} ms", *call.time_to_first_token_ms);
  }
  fmt::print(", {:.0f} ms in all ({}, {})\n", call.latency_ms, call.provider, call.model);
}

int run(Options const& options) {
  auto const protocol = options.protocol ? options.protocol : chat::protocol_from_environment();
  if (!protocol || options.prompt.empty()) {
    fmt::print(stderr, "chat: {}; see --help\n",
               protocol ? "there is no prompt" : "no provider: none of its variables is set");
    return 2;
  }
  auto model = options.model;
  if (model.empty()) {
    model = protocol == chat::Protocol::anthropic ? "claude-haiku-4-5" : "gpt-4o-mini";
  }

  llm::TelemetryCollector collector;
  chat::Client client(collector);
  auto const answer =
      client.ask(chat::endpoint_from_environment(*protocol), {.model = model},
                 {.prompt = options.prompt, .stream = options.stream}, [](std::string_view piece) {
                   fmt::print("{}", piece);
                   std::fflush(stdout);
                 });
  fmt::print("\n");
  std::fflush(stdout);  // where both go to one file the answer comes first
  if (!answer.error.empty()) fmt::print(stderr, "chat: {}\n", answer.error);
  print_record(collector.snapshot().back());
  return answer.error.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto const options = read_options(argc, argv);
    if (!options.help) return run(options);
    fmt::print("{}", usage);
  } catch (std::invalid_argument const& error) {
    fmt::print(stderr, "chat: {}\n", error.what());
    return 2;
  } catch (std::exception const& error) {
    fmt::print(stderr, "chat: {}\n", error.what());
    return 1;
  }
}
