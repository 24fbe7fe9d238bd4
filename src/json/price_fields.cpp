// SPDX-License-Identifier: MIT
// The objects of a price file, field by field.
#include "json/price_keys.hpp"
#include "json/price_reader.hpp"
#include "json/text.hpp"

#include <algorithm>
#include <array>

namespace netrun::llm::detail {
namespace {

/// "mon" is 0; 7 is none.
std::size_t weekday(std::string_view name) noexcept {
  return static_cast<std::size_t>(std::find(weekdays.begin(), weekdays.end(), name) -
                                  weekdays.begin());
}

/// Days such as "mon-fri", "sat,sun", "mon"; 0 when it is none of these. A range may pass Sunday.
std::uint8_t parse_days(std::string_view text) noexcept {
  unsigned days = 0;
  for (bool is_last = false; !is_last;) {
    auto const comma = text.find(',');
    auto const part = text.substr(0, comma);
    is_last = comma == std::string_view::npos;
    if (!is_last) text.remove_prefix(comma + 1);
    auto const dash = part.find('-');
    auto const first = weekday(part.substr(0, dash));
    auto const last = dash == std::string_view::npos ? first : weekday(part.substr(dash + 1));
    if (first == weekdays.size() || last == weekdays.size()) return 0;
    for (auto day = first;; day = (day + 1) % weekdays.size()) {
      days |= 1U << day;
      if (day == last) break;
    }
  }
  return static_cast<std::uint8_t>(days);
}

void read_days(Found const& found, PriceWindow& out) {
  if (!found.is(JsonKind::string)) return;
  auto const text = found.value().text();
  out.days = parse_days(text);
  if (out.days == 0) {
    found.refuse('"' + shortened(text) + "\" names no days such as \"mon-fri\" or \"sat,sun\"");
  }
}

/// "hh:mm" in minutes, up to 24:00; more is none.
std::uint16_t parse_minute(std::string_view text) noexcept {
  constexpr std::uint16_t none = 1441;
  auto const digit = [text](std::size_t at) {
    constexpr unsigned too_much = 100;
    char const c = text[at];
    return c >= '0' && c <= '9' ? static_cast<unsigned>(c - '0') : too_much;
  };
  if (text.size() != 5 || text[2] != ':') return none;
  auto const hours = digit(0) * 10 + digit(1);
  auto const minutes = digit(3) * 10 + digit(4);
  if (hours > 24 || minutes > 59) return none;
  return static_cast<std::uint16_t>(hours * 60 + minutes);
}

void read_retired(Found const& found, ModelPrices& out) {
  if (found.value().kind() == JsonKind::boolean) {
    out.is_retired = found.value().text() == "true";
  } else {
    read(found, out.retired);
  }
}

/// "inference_geo=us": 1.1
void read_multipliers(Found const& found, ModelPrices& out) {
  if (!is_object(found)) return;
  for (auto const value : found.value()) {
    Found const here(value, found);
    auto const equals = value.key().find('=');
    if (equals == std::string_view::npos) {
      here.refuse('"' + shortened(value.key()) +
                  "\" is not an attribute and its value, such as \"inference_geo=us\"");
      continue;
    }
    auto& multiplier = out.multipliers.emplace_back();
    multiplier.attribute = value.key().substr(0, equals);
    multiplier.value = value.key().substr(equals + 1);
    read(here, multiplier.factor);
  }
}

/// What prices do not use is kept as it was written.
void read_fact(Found const& found, std::string key, ProviderPrices& out) {
  auto const value = found.value();
  if (value.kind() != JsonKind::number && !found.is(JsonKind::string)) return;
  out.facts.emplace_back(std::move(key), value.text());
}

void read_plain_fact(Found const& found, ProviderPrices& out) {
  read_fact(found, std::string(found.key()), out);
}
void read_provider_multipliers(Found const& found, ProviderPrices& out) {
  if (!is_object(found)) return;
  for (auto const value : found.value()) {
    read_fact(Found(value, found), std::string(multiplier_facts) + std::string(value.key()), out);
  }
}

void read_tier_fact(Found const& found, ProviderPrices& out) {
  read_fact(found, std::string(tier_facts) + std::string(found.key()), out);
}
void read_tier_operator(Found const& found, ProviderPrices& out) {
  if (!found.is(JsonKind::string)) return;
  auto const text = found.value().text();
  if (text != ">" && text != ">=") {
    found.refuse('"' + shortened(text) + R"(" is neither ">" nor ">=")");
  }
  out.tier_is_inclusive = text == ">=";
}
void read_tier_rule(Found const& found, ProviderPrices& out) {
  static constexpr Field<ProviderPrices> fields[] = {
      {"kind", read_tier_fact}, {"op", read_tier_operator}, {"on", read_tier_fact}};
  read_fields(found, out, fields);
}

}  // namespace

bool read_rate(Found const& found, TokenRates& out) {
  for (std::size_t i = 0; i < token_kind_count; ++i) {
    auto const kind = static_cast<TokenKind>(i);
    if (found.key() != to_string(kind)) continue;
    read(found, out[kind]);
    return true;
  }
  return false;
}

void read(Found const& found, TokenRates& out) {
  if (!is_object(found)) return;
  for (auto const value : found.value()) {
    Found const here(value, found);
    if (!read_rate(here, out)) refuse_key(here, {}, true);
  }
}

void read(Found const& found, PriceTier& out) {
  static constexpr Field<PriceTier> fields[] = {{"above", read_member<&PriceTier::above_tokens>}};
  read_fields(found, out, fields);
  require(found, "above");
}

void read(Found const& found, PriceWindow::Range& out) {
  if (!found.is(JsonKind::string)) return;
  auto const text = found.value().text();
  auto const dash = std::min(text.find('-'), text.size());
  out = {parse_minute(text.substr(0, dash)),
         parse_minute(text.substr(std::min(dash + 1, text.size())))};
  constexpr unsigned minutes_per_day = 1440;
  if (out.from_minute > minutes_per_day || out.to_minute > minutes_per_day) {
    found.refuse('"' + shortened(text) + "\" is no range of hours such as \"01:00-04:30\"");
  }
}

void read(Found const& found, PriceWindow& out) {
  static constexpr Field<PriceWindow> fields[] = {{"utc", read_member<&PriceWindow::utc>},
                                                  {"days", read_days}};
  read_fields(found, out, fields);
}

void read(Found const& found, CallFee& out) {
  static constexpr Field<CallFee> fields[] = {{"any", read_member<&CallFee::any>},
                                              {"low", read_member<&CallFee::low>},
                                              {"medium", read_member<&CallFee::medium>},
                                              {"high", read_member<&CallFee::high>}};
  if (found.value().kind() == JsonKind::object) {
    read_fields(found, out, fields);
  } else {
    read(found, out.any);
  }
}

void read(Found const& found, CallFees& out) {
  if (!is_object(found)) return;
  for (auto const value : found.value()) {
    Found const here(value, found);
    if (value.key() == "request") {
      read(here, out.request);
    } else if (value.key() == "web_search") {
      read(here, out.web_search);
    } else {
      auto& [name, fee] = out.uncounted.emplace_back();
      name = value.key();
      read(here, fee);
    }
  }
}

void read(Found const& found, PricePeriod& out) {
  static constexpr Field<PricePeriod> fields[] = {{"from", read_member<&PricePeriod::from>},
                                                  {"tiers", read_member<&PricePeriod::tiers>},
                                                  {"flex", read_member<&PricePeriod::flex>},
                                                  {"priority", read_member<&PricePeriod::priority>},
                                                  {"batch", read_member<&PricePeriod::batch>},
                                                  {"windows", read_member<&PricePeriod::windows>},
                                                  {"per_1k", read_member<&PricePeriod::fees>}};
  read_fields(found, out, fields);
}

void read(Found const& found, ModelPrices& out) {
  static constexpr Field<ModelPrices> fields[] = {
      {"provider", read_member<&ModelPrices::provider>},
      {"model", read_member<&ModelPrices::model>},
      {"mode", read_member<&ModelPrices::mode>},
      {"match", read_member<&ModelPrices::match>},
      {"context", read_member<&ModelPrices::context_tokens>},
      {"max_input", read_member<&ModelPrices::max_input_tokens>},
      {"max_output", read_member<&ModelPrices::max_output_tokens>},
      {"released", read_member<&ModelPrices::released>},
      {"deprecated", read_member<&ModelPrices::deprecated>},
      {"retired", read_retired},
      {"rates", read_member<&ModelPrices::periods>},
      {"multipliers", read_multipliers},
      {"checked", read_member<&ModelPrices::checked>},
      {"src", read_member<&ModelPrices::sources>},
      {"note", read_member<&ModelPrices::note>}};
  read_fields(found, out, fields);
  require(found, "provider");
  require(found, "model");
}

void read(Found const& found, ProviderPrices& out) {
  static constexpr Field<ProviderPrices> fields[] = {
      {"ids", read_member<&ProviderPrices::ids>},
      {"hosts", read_member<&ProviderPrices::hosts>},
      {"strip", read_member<&ProviderPrices::strip>},
      {"geo_prefixes", read_member<&ProviderPrices::geo_prefixes>},
      {"fallback", read_member<&ProviderPrices::fallback>},
      {"batch", read_member<&ProviderPrices::batch>},
      {"default_cache_read_multiplier", read_member<&ProviderPrices::cache_read_factor>},
      {"tier", read_tier_rule},
      {"per_1k", read_member<&ProviderPrices::fees>},
      {"discount", read_member<&ProviderPrices::discount>},
      {"margin", read_member<&ProviderPrices::margin>},
      {"multipliers", read_provider_multipliers},
      {"data_residency_multiplier", read_plain_fact},
      {"regional_multiplier", read_plain_fact},
      {"note", read_member<&ProviderPrices::note>}};
  read_fields(found, out, fields);
  std::sort(out.facts.begin(), out.facts.end());
}

}  // namespace netrun::llm::detail
