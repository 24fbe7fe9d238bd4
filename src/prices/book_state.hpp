// SPDX-License-Identifier: MIT
// What copies of a PriceBook share: the table, and the answers that were already worked out.
#pragma once

#include "prices/price_table.hpp"
#include <netrun/llm/detail/price_plan.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace netrun::llm::detail {

/// Pairs of provider and model with their entries, filled without a lock and never emptied. Past
/// its capacity it takes no more.
///
/// Thread safety: any number of threads; a process may fork at any moment.
class FoundEntries {
 public:
  FoundEntries() noexcept = default;
  FoundEntries(FoundEntries const&) = delete;
  FoundEntries& operator=(FoundEntries const&) = delete;
  ~FoundEntries();

  /// Null when the pair is not here.
  [[nodiscard]] PricePlan const* find(std::string_view provider,
                                      std::string_view model) const noexcept;
  void insert(std::string_view provider, std::string_view model, PricePlan const* plan) noexcept;

 private:
  struct Node;
  static constexpr std::size_t capacity = 4'096, slots = 8'192;
  using Slots = std::array<std::atomic<Node*>, slots>;
  std::atomic<Slots*> slots_{nullptr};
  std::atomic<std::size_t> size_{0};
};

class PriceBookState {
 public:
  explicit PriceBookState(PriceTable const& constant);
  explicit PriceBookState(OwnedPriceTable owned);
  PriceBookState(PriceBookState const&) = delete;
  PriceBookState& operator=(PriceBookState const&) = delete;
  ~PriceBookState();

  [[nodiscard]] PriceTable const& table() const noexcept { return table_; }
  /// The plan of a model, null when there is none; remembered once it was found.
  [[nodiscard]] PricePlan const* find(std::string_view provider,
                                      std::string_view model) const noexcept;
  /// The plan of an entry for calls of its provider, made at the first time; null when memory is
  /// out.
  [[nodiscard]] PricePlan const* plan(std::size_t entry) const noexcept;

 private:
  /// A plan for the calls of a provider that falls back to the entry's, and has terms of its own.
  struct OtherPlan {
    PricePlan plan;
    OtherPlan const* next = nullptr;
  };
  [[nodiscard]] PricePlan const* plan_for(std::size_t entry, std::size_t provider) const noexcept;

  OwnedPriceTable owned_;
  PriceTable table_;
  std::unique_ptr<std::atomic<PricePlan const*>[]> plans_;
  mutable std::atomic<OtherPlan const*> other_plans_{nullptr};
  mutable FoundEntries found_;
};

/// Number of the provider that is spelled so, or has this host; no_provider when there is none.
inline constexpr std::size_t no_provider = static_cast<std::size_t>(-1);
[[nodiscard]] std::size_t find_provider(PriceTable const& table,
                                        std::string_view spelling_or_host) noexcept;

/// Number of the entry for a model; no_entry when there is none.
inline constexpr std::size_t no_entry = static_cast<std::size_t>(-1);
[[nodiscard]] std::size_t find_entry(PriceTable const& table, std::size_t provider,
                                     std::string_view model) noexcept;

/// Works out an entry for calls of a provider. Throws std::bad_alloc.
[[nodiscard]] PricePlan make_plan(PriceTable const& table, std::size_t entry,
                                  std::size_t asked_provider);

}  // namespace netrun::llm::detail
