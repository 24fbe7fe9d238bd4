// SPDX-License-Identifier: MIT
// From PriceData to the rows of a table.
#include "prices/price_table.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace netrun::llm::detail {
namespace {

constexpr Int128 tokens_per_price = 1'000'000;
constexpr Int128 events_per_fee = 1'000;

std::uint32_t count_of(std::size_t size) noexcept { return static_cast<std::uint32_t>(size); }

std::int32_t day_of(std::optional<std::chrono::sys_days> const& day) noexcept {
  return day ? static_cast<std::int32_t>(day->time_since_epoch().count()) : no_day;
}

std::int64_t millionths_of(std::optional<Factor> const& factor) noexcept {
  return factor ? factor->millionths : -1;
}

std::int64_t picos_each(Usd amount, Int128 of) noexcept {
  return static_cast<std::int64_t>(amount.picos() / of);
}

std::string lower_case(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

bool is_pattern(std::string_view match) noexcept {
  return match.find_first_of("*#") != std::string_view::npos;
}

class Compiler {
 public:
  Compiler(PriceData data, MatchLayers layers)
      : data_(std::move(data)), layers_(std::move(layers)) {
    layers_.resize(data_.models.size());
  }

  OwnedPriceTable compile() {
    add_missing_providers();
    sort_providers();
    to_.snapshot = text(data_.snapshot);
    for (auto const& [code, meaning] : data_.sources) {
      to_.sources.push_back({text(code), text(meaning), 0});
    }
    auto const order = order_of_models();
    auto next = order.begin();
    for (auto const& provider : data_.providers) {
      auto const number = static_cast<std::uint16_t>(to_.providers.size());
      to_.providers.push_back(provider_row(provider));
      auto const first = to_.entries.size();
      for (; next != order.end() && data_.models[*next].provider == provider.name; ++next) {
        add_entry(data_.models[*next], number, layers_[*next]);
      }
      to_.providers.back().entries = {count_of(first), count_of(to_.entries.size() - first)};
      add_matches(to_.providers.back());
    }
    return std::move(to_);
  }

 private:
  TextRef text(std::string_view value) {
    if (value.empty()) return {};
    auto const [known, is_new] =
        texts_.try_emplace(std::string(value), TextRef{count_of(to_.text.size()), 0});
    if (is_new) {
      known->second.size = count_of(value.size());
      to_.text += value;
    }
    return known->second;
  }

  RowRange refs(std::vector<std::string> const& values) {
    RowRange const range{count_of(to_.refs.size()), count_of(values.size())};
    for (auto const& value : values) to_.refs.push_back(text(value));
    return range;
  }

  template <class Pairs, class Row>
  RowRange named(Pairs const& pairs, Row&& row) {
    RowRange const range{count_of(to_.named.size()), count_of(pairs.size())};
    for (auto const& [name, value] : pairs) to_.named.push_back(row(name, value));
    return range;
  }
  RowRange facts(std::vector<std::pair<std::string, std::string>> const& pairs) {
    return named(pairs, [this](auto const& name, auto const& value) {
      return NamedRow{text(name), text(value), 0};
    });
  }
  RowRange uncounted(CallFees const& fees) {
    return named(fees.uncounted, [this](auto const& name, Usd fee) {
      return NamedRow{text(name), {}, picos_each(fee, events_per_fee)};
    });
  }

  void add_missing_providers() {
    for (auto const& model : data_.models) {
      bool const known = std::any_of(data_.providers.begin(), data_.providers.end(),
                                     [&](auto const& p) { return p.name == model.provider; });
      if (!known) data_.providers.push_back({.name = model.provider, .ids = {model.provider}});
    }
  }

  void sort_providers() {
    std::sort(data_.providers.begin(), data_.providers.end(),
              [](auto const& a, auto const& b) { return a.name < b.name; });
  }

  std::vector<std::size_t> order_of_models() const {
    std::vector<std::size_t> order(data_.models.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
      auto const& x = data_.models[a];
      auto const& y = data_.models[b];
      return std::tie(x.provider, x.model) < std::tie(y.provider, y.model);
    });
    return order;
  }

  void add_rate(unsigned kind, std::int64_t picos) {
    to_.rates.push_back(
        {std::uint64_t{kind} << PackedRate::kind_shift | static_cast<std::uint64_t>(picos)});
  }

  void add_fee(CallFee const& fee, FeeKind any) {
    auto kind = static_cast<unsigned>(any);
    for (auto const& value : {fee.any, fee.low, fee.medium, fee.high}) {
      if (value) add_rate(kind, picos_each(*value, events_per_fee));
      ++kind;
    }
  }

  RowRange fee_rates(CallFees const& fees) {
    auto const first = to_.rates.size();
    add_fee(fees.request, FeeKind::request_any);
    add_fee(fees.web_search, FeeKind::search_any);
    return {count_of(first), count_of(to_.rates.size() - first)};
  }

  RowRange token_rates(TokenRates const& rates) {
    auto const first = to_.rates.size();
    for (unsigned kind = 0; kind < token_kind_count; ++kind) {
      auto const& rate = rates[static_cast<TokenKind>(kind)];
      if (rate) add_rate(kind, picos_each(*rate, tokens_per_price));
    }
    return {count_of(first), count_of(to_.rates.size() - first)};
  }

  void add_block(RateCondition condition, std::uint64_t value, RowRange rates) {
    to_.blocks.push_back({value, rates.first, condition, static_cast<std::uint8_t>(rates.count)});
  }

  PeriodRow period_row(PricePeriod const& period) {
    PeriodRow row{.from_day = day_of(period.from)};
    auto const first = to_.blocks.size();
    add_block(RateCondition::base, 0, token_rates(period.rates));
    for (auto const& tier : period.tiers) {
      add_block(RateCondition::tier, tier.above_tokens, token_rates(tier.rates));
    }
    auto const add_service = [this](RateCondition condition, TokenRates const& rates) {
      if (rates != TokenRates{}) add_block(condition, 0, token_rates(rates));
    };
    add_service(RateCondition::flex, period.flex);
    add_service(RateCondition::priority, period.priority);
    add_service(RateCondition::batch, period.batch);
    for (auto const& window : period.windows) {
      auto const rates = token_rates(window.rates);
      for (auto const& range : window.utc) {
        PackedWindow const packed{range.from_minute, range.to_minute, window.days};
        add_block(RateCondition::window, packed.pack(), rates);
      }
    }
    if (auto const fees = fee_rates(period.fees); fees.count > 0) {
      add_block(RateCondition::fees, 0, fees);
    }
    row.blocks = {count_of(first), count_of(to_.blocks.size() - first)};
    row.uncounted = uncounted(period.fees);
    return row;
  }

  void add_entry(ModelPrices const& model, std::uint16_t provider,
                 std::vector<std::uint32_t> layers) {
    EntryRow row{
        .model = text(model.model),
        .mode = text(model.mode),
        .note = text(model.note),
        .periods = {count_of(to_.periods.size()), count_of(model.periods.size())},
        .multipliers = {count_of(to_.multipliers.size()), count_of(model.multipliers.size())},
        .sources = refs(model.sources),
        .context_tokens = model.context_tokens,
        .max_input_tokens = model.max_input_tokens,
        .max_output_tokens = model.max_output_tokens,
        .released = day_of(model.released),
        .deprecated = day_of(model.deprecated),
        .retired = day_of(model.retired),
        .checked = day_of(model.checked),
        .provider = provider,
        .is_retired = model.is_retired};
    for (auto const& period : model.periods) to_.periods.push_back(period_row(period));
    for (auto const& m : model.multipliers) {
      to_.multipliers.push_back({text(m.attribute), text(m.value), m.factor.millionths});
    }
    auto const entry = count_of(to_.entries.size());
    to_.entries.push_back(row);
    auto matches = model.match;
    if (matches.empty()) matches.push_back(lower_case(model.model));
    layers.resize(matches.size());
    for (std::size_t i = 0; i < matches.size(); ++i) {
      auto& rows = is_pattern(matches[i]) ? new_patterns_ : new_aliases_;
      rows.push_back({text(matches[i]), entry, layers[i]});
    }
  }

  void add_matches(ProviderRow& provider) {
    auto const name = [this](MatchRow const& row) {
      return std::string_view(to_.text).substr(row.text.offset, row.text.size);
    };
    std::sort(new_aliases_.begin(), new_aliases_.end(), [&](auto const& a, auto const& b) {
      if (name(a) != name(b)) return name(a) < name(b);
      return a.layer > b.layer;
    });
    provider.aliases = {count_of(to_.aliases.size()), count_of(new_aliases_.size())};
    provider.patterns = {count_of(to_.patterns.size()), count_of(new_patterns_.size())};
    to_.aliases.insert(to_.aliases.end(), new_aliases_.begin(), new_aliases_.end());
    to_.patterns.insert(to_.patterns.end(), new_patterns_.begin(), new_patterns_.end());
    new_aliases_.clear();
    new_patterns_.clear();
  }

  ProviderRow provider_row(ProviderPrices const& provider) {
    return {.name = text(provider.name),
            .note = text(provider.note),
            .ids = refs(provider.ids),
            .hosts = refs(provider.hosts),
            .strip = refs(provider.strip),
            .geo_prefixes = refs(provider.geo_prefixes),
            .fallback = refs(provider.fallback),
            .facts = facts(provider.facts),
            .uncounted = uncounted(provider.fees),
            .fees = fee_rates(provider.fees),
            .batch = millionths_of(provider.batch),
            .cache_read_factor = millionths_of(provider.cache_read_factor),
            .discount = millionths_of(provider.discount),
            .margin = millionths_of(provider.margin),
            .tier_is_inclusive = provider.tier_is_inclusive};
  }

  PriceData data_;
  MatchLayers layers_;
  OwnedPriceTable to_;
  std::unordered_map<std::string, TextRef> texts_;
  std::vector<MatchRow> new_aliases_, new_patterns_;
};

}  // namespace

OwnedPriceTable compile_prices(PriceData data, MatchLayers layers) {
  return Compiler(std::move(data), std::move(layers)).compile();
}

PriceTable OwnedPriceTable::table() const noexcept {
  return {.text = text,
          .snapshot = snapshot,
          .sources = sources,
          .providers = providers,
          .entries = entries,
          .aliases = aliases,
          .patterns = patterns,
          .periods = periods,
          .blocks = blocks,
          .rates = rates,
          .multipliers = multipliers,
          .named = named,
          .refs = refs};
}

ProviderRow const* PriceTable::provider(std::string_view name) const noexcept {
  auto const found = std::lower_bound(
      providers.begin(), providers.end(), name,
      [this](ProviderRow const& row, std::string_view wanted) { return at(row.name) < wanted; });
  return found != providers.end() && at(found->name) == name ? &*found : nullptr;
}

}  // namespace netrun::llm::detail
