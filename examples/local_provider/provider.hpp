// SPDX-License-Identifier: MIT
// A provider of models on this machine: the wire formats are real, the answers are not.
#pragma once

#include "local_provider/simulation.hpp"
#include "local_provider/wire.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace local_provider {

struct Options {
  int port = 0;  ///< 0: any that is free.
  /// Connections that are served at the same time, a thread each; further ones wait.
  unsigned connections = 32;
  double speed = 1;  ///< Divides all delays; above 0.
  Pace pace{};       ///< Of models that are not named in `paces`.
  std::map<std::string, Pace, std::less<>> paces{};
  /// Shares, from 0 to 1, of the requests that do not say themselves what shall become of them.
  double rate_limited = 0, server_error = 0, cut = 0;
  std::uint64_t seed = 1;  ///< Which of the requests those are.
};

/// What was done, and what the answers said.
struct Counts {
  std::uint64_t requests = 0;  ///< The sum of what follows, once nothing is under way.
  std::uint64_t answered = 0, rate_limited = 0, server_errors = 0, cut = 0, silent = 0;
  std::uint64_t refused = 0;  ///< 400: not what this understands.
  std::uint64_t gone = 0;     ///< The client went before its answer was complete.
  Tokens told{};              ///< The sums of the counts that answers and parts of answers had.
};

/// Serves POST /v1/chat/completions, /v1/messages and /v1/embeddings on the loopback interface,
/// from its making to its end. What a request costs, it says itself: see Simulation.
///
/// Thread safety: any member from any thread, except the destructor.
class LocalProvider {
 public:
  /// Throws std::runtime_error when it cannot listen.
  explicit LocalProvider(Options options = {});
  ~LocalProvider();
  LocalProvider(LocalProvider const&) = delete;
  LocalProvider& operator=(LocalProvider const&) = delete;

  [[nodiscard]] int port() const noexcept;
  /// As OPENAI_BASE_URL and ANTHROPIC_BASE_URL have it.
  [[nodiscard]] std::string openai_base_url() const;
  [[nodiscard]] std::string anthropic_base_url() const;
  [[nodiscard]] Counts counts() const;

  /// Ends what is under way and listens no more; waits for idle connections, 5 s at most.
  /// Idempotent.
  void stop() noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace local_provider
