// SPDX-License-Identifier: MIT
// Checks the prices of an entry: amounts, days, tiers, hours and fees.
#include "prices/calendar_text.hpp"
#include "prices/mistakes.hpp"
#include <netrun/llm/metrics.hpp>

#include <array>
#include <bitset>
#include <cstdint>
#include <set>

namespace netrun::llm::detail {
namespace {

constexpr unsigned minutes_per_day = 1440;
constexpr unsigned days_per_week = 7;
constexpr std::uint8_t every_day = 127;

std::string with_index(std::string_view list, std::size_t index) {
  return std::string(list) + '[' + std::to_string(index) + ']';
}

std::string text_of(PriceWindow::Range range) {
  return '"' + to_text(range.from_minute) + '-' + to_text(range.to_minute) + '"';
}

void check_amount(std::optional<Usd> const& amount, std::string_view prefix, std::string_view name,
                  MistakePlace const& place) {
  constexpr Int128 finest = Usd::picos_per_dollar / 1'000'000;
  constexpr Int128 end = Int128{Usd::picos_per_dollar} * 1'000'000;
  if (!amount) return;
  char const* problem = nullptr;
  if (amount->picos() < 0) {
    problem = " is negative";
  } else if (amount->picos() >= end) {
    problem = " is not below 1,000,000 USD";
  } else if (amount->picos() % finest != 0) {
    problem = " has more than six decimals";
  } else {
    return;
  }
  place.refuse(std::string(prefix) + std::string(name), amount->to_string() + problem);
}

void check_rates(TokenRates const& rates, std::string_view prefix, MistakePlace const& place) {
  for (std::size_t i = 0; i < token_kind_count; ++i) {
    auto const kind = static_cast<TokenKind>(i);
    check_amount(rates[kind], prefix, to_string(kind), place);
  }
}

void check_tiers(std::vector<PriceTier> const& tiers, std::string const& prefix,
                 MistakePlace const& place) {
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    auto const path = prefix + with_index("tiers", i) + '.';
    auto const above = tiers[i].above_tokens;
    if (above == 0) {
      place.refuse(path + "above", "a tier above 0 tokens leaves nothing to the price itself");
    } else if (i > 0 && above <= tiers[i - 1].above_tokens) {
      place.refuse(path + "above", std::to_string(above) + " is not more than " +
                                       std::to_string(tiers[i - 1].above_tokens) +
                                       ", where the tier before it begins");
    }
    check_rates(tiers[i].rates, path, place);
  }
}

/// The minutes of a week that windows have taken so far: a window's day is one of Beijing's, but
/// every minute of UTC lies on one day there, so the pair of both names it.
class TakenMinutes {
 public:
  /// False when some of them are taken already.
  bool take(PriceWindow::Range range, std::uint8_t days) {
    Minutes minutes;
    if (range.from_minute < range.to_minute) {
      minutes = below(range.to_minute) & ~below(range.from_minute);
    } else {
      minutes = below(range.to_minute) | ~below(range.from_minute);
    }
    bool is_free = true;
    for (unsigned day = 0; day < days_per_week; ++day) {
      if ((days >> day & 1) == 0) continue;
      is_free = is_free && (taken_[day] & minutes).none();
      taken_[day] |= minutes;
    }
    return is_free;
  }

 private:
  using Minutes = std::bitset<minutes_per_day>;
  static Minutes below(unsigned minute) {
    return minute == 0 ? Minutes() : ~Minutes() >> (minutes_per_day - minute);
  }

  std::array<Minutes, days_per_week> taken_{};
};

void check_range(PriceWindow::Range range, std::uint8_t days, TakenMinutes& taken,
                 std::string const& path, MistakePlace const& place) {
  if (range.from_minute >= minutes_per_day || range.to_minute > minutes_per_day) {
    place.refuse(path, text_of(range) + " is not within a day, from 00:00 to 24:00");
  } else if (range.from_minute == range.to_minute) {
    place.refuse(path, text_of(range) + " ends where it begins");
  } else if (!taken.take(range, days)) {
    place.refuse(path, text_of(range) + " shares hours with a window before it");
  }
}

void check_windows(std::vector<PriceWindow> const& windows, std::string const& prefix,
                   MistakePlace const& place) {
  TakenMinutes taken;
  constexpr std::size_t most_windows = 100;
  if (windows.size() > most_windows) {
    place.refuse(prefix + "windows", std::to_string(windows.size()) + " windows, at most " +
                                         std::to_string(most_windows));
    return;
  }
  for (std::size_t i = 0; i < windows.size(); ++i) {
    auto const& window = windows[i];
    auto const path = prefix + with_index("windows", i) + '.';
    if (window.days == 0 || window.days > every_day) {
      place.refuse(path + "days", std::to_string(window.days) + " names no days of the week");
    }
    if (window.utc.empty()) place.refuse(path + "utc", "the window has no hours");
    for (std::size_t j = 0; j < window.utc.size(); ++j) {
      check_range(window.utc[j], window.days, taken, path + with_index("utc", j), place);
    }
    if (window.rates == TokenRates{}) place.refuse(path + "utc", "the window names no price");
    check_rates(window.rates, path, place);
  }
}

void check_fee(CallFee const& fee, std::string const& path, MistakePlace const& place) {
  check_amount(fee.any, path, "", place);
  check_amount(fee.low, path, ".low", place);
  check_amount(fee.medium, path, ".medium", place);
  check_amount(fee.high, path, ".high", place);
}

void check_order(std::vector<PricePeriod> const& periods, std::size_t index,
                 std::string const& path, MistakePlace const& place) {
  auto const& from = periods[index].from;
  check_day(from, path, place);
  if (index == 0) return;
  auto const& before = periods[index - 1].from;
  if (!from) {
    place.refuse(path, "only the first prices may have no first day");
  } else if (before && *from <= *before) {
    place.refuse(path, '"' + to_text(*from) + "\" does not come after \"" + to_text(*before) +
                           "\", where the prices before it begin");
  }
}

}  // namespace

void check_fees(CallFees const& fees, std::string const& path, MistakePlace const& place) {
  check_fee(fees.request, path + ".request", place);
  check_fee(fees.web_search, path + ".web_search", place);
  std::set<std::string_view> names;
  for (auto const& [name, amount] : fees.uncounted) {
    auto const here = path + '.' + name.substr(0, max_name_bytes);
    check_name(name, Letters::any, here, place);
    if (name == "request" || name == "web_search") {
      place.refuse(here, quoted(name) + " is a fee that is counted");
    }
    if (!names.insert(name).second) place.refuse(here, quoted(name) + " is here twice");
    check_amount(amount, here, "", place);
  }
}

void check_day(std::optional<std::chrono::sys_days> const& day, std::string_view path,
               MistakePlace const& place) {
  using std::chrono::January;
  constexpr std::chrono::sys_days first = std::chrono::year(1970) / January / 1;
  constexpr std::chrono::sys_days end = std::chrono::year(2262) / January / 1;
  if (!day || (*day >= first && *day < end)) return;
  // What lies further away than a calendar reaches has no date to be quoted.
  constexpr std::chrono::days calendar(10'000'000);
  auto const far = std::chrono::abs(day->time_since_epoch()) > calendar;
  place.refuse(std::string(path),
               (far ? std::to_string(day->time_since_epoch().count()) + " days from 1970"
                    : '"' + to_text(*day) + '"') +
                   " is not in the years from 1970 to 2261");
}

void check_periods(ModelPrices const& entry, MistakePlace const& place) {
  auto const& periods = entry.periods;
  if (periods.empty()) place.refuse("rates", "the entry has no prices");
  for (std::size_t i = 0; i < periods.size(); ++i) {
    auto const& period = periods[i];
    auto const path = with_index("rates", i) + '.';
    check_order(periods, i, path + "from", place);
    check_rates(period.rates, path, place);
    check_tiers(period.tiers, path, place);
    check_rates(period.flex, path + "flex.", place);
    check_rates(period.priority, path + "priority.", place);
    check_rates(period.batch, path + "batch.", place);
    check_windows(period.windows, path, place);
    check_fees(period.fees, path + "per_1k", place);
  }
}

}  // namespace netrun::llm::detail
