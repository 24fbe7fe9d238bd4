// SPDX-License-Identifier: MIT
// An entry of a price book with everything worked out ahead: what pricing a call looks at.
#pragma once

#include <netrun/llm/price_book.hpp>
#include <netrun/llm/tokens.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

/// One rate for each kind of token, fall-backs included.
struct RateSet {
  static constexpr std::int64_t none = -1;
  std::array<std::int64_t, token_kind_count> rates{};
  /// What a rate is counted in: 1 means picodollars, 1,000,000 means attodollars. The coarser one
  /// where it is exact, so that most calls are priced without a division.
  std::int64_t per_pico = 1;
  /// Every rate is there and in picodollars.
  bool is_plain = false;
};

/// The size of a search context, which some fees depend on.
enum class SearchContext : std::uint8_t { unknown, low, medium, high };

/// Prices from one moment on.
struct PlanPeriod {
  static constexpr std::int64_t no_fee = -1;
  struct Window {
    std::uint16_t from_minute, to_minute;
    std::uint8_t days, group;
  };
  std::int64_t from_ns = 0;  ///< since 1970
  std::vector<Window> windows{};
  std::vector<std::uint64_t> tiers{};  ///< A whole input of more tokens than this reaches it.
  std::array<std::uint8_t, 4> service_slots{};  ///< By ServiceTier; 0: as standard.
  std::uint8_t slots = 1;
  /// By window group + 1 (0: outside), tier reached, service slot.
  std::vector<RateSet> sets{};
  /// Picodollars by SearchContext, `no_fee` where there is none.
  std::array<std::int64_t, 4> request_fee{no_fee, no_fee, no_fee, no_fee};
  std::array<std::int64_t, 4> search_fee{no_fee, no_fee, no_fee, no_fee};
  bool has_request_fee = false;
};

/// A fraction of small numbers.
struct Ratio {
  std::int64_t numerator = 1, denominator = 1;
  [[nodiscard]] bool is_one() const noexcept { return numerator == denominator; }
};

struct PricePlan {
  struct Multiplier {
    std::string_view attribute, value;
    Ratio ratio;
    std::int64_t millionths;
  };
  PriceBookState const* book = nullptr;
  std::uint32_t entry = 0;
  std::uint32_t asked_provider = 0;  ///< Whose call it is; the entry may be that of a fallback.
  std::string_view provider, model;
  std::vector<PlanPeriod> periods;  ///< In order of time.
  std::vector<Multiplier> multipliers;
  Ratio adjustment{};        ///< Discount and margin.
  bool is_adjusted = false;  ///< There are any.
};

/// What a call is billed by besides its tokens, as far as a plan knows its attributes.
struct BillingTerms {
  ServiceTier tier = ServiceTier::standard;
  SearchContext search_context = SearchContext::unknown;
  bool multiplied = false;
  bool too_large = false;
  Int128 numerator = 1, denominator = 1;

  void add(PricePlan const& plan, std::string_view attribute, std::string_view value) noexcept;
};

/// The terms of a call with these attributes, pairs of texts; of two with the same name the last
/// counts.
template <class Attributes>
[[nodiscard]] BillingTerms terms_of(PricePlan const& plan, Attributes const& attributes) noexcept {
  BillingTerms terms;
  for (auto it = attributes.begin(); it != attributes.end(); ++it) {
    bool const replaced = std::any_of(std::next(it), attributes.end(),
                                      [&](auto const& later) { return later.first == it->first; });
    if (!replaced) terms.add(plan, it->first, it->second);
  }
  return terms;
}

/// The parts of a usage that no other part is in, by TokenKind.
struct TokenBuckets {
  std::array<std::uint64_t, token_kind_count> tokens{};
  std::uint64_t whole_input = 0;
  std::string_view problem{};  ///< Constant text; empty: none.
};
[[nodiscard]] TokenBuckets split_tokens(TokenUsage const& usage) noexcept;

/// What a usage costs by a plan for a call that starts `wall_ns` nanoseconds after 1970.
[[nodiscard]] PriceQuote price_call(PricePlan const& plan, TokenUsage const& usage,
                                    std::int64_t wall_ns, BillingTerms const& terms) noexcept;

/// As PriceBook::find, for who keeps the book alive in another way.
[[nodiscard]] PricePlan const* find_plan_in(PriceBookState const* book, std::string_view provider,
                                            std::string_view model) noexcept;

/// The cost of a recorded call, and where it comes from.
struct DecidedCost {
  Int128 picos = 0;
  CostSource source = CostSource::unpriced;
  bool parts_exceed_whole = false, fee_undecided = false, tier_unknown = false;
};
/// What a call costs that nobody gave a cost: by its plan (null: there is none), or unpriced. A
/// failure that reports no tokens is not billed.
[[nodiscard]] DecidedCost decide_cost(PricePlan const* plan, TokenUsage const& usage,
                                      std::int64_t wall_ns, BillingTerms const& terms,
                                      bool success) noexcept;

/// The quote of a call for whose model there is no plan.
[[nodiscard]] PriceQuote quote_without_plan(TokenUsage const& usage, bool provider_known) noexcept;

/// Which of a plan's rates a call has.
struct RateChoice {
  PlanPeriod const* period = nullptr;  ///< Null: none is in force yet.
  RateSet const* set = nullptr;
  std::size_t window = 0, tier = 0, slot = 0;
};
[[nodiscard]] RateChoice choose_rates(PricePlan const& plan, std::uint64_t whole_input,
                                      std::int64_t wall_ns, ServiceTier tier) noexcept;

}  // namespace netrun::llm::detail
