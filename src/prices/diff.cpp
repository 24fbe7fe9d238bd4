// SPDX-License-Identifier: MIT
// What two price books say differently.
#include "prices/calendar_text.hpp"
#include <netrun/llm/reprice.hpp>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace netrun::llm {
namespace {

/// What is said of a model or a provider, by what it is about.
using Statements = std::map<std::string, std::string>;

std::string text_of(std::vector<std::string> const& names) {
  std::string text;
  for (auto const& name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text;
}

void state(Statements& to, std::string const& what, std::string value) {
  if (!value.empty()) to[what] = std::move(value);
}
void state(Statements& to, std::string const& what, std::optional<Usd> const& amount) {
  if (amount) to[what] = amount->to_string();
}
void state(Statements& to, std::string const& what, std::optional<Factor> const& factor) {
  if (factor) to[what] = factor->to_string();
}

void state_rates(Statements& to, std::string const& prefix, TokenRates const& rates) {
  for (std::size_t i = 0; i < token_kind_count; ++i) {
    auto const kind = static_cast<TokenKind>(i);
    state(to, prefix + std::string(to_string(kind)), rates[kind]);
  }
}

void state_fee(Statements& to, std::string const& what, CallFee const& fee) {
  state(to, what, fee.any);
  state(to, what + " low", fee.low);
  state(to, what + " medium", fee.medium);
  state(to, what + " high", fee.high);
}

void state_fees(Statements& to, std::string const& prefix, CallFees const& fees) {
  state_fee(to, prefix + "request", fees.request);
  state_fee(to, prefix + "web_search", fees.web_search);
  for (auto const& [name, fee] : fees.uncounted) state(to, prefix + name, std::optional(fee));
}

std::string name_of(PriceWindow const& window) {
  std::string name = "days " + std::to_string(window.days);
  for (auto const range : window.utc) {
    name += ' ' + detail::to_text(range.from_minute) + '-' + detail::to_text(range.to_minute);
  }
  return name;
}

void state_period(Statements& to, PricePeriod const& period) {
  std::string const from = period.from ? "from " + detail::to_text(*period.from) + ": " : "";
  to[from + "period"] = "yes";
  state_rates(to, from, period.rates);
  for (auto const& tier : period.tiers) {
    state_rates(to, from + "above " + std::to_string(tier.above_tokens) + ": ", tier.rates);
  }
  state_rates(to, from + "flex: ", period.flex);
  state_rates(to, from + "priority: ", period.priority);
  state_rates(to, from + "batch: ", period.batch);
  for (auto const& window : period.windows) {
    state_rates(to, from + name_of(window) + ": ", window.rates);
  }
  state_fees(to, from, period.fees);
}

Statements statements_of(ModelPrices const& model) {
  Statements all;
  all["entry"] = "yes";
  auto match = model.match;
  std::sort(match.begin(), match.end());
  state(all, "match", text_of(match));
  for (auto const& m : model.multipliers) {
    all[m.attribute + "=" + m.value] = m.factor.to_string();
  }
  for (auto const& period : model.periods) state_period(all, period);
  return all;
}

Statements statements_of(ProviderPrices const& provider) {
  Statements all;
  all["provider"] = "yes";
  state(all, "ids", text_of(provider.ids));
  state(all, "hosts", text_of(provider.hosts));
  state(all, "strip", text_of(provider.strip));
  state(all, "geo_prefixes", text_of(provider.geo_prefixes));
  state(all, "fallback", text_of(provider.fallback));
  state(all, "batch", provider.batch);
  state(all, "default_cache_read_multiplier", provider.cache_read_factor);
  state(all, "discount", provider.discount);
  state(all, "margin", provider.margin);
  if (provider.tier_is_inclusive) all["tier is inclusive"] = "yes";
  state_fees(all, "", provider.fees);
  return all;
}

using Subject = std::pair<std::string, std::string>;  // provider, model

std::map<Subject, Statements> statements_of(PriceBook const& book) {
  std::map<Subject, Statements> all;
  auto const data = book.data();
  for (auto const& provider : data.providers) all[{provider.name, ""}] = statements_of(provider);
  for (auto const& model : data.models) all[{model.provider, model.model}] = statements_of(model);
  return all;
}

void compare(Subject const& subject, Statements const& before, Statements const& after,
             std::vector<PriceChange>& changes) {
  auto const add = [&](std::string const& what, std::string was, std::string is) {
    changes.push_back({subject.first, subject.second, what, std::move(was), std::move(is)});
  };
  for (auto const& [what, value] : before) {
    auto const other = after.find(what);
    if (other == after.end()) {
      add(what, value, "");
    } else if (other->second != value) {
      add(what, value, other->second);
    }
  }
  for (auto const& [what, value] : after) {
    if (before.find(what) == before.end()) add(what, "", value);
  }
}

/// Of what was added or removed as a whole, one change says so.
std::string_view name_of_whole(Subject const& subject) {
  return subject.second.empty() ? "provider" : "entry";
}

}  // namespace

std::vector<PriceChange> diff(PriceBook const& before, PriceBook const& after) {
  std::vector<PriceChange> changes;
  if (before == after) return changes;
  auto const was = statements_of(before);
  auto const is = statements_of(after);
  auto const whole = [&](Subject const& subject, bool added) {
    changes.push_back({subject.first, subject.second, std::string(name_of_whole(subject)),
                       added ? "" : "yes", added ? "yes" : ""});
  };
  for (auto const& [subject, statements] : was) {
    auto const other = is.find(subject);
    if (other == is.end()) {
      whole(subject, false);
    } else {
      compare(subject, statements, other->second, changes);
    }
  }
  for (auto const& [subject, statements] : is) {
    if (was.find(subject) == was.end()) whole(subject, true);
  }
  std::sort(changes.begin(), changes.end(), [](auto const& a, auto const& b) {
    return std::tie(a.provider, a.model, a.what) < std::tie(b.provider, b.model, b.what);
  });
  return changes;
}

}  // namespace netrun::llm
