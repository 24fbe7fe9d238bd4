// SPDX-License-Identifier: MIT
// The prices of an entry: which hold when, and as rows, one for each condition.
#include "tool/price_rows.hpp"

#include "tool/days.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace netrun::llm::tool {
namespace {

std::string two_digits(unsigned number) {
  return {static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

std::string clock_text(std::uint16_t minute) {
  constexpr unsigned minutes_per_hour = 60;
  return two_digits(minute / minutes_per_hour) + ":" + two_digits(minute % minutes_per_hour);
}

/// "mon-fri", "mon,wed"
std::string days_text(std::uint8_t days) {
  constexpr std::array<std::string_view, 7> names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::string text;
  for (std::size_t first = 0; first < names.size(); ++first) {
    if ((days >> first & 1) == 0) continue;
    auto last = first;
    while (last + 1 < names.size() && (days >> (last + 1) & 1) != 0) ++last;
    (text += text.empty() ? "" : ",") += names[first];
    if (last > first) (text += '-') += names[last];
    first = last;
  }
  return text;
}

void add(std::vector<RateRow>& rows, std::string condition, TokenRates const& rates) {
  if (rates != TokenRates{}) rows.push_back({std::move(condition), rates});
}

void add(std::vector<FeeRow>& rows, std::string const& name, CallFee const& fee) {
  if (fee.any) rows.push_back({name, *fee.any});
  if (fee.low) rows.push_back({name + " (low)", *fee.low});
  if (fee.medium) rows.push_back({name + " (medium)", *fee.medium});
  if (fee.high) rows.push_back({name + " (high)", *fee.high});
}

}  // namespace

PricePeriod const* period_at(ModelPrices const& model, Clock::time_point at) noexcept {
  PricePeriod const* last = nullptr;
  for (auto const& period : model.periods) {
    if (!period.from || *period.from <= at) last = &period;
  }
  return last;
}

std::string span_text(ModelPrices const& model, PricePeriod const& period) {
  std::string text = period.from ? "from " + day_text(period.from) : "";
  if (&period != &model.periods.back()) {
    auto const* const next = &period + 1;
    text += (text.empty() ? "until " : " until ") + day_text(next->from);
  }
  return text.empty() ? "at all times" : text;
}

std::vector<RateRow> rate_rows(PricePeriod const& period, ProviderPrices const& provider) {
  std::vector<RateRow> rows{{"standard", period.rates}};
  for (auto const& window : period.windows) add(rows, window_text(window), window.rates);
  for (auto const& tier : period.tiers) {
    add(rows,
        (provider.tier_is_inclusive ? "from " : "above ") + std::to_string(tier.above_tokens) +
            " input tokens",
        tier.rates);
  }
  add(rows, "flex", period.flex);
  add(rows, "priority", period.priority);
  add(rows, "batch", period.batch);
  return rows;
}

std::vector<FeeRow> fee_rows(PricePeriod const& period, ProviderPrices const& provider) {
  std::vector<FeeRow> rows;
  auto const& own = period.fees;
  auto const& general = provider.fees;
  add(rows, "request", own.request.empty() ? general.request : own.request);
  add(rows, "web_search", own.web_search.empty() ? general.web_search : own.web_search);
  auto uncounted = own.uncounted;
  for (auto const& fee : general.uncounted) {
    auto const same = [&fee](auto const& other) { return other.first == fee.first; };
    if (std::none_of(uncounted.begin(), uncounted.end(), same)) uncounted.push_back(fee);
  }
  for (auto const& [name, price] : uncounted) rows.push_back({name + " (not charged)", price});
  return rows;
}

std::string window_text(PriceWindow const& window) {
  constexpr std::uint8_t every_day = 127;
  std::string text;
  for (auto const& range : window.utc) {
    (text += text.empty() ? "" : ", ") += clock_text(range.from_minute);
    (text += '-') += clock_text(range.to_minute);
  }
  text += " UTC";
  if (window.days != every_day) text += ", " + days_text(window.days) + " in Beijing";
  return text;
}

}  // namespace netrun::llm::tool
