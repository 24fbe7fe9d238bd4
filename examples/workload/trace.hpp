// SPDX-License-Identifier: MIT
// The requests that are replayed: read from a production trace, or generated after it.
//
// The trace: Azure LLM inference trace 2023, https://github.com/Azure/AzurePublicDataset
// (CC-BY 4.0), published with Patel et al., "Splitwise: Efficient Generative LLM Inference Using
// Phase Splitting", ISCA 2024.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace workload {

using std::chrono::nanoseconds;

enum class Kind : std::uint8_t { conversation, code };

/// One row of the trace: all that it says about a request.
struct Request {
  nanoseconds at{};  ///< Since the beginning of the slice.
  Kind kind = Kind::conversation;
  std::uint64_t context_tokens = 0;    ///< What went in.
  std::uint64_t generated_tokens = 0;  ///< What came out.
};

/// Something that the user gave us is wrong; what() quotes it.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[nodiscard]] bool has_trace(std::filesystem::path const& directory);

/// The first `length` of both files in order of arrival. Throws InputError, with file and line, for
/// what it cannot read.
[[nodiscard]] std::vector<Request> read_trace(std::filesystem::path const& directory,
                                              nanoseconds length);

/// The same mix, drawn from the published statistics of the trace.
[[nodiscard]] std::vector<Request> generate_requests(nanoseconds length, std::uint64_t seed);

}  // namespace workload
