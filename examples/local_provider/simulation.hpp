// SPDX-License-Identifier: MIT
// What shall become of a request: as it says itself, or by chance.
#pragma once

#include "local_provider/wire.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace local_provider {

enum class Outcome : std::uint8_t {
  answered,
  rate_limited,  ///< 429, with Retry-After.
  server_error,  ///< 500.
  cut,           ///< The connection is closed in the middle of the answer.
  silent,        ///< Nothing but a head comes, until the client goes.
};
[[nodiscard]] std::string_view to_string(Outcome outcome);

/// What a request wants, in its header x-simulate: "in=374,out=44,cached=128,stored=0,
/// reasoning=0,outcome=cut". No key is needed; an outcome is a name of Outcome.
struct Simulation {
  Tokens tokens{.input = 12, .output = 40};
  std::optional<Outcome> outcome{};
};
/// Throws std::invalid_argument, quoting what it cannot read.
[[nodiscard]] Simulation parse_simulation(std::string_view header);
/// The header line that says it.
[[nodiscard]] std::string simulation_header(Tokens const& tokens, Outcome outcome);

/// How fast a model is.
struct Pace {
  double overhead_ms = 180;                       ///< Network and queue.
  double input_per_s = 9'000, output_per_s = 90;  ///< Tokens a second.
};

/// The times of one answer.
struct Delays {
  std::chrono::nanoseconds first{}, per_token{};

  [[nodiscard]] std::chrono::nanoseconds until(std::uint64_t output_tokens) const {
    return first + per_token * static_cast<std::int64_t>(output_tokens);
  }
};
/// `jitter_key` decides, up and down, by how much they differ from the pace: at most half as much
/// again. `speed` divides all of them.
[[nodiscard]] Delays delays_of(Pace const& pace, Tokens const& tokens, std::uint64_t jitter_key,
                               double speed);

/// A number from [0, 1) for each key: the same key, the same number.
[[nodiscard]] double unit_of(std::uint64_t key);
/// A key for a text.
[[nodiscard]] std::uint64_t key_of(std::string_view text);

}  // namespace local_provider
