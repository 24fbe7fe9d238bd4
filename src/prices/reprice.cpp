// SPDX-License-Identifier: MIT
// Applying another price book to calls that are over.
#include <netrun/llm/detail/price_plan.hpp>
#include <netrun/llm/detail/request_fields.hpp>
#include <netrun/llm/reprice.hpp>

#include <algorithm>
#include <string>

namespace netrun::llm {
namespace {

bool is_of_a_book(CostSource source) noexcept {
  return source != CostSource::manual && source != CostSource::provider_reported;
}

template <class Call>
detail::DecidedCost decide(Call const& call, PriceBook const& book) noexcept {
  using std::chrono::nanoseconds;
  auto const at = std::chrono::duration_cast<nanoseconds>(call.timestamp.time_since_epoch());
  auto const* const plan = book.find(call.provider, call.model).plan();
  auto const terms =
      plan != nullptr ? detail::terms_of(*plan, call.attributes) : detail::BillingTerms{};
  return detail::decide_cost(plan, detail::usage_of_call(call), at.count(), terms, call.success);
}

template <class Call>
Usd cost_of(Call const& call) noexcept {
  return call.exact_cost ? *call.exact_cost : Usd::from_double(call.cost_usd);
}

void add_costs(RepricedCosts& to, bool repriced, CostSource before, CostSource after,
               Usd cost_before, Usd cost_after) noexcept {
  ++to.requests;
  to.repriced += static_cast<std::uint64_t>(repriced);
  to.unpriced_before += static_cast<std::uint64_t>(before == CostSource::unpriced);
  to.unpriced_after += static_cast<std::uint64_t>(after == CostSource::unpriced);
  to.cost_before += cost_before;
  to.cost_after += cost_after;
}

}  // namespace

bool reprice(LLMRequestMetrics& call, PriceBook const& book) noexcept {
  if (!is_of_a_book(call.cost_source)) return false;
  auto const decided = decide(call, book);
  call.exact_cost = Usd::from_picos(decided.picos);
  call.cost_usd = call.exact_cost->to_double();
  call.cost_source = decided.source;
  return true;
}

template <class Call>
void Repricer::add_call(Call const& call) {
  bool const repriced = is_of_a_book(call.cost_source);
  Usd const before = cost_of(call);
  Usd after = before;
  CostSource source = call.cost_source;
  if (repriced) {
    auto const decided = decide(call, book_);
    after = Usd::from_picos(decided.picos);
    source = decided.source;
  }
  std::string name(call.provider);
  name.append("/").append(call.model);
  add_costs(report_.by_model[std::move(name)], repriced, call.cost_source, source, before, after);
  add_costs(report_.total, repriced, call.cost_source, source, before, after);
  auto& [start, end, total, by_model] = report_;
  start = total.requests == 1 ? call.timestamp : std::min(start, call.timestamp);
  end = total.requests == 1 ? call.timestamp : std::max(end, call.timestamp);
}

void Repricer::add(LLMRequestMetrics const& call) { add_call(call); }
void Repricer::add(LLMRequestView const& call) { add_call(call); }

}  // namespace netrun::llm
