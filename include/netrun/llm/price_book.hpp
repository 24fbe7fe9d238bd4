// SPDX-License-Identifier: MIT
// PriceBook: finds the price of a model, and says what a call costs.
#pragma once

#include <netrun/llm/metrics.hpp>
#include <netrun/llm/name_view.hpp>
#include <netrun/llm/price_data.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/tokens.hpp>
#include <netrun/llm/usd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace netrun::llm {

namespace detail {
class PriceBookState;
struct PricePlan;
}  // namespace detail

/// Why a call has no price. In JSON the name as text.
enum class PriceProblem : std::uint8_t {
  none,
  unknown_provider,
  unknown_model,
  no_rate,             ///< The entry names no price for a kind of token that was used.
  not_in_force,        ///< The first price of the entry begins after the call.
  absent_usage,        ///< Nobody said how many tokens were used.
  parts_exceed_whole,  ///< Impossible counts: more cached than input tokens, and the like.
  too_large,           ///< More than Usd holds.
};
[[nodiscard]] std::string_view to_string(PriceProblem problem) noexcept;

/// The tier by which a call was served, as far as prices know it. Any other word than "flex",
/// "priority" and "batch" ("default", "auto", "standard", "on_demand") is the standard one.
enum class ServiceTier : std::uint8_t { standard, flex, priority, batch };
[[nodiscard]] std::string_view to_string(ServiceTier tier) noexcept;

/// What a call costs, or why nobody knows.
struct PriceQuote {
  Usd cost{};
  bool priced = false;
  PriceProblem problem = PriceProblem::none;
  /// The problem in one sentence; empty when priced. Refers to constant text.
  std::string_view explanation{};
  /// A fee is not in `cost`, because the call does not say what it depends on (the size of the
  /// search context), or because no source names it.
  bool fee_undecided = false;
  /// The entry has no price for the service tier: the standard one was taken.
  bool tier_unknown = false;
  std::string_view provider{}, model{};  ///< The entry that was used; of the book, while it lives.
};

/// One line of a bill.
struct PricedTokens {
  TokenKind kind{};
  std::uint64_t tokens = 0;
  /// Price of one token in attodollars (10^-18 USD), which is a million times the same figure per
  /// million tokens in picodollars: service tier and batch are in it, multipliers are not.
  std::int64_t attos_per_token = 0;
};

/// A quote with all that led to it.
struct PriceBill {
  PriceQuote quote{};
  std::vector<PricedTokens> tokens{};                ///< Disjoint; without those of zero tokens.
  std::optional<std::chrono::sys_days> from{};       ///< First day of the period that was used.
  std::optional<std::uint64_t> tier_above_tokens{};  ///< Long-context tier that was reached.
  ServiceTier service_tier = ServiceTier::standard;
  bool in_window = false;                      ///< At hours with prices of their own.
  std::vector<PriceMultiplier> multipliers{};  ///< Those that applied.
  Usd request_fee{}, search_fees{};
  std::optional<Factor> discount{}, margin{};
};

/// An entry of a book and all that is needed to price by it. Cheap to copy.
///
/// Lifetime: refers into the book, which must outlive it.
class PriceEntry {
 public:
  PriceEntry() noexcept = default;
  [[nodiscard]] bool empty() const noexcept { return plan_ == nullptr; }
  [[nodiscard]] std::string_view provider() const noexcept;
  [[nodiscard]] std::string_view model() const noexcept;

  /// What `usage` costs for a call that starts at `at`. Exact, in integers; see PriceBook::price.
  [[nodiscard]] PriceQuote price(TokenUsage const& usage, Clock::time_point at,
                                 std::span<Tag const> attributes = {}) const noexcept;
  /// All that the book says about it. Throws std::bad_alloc.
  [[nodiscard]] ModelPrices describe() const;

  [[nodiscard]] friend bool operator==(PriceEntry, PriceEntry) noexcept = default;
  /// For the library.
  explicit PriceEntry(detail::PricePlan const* plan) noexcept : plan_(plan) {}
  [[nodiscard]] detail::PricePlan const* plan() const noexcept { return plan_; }

 private:
  detail::PricePlan const* plan_ = nullptr;
};

/// Prices of models: the table that is built into the library, or that with changes of your own, or
/// one of your own.
///
/// How an entry is chosen: the id in lower case, with and without the prefixes of its provider
/// ("openai/"); entries that you added come before those that were there; an exact alias wins, then
/// the pattern with the most characters that are not `*`; then what the provider falls back to. A
/// model that is not there is unpriced, never free and never guessed.
///
/// How a call is priced: tokens are split into disjoint kinds; the period of its day gives the
/// rates, then the hour, the long-context tier and the service tier; the sum is multiplied by the
/// factors of the call's attributes; fees, discount and margin follow. All of it is exact; the
/// result is rounded once, to the nearest picodollar, half to even.
///
/// Attributes that prices know: "service_tier" (as *served*: "flex", "priority", "batch"), "batch"
/// = "true", "search_context_size" ("low", "medium", "high"), and those that entries name, such as
/// "inference_geo" = "us" and "speed" = "fast".
///
/// Thread safety: immutable; any number of threads. Cheap to copy: copies share one table.
///
/// Example:
///   auto quote = PriceBook::builtin().price("openai", "gpt-4o",
///                                           {.input_tokens = 1000, .output_tokens = 500});
///   quote.cost.to_string();  // "0.0075"
class PriceBook {
 public:
  /// The built-in table.
  PriceBook() noexcept;
  /// A book of `data` alone. Throws std::invalid_argument naming all mistakes (see check_prices).
  explicit PriceBook(PriceData const& data);
  [[nodiscard]] static PriceBook const& builtin() noexcept;

  /// This book with changes. An entry of the same provider and model is replaced; it keeps the ids
  /// of the old one when it names none, and ids that it adds come before those that were there.
  /// Other entries are added and come first. Of a provider, what `changes` names is replaced; a
  /// list that is empty names nothing, and tier_is_inclusive can only be switched on. A discount
  /// and a margin are for calls of the provider, also where it falls back to the prices of another.
  /// Throws std::invalid_argument naming all mistakes.
  [[nodiscard]] PriceBook with(PriceData const& changes) const;
  /// All that is wrong with changes to this book; empty when with() takes them. Throws
  /// std::bad_alloc.
  [[nodiscard]] std::vector<PriceMistake> check(PriceData const& changes) const;

  /// The entry for a model, empty when there is none. A pair that was found before costs a hash;
  /// another one a search (microseconds), which may allocate to remember it.
  [[nodiscard]] PriceEntry find(NameView provider, NameView model) const noexcept;

  /// What `usage` costs when the call starts at `at`: before a call an estimate, after it a bill.
  /// Exact, in integers.
  [[nodiscard]] PriceQuote price(NameView provider, NameView model, TokenUsage const& usage,
                                 Clock::time_point at = Clock::now(),
                                 std::span<Tag const> attributes = {}) const noexcept;
  /// The same with every step. Throws std::bad_alloc.
  [[nodiscard]] PriceBill itemize(NameView provider, NameView model, TokenUsage const& usage,
                                  Clock::time_point at = Clock::now(),
                                  std::span<Tag const> attributes = {}) const;

  /// Number of entries, and each of them: sorted by provider and model.
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] PriceEntry entry(std::size_t index) const noexcept;
  /// All that the book says, entries sorted by provider and model. Throws std::bad_alloc.
  [[nodiscard]] PriceData data() const;

  /// The name by which the book knows a provider, of another spelling or of a host
  /// ("api.openai.com"); empty when it does not know it.
  [[nodiscard]] std::string_view provider_of(NameView spelling_or_host) const noexcept;

  /// Day of the newest source, as far as the book says; how old the prices are on `day`.
  [[nodiscard]] std::optional<std::chrono::sys_days> newest_source() const noexcept;
  [[nodiscard]] std::optional<std::chrono::days> age(
      std::chrono::sys_days day =
          std::chrono::floor<std::chrono::days>(Clock::now())) const noexcept;

  /// True when both share one table.
  [[nodiscard]] friend bool operator==(PriceBook const&, PriceBook const&) noexcept = default;
  /// For the library.
  [[nodiscard]] detail::PriceBookState const* state() const noexcept { return state_.get(); }

 private:
  explicit PriceBook(std::shared_ptr<detail::PriceBookState const> state) noexcept;
  std::shared_ptr<detail::PriceBookState const> state_;
};

}  // namespace netrun::llm
