// SPDX-License-Identifier: MIT
// Which entry a model id means, by the rules as they are written down.
#include "support/price_oracle.hpp"

#include <netrun/llm/metrics.hpp>

#include <algorithm>
#include <vector>

namespace netrun::llm::testing {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// All numbers of bytes at the beginning of `text` that `pattern` can cover.
std::vector<bool> covered(std::string_view pattern, std::string_view text) {
  std::vector<bool> now(text.size() + 1);
  now[0] = true;
  for (char const p : pattern) {
    std::vector<bool> next(text.size() + 1);
    for (std::size_t i = 0; i <= text.size(); ++i) {
      if (p == '*') {
        next[i] = now[i] || (i > 0 && next[i - 1]);
      } else if (i > 0 && now[i - 1]) {
        next[i] = p == '#' ? text[i - 1] >= '0' && text[i - 1] <= '9' : p == text[i - 1];
      }
    }
    now = next;
  }
  return now;
}

bool matches(std::string_view pattern, std::string_view text) {
  return covered(pattern, text).back();
}

ProviderPrices const* provider_named(PriceData const& data, std::string const& name) {
  for (auto const& provider : data.providers) {
    if (provider.name == name) return &provider;
  }
  for (auto const& provider : data.providers) {
    if (std::find(provider.ids.begin(), provider.ids.end(), name) != provider.ids.end()) {
      return &provider;
    }
  }
  if (name.find_first_of(".:") == std::string::npos) return nullptr;
  for (auto const& provider : data.providers) {
    for (auto const& host : provider.hosts) {
      if (matches(host, name) || matches("*." + host, name)) return &provider;
    }
  }
  return nullptr;
}

/// The exact alias, else the pattern with the most characters that are not stars; of equal ones
/// that of the id with fewer prefixes off, then the first entry.
std::string best_entry(PriceData const& data, std::string const& provider,
                       std::vector<std::string> const& ids) {
  std::string best = "none";
  std::size_t best_size = 0;
  auto const offer = [&](ModelPrices const& model, std::string const& match,
                         std::string const& id) {
    bool const exact = match.find_first_of("*#") == std::string::npos;
    auto const stars = static_cast<std::size_t>(std::count(match.begin(), match.end(), '*'));
    auto const size = exact ? 1'000 : match.size() - stars;
    if ((best != "none" && size <= best_size) || !matches(match, id)) return;
    best = model.provider + "/" + model.model;
    best_size = size;
  };
  for (auto const& id : ids) {
    for (auto const& model : data.models) {
      if (model.provider != provider) continue;
      for (auto const& match : model.match) offer(model, match, id);
    }
  }
  return best;
}

/// Every id without each prefix that it begins with; true when there were new ones.
bool strip(std::vector<std::string>& ids, std::vector<std::string> const& prefixes) {
  auto const before = ids.size();
  for (std::size_t i = 0; i < before; ++i) {
    for (auto const& prefix : prefixes) {
      auto const ends = covered(lower_case(prefix), ids[i]);
      auto const first = std::find(ends.begin(), ends.end(), true);
      if (first == ends.end()) continue;
      auto rest = ids[i].substr(static_cast<std::size_t>(first - ends.begin()));
      if (rest.empty() || std::find(ids.begin(), ids.end(), rest) != ids.end()) continue;
      ids.push_back(std::move(rest));
    }
  }
  return ids.size() > before;
}

std::string find_at(PriceData const& data, ProviderPrices const& provider,
                    std::vector<std::string>& ids) {
  do {
    strip(ids, provider.strip);
    auto found = best_entry(data, provider.name, ids);
    if (found != "none") return found;
  } while (strip(ids, provider.strip));
  if (!strip(ids, provider.geo_prefixes)) return "none";
  return best_entry(data, provider.name, ids);
}

}  // namespace

std::string entry_by_the_rules(PriceData const& data, std::string_view provider,
                               std::string_view model) {
  if (model.empty() || model.size() > max_name_bytes || provider.size() > max_name_bytes) {
    return "none";
  }
  auto const* const first = provider_named(data, lower_case(provider));
  if (first == nullptr) return "none";
  std::vector<ProviderPrices const*> waiting{first};
  std::vector<std::string> ids{lower_case(model)};
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    auto found = find_at(data, *waiting[i], ids);
    if (found != "none") return found;
    for (auto const& fallback : waiting[i]->fallback) {
      auto const* const next = provider_named(data, fallback);
      if (std::find(waiting.begin(), waiting.end(), next) == waiting.end()) waiting.push_back(next);
    }
  }
  return "none";
}

}  // namespace netrun::llm::testing
