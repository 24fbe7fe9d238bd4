// SPDX-License-Identifier: MIT
// Prices of models, and what a call costs by them.
#pragma once

#include <netrun/llm/name_view.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/tokens.hpp>
#include <netrun/llm/usd.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace netrun::llm {

/// What one token of each kind costs, in picodollars; `unnamed` where a source names no price of
/// its own.
///
/// A kind without a price is billed as the kind that holds it: cache_read and cache_write as input,
/// cache_write_1h as cache_write, audio and image as text of the same direction, cached_audio_input
/// as cache_read, reasoning and citation as output.
struct TokenRates {
  static constexpr std::int64_t unnamed = -1;
  std::int64_t input = unnamed, output = unnamed;
  std::int64_t cache_read = unnamed, cache_write = unnamed, cache_write_1h = unnamed;
  std::int64_t audio_input = unnamed, audio_output = unnamed, cached_audio_input = unnamed;
  std::int64_t image_input = unnamed, image_output = unnamed;
  std::int64_t reasoning = unnamed, citation = unnamed;
};

/// The price of one model from one day on: one row of the table under src/prices.
struct PriceRow {
  std::string_view provider, model;
  /// Ids that this price is for, separated by '|', lower case: `*` stands for any run of
  /// characters, `#` for one digit.
  std::string_view match;
  std::int32_t from_day = 0;  ///< First day, UTC, in days since 1970-01-01; 0: always.
  TokenRates rates{};
  /// Long-context tier: a call whose whole input exceeds this many tokens pays `tier_rates` for all
  /// its tokens. 0: no tier. xAI's tiers begin at the number itself; the row then holds one less.
  std::uint64_t tier_above_tokens = 0;
  TokenRates tier_rates{};  ///< A price not named here stays as in `rates`.
  /// Hours of the day, UTC, one bit each, in which `peak_rates` hold on Monday to Friday of the
  /// Beijing calendar (DeepSeek). 0: none.
  std::uint32_t peak_hours = 0;
  TokenRates peak_rates{};
  std::int64_t web_search_picos = 0;  ///< Fee of one search, in picodollars.
  std::string_view
      checked{};  ///< Day on which the source was last checked, "2026-07-29"; may be empty.
};

/// A model's prices through time, in order of from_day. Points into the book, which must outlive
/// it.
using PriceEntry = std::span<PriceRow const>;

/// What a call costs, or why nobody knows.
struct PriceQuote {
  Usd cost{};
  bool priced = false;
  bool invalid_usage = false;  ///< Not priced because a part exceeds its whole.
  /// Why not, in one sentence; empty when priced. Refers to constant text.
  std::string_view problem{};
  std::string_view model{};  ///< The entry that was used, as the book calls it.
};

/// The table of prices that is built into the library: the models of OpenAI, Anthropic, Google
/// (Gemini API), Mistral, DeepSeek and xAI, and Ollama, whose every model costs nothing.
///
/// How an entry is chosen: the id in lower case, with and without a prefix such as "openai/"; an
/// exact alias wins, else the pattern with the most characters that are not `*`; a model that is
/// not there is unpriced, never free and never guessed.
///
/// Sources and days of checking stand beside each row under src/prices. Not covered: batch, flex
/// and priority tiers, regional surcharges and request fees; such calls are priced at the standard
/// rate.
///
/// Thread safety: immutable; any number of threads.
///
/// Example:
///   auto quote = PriceBook::builtin().price("openai", "gpt-4o", {.input_tokens = 1000,
///   .output_tokens = 500}); quote.cost.to_string();  // "0.0075"
class PriceBook {
 public:
  /// The built-in table.
  [[nodiscard]] static PriceBook const& builtin() noexcept;

  /// A book over `rows`, sorted so that the rows of one model stand together by from_day. They must
  /// outlive it.
  constexpr explicit PriceBook(std::span<PriceRow const> rows) noexcept : rows_(rows) {}

  /// The entry for a model, empty when there is none. Costs a scan of the provider's rows
  /// (microseconds), so the collector remembers the answer with the name.
  [[nodiscard]] PriceEntry find(NameView provider, NameView model) const noexcept;

  /// What `usage` costs when the call starts at `at`. Exact, in integers.
  [[nodiscard]] PriceQuote price(NameView provider, NameView model, TokenUsage const& usage,
                                 Clock::time_point at = Clock::now()) const noexcept;

  [[nodiscard]] std::span<PriceRow const> rows() const noexcept { return rows_; }

 private:
  std::span<PriceRow const> rows_;
};

/// What `usage` costs by `entry` (as PriceBook::find gave it) for a call that starts `wall_ns`
/// nanoseconds after 1970. Not priced when the entry is empty, the usage absent, or a part exceeds
/// its whole.
[[nodiscard]] PriceQuote price_call(PriceEntry entry, TokenUsage const& usage,
                                    std::int64_t wall_ns) noexcept;

}  // namespace netrun::llm
