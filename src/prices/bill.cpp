// SPDX-License-Identifier: MIT
// A quote with every step that led to it.
#include "prices/bill.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace netrun::llm::detail {

void add_details(PriceBill& bill, PricePlan const& plan, PriceTable const& table,
                 TokenUsage const& usage, std::int64_t wall_ns, std::span<Tag const> attributes) {
  auto const terms = terms_of(plan, attributes);
  for (auto const& m : plan.multipliers) {
    auto const last =
        std::find_if(attributes.rbegin(), attributes.rend(),
                     [&](Tag const& attribute) { return attribute.first == m.attribute; });
    if (last == attributes.rend() || last->second != m.value) continue;
    bill.multipliers.push_back({std::string(m.attribute), std::string(m.value), {m.millionths}});
  }
  bill.service_tier = terms.tier;
  auto const buckets = split_tokens(usage);
  auto const choice = choose_rates(plan, buckets.whole_input, wall_ns, terms.tier);
  if (!buckets.problem.empty() || choice.period == nullptr) return;
  PlanPeriod const& period = *choice.period;
  RateSet const& set = *choice.set;
  for (std::size_t kind = 0; kind < token_kind_count; ++kind) {
    if (buckets.tokens[kind] == 0) continue;
    auto const rate = set.rates[kind];
    bill.tokens.push_back({static_cast<TokenKind>(kind), buckets.tokens[kind],
                           rate == RateSet::none ? rate : rate * (1'000'000 / set.per_pico)});
  }
  constexpr std::int64_t day_ns = 86'400'000'000'000;
  if (period.from_ns != std::numeric_limits<std::int64_t>::min()) {
    bill.from = std::chrono::sys_days(std::chrono::days(period.from_ns / day_ns));
  }
  bill.in_window = choice.window != 0;
  auto const& provider = table.providers[table.entries[plan.entry].provider];
  if (choice.tier != 0) {
    bill.tier_above_tokens = period.tiers[choice.tier - 1] + (provider.tier_is_inclusive ? 1 : 0);
  }
  auto const size = static_cast<std::size_t>(terms.search_context);
  if (size != 0 && period.request_fee[size] >= 0) {
    bill.request_fee = Usd::from_picos(period.request_fee[size]);
  }
  if (usage.web_search_requests != 0 && period.search_fee[size] >= 0) {
    bill.search_fees = Usd::from_picos(period.search_fee[size]) *
                       static_cast<std::int64_t>(usage.web_search_requests);
  }
  auto const& asked = table.providers[plan.asked_provider];
  if (asked.discount >= 0) bill.discount = Factor{asked.discount};
  if (asked.margin >= 0) bill.margin = Factor{asked.margin};
}

}  // namespace netrun::llm::detail
