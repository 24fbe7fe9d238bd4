// SPDX-License-Identifier: MIT
// Finding the price of a model.
#include "prices/table.hpp"
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/price_book.hpp>

#include <algorithm>
#include <cstddef>

namespace netrun::llm {
namespace {

/// Spellings of providers in telemetry.
struct ProviderName {
  std::string_view spelling, provider;
};
constexpr ProviderName provider_names[] = {
    {"anthropic", "anthropic"},
    {"deepseek", "deepseek"},
    {"gcp.gemini", "google"},
    {"gemini", "google"},
    {"google", "google"},
    {"google.generative_ai", "google"},
    {"mistral", "mistral"},
    {"mistral_ai", "mistral"},
    {"mistralai", "mistral"},
    {"ollama", "ollama"},
    {"openai", "openai"},
    {"x-ai", "xai"},
    {"x_ai", "xai"},
    {"xai", "xai"},
};
/// What Google's clients put before a model beside the name of the provider.
constexpr ProviderName other_prefixes[] = {{"models", "google"}, {"tunedmodels", "google"}};

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_lower(std::string_view text, std::string_view lower_case) noexcept {
  return text.size() == lower_case.size() &&
         std::equal(text.begin(), text.end(), lower_case.begin(),
                    [](char a, char b) { return lower(a) == b; });
}

template <std::size_t n>
std::string_view provider_in(ProviderName const (&names)[n], std::string_view spelling) noexcept {
  for (auto const& entry : names) {
    if (equal_lower(spelling, entry.spelling)) return entry.provider;
  }
  return {};
}

/// The model's id without a prefix that only repeats the provider: "openai/gpt-4o" is "gpt-4o".
std::string_view without_prefix(std::string_view model, std::string_view provider) noexcept {
  auto const slash = model.find('/');
  if (slash == std::string_view::npos || provider.empty()) return model;
  auto const prefix = model.substr(0, slash);
  bool const repeats = provider_in(provider_names, prefix) == provider ||
                       provider_in(other_prefixes, prefix) == provider;
  return repeats ? model.substr(slash + 1) : model;
}

bool matches_one(char pattern, char c) noexcept {
  return pattern == '#' ? (c >= '0' && c <= '9') : pattern == lower(c);
}

/// Whether `pattern` ('*' any run, '#' one digit) covers all of `text`. Remembers only the last
/// star, so the time is at most the product of the two lengths.
bool matches(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t star_text = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_text = t;
    } else if (p < pattern.size() && matches_one(pattern[p], text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return std::all_of(pattern.begin() + static_cast<std::ptrdiff_t>(p), pattern.end(),
                     [](char c) { return c == '*'; });
}

/// How well a row's patterns fit an id: 0 not at all; an exact alias beats every pattern.
std::size_t fit(std::string_view patterns, std::string_view id) noexcept {
  constexpr std::size_t exact = std::size_t{1} << 20;
  std::size_t best = 0;
  while (!patterns.empty()) {
    auto const end = std::min(patterns.find('|'), patterns.size());
    auto const pattern = patterns.substr(0, end);
    patterns.remove_prefix(std::min(end + 1, patterns.size()));
    auto const stars = static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '*'));
    bool const literal = stars == 0 && pattern.find('#') == std::string_view::npos;
    if (literal ? equal_lower(id, pattern) : matches(pattern, id)) {
      best = std::max(best, literal ? exact : pattern.size() - stars + 1);
    }
  }
  return best;
}

}  // namespace

PriceBook const& PriceBook::builtin() noexcept {
  static PriceBook const book(detail::price_table());
  return book;
}

PriceEntry PriceBook::find(NameView provider, NameView model) const noexcept {
  if (model.size() > max_name_bytes) return {};
  std::string_view const name = provider_in(provider_names, provider);
  std::string_view const stripped = without_prefix(model, name);
  PriceRow const* best = nullptr;
  std::size_t best_fit = 0;
  for (auto const& row : rows_) {
    if (row.provider != name && row.provider != provider) continue;
    auto const row_fit = std::max(fit(row.match, model), fit(row.match, stripped));
    if (row_fit > best_fit) {
      best = &row;
      best_fit = row_fit;
    }
  }
  if (best == nullptr) return {};
  auto const* const end = rows_.data() + rows_.size();
  auto const* last = best;
  while (last != end && last->provider == best->provider && last->model == best->model) ++last;
  return {best, last};
}

PriceQuote PriceBook::price(NameView provider, NameView model, TokenUsage const& usage,
                            Clock::time_point at) const noexcept {
  auto const since = std::chrono::duration_cast<std::chrono::nanoseconds>(at.time_since_epoch());
  return price_call(find(provider, model), usage, since.count());
}

}  // namespace netrun::llm
