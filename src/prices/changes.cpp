// SPDX-License-Identifier: MIT
// Changes to a book.
#include "prices/changes.hpp"

#include "prices/book_state.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <map>

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

std::uint16_t next_layer(PriceTable const& table) noexcept {
  std::uint16_t highest = 0;
  for (auto const& entry : table.entries) highest = std::max(highest, entry.layer);
  return static_cast<std::uint16_t>(
      std::min<unsigned>(highest + 1U, std::numeric_limits<std::uint16_t>::max()));
}

/// Calls providers as the book does, so that changes to "gemini" are changes to "google".
void use_names_of(PriceTable const& table, PriceData& changes) {
  auto const use_name = [&](std::string& name) {
    auto const number = find_provider(table, name);
    if (number != no_provider) name = table.at(table.providers[number].name);
  };
  for (auto& provider : changes.providers) use_name(provider.name);
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
  for (auto const& entry : table.entries) merged.layers.push_back(entry.layer);
  change_providers(data, changes);
  // Entries that were there are well; those of the changes are checked beside all providers.
  merged.mistakes = check_prices({.providers = data.providers, .models = changes.models});
  if (!merged.mistakes.empty()) return merged;

  std::map<std::pair<std::string_view, std::string_view>, std::size_t> known;
  for (std::size_t i = 0; i < data.models.size(); ++i) {
    known[{data.models[i].provider, data.models[i].model}] = i;
  }
  std::vector<ModelPrices> added;
  auto const layer = next_layer(table);
  for (auto const& change : changes.models) {
    auto const old = known.find({change.provider, change.model});
    if (old == known.end()) {
      added.push_back(change);
      continue;
    }
    data.models[old->second] = change;
    merged.layers[old->second] = layer;
    known.erase(old);  // its key lay in the model that went
  }
  data.models.insert(data.models.end(), added.begin(), added.end());
  merged.layers.resize(data.models.size(), layer);
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
