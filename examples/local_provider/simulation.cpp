// SPDX-License-Identifier: MIT
#include "local_provider/simulation.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <stdexcept>

namespace local_provider {
namespace {

constexpr std::array outcomes{Outcome::answered, Outcome::rate_limited, Outcome::server_error,
                              Outcome::cut, Outcome::silent};

[[noreturn]] void refuse(std::string_view text) {
  throw std::invalid_argument("x-simulate: cannot read \"" + std::string(text) +
                              "\"; expected such as \"in=374,out=44,outcome=cut\"");
}

void set(Simulation& simulation, std::string_view item) {
  auto const equals = item.find('=');
  if (equals == item.npos) refuse(item);
  auto const key = item.substr(0, equals), value = item.substr(equals + 1);
  if (key == "outcome") {
    auto const outcome = std::find_if(outcomes.begin(), outcomes.end(),
                                      [&](Outcome o) { return to_string(o) == value; });
    if (outcome == outcomes.end()) refuse(item);
    simulation.outcome = *outcome;
    return;
  }
  std::uint32_t count = 0;
  auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
  if (error != std::errc{} || end != value.data() + value.size()) refuse(item);
  auto& tokens = simulation.tokens;
  if (key == "in") {
    tokens.input = count;
  } else if (key == "out") {
    tokens.output = count;
  } else if (key == "cached") {
    tokens.cache_read = count;
  } else if (key == "stored") {
    tokens.cache_write = count;
  } else if (key == "reasoning") {
    tokens.reasoning = count;
  } else {
    refuse(item);
  }
}

/// A factor around 1 with a tail to the right, as response times have it.
double jitter(std::uint64_t key) { return std::min(0.8 - 0.25 * std::log1p(-unit_of(key)), 1.5); }

std::chrono::nanoseconds milliseconds(double ms) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(ms * 1e6));
}

}  // namespace

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::answered:
      return "answered";
    case Outcome::rate_limited:
      return "rate_limited";
    case Outcome::server_error:
      return "server_error";
    case Outcome::cut:
      return "cut";
    case Outcome::silent:
      return "silent";
  }
  return "unknown";
}

Simulation parse_simulation(std::string_view header) {
  Simulation simulation;
  while (!header.empty()) {
    auto const comma = std::min(header.find(','), header.size());
    set(simulation, header.substr(0, comma));
    header.remove_prefix(std::min(comma + 1, header.size()));
  }
  auto const& tokens = simulation.tokens;
  if (tokens.cache_read + tokens.cache_write > tokens.input || tokens.reasoning > tokens.output) {
    throw std::invalid_argument("x-simulate: the parts are more than their whole");
  }
  return simulation;
}

std::string simulation_header(Tokens const& tokens, Outcome outcome) {
  return "x-simulate: in=" + std::to_string(tokens.input) +
         ",out=" + std::to_string(tokens.output) + ",cached=" + std::to_string(tokens.cache_read) +
         ",stored=" + std::to_string(tokens.cache_write) +
         ",reasoning=" + std::to_string(tokens.reasoning) +
         ",outcome=" + std::string(to_string(outcome));
}

Delays delays_of(Pace const& pace, Tokens const& tokens, std::uint64_t jitter_key, double speed) {
  auto const fresh = static_cast<double>(tokens.input - tokens.cache_read);
  double const first = pace.overhead_ms + fresh / pace.input_per_s * 1'000;
  return {.first = milliseconds(first * jitter(jitter_key) / speed),
          .per_token = milliseconds(1'000 / pace.output_per_s * jitter(jitter_key + 1) / speed)};
}

// The last step of the SplitMix64 generator, which mixes any bits well.
double unit_of(std::uint64_t key) {
  key += 0x9E3779B97F4A7C15U;
  key = (key ^ (key >> 30)) * 0xBF58476D1CE4E5B9U;
  key = (key ^ (key >> 27)) * 0x94D049BB133111EBU;
  return static_cast<double>((key ^ (key >> 31)) >> 11) * 0x1p-53;
}

// FNV-1a.
std::uint64_t key_of(std::string_view text) {
  std::uint64_t key = 0xCBF29CE484222325U;
  for (char const c : text) key = (key ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return key;
}

}  // namespace local_provider
