// SPDX-License-Identifier: MIT
// Working out an entry: rates for every hour, tier and service, with all that falls back.
#include "prices/book_state.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>

namespace netrun::llm::detail {
namespace {

constexpr std::int64_t day_ns = 86'400'000'000'000;
constexpr std::int64_t attos_per_pico = 1'000'000;
constexpr std::int64_t none = RateSet::none;

/// Rates by kind; `none` where nobody names one.
using Rates = std::array<std::int64_t, token_kind_count>;

constexpr std::size_t at(TokenKind kind) noexcept { return static_cast<std::size_t>(kind); }

/// The kind that holds a kind: it is billed as that where it has no rate. After its holder in the
/// order of TokenKind, so that one pass fills all.
constexpr std::array<TokenKind, token_kind_count> holders = {
    TokenKind::input,        // input
    TokenKind::input,        // cache_read
    TokenKind::cache_read,   // cached_audio_input
    TokenKind::cache_read,   // cached_image_input
    TokenKind::input,        // cache_write
    TokenKind::cache_write,  // cache_write_1h
    TokenKind::input,        // audio_input
    TokenKind::input,        // image_input
    TokenKind::input,        // video_input
    TokenKind::output,       // output
    TokenKind::output,       // audio_output
    TokenKind::output,       // image_output
    TokenKind::output,       // video_output
    TokenKind::output,       // reasoning
    TokenKind::output,       // citation
};

/// `value * times / by`, half to even, and no more than a rate can be.
std::int64_t scaled(std::int64_t value, std::int64_t times, std::int64_t by) noexcept {
  Int128 const product = static_cast<Int128>(value) * times;
  Int128 quotient = product / by;
  Int128 const twice = (product - quotient * by) * 2;
  if (twice > by || (twice == by && quotient % 2 != 0)) ++quotient;
  constexpr Int128 most = std::int64_t{1} << 61;
  return static_cast<std::int64_t>(std::min(quotient, most));
}

Rates rates_of(PriceTable const& table, RateBlock const& block) {
  Rates rates;
  rates.fill(none);
  for (auto const rate : PriceTable::rows(table.rates, {block.first_rate, block.rates})) {
    rates[rate.kind()] = rate.picos() * attos_per_pico;
  }
  return rates;
}

Rates overlaid(Rates rates, Rates const& named) noexcept {
  for (std::size_t kind = 0; kind < token_kind_count; ++kind) {
    if (named[kind] != none) rates[kind] = named[kind];
  }
  return rates;
}

Rates with_fallbacks(Rates rates, std::int64_t cache_read_factor) noexcept {
  for (std::size_t kind = 0; kind < token_kind_count; ++kind) {
    if (rates[kind] != none) continue;
    rates[kind] = rates[at(holders[kind])];
    if (kind == at(TokenKind::cache_read) && cache_read_factor >= 0 && rates[kind] != none) {
      rates[kind] = scaled(rates[kind], cache_read_factor, 1'000'000);
    }
  }
  return rates;
}

/// How a service tier changes rates: by `times / by` for each kind, or to `fixed` where the
/// standard rate is zero or absent.
struct ServiceChange {
  std::array<std::int64_t, token_kind_count> times{}, by{}, fixed{};
};

/// `own` are the rates that a source names; a kind without one is billed as its holder, and changes
/// with it.
ServiceChange change_of(Rates const& own, Rates const& standard, Rates const& named,
                        std::int64_t factor) noexcept {
  ServiceChange change;
  change.fixed.fill(none);
  for (std::size_t kind = 0; kind < token_kind_count; ++kind) {
    auto const holder = at(holders[kind]);
    if (named[kind] != none && standard[kind] > 0) {
      change.times[kind] = named[kind];
      change.by[kind] = standard[kind];
    } else if (named[kind] != none) {
      change.fixed[kind] = named[kind];
    } else if (factor >= 0 && (own[kind] != none || holder == kind)) {
      change.times[kind] = factor;
      change.by[kind] = 1'000'000;
    } else if (holder != kind) {
      change.times[kind] = change.times[holder];
      change.by[kind] = change.by[holder];
    }
    if (change.by[kind] == 0) change.times[kind] = change.by[kind] = 1;
  }
  return change;
}

Rates changed(Rates rates, ServiceChange const& change) noexcept {
  for (std::size_t kind = 0; kind < token_kind_count; ++kind) {
    if (change.fixed[kind] != none) {
      rates[kind] = change.fixed[kind];
    } else if (rates[kind] != none) {
      rates[kind] = scaled(rates[kind], change.times[kind], change.by[kind]);
    }
  }
  return rates;
}

RateSet rate_set(Rates const& attos) noexcept {
  bool const whole = std::all_of(attos.begin(), attos.end(), [](std::int64_t rate) {
    return rate == none || rate % attos_per_pico == 0;
  });
  RateSet set{attos, attos_per_pico};
  if (!whole) return set;
  set.per_pico = 1;
  set.is_plain = true;
  for (auto& rate : set.rates) {
    set.is_plain &= rate != none;
    if (rate != none) rate /= attos_per_pico;
  }
  return set;
}

/// The blocks of a period, sorted out.
struct Blocks {
  Rates base{};
  std::vector<Rates> tiers{}, windows{};  ///< Windows by group.
  std::array<Rates, 4> services{};        ///< By ServiceTier.
  std::array<bool, 4> has_service{};
  RateBlock const* fees = nullptr;
};

void add_window(PriceTable const& table, RateBlock const& block, PlanPeriod& period, Blocks& blocks,
                std::uint32_t& last_rates) {
  if (blocks.windows.empty() || block.first_rate != last_rates) {
    blocks.windows.push_back(rates_of(table, block));
    last_rates = block.first_rate;
  }
  auto const packed = PackedWindow::unpack(block.value);
  period.windows.push_back({packed.from_minute, packed.to_minute, packed.days,
                            static_cast<std::uint8_t>(blocks.windows.size() - 1)});
}

Blocks sort_blocks(PriceTable const& table, PeriodRow const& row, bool tier_is_inclusive,
                   PlanPeriod& period) {
  Blocks blocks;
  blocks.base.fill(none);
  for (auto& service : blocks.services) service.fill(none);
  std::uint32_t last_rates = 0;
  auto const service = [&](ServiceTier tier, RateBlock const& block) {
    blocks.services[static_cast<std::size_t>(tier)] = rates_of(table, block);
    blocks.has_service[static_cast<std::size_t>(tier)] = true;
  };
  for (auto const& block : PriceTable::rows(table.blocks, row.blocks)) {
    switch (block.condition) {
      case RateCondition::base:
        blocks.base = rates_of(table, block);
        break;
      case RateCondition::tier:
        period.tiers.push_back(block.value - (tier_is_inclusive && block.value > 0 ? 1 : 0));
        blocks.tiers.push_back(rates_of(table, block));
        break;
      case RateCondition::flex:
        service(ServiceTier::flex, block);
        break;
      case RateCondition::priority:
        service(ServiceTier::priority, block);
        break;
      case RateCondition::batch:
        service(ServiceTier::batch, block);
        break;
      case RateCondition::window:
        add_window(table, block, period, blocks, last_rates);
        break;
      case RateCondition::fees:
        blocks.fees = &block;
        break;
    }
  }
  return blocks;
}

void set_fees(std::span<PackedRate const> fees, PlanPeriod& period) noexcept {
  std::array<std::int64_t, fee_kind_count> by_kind;
  by_kind.fill(PlanPeriod::no_fee);
  for (auto const fee : fees) by_kind[fee.kind()] = fee.picos();
  auto const take = [&](FeeKind any, std::array<std::int64_t, 4>& to) {
    auto const first = static_cast<std::size_t>(any);
    bool const named = std::any_of(by_kind.begin() + static_cast<std::ptrdiff_t>(first),
                                   by_kind.begin() + static_cast<std::ptrdiff_t>(first + 4),
                                   [](std::int64_t fee) { return fee >= 0; });
    if (!named) return;
    for (std::size_t size = 0; size < 4; ++size) {
      auto const own = by_kind[first + size];
      to[size] = own >= 0 ? own : by_kind[first];
    }
  };
  take(FeeKind::request_any, period.request_fee);
  take(FeeKind::search_any, period.search_fee);
  period.has_request_fee = std::any_of(period.request_fee.begin(), period.request_fee.end(),
                                       [](std::int64_t fee) { return fee >= 0; });
}

void set_rates(Blocks const& blocks, ProviderRow const& provider, PlanPeriod& period) {
  auto const standard = with_fallbacks(blocks.base, provider.cache_read_factor);
  std::vector<ServiceChange> changes;
  for (auto const tier : {ServiceTier::flex, ServiceTier::priority, ServiceTier::batch}) {
    auto const number = static_cast<std::size_t>(tier);
    auto const factor = tier == ServiceTier::batch ? provider.batch : none;
    if (!blocks.has_service[number] && factor < 0) continue;
    changes.push_back(change_of(blocks.base, standard, blocks.services[number], factor));
    period.service_slots[number] = static_cast<std::uint8_t>(changes.size());
  }
  period.slots = static_cast<std::uint8_t>(changes.size() + 1);
  for (std::size_t window = 0; window <= blocks.windows.size(); ++window) {
    Rates const at_hour =
        window == 0 ? blocks.base : overlaid(blocks.base, blocks.windows[window - 1]);
    for (std::size_t tier = 0; tier <= blocks.tiers.size(); ++tier) {
      Rates const rates =
          with_fallbacks(tier == 0 ? at_hour : overlaid(at_hour, blocks.tiers[tier - 1]),
                         provider.cache_read_factor);
      period.sets.push_back(rate_set(rates));
      for (auto const& change : changes) period.sets.push_back(rate_set(changed(rates, change)));
    }
  }
}

Ratio ratio_of(std::int64_t millionths) noexcept {
  auto const common = std::max<std::int64_t>(std::gcd(millionths, std::int64_t{1'000'000}), 1);
  return {millionths / common, 1'000'000 / common};
}

Ratio adjustment_of(ProviderRow const& provider) noexcept {
  Ratio const kept = ratio_of(1'000'000 - std::max<std::int64_t>(provider.discount, 0));
  Ratio const billed = ratio_of(1'000'000 + std::max<std::int64_t>(provider.margin, 0));
  return {kept.numerator * billed.numerator, kept.denominator * billed.denominator};
}

}  // namespace

PricePlan make_plan(PriceTable const& table, std::size_t entry, std::size_t asked_provider) {
  EntryRow const& row = table.entries[entry];
  ProviderRow const& provider = table.providers[row.provider];
  PricePlan plan;
  plan.entry = static_cast<std::uint32_t>(entry);
  plan.provider = table.at(provider.name);
  plan.model = table.at(row.model);
  for (auto const& period_row : PriceTable::rows(table.periods, row.periods)) {
    PlanPeriod& period = plan.periods.emplace_back();
    period.from_ns = period_row.from_day == no_day ? std::numeric_limits<std::int64_t>::min()
                                                   : period_row.from_day * day_ns;
    auto const blocks = sort_blocks(table, period_row, provider.tier_is_inclusive, period);
    set_rates(blocks, provider, period);
    set_fees(PriceTable::rows(table.rates, provider.fees), period);
    if (blocks.fees != nullptr) {
      set_fees(PriceTable::rows(table.rates, {blocks.fees->first_rate, blocks.fees->rates}),
               period);
    }
  }
  for (auto const& m : PriceTable::rows(table.multipliers, row.multipliers)) {
    plan.multipliers.push_back(
        {table.at(m.attribute), table.at(m.value), ratio_of(m.millionths), m.millionths});
  }
  plan.asked_provider = static_cast<std::uint32_t>(asked_provider);
  plan.adjustment = adjustment_of(table.providers[asked_provider]);
  plan.is_adjusted = !plan.adjustment.is_one();
  return plan;
}

}  // namespace netrun::llm::detail
