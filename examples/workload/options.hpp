// SPDX-License-Identifier: MIT
// The command line of the example workload.
#pragma once

#include "chat/endpoint.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace workload {

struct Options {
  std::filesystem::path trace = NETRUN_LLM_EXAMPLE_TRACE;
  bool trace_given = false, generate = false;
  double seconds = 1'200, speed = 70;
  unsigned threads = 0;        ///< 0: not given.
  std::size_t most_calls = 0;  ///< 0: not given.
  std::string model{};         ///< Of the endpoint.
  /// A provider elsewhere, when OPENAI_BASE_URL or ANTHROPIC_BASE_URL is set.
  std::optional<chat::Endpoint> endpoint{};
};

/// Exits after --help. Throws InputError, quoting what it cannot read.
[[nodiscard]] Options read_options(std::span<char* const> arguments);

}  // namespace workload
