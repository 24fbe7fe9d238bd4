// SPDX-License-Identifier: MIT
// Checks prices before a book is made of them: names, and what entries and providers share.
#include "prices/mistakes.hpp"
#include <netrun/llm/metrics.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <unordered_map>

namespace netrun::llm {
namespace detail {
namespace {

constexpr std::size_t quoted_bytes = 80;

bool is_control(char c) noexcept {
  auto const byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }

/// The start of `text`, whole characters, with blanks for control characters.
std::string shown(std::string_view text) {
  auto size = std::min(text.size(), quoted_bytes);
  auto const is_continuation = [&](std::size_t i) {
    return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80;
  };
  while (size > 0 && is_continuation(size)) --size;
  std::string out(text.substr(0, size));
  std::replace_if(out.begin(), out.end(), is_control, ' ');
  if (size < text.size()) out += "...";
  return out;
}

/// A path is for people: a long name in it is cut.
std::string keyed(std::string_view list, std::string_view key) {
  return std::string(list) + '.' + std::string(key.substr(0, max_name_bytes));
}

void check_names(std::vector<std::string> const& names, Letters letters, std::string_view list,
                 MistakePlace const& place) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    check_name(names[i], letters, std::string(list) + '[' + std::to_string(i) + ']', place);
  }
}

void check_factor(std::optional<Factor> const& factor, std::int64_t end, std::string const& path,
                  MistakePlace const& place) {
  if (!factor || (factor->millionths >= 0 && factor->millionths < end * 1'000'000)) return;
  place.refuse(path, factor->to_string() + " is not from 0 to below " + std::to_string(end));
}

constexpr std::int64_t factor_end = 1000;

MistakePlace place_of(ProviderPrices const& provider, Mistakes& mistakes) {
  return {mistakes, provider.line, "provider " + shown(provider.name)};
}
MistakePlace place_of(ModelPrices const& entry, Mistakes& mistakes) {
  return {mistakes, entry.line, shown(entry.provider) + '/' + shown(entry.model)};
}

/// Facts are written as keys of their own, so no other key is one, and none is there twice.
void check_facts(ProviderPrices const& provider, MistakePlace const& place) {
  constexpr std::string_view multipliers = "multipliers.";
  std::string_view before;
  for (auto const& [key, value] : provider.facts) {
    auto const path = key.substr(0, max_name_bytes);
    bool const is_known = key == "tier.kind" || key == "tier.on" ||
                          key == "data_residency_multiplier" || key == "regional_multiplier" ||
                          (key.starts_with(multipliers) && key.size() > multipliers.size());
    if (!is_known) place.refuse(path, quoted(key) + " is no fact that a price file has");
    if (key == "tier.kind" && value != "cliff") {
      place.refuse(path, quoted(value) + " is no kind of tier; it is always \"cliff\"");
    }
    if (key <= before) {
      place.refuse(path, quoted(key) + " does not come after " + quoted(before) +
                             " in the order of letters");
    }
    before = key;
  }
}

void check_provider(ProviderPrices const& provider, MistakePlace const& place) {
  check_name(provider.name, Letters::lower, "", place);
  check_names(provider.ids, Letters::lower, "ids", place);
  check_names(provider.hosts, Letters::lower, "hosts", place);
  check_names(provider.strip, Letters::any, "strip", place);
  check_names(provider.geo_prefixes, Letters::lower, "geo_prefixes", place);
  check_names(provider.fallback, Letters::lower, "fallback", place);
  check_factor(provider.batch, factor_end, "batch", place);
  check_factor(provider.cache_read_factor, factor_end, "default_cache_read_multiplier", place);
  check_factor(provider.discount, 1, "discount", place);
  check_factor(provider.margin, factor_end, "margin", place);
  check_fees(provider.fees, "per_1k", place);
  check_facts(provider, place);
}

void check_multipliers(ModelPrices const& entry, MistakePlace const& place) {
  std::set<std::string> known;
  for (auto const& [attribute, value, factor] : entry.multipliers) {
    std::string key = attribute;
    key += '=';
    key += value;
    auto const path = keyed("multipliers", key);
    check_name(attribute, Letters::any, path, place);
    check_name(value, Letters::any, path, place);
    if (attribute.find('=') != std::string::npos) {
      place.refuse(path, "the attribute " + quoted(attribute) + " holds a \"=\"");
    }
    if (!known.insert(key).second) place.refuse(path, quoted(key) + " is here twice");
    check_factor(factor, factor_end, path, place);
  }
}

void check_entry(ModelPrices const& entry, MistakePlace const& place) {
  check_name(entry.provider, Letters::lower, "provider", place);
  check_name(entry.model, Letters::any, "model", place);
  check_names(entry.match, Letters::lower, "match", place);
  check_names(entry.sources, Letters::any, "src", place);
  if (!entry.mode.empty()) check_name(entry.mode, Letters::lower, "mode", place);
  check_periods(entry, place);
  check_multipliers(entry, place);
  check_day(entry.released, "released", place);
  check_day(entry.deprecated, "deprecated", place);
  check_day(entry.retired, "retired", place);
  check_day(entry.checked, "checked", place);
  if (entry.retired && entry.is_retired) {
    place.refuse("retired", "it is retired on a day that is known and on one that is not");
  }
}

/// Whose a spelling or host is. Two providers that claim it would be told apart by chance.
class ProviderNames {
 public:
  explicit ProviderNames(Mistakes& mistakes) : mistakes_(mistakes) {}

  void add_provider(ProviderPrices const& provider) {
    if (provider.name.empty()) return;
    if (!names_.insert(provider.name).second) {
      place_of(provider, mistakes_).refuse("", "the provider is here twice");
    }
  }
  void add_entry(ModelPrices const& entry) {
    if (!entry.provider.empty()) names_.insert(entry.provider);
  }

  /// To be asked when all names are known.
  void check_spellings(ProviderPrices const& provider) {
    auto const place = place_of(provider, mistakes_);
    for (std::size_t i = 0; i < provider.ids.size(); ++i) {
      auto const& id = provider.ids[i];
      auto const path = "ids[" + std::to_string(i) + ']';
      if (id != provider.name && names_.count(id) != 0) {
        place.refuse(path, quoted(id) + " is the name of another provider");
      } else {
        claim(ids_, id, provider, path, place);
      }
    }
    for (std::size_t i = 0; i < provider.hosts.size(); ++i) {
      claim(hosts_, provider.hosts[i], provider, "hosts[" + std::to_string(i) + ']', place);
    }
  }
  void check_fallbacks(ProviderPrices const& provider, PriceScope scope) {
    auto const place = place_of(provider, mistakes_);
    for (std::size_t i = 0; i < provider.fallback.size(); ++i) {
      auto const& name = provider.fallback[i];
      if (name.empty()) continue;
      auto const path = "fallback[" + std::to_string(i) + ']';
      if (name == provider.name) {
        place.refuse(path, quoted(name) + " is the provider itself");
      } else if (scope == PriceScope::book && names_.count(name) == 0) {
        place.refuse(path, quoted(name) + " is no provider of this book");
      }
    }
  }
  void check_count() const {
    if (names_.size() <= max_price_providers) return;
    mistakes_.add({.reason = "there are " + std::to_string(names_.size()) +
                             " providers, and a book holds " +
                             std::to_string(max_price_providers)});
  }

 private:
  using Owners = std::unordered_map<std::string_view, ProviderPrices const*>;

  static void claim(Owners& owners, std::string_view spelling, ProviderPrices const& provider,
                    std::string const& path, MistakePlace const& place) {
    if (spelling.empty()) return;
    auto const [found, is_new] = owners.emplace(spelling, &provider);
    if (is_new) return;
    if (found->second == &provider) {
      place.refuse(path, quoted(spelling) + " is here twice");
    } else {
      place.refuse(
          path, quoted(spelling) + " belongs to provider " + shown(found->second->name) + " too");
    }
  }

  Mistakes& mistakes_;
  std::set<std::string_view> names_{};
  Owners ids_{}, hosts_{};
};

/// Whose an alias or pattern is, so that each id has one price.
class Aliases {
 public:
  explicit Aliases(Mistakes& mistakes) : mistakes_(mistakes) {}

  void add(ModelPrices const& entry) {
    auto const place = place_of(entry, mistakes_);
    if (entry.model.empty()) return;
    if (!entries_.emplace(entry.provider, entry.model).second) {
      place.refuse("model", "the entry is here twice");
      return;  // its aliases are too, most likely
    }
    if (entry.match.empty()) {
      std::string id = entry.model;
      std::transform(id.begin(), id.end(), id.begin(),
                     [](char c) { return is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c; });
      claim(std::move(id), entry, "model", place);
    }
    for (std::size_t i = 0; i < entry.match.size(); ++i) {
      claim(entry.match[i], entry, "match[" + std::to_string(i) + ']', place);
    }
  }

 private:
  void claim(std::string alias, ModelPrices const& entry, std::string const& path,
             MistakePlace const& place) {
    if (alias.empty()) return;
    auto const [found, is_new] =
        owners_.emplace(std::pair(std::string_view(entry.provider), std::move(alias)), &entry);
    if (is_new) return;
    auto const& shared = found->first.second;
    if (found->second == &entry) {
      place.refuse(path, quoted(shared) + " is here twice");
    } else {
      place.refuse(path, quoted(shared) + " belongs to " + shown(entry.provider) + '/' +
                             shown(found->second->model) + " too");
    }
  }

  Mistakes& mistakes_;
  std::set<std::pair<std::string_view, std::string_view>> entries_{};
  std::map<std::pair<std::string_view, std::string>, ModelPrices const*> owners_{};
};

void check_sources(PriceData const& data, Mistakes& mistakes) {
  MistakePlace const place(mistakes, 0, "");
  std::set<std::string_view> codes;
  for (auto const& source : data.sources) {
    std::string_view const code = source.first;
    auto const path = keyed("sources", code);
    check_name(code, Letters::any, path, place);
    if (!codes.insert(code).second) place.refuse(path, quoted(code) + " is here twice");
  }
}

}  // namespace

std::string quoted(std::string_view text) { return '"' + shown(text) + '"'; }

void check_name(std::string_view name, Letters letters, std::string const& path,
                MistakePlace const& place) {
  if (name.empty()) {
    place.refuse(path, "the name is empty");
  } else if (name.size() > max_name_bytes) {
    place.refuse(path,
                 quoted(name) + " is longer than " + std::to_string(max_name_bytes) + " bytes");
  } else if (std::any_of(name.begin(), name.end(), is_control)) {
    place.refuse(path, quoted(name) + " has a control character");
  } else if (letters == Letters::lower && std::any_of(name.begin(), name.end(), is_upper)) {
    place.refuse(path, quoted(name) + " is not in lower case");
  }
}

}  // namespace detail

std::vector<PriceMistake> check_prices(PriceData const& data, PriceScope scope) {
  detail::Mistakes mistakes;
  detail::check_sources(data, mistakes);
  detail::ProviderNames names(mistakes);
  for (auto const& provider : data.providers) names.add_provider(provider);
  for (auto const& entry : data.models) names.add_entry(entry);
  names.check_count();
  for (auto const& provider : data.providers) {
    detail::check_provider(provider, detail::place_of(provider, mistakes));
    names.check_spellings(provider);
    names.check_fallbacks(provider, scope);
  }
  detail::Aliases aliases(mistakes);
  for (auto const& entry : data.models) {
    detail::check_entry(entry, detail::place_of(entry, mistakes));
    aliases.add(entry);
  }
  return mistakes.take();
}

}  // namespace netrun::llm
