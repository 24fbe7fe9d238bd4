// SPDX-License-Identifier: MIT
// Changes to a book.
#include "prices/changes.hpp"

#include "prices/book_state.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

namespace netrun::llm::detail {
namespace {

template <class T>
void take_named(std::vector<T>& to, std::vector<T> const& from) {
  if (!from.empty()) to = from;
}
template <class T>
void take_named(std::optional<T>& to, std::optional<T> const& from) {
  if (from) to = from;
}

void change_provider(ProviderPrices& to, ProviderPrices const& from) {
  take_named(to.ids, from.ids);
  take_named(to.hosts, from.hosts);
  take_named(to.strip, from.strip);
  take_named(to.geo_prefixes, from.geo_prefixes);
  take_named(to.fallback, from.fallback);
  take_named(to.batch, from.batch);
  take_named(to.cache_read_factor, from.cache_read_factor);
  take_named(to.discount, from.discount);
  take_named(to.margin, from.margin);
  take_named(to.facts, from.facts);
  take_named(to.fees.uncounted, from.fees.uncounted);
  to.tier_is_inclusive = to.tier_is_inclusive || from.tier_is_inclusive;
  if (!from.fees.request.empty()) to.fees.request = from.fees.request;
  if (!from.fees.web_search.empty()) to.fees.web_search = from.fees.web_search;
  if (!from.note.empty()) to.note = from.note;
  to.line = from.line;
}

void change_providers(PriceData& data, PriceData const& changes) {
  for (auto const& change : changes.providers) {
    auto const known = std::find_if(data.providers.begin(), data.providers.end(),
                                    [&](auto const& p) { return p.name == change.name; });
    if (known == data.providers.end()) {
      data.providers.push_back(change);
    } else {
      change_provider(*known, change);
    }
  }
}

/// The layers of the book, numbered anew from 0 without gaps, and the next free number.
std::uint32_t layers_of(PriceTable const& table, MatchLayers& layers) {
  std::map<std::uint32_t, std::uint32_t> numbers;
  for (auto const rows : {table.aliases, table.patterns}) {
    for (auto const& row : rows) numbers[row.layer] = 0;
  }
  std::uint32_t next = 0;
  for (auto& [old, number] : numbers) number = next++;
  // In the order in which decompile_entry lists the matches of an entry.
  layers.resize(table.entries.size());
  for (auto const rows : {table.aliases, table.patterns}) {
    for (auto const& row : rows) layers[row.entry].push_back(numbers[row.layer]);
  }
  return next;
}

/// Replaces an entry. A match that it had keeps its place in the order; new ones come first. Who
/// names none keeps those that were there.
void replace_entry(ModelPrices& entry, std::vector<std::uint32_t>& layers,
                   ModelPrices const& change, std::uint32_t new_layer) {
  auto const old = std::exchange(entry, change);
  if (change.match.empty()) {
    entry.match = old.match;
    return;
  }
  std::vector<std::uint32_t> kept;
  for (auto const& match : change.match) {
    auto const found = std::find(old.match.begin(), old.match.end(), match);
    kept.push_back(found == old.match.end()
                       ? new_layer
                       : layers[static_cast<std::size_t>(found - old.match.begin())]);
  }
  layers = std::move(kept);
}

/// Calls providers as the book does, so that changes to "gemini" are changes to "google".
void use_names_of(PriceTable const& table, PriceData& changes) {
  auto const use_name = [&](std::string& name) {
    auto const number = find_provider(table, name);
    if (number != no_provider) name = table.at(table.providers[number].name);
  };
  for (auto& provider : changes.providers) {
    use_name(provider.name);
    for (auto& fallback : provider.fallback) use_name(fallback);
  }
  for (auto& model : changes.models) use_name(model.provider);
}

std::optional<std::chrono::sys_days> read_day(std::string_view text) noexcept {
  auto const number = [&](std::size_t at, std::size_t size, int& value) {
    auto const* const end = text.data() + at + size;
    auto const read = std::from_chars(text.data() + at, end, value);
    return read.ec == std::errc{} && read.ptr == end;
  };
  int year = 0;
  int month = 0;
  int day = 0;
  if (text[4] != '-' || text[7] != '-' || !number(0, 4, year) || !number(5, 2, month) ||
      !number(8, 2, day) || year < 1970 || month < 1 || day < 1) {
    return std::nullopt;
  }
  std::chrono::year_month_day const date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

}  // namespace

MergedPrices merge_prices(PriceTable const& table, PriceData changes) {
  use_names_of(table, changes);
  MergedPrices merged;
  merged.data = decompile_prices(table);
  PriceData& data = merged.data;
  auto const new_layer = layers_of(table, merged.layers);
  change_providers(data, changes);
  // Entries that were there are well; those of the changes are checked beside all providers.
  merged.mistakes = check_prices({.providers = data.providers, .models = changes.models});
  if (!merged.mistakes.empty()) return merged;

  std::map<std::pair<std::string_view, std::string_view>, std::size_t> known;
  for (std::size_t i = 0; i < data.models.size(); ++i) {
    known[{data.models[i].provider, data.models[i].model}] = i;
  }
  std::vector<ModelPrices> added;
  for (auto const& change : changes.models) {
    auto const old = known.find({change.provider, change.model});
    if (old == known.end()) {
      added.push_back(change);
      continue;
    }
    auto const number = old->second;
    known.erase(old);  // its key lies in the model that goes
    replace_entry(data.models[number], merged.layers[number], change, new_layer);
  }
  for (auto& entry : added) {
    merged.layers.emplace_back(std::max<std::size_t>(entry.match.size(), 1), new_layer);
    data.models.push_back(std::move(entry));
  }
  for (auto const& source : changes.sources) {
    auto const is_same = [&](auto const& other) { return other.first == source.first; };
    auto const old = std::find_if(data.sources.begin(), data.sources.end(), is_same);
    if (old == data.sources.end()) {
      data.sources.push_back(source);
    } else {
      *old = source;
    }
  }
  if (!changes.snapshot.empty()) data.snapshot = changes.snapshot;
  return merged;
}

std::optional<std::chrono::sys_days> newest_day(std::string_view text) noexcept {
  constexpr std::size_t date_size = 10;
  std::optional<std::chrono::sys_days> newest;
  for (std::size_t at = 0; at + date_size <= text.size(); ++at) {
    auto const day = read_day(text.substr(at, date_size));
    if (day && (!newest || *day > *newest)) newest = day;
  }
  return newest;
}

}  // namespace netrun::llm::detail
