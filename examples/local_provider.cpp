// SPDX-License-Identifier: MIT
// A provider of models on this machine, to try clients on without a key: see --help.
#include "local_provider/provider.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <type_traits>

namespace {

constexpr char usage[] = R"(Usage: local_provider [OPTION...]

Answers OpenAI chat completions, Anthropic messages and embeddings on 127.0.0.1, plain and streamed,
and prints under which address. What an answer says is made up; how it is written is not.

  --port N            default: any that is free
  --seconds N         ends after N seconds; default: when it is interrupted
  --speed X           divides all delays (default 1)
  --connections N     served at the same time (default 32)
  --rate-limited X    share of requests that are answered with 429 (default 0)
  --server-error X    ... with 500
  --cut X             ... with half of an answer
  --seed N            which requests those are
  --help              this text

A request may say itself how many tokens it takes and what becomes of it, in the header
  x-simulate: in=374,out=44,cached=128,stored=0,reasoning=0,outcome=answered
where outcome is answered, rate_limited, server_error, cut or silent; each key may be left out.
)";

volatile std::sig_atomic_t interrupted = 0;

struct Settings {
  local_provider::Options provider{};
  double seconds = 1e9;
  bool help = false;
};

template <class T>
T number(std::string_view option, std::string_view text, T low, T high) {
  T value{};
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size() && value >= low && value <= high) {
    return value;
  }
  throw std::invalid_argument(fmt::format("{}: \"{}\" is not a {}number from {} to {}", option,
                                          text, std::is_integral_v<T> ? "whole " : "", low, high));
}

/// They are shares of one whole: what is left of it is answered.
void check_shares(local_provider::Options const& options) {
  constexpr double rounding = 1e-9;
  double const sum = options.rate_limited + options.server_error + options.cut;
  if (sum <= 1 + rounding) return;
  throw std::invalid_argument(fmt::format(
      "--rate-limited {} --server-error {} --cut {}: together {:.6g}, which is more than 1",
      options.rate_limited, options.server_error, options.cut, sum));
}

Settings read_settings(int argc, char** argv) {
  Settings settings;
  auto& provider = settings.provider;
  for (int i = 1; i < argc; ++i) {
    std::string_view const option = argv[i];
    if (option == "-h" || option == "--help") {
      settings.help = true;
      continue;
    }
    auto const value = [&](auto low, auto high) {
      if (i + 1 == argc) throw std::invalid_argument(fmt::format("{} needs a value", option));
      return number(option, argv[++i], low, high);
    };
    if (option == "--port") {
      provider.port = value(0, 65'535);
    } else if (option == "--seconds") {
      settings.seconds = value(0.0, 1e9);
    } else if (option == "--speed") {
      provider.speed = value(0.01, 1e3);
    } else if (option == "--connections") {
      provider.connections = value(1U, 1'000U);
    } else if (option == "--rate-limited") {
      provider.rate_limited = value(0.0, 1.0);
    } else if (option == "--server-error") {
      provider.server_error = value(0.0, 1.0);
    } else if (option == "--cut") {
      provider.cut = value(0.0, 1.0);
    } else if (option == "--seed") {
      provider.seed = value(std::uint64_t{0}, UINT64_MAX);
    } else {
      throw std::invalid_argument(fmt::format("unknown option \"{}\"; see --help", option));
    }
  }
  check_shares(provider);
  return settings;
}

void serve(Settings const& settings) {
  for (int const signal : {SIGINT, SIGTERM}) std::signal(signal, [](int) { interrupted = 1; });
  local_provider::LocalProvider provider(settings.provider);
  fmt::print("export OPENAI_BASE_URL={}\nexport ANTHROPIC_BASE_URL={}\n",
             provider.openai_base_url(), provider.anthropic_base_url());
  std::fflush(stdout);
  using std::chrono::steady_clock;
  auto const begin = steady_clock::now();
  while (interrupted == 0 &&
         std::chrono::duration<double>(steady_clock::now() - begin).count() < settings.seconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  provider.stop();
  auto const counts = provider.counts();
  fmt::print(stderr,
             "local_provider: {} requests: {} answered, {} with 429, {} with 500, {} cut, {} "
             "silent, {} refused, {} gone\n",
             counts.requests, counts.answered, counts.rate_limited, counts.server_errors,
             counts.cut, counts.silent, counts.refused, counts.gone);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto const settings = read_settings(argc, argv);
    if (settings.help) {
      fmt::print("{}", usage);
    } else {
      serve(settings);
    }
  } catch (std::invalid_argument const& error) {
    fmt::print(stderr, "local_provider: {}\n", error.what());
    return 2;
  } catch (std::exception const& error) {
    fmt::print(stderr, "local_provider: {}\n", error.what());
    return 1;
  }
}
