// SPDX-License-Identifier: MIT
#include "workload/options.hpp"

#include "workload/trace.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <string_view>
#include <type_traits>
#include <utility>

namespace workload {
namespace {

constexpr char usage[] = R"(Usage: workload [OPTION...]

Sends a production workload over HTTP and reports on money, tokens, latency, errors, and on what the
tracking itself cost: the requests of the Azure LLM inference trace 2023, to a provider on this
machine that makes its answers up, with the clock running faster.

  --trace DIR    where azure_conv_2023.csv and azure_code_2023.csv are; without them the same mix is
                 generated from the published statistics of the trace
  --generate     generate it in any case
  --seconds N    how much of the trace, 1 to 3500 (default 1200)
  --speed X      how much faster than real time, 1 to 200 (default 70)
  --threads N    threads that make the calls, each one at a time, 1 to 512 (default 128)
  --calls N      at most so many calls
  --help         this text

With OPENAI_BASE_URL or ANTHROPIC_BASE_URL set the requests go there, with OPENAI_API_KEY or
ANTHROPIC_API_KEY, as short prompts, in real time and as fast as answers come. That may cost money:

  --calls N      how many (default 20)
  --threads N    how many at the same time (default 4)
  --model M      default gpt-4o-mini or claude-haiku-4-5

The other options are refused then. Ends with 1 when no call succeeds.
)";

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

std::optional<chat::Endpoint> endpoint_elsewhere() {
  using chat::Protocol;
  for (auto const& [name, protocol] : {std::pair("OPENAI_BASE_URL", Protocol::openai),
                                       std::pair("ANTHROPIC_BASE_URL", Protocol::anthropic)}) {
    char const* const value = std::getenv(name);
    if (value != nullptr && *value != '\0') return chat::endpoint_from_environment(protocol);
  }
  return std::nullopt;
}

/// What means nothing where the requests go is refused, so that nobody waits for its effect.
void check_use(std::string_view option, bool elsewhere) {
  bool const here_only =
      option == "--trace" || option == "--generate" || option == "--seconds" || option == "--speed";
  if (elsewhere && here_only) {
    throw InputError(fmt::format(
        "{} means nothing with OPENAI_BASE_URL or ANTHROPIC_BASE_URL set; see --help", option));
  }
  if (!elsewhere && option == "--model") {
    throw InputError(
        "--model means nothing without OPENAI_BASE_URL or ANTHROPIC_BASE_URL; see --help");
  }
}

}  // namespace

Options read_options(std::span<char* const> arguments) {
  Options options;
  options.endpoint = endpoint_elsewhere();
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view const argument = arguments[i];
    auto const equals = argument.find('=');
    auto const option = argument.substr(0, equals);
    check_use(option, options.endpoint.has_value());
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
      options.speed = read_number<double>(option, value(), 1, 200);
    } else if (option == "--threads") {
      options.threads = read_number<unsigned>(option, value(), 1, 512);
    } else if (option == "--calls") {
      options.most_calls = read_number<std::size_t>(option, value(), 1, 1'000'000);
    } else if (option == "--model") {
      options.model = value();
    } else {
      throw InputError(fmt::format("unknown option \"{}\"; see --help", argument));
    }
  }
  return options;
}

}  // namespace workload
