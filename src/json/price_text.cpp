// SPDX-License-Identifier: MIT
// Entries and providers in the form of a price file.
#include "json/price_text.hpp"

#include "json/price_keys.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {
namespace {

/// In the order of a price file.
constexpr std::array kinds_in_order{TokenKind::input,          TokenKind::output,
                                    TokenKind::cache_read,     TokenKind::cache_write,
                                    TokenKind::cache_write_1h, TokenKind::audio_input,
                                    TokenKind::audio_output,   TokenKind::cached_audio_input,
                                    TokenKind::image_input,    TokenKind::cached_image_input,
                                    TokenKind::image_output,   TokenKind::video_input,
                                    TokenKind::video_output,   TokenKind::reasoning,
                                    TokenKind::citation};
static_assert(kinds_in_order.size() == token_kind_count);

/// An object, an array: a bracket, and commas between what is in it.
class Brackets {
 public:
  Brackets(TextBuffer& out, char open, char close) : out_(out), close_(close) { out_.raw(open); }
  Brackets(Brackets const&) = delete;  // it closes what it has opened
  Brackets& operator=(Brackets const&) = delete;

  void comma() {
    if (!is_first_) out_.raw(',');
    is_first_ = false;
  }
  void key(std::string_view name) {
    comma();
    out_.json_string(name);
    out_.raw(':');
  }
  void close() { out_.raw(close_); }

 private:
  TextBuffer& out_;
  char close_;
  bool is_first_ = true;
};

void put(TextBuffer& out, std::string_view text) { out.json_string(text); }
void put(TextBuffer& out, std::string const& text) { out.json_string(text); }
void put(TextBuffer& out, std::uint64_t number) { out.number(number); }
void put(TextBuffer& out, std::uint32_t number) { out.number(std::uint64_t{number}); }
void put(TextBuffer& out, Usd amount) { out.raw(amount.to_string()); }
void put(TextBuffer& out, Factor factor) { out.raw(factor.to_string()); }

/// `number` with zeros in front, up to `digits`.
std::string padded(unsigned number, std::size_t digits) {
  auto text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return text;
}

void put(TextBuffer& out, std::chrono::sys_days day) {
  std::chrono::year_month_day const date(day);
  out.json_string(padded(static_cast<unsigned>(static_cast<int>(date.year())), 4) + '-' +
                  padded(static_cast<unsigned>(date.month()), 2) + '-' +
                  padded(static_cast<unsigned>(date.day()), 2));
}

void put(TextBuffer& out, PriceWindow::Range range) {
  auto const time = [](unsigned minute) {
    return padded(minute / 60, 2) + ':' + padded(minute % 60, 2);
  };
  out.json_string(time(range.from_minute) + '-' + time(range.to_minute));
}

// Declared here for the templates.
void put(TextBuffer& out, TokenRates const& rates);
void put(TextBuffer& out, PriceTier const& tier);
void put(TextBuffer& out, PriceWindow const& window);
void put(TextBuffer& out, CallFee const& fee);
void put(TextBuffer& out, CallFees const& fees);
void put(TextBuffer& out, PricePeriod const& period);

template <class T>
void put(TextBuffer& out, std::vector<T> const& values) {
  Brackets array(out, '[', ']');
  for (auto const& value : values) {
    array.comma();
    put(out, value);
  }
  array.close();
}

// What is not there, or is as it is without being named, is left out.
template <class T>
void put_field(TextBuffer& out, Brackets& object, std::string_view key, T const& value) {
  if (value == T{}) return;
  object.key(key);
  put(out, value);
}
template <class T>
void put_field(TextBuffer& out, Brackets& object, std::string_view key,
               std::optional<T> const& value) {
  if (!value) return;
  object.key(key);
  put(out, *value);
}

/// The rates as fields of an object that may have others.
void put_rate_fields(TextBuffer& out, Brackets& object, TokenRates const& rates) {
  for (auto const kind : kinds_in_order) put_field(out, object, to_string(kind), rates[kind]);
}

void put(TextBuffer& out, TokenRates const& rates) {
  Brackets object(out, '{', '}');
  put_rate_fields(out, object, rates);
  object.close();
}

void put(TextBuffer& out, PriceTier const& tier) {
  Brackets object(out, '{', '}');
  object.key("above");
  put(out, tier.above_tokens);
  put_rate_fields(out, object, tier.rates);
  object.close();
}

/// "mon-fri", "sat,sun", "mon,wed-fri".
std::string days_text(unsigned days) {
  std::string text;
  for (std::size_t first = 0; first < weekdays.size(); ++first) {
    if ((days >> first & 1) == 0) continue;
    auto last = first;
    while (last + 1 < weekdays.size() && (days >> (last + 1) & 1) != 0) ++last;
    if (!text.empty()) text += ',';
    text += weekdays[first];
    if (last > first) {
      text += last == first + 1 ? ',' : '-';
      text += weekdays[last];
    }
    first = last;
  }
  return text;
}

void put(TextBuffer& out, PriceWindow const& window) {
  Brackets object(out, '{', '}');
  object.key("utc");
  put(out, window.utc);
  if (window.days != all_weekdays) {
    object.key("days");
    out.json_string(days_text(window.days));
  }
  put_rate_fields(out, object, window.rates);
  object.close();
}

void put(TextBuffer& out, CallFee const& fee) {
  if (fee.any && !fee.low && !fee.medium && !fee.high) {
    put(out, *fee.any);
    return;
  }
  Brackets object(out, '{', '}');
  put_field(out, object, "any", fee.any);
  put_field(out, object, "low", fee.low);
  put_field(out, object, "medium", fee.medium);
  put_field(out, object, "high", fee.high);
  object.close();
}

void put(TextBuffer& out, CallFees const& fees) {
  Brackets object(out, '{', '}');
  put_field(out, object, "request", fees.request);
  put_field(out, object, "web_search", fees.web_search);
  for (auto const& [name, fee] : fees.uncounted) {
    object.key(name);
    put(out, fee);
  }
  object.close();
}

void put(TextBuffer& out, PricePeriod const& period) {
  Brackets object(out, '{', '}');
  put_field(out, object, "from", period.from);
  put_rate_fields(out, object, period.rates);
  put_field(out, object, "tiers", period.tiers);
  put_field(out, object, "flex", period.flex);
  put_field(out, object, "priority", period.priority);
  put_field(out, object, "batch", period.batch);
  put_field(out, object, "windows", period.windows);
  put_field(out, object, "per_1k", period.fees);
  object.close();
}

void put_multipliers(TextBuffer& out, std::vector<PriceMultiplier> const& multipliers) {
  Brackets object(out, '{', '}');
  for (auto const& [attribute, value, factor] : multipliers) {
    auto key = attribute;
    key += '=';
    object.key(key += value);
    put(out, factor);
  }
  object.close();
}

/// True for what JSON reads as a number of the same digits.
bool is_plain_number(std::string_view text) noexcept {
  constexpr std::size_t most_digits = 18;
  auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
  auto const point = text.find('.');
  auto const whole = text.substr(0, point);
  auto const decimals = point == std::string_view::npos ? "0" : text.substr(point + 1);
  return !whole.empty() && !decimals.empty() && text.size() <= most_digits &&
         (whole == "0" || whole.front() != '0') &&
         std::all_of(whole.begin(), whole.end(), is_digit) &&
         std::all_of(decimals.begin(), decimals.end(), is_digit);
}

/// A number stays one.
void put_fact(TextBuffer& out, Brackets& object, std::string_view key, std::string_view text) {
  object.key(key);
  if (is_plain_number(text)) {
    out.raw(text);
  } else {
    out.json_string(text);
  }
}

/// The fact `name`, if there is one, as the field `key`.
void put_fact(TextBuffer& out, Brackets& object, ProviderPrices const& provider,
              std::string_view name, std::string_view key) {
  for (auto const& [known, text] : provider.facts) {
    if (known == name) put_fact(out, object, key, text);
  }
}

bool has_facts(ProviderPrices const& provider, std::string_view prefix) {
  return std::any_of(provider.facts.begin(), provider.facts.end(),
                     [&](auto const& fact) { return fact.first.starts_with(prefix); });
}

void put_tier_rule(TextBuffer& out, ProviderPrices const& provider) {
  Brackets object(out, '{', '}');
  put_fact(out, object, provider, "tier.kind", "kind");
  object.key("op");
  put(out, std::string_view(provider.tier_is_inclusive ? ">=" : ">"));
  put_fact(out, object, provider, "tier.on", "on");
  object.close();
}

void put_multiplier_facts(TextBuffer& out, ProviderPrices const& provider) {
  Brackets object(out, '{', '}');
  for (auto const& [name, text] : provider.facts) {
    if (!name.starts_with(multiplier_facts)) continue;
    put_fact(out, object, std::string_view(name).substr(multiplier_facts.size()), text);
  }
  object.close();
}

}  // namespace

void put(TextBuffer& out, ModelPrices const& entry) {
  Brackets object(out, '{', '}');
  object.key("provider");
  put(out, entry.provider);
  object.key("model");
  put(out, entry.model);
  put_field(out, object, "mode", entry.mode);
  put_field(out, object, "match", entry.match);
  put_field(out, object, "context", entry.context_tokens);
  put_field(out, object, "max_input", entry.max_input_tokens);
  put_field(out, object, "max_output", entry.max_output_tokens);
  put_field(out, object, "released", entry.released);
  put_field(out, object, "deprecated", entry.deprecated);
  put_field(out, object, "retired", entry.retired);
  if (entry.is_retired && !entry.retired) {
    object.key("retired");
    out.raw(std::string_view("true"));
  }
  object.key("rates");
  put(out, entry.periods);
  if (!entry.multipliers.empty()) {
    object.key("multipliers");
    put_multipliers(out, entry.multipliers);
  }
  put_field(out, object, "checked", entry.checked);
  put_field(out, object, "src", entry.sources);
  put_field(out, object, "note", entry.note);
  object.close();
}

void put(TextBuffer& out, ProviderPrices const& provider) {
  Brackets object(out, '{', '}');
  put_field(out, object, "ids", provider.ids);
  put_field(out, object, "hosts", provider.hosts);
  put_field(out, object, "strip", provider.strip);
  put_field(out, object, "geo_prefixes", provider.geo_prefixes);
  put_field(out, object, "fallback", provider.fallback);
  put_field(out, object, "batch", provider.batch);
  put_field(out, object, "default_cache_read_multiplier", provider.cache_read_factor);
  if (provider.tier_is_inclusive || has_facts(provider, tier_facts)) {
    object.key("tier");
    put_tier_rule(out, provider);
  }
  put_field(out, object, "per_1k", provider.fees);
  put_field(out, object, "discount", provider.discount);
  put_field(out, object, "margin", provider.margin);
  if (has_facts(provider, multiplier_facts)) {
    object.key("multipliers");
    put_multiplier_facts(out, provider);
  }
  for (std::string_view const name : {"data_residency_multiplier", "regional_multiplier"}) {
    put_fact(out, object, provider, name, name);
  }
  put_field(out, object, "note", provider.note);
  object.close();
}

}  // namespace netrun::llm::detail
