// SPDX-License-Identifier: MIT
// Answers as the providers write them: OpenAI chat completions and Anthropic messages, whole and as
// streams, and their errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace local_provider {

/// Parts are included in their whole: cache_* in input, reasoning in output.
struct Tokens {
  std::uint64_t input = 0, output = 0, cache_read = 0, cache_write = 0, reasoning = 0;

  Tokens& operator+=(Tokens const& other);
  [[nodiscard]] friend bool operator==(Tokens const&, Tokens const&) = default;
};

/// What is answered.
struct Reply {
  std::string id, model;
  Tokens tokens;
};

/// A part of a streamed body, with what it is sent after and what it says.
struct Piece {
  std::uint64_t after_tokens = 0;  ///< How many of the output tokens are made by then.
  std::string bytes;
  /// The counts that the body has told when this piece is out; absent: as before.
  std::optional<Tokens> told{};
};

enum class Wire : std::uint8_t { openai, anthropic };

[[nodiscard]] std::string body_of(Wire wire, Reply const& reply);
/// Anthropic's streams always have counts; OpenAI's when `include_usage`.
[[nodiscard]] std::vector<Piece> stream_of(Wire wire, Reply const& reply, bool include_usage);
/// An error of 400, 429 or 500.
[[nodiscard]] std::string error_of(Wire wire, int status, std::string_view message,
                                   std::string_view id);
[[nodiscard]] std::string embeddings_of(Reply const& reply);

}  // namespace local_provider
