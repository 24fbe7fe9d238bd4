// SPDX-License-Identifier: MIT
// What a call costs, as JSON and as CSV.
#include "tool/bill.hpp"

#include "tool/days.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace netrun::llm::tool {
namespace {

using Json = nlohmann::ordered_json;

/// "inference_geo=us"
std::string name_of(PriceMultiplier const& multiplier) {
  return multiplier.attribute + "=" + multiplier.value;
}

template <class T>
Json or_null(std::optional<T> const& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// Texts separated by blanks.
std::string joined(std::vector<std::string> const& texts) {
  std::string all;
  for (auto const& text : texts) (all += all.empty() ? "" : " ") += text;
  return all;
}

Json buckets_of(PriceBill const& bill) {
  auto buckets = Json::object();
  for (auto const& line : bill.tokens) {
    auto& bucket = buckets[std::string(to_string(line.kind))];
    bucket["tokens"] = line.tokens;
    bucket["usd_per_million"] = Usd::from_picos(line.attos_per_token).to_string();
    bucket["cost_usd"] = attos_to_string(attos_of(line));
  }
  return buckets;
}

Json fees_of(PriceBill const& bill) {
  auto fees = Json::object();
  if (bill.request_fee != Usd{}) fees["request"] = bill.request_fee.to_string();
  if (bill.search_fees != Usd{}) fees["web_search"] = bill.search_fees.to_string();
  return fees;
}

}  // namespace

std::string attos_to_string(Int128 attos) {
  constexpr int decimals = 18;
  auto rest = attos < 0 ? -static_cast<UInt128>(attos) : static_cast<UInt128>(attos);
  std::string digits;
  for (int i = 0; rest != 0 || i <= decimals; ++i) {
    if (i == decimals) digits += '.';
    digits += static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (attos < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.ends_with('.')) digits.pop_back();
  return digits;
}

Int128 attos_of(PricedTokens const& tokens) noexcept {
  // Below 2^63 times below 2^64: it fits.
  return static_cast<Int128>(tokens.attos_per_token) * static_cast<Int128>(tokens.tokens);
}

std::string entry_name(PriceQuote const& quote) {
  if (quote.model.empty()) return {};
  return std::string(quote.provider) + "/" + std::string(quote.model);
}

std::vector<std::string> note_names(PriceQuote const& quote) {
  std::vector<std::string> names;
  if (quote.fee_undecided) names.emplace_back("fee_undecided");
  if (quote.tier_unknown) names.emplace_back("tier_unknown");
  return names;
}

void add_bill(Json& json, PriceBill const& bill) {
  auto const& quote = bill.quote;
  auto const entry = entry_name(quote);
  json["cost_usd"] = quote.priced ? Json(quote.cost.to_string()) : Json(nullptr);
  json["cost_picousd"] = quote.priced ? Json(quote.cost.to_pico_string()) : Json(nullptr);
  json["entry"] = entry.empty() ? Json(nullptr) : Json(entry);
  if (!quote.priced) {
    json["error"] = std::string(to_string(quote.problem));
    json["explanation"] = std::string(quote.explanation);
    return;
  }
  json["buckets"] = buckets_of(bill);
  json["fees"] = fees_of(bill);
  json["service_tier"] = std::string(to_string(bill.service_tier));
  json["tier_above"] = or_null(bill.tier_above_tokens);
  json["prices_from"] = bill.from ? Json(day_text(bill.from)) : Json(nullptr);
  json["in_window"] = bill.in_window;
  auto& multipliers = json["multipliers"] = Json::object();
  for (auto const& multiplier : bill.multipliers) {
    multipliers[name_of(multiplier)] = multiplier.factor.to_string();
  }
  if (bill.discount) json["discount"] = bill.discount->to_string();
  if (bill.margin) json["margin"] = bill.margin->to_string();
  json["notes"] = note_names(quote);
}

std::vector<std::string> bill_columns() {
  std::vector<std::string> columns{
      "cost_usd",        "cost_picousd",        "entry",      "error",
      "explanation",     "service_tier",        "tier_above", "prices_from",
      "in_window",       "multipliers",         "discount",   "margin",
      "request_fee_usd", "web_search_fees_usd", "notes"};
  for (std::size_t kind = 0; kind < token_kind_count; ++kind) {
    std::string const name(to_string(static_cast<TokenKind>(kind)));
    for (auto const* const suffix : {"_tokens", "_usd_per_million", "_cost_usd"}) {
      columns.push_back(name + suffix);
    }
  }
  return columns;
}

std::vector<std::string> bill_cells(PriceBill const& bill) {
  auto const& quote = bill.quote;
  if (!quote.priced) {
    return {"", "", entry_name(quote), std::string(to_string(quote.problem)),
            std::string(quote.explanation)};
  }
  std::vector<std::string> multipliers;
  for (auto const& multiplier : bill.multipliers) {
    multipliers.push_back(name_of(multiplier) + ":" + multiplier.factor.to_string());
  }
  std::vector<std::string> cells{
      quote.cost.to_string(),
      quote.cost.to_pico_string(),
      entry_name(quote),
      "",
      "",
      std::string(to_string(bill.service_tier)),
      bill.tier_above_tokens ? std::to_string(*bill.tier_above_tokens) : "",
      day_text(bill.from),
      bill.in_window ? "true" : "false",
      joined(multipliers),
      bill.discount ? bill.discount->to_string() : "",
      bill.margin ? bill.margin->to_string() : "",
      bill.request_fee.to_string(),
      bill.search_fees.to_string(),
      joined(note_names(quote))};
  for (std::size_t kind = 0; kind < token_kind_count; ++kind) {
    auto const line = std::find_if(
        bill.tokens.begin(), bill.tokens.end(),
        [kind](PricedTokens const& tokens) { return tokens.kind == static_cast<TokenKind>(kind); });
    bool const used = line != bill.tokens.end();
    cells.push_back(used ? std::to_string(line->tokens) : "");
    cells.push_back(used ? Usd::from_picos(line->attos_per_token).to_string() : "");
    cells.push_back(used ? attos_to_string(attos_of(*line)) : "");
  }
  return cells;
}

}  // namespace netrun::llm::tool
