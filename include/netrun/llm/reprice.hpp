// SPDX-License-Identifier: MIT
// Applying another price book to calls that are over, and comparing two books.
#pragma once

#include <netrun/llm/metrics.hpp>
#include <netrun/llm/price_book.hpp>
#include <netrun/llm/request_view.hpp>
#include <netrun/llm/stats.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/usd.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace netrun::llm {

/// What calls cost, and what they would have cost by another book.
struct RepricedCosts {
  std::uint64_t requests = 0;
  std::uint64_t repriced = 0;  ///< Of those, priced by a book: manual and reported costs stand.
  std::uint64_t unpriced_before = 0, unpriced_after = 0;
  Usd cost_before{}, cost_after{};
  [[nodiscard]] friend bool operator==(RepricedCosts const&, RepricedCosts const&) = default;
};

/// The same of a period, in all and by model ("provider/model").
struct RepriceReport {
  Clock::time_point period_start{}, period_end{};  ///< Starts of the first and the last call.
  RepricedCosts total{};
  ByName<RepricedCosts> by_model{};
};

/// Prices a recorded call anew, as of the time at which it started: sets its cost, exact_cost and
/// cost_source. A cost that was given by hand or by the provider stands. Returns true when the call
/// was one that books price.
///
/// Example:
///   for (auto& call : calls) reprice(call, newer);
bool reprice(LLMRequestMetrics& call, PriceBook const& book) noexcept;

/// Adds up calls one by one: what they cost, and what they would have cost by `book`.
///
/// Thread safety: one thread at a time. Lifetime: keeps a copy of the book.
class Repricer {
 public:
  explicit Repricer(PriceBook book) : book_(std::move(book)) {}
  /// Throws std::bad_alloc.
  void add(LLMRequestMetrics const& call);
  void add(LLMRequestView const& call);
  [[nodiscard]] RepriceReport const& report() const noexcept { return report_; }

 private:
  template <class Call>
  void add_call(Call const& call);

  PriceBook book_;
  RepriceReport report_;
};

/// One difference between two books.
struct PriceChange {
  std::string provider{}, model{};
  /// What differs: "entry" (added or removed as a whole), "match", or a price with its conditions
  /// ("input", "2026-09-07 above 272000: output", "flex: input", "web_search").
  std::string what{};
  std::string before{}, after{};  ///< Empty: not there.
  [[nodiscard]] friend bool operator==(PriceChange const&, PriceChange const&) = default;
};

/// What changed from `before` to `after`, sorted by provider, model and what. Notes, sources and
/// days of checking do not count. Throws std::bad_alloc.
[[nodiscard]] std::vector<PriceChange> diff(PriceBook const& before, PriceBook const& after);

}  // namespace netrun::llm
