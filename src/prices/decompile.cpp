// SPDX-License-Identifier: MIT
// From the rows of a table back to PriceData.
#include "prices/price_table.hpp"

#include <algorithm>

namespace netrun::llm::detail {
namespace {

std::optional<std::chrono::sys_days> day(std::int32_t since_1970) {
  if (since_1970 == no_day) return std::nullopt;
  return std::chrono::sys_days{std::chrono::days{since_1970}};
}

std::optional<Factor> factor(std::int64_t millionths) {
  if (millionths < 0) return std::nullopt;
  return Factor{millionths};
}

Usd usd(std::int64_t picos, std::int64_t times) { return Usd::from_picos(picos) * times; }

std::vector<std::string> texts(PriceTable const& table, RowRange range) {
  std::vector<std::string> result;
  for (auto const ref : PriceTable::rows(table.refs, range)) result.emplace_back(table.at(ref));
  return result;
}

TokenRates token_rates(PriceTable const& table, RateBlock const& block) {
  TokenRates rates;
  for (auto const rate : PriceTable::rows(table.rates, {block.first_rate, block.rates})) {
    rates[static_cast<TokenKind>(rate.kind())] = usd(rate.picos(), 1'000'000);
  }
  return rates;
}

CallFees call_fees(PriceTable const& table, RowRange range) {
  CallFees fees;
  std::optional<Usd>* const slots[fee_kind_count] = {
      &fees.request.any,    &fees.request.low,    &fees.request.medium,    &fees.request.high,
      &fees.web_search.any, &fees.web_search.low, &fees.web_search.medium, &fees.web_search.high};
  for (auto const rate : PriceTable::rows(table.rates, range)) {
    *slots[rate.kind()] = usd(rate.picos(), 1'000);
  }
  return fees;
}

void add_uncounted(PriceTable const& table, RowRange range, CallFees& fees) {
  for (auto const& row : PriceTable::rows(table.named, range)) {
    fees.uncounted.emplace_back(table.at(row.name), usd(row.picos, 1'000));
  }
}

/// Adds a range of a window; ranges with the same rates and days are one window.
void add_window(PricePeriod& period, RateBlock const& block, RateBlock const* previous,
                PriceTable const& table) {
  auto const packed = PackedWindow::unpack(block.value);
  bool const goes_on = previous != nullptr && previous->condition == RateCondition::window &&
                       previous->first_rate == block.first_rate &&
                       PackedWindow::unpack(previous->value).days == packed.days;
  if (!goes_on) period.windows.push_back({{}, packed.days, token_rates(table, block)});
  period.windows.back().utc.push_back({packed.from_minute, packed.to_minute});
}

PricePeriod price_period(PriceTable const& table, PeriodRow const& row) {
  PricePeriod period{.from = day(row.from_day)};
  RateBlock const* previous = nullptr;
  for (auto const& block : PriceTable::rows(table.blocks, row.blocks)) {
    switch (block.condition) {
      case RateCondition::base:
        period.rates = token_rates(table, block);
        break;
      case RateCondition::tier:
        period.tiers.push_back({block.value, token_rates(table, block)});
        break;
      case RateCondition::flex:
        period.flex = token_rates(table, block);
        break;
      case RateCondition::priority:
        period.priority = token_rates(table, block);
        break;
      case RateCondition::batch:
        period.batch = token_rates(table, block);
        break;
      case RateCondition::window:
        add_window(period, block, previous, table);
        break;
      case RateCondition::fees:
        period.fees = call_fees(table, {block.first_rate, block.rates});
        break;
    }
    previous = &block;
  }
  add_uncounted(table, row.uncounted, period.fees);
  return period;
}

ProviderPrices price_provider(PriceTable const& table, ProviderRow const& row) {
  ProviderPrices provider{.name = std::string(table.at(row.name)),
                          .ids = texts(table, row.ids),
                          .hosts = texts(table, row.hosts),
                          .strip = texts(table, row.strip),
                          .geo_prefixes = texts(table, row.geo_prefixes),
                          .fallback = texts(table, row.fallback),
                          .batch = factor(row.batch),
                          .cache_read_factor = factor(row.cache_read_factor),
                          .tier_is_inclusive = row.tier_is_inclusive,
                          .fees = call_fees(table, row.fees),
                          .discount = factor(row.discount),
                          .margin = factor(row.margin),
                          .note = std::string(table.at(row.note))};
  add_uncounted(table, row.uncounted, provider.fees);
  for (auto const& fact : PriceTable::rows(table.named, row.facts)) {
    provider.facts.emplace_back(table.at(fact.name), table.at(fact.text));
  }
  return provider;
}

}  // namespace

ModelPrices decompile_entry(PriceTable const& table, std::size_t entry) {
  EntryRow const& row = table.entries[entry];
  ProviderRow const& provider = table.providers[row.provider];
  ModelPrices model{.provider = std::string(table.at(provider.name)),
                    .model = std::string(table.at(row.model)),
                    .mode = std::string(table.at(row.mode)),
                    .context_tokens = row.context_tokens,
                    .max_input_tokens = row.max_input_tokens,
                    .max_output_tokens = row.max_output_tokens,
                    .released = day(row.released),
                    .deprecated = day(row.deprecated),
                    .retired = day(row.retired),
                    .is_retired = row.is_retired,
                    .checked = day(row.checked),
                    .sources = texts(table, row.sources),
                    .note = std::string(table.at(row.note))};
  auto const add_matches = [&](std::span<MatchRow const> rows) {
    for (auto const& match : rows) {
      if (match.entry == entry) model.match.emplace_back(table.at(match.text));
    }
  };
  add_matches(PriceTable::rows(table.aliases, provider.aliases));
  add_matches(PriceTable::rows(table.patterns, provider.patterns));
  for (auto const& period : PriceTable::rows(table.periods, row.periods)) {
    model.periods.push_back(price_period(table, period));
  }
  for (auto const& m : PriceTable::rows(table.multipliers, row.multipliers)) {
    model.multipliers.push_back(
        {std::string(table.at(m.attribute)), std::string(table.at(m.value)), {m.millionths}});
  }
  return model;
}

PriceData decompile_prices(PriceTable const& table) {
  PriceData data{.snapshot = std::string(table.at(table.snapshot))};
  for (auto const& source : table.sources) {
    data.sources.emplace_back(table.at(source.name), table.at(source.text));
  }
  for (auto const& provider : table.providers) {
    data.providers.push_back(price_provider(table, provider));
  }
  for (std::size_t i = 0; i < table.entries.size(); ++i) {
    data.models.push_back(decompile_entry(table, i));
  }
  return data;
}

}  // namespace netrun::llm::detail
