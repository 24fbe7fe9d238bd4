// SPDX-License-Identifier: MIT
// Which entry a model id means.
#include "prices/book_state.hpp"
#include <netrun/llm/metrics.hpp>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>

namespace netrun::llm::detail {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// A name in lower case, on the stack. What is longer than any name is empty.
class LowerCase {
 public:
  explicit LowerCase(std::string_view text) noexcept
      : size_(text.size() <= max_name_bytes ? text.size() : 0) {
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size_), bytes_.begin(),
                   lower);
  }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.data(), size_}; }

 private:
  std::array<char, max_name_bytes> bytes_;
  std::size_t size_;
};

bool matches_one(char pattern, char c) noexcept {
  return pattern == '#' ? (c >= '0' && c <= '9') : pattern == c;
}

bool matches_at(std::string_view literal, char const* text) noexcept {
  for (std::size_t i = 0; i < literal.size(); ++i) {
    if (!matches_one(literal[i], text[i])) return false;
  }
  return true;
}

/// Where `literal`, which may hold '#' but no '*', first stands in `text`; npos when nowhere.
std::size_t find_literal(std::string_view text, std::string_view literal) noexcept {
  if (literal.empty()) return 0;
  if (literal.size() > text.size()) return std::string_view::npos;
  char const first = literal.front();
  std::size_t const last = text.size() - literal.size();
  for (std::size_t at = 0; at <= last; ++at) {
    if (first != '#') {
      // Most patterns fail here, by one quick look.
      auto const* const next =
          static_cast<char const*>(std::memchr(text.data() + at, first, last - at + 1));
      if (next == nullptr) return std::string_view::npos;
      at = static_cast<std::size_t>(next - text.data());
    }
    if (matches_at(literal, text.data() + at)) return at;
  }
  return std::string_view::npos;
}

/// How many bytes of `text` from its beginning on `pattern` ('*' any run, '#' one digit) covers, as
/// few as will do; npos when it does not match. Each literal between stars is looked for once, at
/// its first place, so the time is the product of the two lengths at most.
std::size_t match_prefix(std::string_view pattern, std::string_view text) noexcept {
  std::size_t at = 0;
  for (bool first = true;; first = false) {
    auto const star = pattern.find('*');
    auto const literal = pattern.substr(0, star);
    auto const rest = text.substr(at);
    if (first) {
      if (literal.size() > rest.size() || !matches_at(literal, rest.data())) {
        return std::string_view::npos;
      }
    } else {
      auto const found = find_literal(rest, literal);
      if (found == std::string_view::npos) return found;
      at += found;
    }
    at += literal.size();
    if (star == std::string_view::npos) return at;
    pattern.remove_prefix(star + 1);
  }
}

/// Whether `pattern` covers all of `text`.
bool matches(std::string_view pattern, std::string_view text) noexcept {
  auto const last_star = pattern.rfind('*');
  if (last_star == std::string_view::npos) {
    return pattern.size() == text.size() && matches_at(pattern, text.data());
  }
  auto const ending = pattern.substr(last_star + 1);
  if (ending.size() > text.size()) return false;
  auto const before = text.substr(0, text.size() - ending.size());
  return matches_at(ending, text.data() + before.size()) &&
         match_prefix(pattern.substr(0, last_star), before) != std::string_view::npos;
}

/// The ids that a model may be known by: itself, and without a prefix.
class Candidates {
 public:
  explicit Candidates(std::string_view id) noexcept { add(id); }

  void add(std::string_view id) noexcept {
    auto const end = ids_.begin() + static_cast<std::ptrdiff_t>(size_);
    if (id.empty() || size_ == ids_.size() || std::find(ids_.begin(), end, id) != end) return;
    ids_[size_++] = id;
  }
  /// Adds every candidate without each of the prefixes.
  void strip(PriceTable const& table, RowRange prefixes) noexcept {
    for (std::size_t i = 0, before = size_; i < before; ++i) {
      for (auto const prefix : PriceTable::rows(table.refs, prefixes)) {
        LowerCase const lower_case(table.at(prefix));  // "tunedModels/"
        auto const taken = match_prefix(lower_case.view(), ids_[i]);
        if (taken != std::string_view::npos) add(ids_[i].substr(taken));
      }
    }
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::span<std::string_view const> ids() const noexcept {
    return {ids_.data(), size_};
  }

 private:
  std::array<std::string_view, 40> ids_{};
  std::size_t size_ = 0;
};

/// The best entry so far: later layers first, then exact aliases, then the longest pattern.
struct Best {
  std::size_t entry = no_entry;
  std::uint32_t layer = 0;
  std::size_t fit = 0;

  void offer(MatchRow const& row, std::size_t row_fit) noexcept {
    bool const better = row.layer > layer || (row.layer == layer && row_fit > fit);
    if (entry != no_entry && !better) return;
    entry = row.entry;
    layer = row.layer;
    fit = row_fit;
  }
};

constexpr std::size_t exact_fit = std::size_t{1} << 20;

void offer_alias(PriceTable const& table, ProviderRow const& provider, std::string_view id,
                 Best& best) noexcept {
  auto const aliases = PriceTable::rows(table.aliases, provider.aliases);
  auto const found = std::lower_bound(
      aliases.begin(), aliases.end(), id,
      [&](MatchRow const& row, std::string_view wanted) { return table.at(row.text) < wanted; });
  // Of equal ones the latest layer stands first.
  if (found != aliases.end() && table.at(found->text) == id) {
    best.offer(*found, exact_fit);
  }
}

/// Which runs of three characters stand in an id, more or less: most patterns that begin with a
/// star can be told not to match by one look.
class Trigrams {
 public:
  explicit Trigrams(std::string_view id) noexcept {
    for (std::size_t i = 0; i + 3 <= id.size(); ++i) bits_.set(number(id.data() + i));
  }
  [[nodiscard]] bool may_hold(std::string_view literal) const noexcept {
    auto const is_plain = [](char c) { return c != '*' && c != '#'; };
    if (literal.size() < 3 || !is_plain(literal[0]) || !is_plain(literal[1]) ||
        !is_plain(literal[2])) {
      return true;
    }
    return bits_.test(number(literal.data()));
  }

 private:
  static constexpr std::size_t size = 1'024;
  static std::size_t number(char const* text) noexcept {
    auto const at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    return (at(0) * 131U + at(1) * 31U + at(2)) % size;
  }
  std::bitset<size> bits_;
};

void offer_patterns(PriceTable const& table, ProviderRow const& provider, std::string_view id,
                    Best& best) noexcept {
  Trigrams const trigrams(id);
  for (auto const& row : PriceTable::rows(table.patterns, provider.patterns)) {
    auto const pattern = table.at(row.text);
    char const first = pattern.front();
    if (first == '*' ? !trigrams.may_hold(pattern.substr(1)) : !matches_one(first, id.front())) {
      continue;
    }
    if (!matches(pattern, id)) continue;
    auto const stars = static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '*'));
    best.offer(row, pattern.size() - stars);
  }
}

/// Looks through the candidates from number `from` on: those before it were in vain.
std::size_t best_of(PriceTable const& table, ProviderRow const& provider,
                    Candidates const& candidates, std::size_t from) noexcept {
  Best best;
  auto const ids = candidates.ids().subspan(from);
  for (auto const id : ids) offer_alias(table, provider, id, best);
  for (auto const id : ids) offer_patterns(table, provider, id, best);
  return best.entry;
}

/// Looks with the prefixes of the provider taken off once, then again and again, then without the
/// name of a region.
std::size_t find_at(PriceTable const& table, ProviderRow const& provider,
                    Candidates& candidates) noexcept {
  for (std::size_t seen = 0;;) {
    candidates.strip(table, provider.strip);
    if (seen == candidates.size()) break;
    auto const entry = best_of(table, provider, candidates, seen);
    if (entry != no_entry) return entry;
    seen = candidates.size();
  }
  auto const seen = candidates.size();
  candidates.strip(table, provider.geo_prefixes);
  return seen == candidates.size() ? no_entry : best_of(table, provider, candidates, seen);
}

bool is_host(std::string_view pattern, std::string_view name) noexcept {
  if (matches(pattern, name)) return true;
  // A subdomain: the part after one of its dots is the host.
  for (auto dot = name.find('.'); dot != std::string_view::npos; dot = name.find('.', dot + 1)) {
    if (matches(pattern, name.substr(dot + 1))) return true;
  }
  return false;
}

}  // namespace

std::size_t find_provider(PriceTable const& table, std::string_view spelling_or_host) noexcept {
  LowerCase const name(spelling_or_host);
  if (name.view().empty()) return no_provider;
  auto const number = [&](auto const& is_it) {
    auto const found = std::find_if(table.providers.begin(), table.providers.end(), is_it);
    return found == table.providers.end()
               ? no_provider
               : static_cast<std::size_t>(found - table.providers.begin());
  };
  auto const by_name =
      number([&](ProviderRow const& row) { return table.at(row.name) == name.view(); });
  if (by_name != no_provider) return by_name;
  auto const by_id = number([&](ProviderRow const& row) {
    auto const ids = PriceTable::rows(table.refs, row.ids);
    return std::any_of(ids.begin(), ids.end(),
                       [&](TextRef id) { return table.at(id) == name.view(); });
  });
  if (by_id != no_provider) return by_id;
  if (name.view().find_first_of(".:") == std::string_view::npos) return no_provider;
  auto const by_host = [&](std::string_view host) {
    return number([&](ProviderRow const& row) {
      auto const hosts = PriceTable::rows(table.refs, row.hosts);
      return std::any_of(hosts.begin(), hosts.end(),
                         [&](TextRef known) { return is_host(table.at(known), host); });
    });
  };
  auto const with_port = by_host(name.view());
  if (with_port != no_provider) return with_port;
  return by_host(name.view().substr(0, name.view().rfind(':')));
}

std::size_t find_entry(PriceTable const& table, std::size_t provider,
                       std::string_view model) noexcept {
  LowerCase const id(model);
  if (id.view().empty()) return no_entry;
  Candidates candidates(id.view());
  // A provider may fall back to one that falls back itself; none is asked twice.
  std::array<ProviderRow const*, 16> waiting{&table.providers[provider]};
  std::size_t known = 1;
  for (std::size_t next = 0; next < known; ++next) {
    if (auto const entry = find_at(table, *waiting[next], candidates); entry != no_entry) {
      return entry;
    }
    for (auto const fallback : PriceTable::rows(table.refs, waiting[next]->fallback)) {
      auto const* const row = table.provider(table.at(fallback));
      bool const is_new =
          std::find(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(known), row) ==
          waiting.begin() + static_cast<std::ptrdiff_t>(known);
      if (row != nullptr && is_new && known < waiting.size()) waiting[known++] = row;
    }
  }
  return no_entry;
}

}  // namespace netrun::llm::detail
