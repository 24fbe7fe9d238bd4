// SPDX-License-Identifier: MIT
// What copies of a PriceBook share.
#include "prices/book_state.hpp"

#include <netrun/llm/detail/hash.hpp>

#include <new>
#include <string>
#include <utility>

namespace netrun::llm::detail {

struct FoundEntries::Node {
  std::uint64_t hash = 0;
  PricePlan const* plan = nullptr;
  std::uint32_t provider_size = 0;
  std::string text;  ///< Provider and model.

  [[nodiscard]] bool is(std::uint64_t other, std::string_view provider,
                        std::string_view model) const noexcept {
    std::string_view const all(text);
    return hash == other && equal_short(all.substr(0, provider_size), provider) &&
           equal_short(all.substr(provider_size), model);
  }
};

namespace {
std::uint64_t hash_pair(std::string_view provider, std::string_view model) noexcept {
  auto const seed = process_seed();
  return mix(hash_text(provider, seed), hash_text(model, seed) | 1);
}
}  // namespace

FoundEntries::~FoundEntries() {
  Slots* const all = slots_.load(std::memory_order_acquire);
  if (all == nullptr) return;
  for (auto& slot : *all) delete slot.load(std::memory_order_relaxed);
  delete all;
}

PricePlan const* FoundEntries::find(std::string_view provider,
                                    std::string_view model) const noexcept {
  Slots const* const all = slots_.load(std::memory_order_acquire);
  if (all == nullptr) return nullptr;
  auto const hash = hash_pair(provider, model);
  for (std::size_t i = hash % slots;; i = (i + 1) % slots) {
    Node const* const node = (*all)[i].load(std::memory_order_acquire);
    if (node == nullptr) return nullptr;
    if (node->is(hash, provider, model)) return node->plan;
  }
}

void FoundEntries::insert(std::string_view provider, std::string_view model,
                          PricePlan const* plan) noexcept {
  // Counted first, so that there is always an empty slot to end a search.
  if (size_.fetch_add(1, std::memory_order_relaxed) >= capacity) {
    size_.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  try {
    Slots* all = slots_.load(std::memory_order_acquire);
    if (all == nullptr) {
      auto made = std::make_unique<Slots>();
      if (slots_.compare_exchange_strong(all, made.get(), std::memory_order_acq_rel)) {
        all = made.release();
      }
    }
    auto node = std::make_unique<Node>();
    node->hash = hash_pair(provider, model);
    node->plan = plan;
    node->provider_size = static_cast<std::uint32_t>(provider.size());
    node->text.append(provider).append(model);
    for (std::size_t i = node->hash % slots;; i = (i + 1) % slots) {
      Node* there = nullptr;
      if ((*all)[i].compare_exchange_strong(there, node.get(), std::memory_order_acq_rel)) {
        static_cast<void>(node.release());
        return;
      }
      if (there->is(node->hash, provider, model)) break;  // another thread was first
    }
  } catch (std::bad_alloc const&) {  // it will be searched for again
  }
  size_.fetch_sub(1, std::memory_order_relaxed);
}

PriceBookState::PriceBookState(PriceTable const& constant)
    : table_(constant),
      plans_(std::make_unique<std::atomic<PricePlan const*>[]>(constant.entries.size())) {}

PriceBookState::PriceBookState(OwnedPriceTable owned)
    : owned_(std::move(owned)),
      table_(owned_.table()),
      plans_(std::make_unique<std::atomic<PricePlan const*>[]>(owned_.entries.size())) {}

PriceBookState::~PriceBookState() {
  for (std::size_t i = 0; i < table_.entries.size(); ++i) {
    delete plans_[i].load(std::memory_order_acquire);
  }
  auto const* other = other_plans_.load(std::memory_order_acquire);
  while (other != nullptr) delete std::exchange(other, other->next);
}

PricePlan const* PriceBookState::plan(std::size_t entry) const noexcept {
  auto& slot = plans_[entry];
  if (auto const* const known = slot.load(std::memory_order_acquire)) return known;
  try {
    auto made =
        std::make_unique<PricePlan>(make_plan(table_, entry, table_.entries[entry].provider));
    made->book = this;
    PricePlan const* first = nullptr;
    if (!slot.compare_exchange_strong(first, made.get(), std::memory_order_acq_rel)) return first;
    return made.release();
  } catch (std::bad_alloc const&) {
    return nullptr;
  }
}

PricePlan const* PriceBookState::plan_for(std::size_t entry, std::size_t provider) const noexcept {
  auto const own = table_.entries[entry].provider;
  auto const& a = table_.providers[own];
  auto const& b = table_.providers[provider];
  if (a.discount == b.discount && a.margin == b.margin) return plan(entry);
  auto const* first = other_plans_.load(std::memory_order_acquire);
  for (auto const* other = first; other != nullptr; other = other->next) {
    if (other->plan.entry == entry && other->plan.asked_provider == provider) return &other->plan;
  }
  try {
    auto made = std::make_unique<OtherPlan>(OtherPlan{make_plan(table_, entry, provider)});
    made->plan.book = this;
    do {  // two threads at once may add the same plan twice, which does no harm
      made->next = first;
    } while (!other_plans_.compare_exchange_weak(first, made.get(), std::memory_order_acq_rel));
    return &made.release()->plan;
  } catch (std::bad_alloc const&) {
    return nullptr;
  }
}

PricePlan const* PriceBookState::find(std::string_view provider,
                                      std::string_view model) const noexcept {
  if (auto const* const known = found_.find(provider, model)) return known;
  auto const number = find_provider(table_, provider);
  if (number == no_provider) return nullptr;
  auto const entry = find_entry(table_, number, model);
  if (entry == no_entry) return nullptr;
  auto const* const made = plan_for(entry, number);
  if (made != nullptr) found_.insert(provider, model, made);
  return made;
}

PricePlan const* find_plan_in(PriceBookState const* book, std::string_view provider,
                              std::string_view model) noexcept {
  return book->find(provider, model);
}

}  // namespace netrun::llm::detail
