// SPDX-License-Identifier: MIT
// Names made into small numbers: look-up without a lock, insertion under one, a cap, and no
// removal.
#pragma once

#include <netrun/llm/detail/hash.hpp>
#include <netrun/llm/detail/price_plan.hpp>
#include <netrun/llm/metrics.hpp>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>

namespace netrun::llm::detail {

/// A name of one or two parts. Immutable once it is in a table, and lives as long as that table.
struct Symbol {
  std::uint64_t hash = 0;
  std::uint32_t id = 0;
  std::uint32_t first_size = 0;
  std::string text;

  [[nodiscard]] std::string_view first() const noexcept { return {text.data(), first_size}; }
  [[nodiscard]] std::string_view second() const noexcept {
    return {text.data() + first_size, text.size() - first_size};
  }
  [[nodiscard]] bool equals(std::uint64_t other_hash, std::string_view a,
                            std::string_view b) const noexcept {
    return hash == other_hash && equal_short(first(), a) && equal_short(second(), b);
  }
};

/// What the calls of a route are priced by. Immutable.
struct RoutePrice {
  PricePlan const* plan = nullptr;  ///< Null: nobody knows.
  /// The common case ahead of all others: a call that starts at this time or later, with nothing
  /// but output and input of at most this many tokens, costs two products. 0 tokens: price_call
  /// decides.
  std::int64_t plain_from_ns = 0;
  std::uint64_t plain_input_limit = 0;
  std::int64_t plain_input_picos = 0, plain_output_picos = 0;

  RoutePrice() noexcept = default;
  explicit RoutePrice(PricePlan const* plan) noexcept;
  [[nodiscard]] bool is_plain(TokenUsage const& u, std::int64_t start_ns) const noexcept {
    return u.input_tokens <= plain_input_limit && plain_input_limit != 0 &&
           start_ns >= plain_from_ns && u.output_tokens <= most_plain_tokens &&
           u.source != UsageSource::absent &&
           (u.cache_read_tokens | u.cache_write_tokens | u.cache_write_1h_tokens |
            u.reasoning_tokens | u.citation_tokens | u.audio_input_tokens | u.audio_output_tokens |
            u.cached_audio_input_tokens | u.image_input_tokens | u.image_output_tokens |
            u.cached_image_input_tokens | u.video_input_tokens | u.video_output_tokens |
            u.billed_input_tokens | u.billed_output_tokens | u.web_search_requests) == 0;
  }

 private:
  static constexpr std::uint64_t most_plain_tokens = std::uint64_t{1} << 31;
};

/// A pair of provider and model, with its prices.
struct Route : Symbol {
  Route() noexcept = default;
  Route(Route const&) = delete;
  Route& operator=(Route const&) = delete;
  ~Route() { delete price_.load(std::memory_order_relaxed); }

  /// For who is inside a shard: there a price that was replaced stays alive.
  [[nodiscard]] RoutePrice const& price() const noexcept {
    auto const* const price = price_.load(std::memory_order_acquire);
    return price != nullptr ? *price : no_price;
  }
  /// Replaces the price and gives back the old one, which others may still be looking at.
  std::unique_ptr<RoutePrice const> set_price(
      std::unique_ptr<RoutePrice const> price) const noexcept {
    return std::unique_ptr<RoutePrice const>(
        price_.exchange(price.release(), std::memory_order_acq_rel));
  }

 private:
  static RoutePrice const no_price;
  mutable std::atomic<RoutePrice const*> price_{nullptr};
};

/// Up to `cap` names, ids in order of arrival.
///
/// Thread safety: find and by_id by any thread at any time; insert by any thread, one at a time.
template <class Node>
class SymbolTable {
 public:
  SymbolTable(std::size_t cap, std::uint64_t seed)
      : cap_(cap),
        seed_(seed),
        mask_(std::bit_ceil(cap * 2) - 1),
        index_(std::make_unique<std::atomic<Node*>[]>(mask_ + 1)),
        by_id_(std::make_unique<std::atomic<Node*>[]>(cap)) {}
  SymbolTable(SymbolTable const&) = delete;
  SymbolTable& operator=(SymbolTable const&) = delete;
  ~SymbolTable() {
    for (std::size_t i = 0; i < size(); ++i) delete by_id_[i].load(std::memory_order_relaxed);
  }

  [[nodiscard]] std::uint64_t hash(std::string_view a, std::string_view b) const noexcept {
    return b.empty() ? hash_text(a, seed_) : mix(hash_text(a, seed_), hash_text(b, seed_) | 1);
  }

  /// Null when the name is not there.
  [[nodiscard]] Node const* find(std::string_view a, std::string_view b = {}) const noexcept {
    auto const wanted = hash(a, b);
    for (std::size_t i = wanted & mask_;; i = (i + 1) & mask_) {
      Node const* const node =
          index_[i].load(std::memory_order_acquire);  // pairs with insert's release
      if (node == nullptr || node->equals(wanted, a, b)) return node;
    }
  }

  /// The name's node, made when it is new: `fill(node)` sets what a Node has beside its name. Null
  /// when the table is full or memory is out.
  template <class Fill>
  [[nodiscard]] Node const* insert(std::string_view a, std::string_view b, Fill&& fill) noexcept {
    std::lock_guard const lock(mutex_);
    if (Node const* const node = find(a, b)) return node;
    auto const id = size_.load(std::memory_order_relaxed);
    if (id >= cap_) return nullptr;
    try {
      auto node = std::make_unique<Node>();
      node->hash = hash(a, b);
      node->id = id;
      node->first_size = static_cast<std::uint32_t>(a.size());
      node->text.reserve(a.size() + b.size());
      node->text.append(a).append(b);
      fill(*node);
      std::size_t i = node->hash & mask_;
      while (index_[i].load(std::memory_order_relaxed) != nullptr) i = (i + 1) & mask_;
      text_bytes_.fetch_add(sizeof(Node) + node->text.capacity(), std::memory_order_relaxed);
      by_id_[id].store(node.get(), std::memory_order_release);
      index_[i].store(node.get(), std::memory_order_release);
      size_.store(id + 1, std::memory_order_release);
      return node.release();
    } catch (...) {
      return nullptr;
    }
  }

  [[nodiscard]] Node const& by_id(std::uint32_t id) const noexcept {
    return *by_id_[id].load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint32_t size() const noexcept {
    return size_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return (mask_ + 1 + cap_) * sizeof(std::atomic<Node*>) +
           text_bytes_.load(std::memory_order_relaxed);
  }
  /// What memory_bytes() will never exceed.
  [[nodiscard]] std::size_t memory_limit() const noexcept {
    constexpr std::size_t most_text = 2 * max_name_bytes + 1;
    return (mask_ + 1 + cap_) * sizeof(std::atomic<Node*>) + cap_ * (sizeof(Node) + most_text);
  }
  /// For fork: held across it, so that the child finds the table whole.
  [[nodiscard]] std::mutex& mutex() noexcept { return mutex_; }

 private:
  std::size_t cap_;
  std::uint64_t seed_;
  std::size_t mask_;
  std::unique_ptr<std::atomic<Node*>[]> index_;
  std::unique_ptr<std::atomic<Node*>[]> by_id_;
  std::atomic<std::uint32_t> size_{0};
  std::atomic<std::size_t> text_bytes_{0};
  std::mutex mutex_;
};

}  // namespace netrun::llm::detail
