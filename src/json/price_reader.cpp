// SPDX-License-Identifier: MIT
// Values of a price file into fields; what does not fit becomes a mistake with its place.
#include "json/price_reader.hpp"

#include "json/text.hpp"
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/price_file.hpp>

#include <algorithm>
#include <charconv>
#include <limits>
#include <numeric>
#include <set>
#include <stdexcept>
#include <system_error>
#include <tuple>
#include <utility>

namespace netrun::llm::detail {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Takes the digits at the start of `text` off it.
std::string_view take_digits(std::string_view& text) noexcept {
  auto const end = std::find_if_not(text.begin(), text.end(), is_digit);
  auto const digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(digits.size());
  return digits;
}

/// The value as a person is shown it.
std::string quoted(LinedJson::Value value) {
  auto const text = shortened(value.text());
  return value.kind() == JsonKind::string ? '"' + text + '"' : text;
}

struct Exponent {
  int value = 0;
  bool is_well_formed = true;
};

/// "", "e-7", "E+05".
Exponent parse_exponent(std::string_view text) noexcept {
  if (text.empty()) return {};
  bool const has_letter = text.front() == 'e' || text.front() == 'E';
  text.remove_prefix(1);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  Exponent exponent;
  auto const [end, problem] =
      std::from_chars(text.data(), text.data() + text.size(), exponent.value);
  constexpr int limit = 999;  // the decimal is written out: nobody means more zeros than these
  exponent.is_well_formed = has_letter && problem == std::errc() &&
                            end == text.data() + text.size() && exponent.value <= limit &&
                            exponent.value >= -limit;
  return exponent;
}

/// A number without its exponent, digit by digit: "1.5e-7" is "0.00000015". Absent when it is none.
std::optional<std::string> plain_decimal(std::string_view text) {
  bool const is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  std::string digits(take_digits(text));
  if (digits.empty()) return std::nullopt;
  auto point = static_cast<std::ptrdiff_t>(digits.size());
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    auto const decimals = take_digits(text);
    if (decimals.empty()) return std::nullopt;
    digits += decimals;
  }
  auto const exponent = parse_exponent(text);
  if (!exponent.is_well_formed) return std::nullopt;
  point += exponent.value;
  if (point < 1) {
    digits.insert(0, static_cast<std::size_t>(1 - point), '0');
    point = 1;
  }
  auto const whole = static_cast<std::size_t>(point);
  if (whole > digits.size()) digits.append(whole - digits.size(), '0');
  if (whole < digits.size()) digits.insert(whole, 1, '.');
  return is_negative ? '-' + digits : digits;
}

/// The exact decimal of a number, or of a text that is one; absent after a mistake.
std::optional<std::string> read_decimal(Found const& found) {
  auto const value = found.value();
  if (value.kind() != JsonKind::string && !found.is(JsonKind::number)) return std::nullopt;
  auto decimal = plain_decimal(value.text());
  if (!decimal) found.refuse(quoted(value) + " is no decimal number");
  return decimal;
}

template <class Number>
void read_whole(Found const& found, Number& out) {
  if (!found.is(JsonKind::number)) return;
  auto const text = found.value().text();
  Number number{};
  auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem == std::errc() && end == text.data() + text.size()) {
    out = number;
    return;
  }
  found.refuse(quoted(found.value()) + " is not a whole number from 0 to " +
               std::to_string(std::numeric_limits<Number>::max()));
}

/// Changes of one letter that make one text of the other.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      auto const changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, diagonal + 1, row[j] + 1});
    }
  }
  return row[b.size()];
}

}  // namespace

void PriceMistakes::add(std::size_t line, std::string path, std::string_view reason) {
  if (full()) return;
  if (out_.size() - before_ == max_price_mistakes) {
    out_.push_back({.reason = "there are more mistakes than these"});
    return;
  }
  constexpr std::size_t shown_bytes = 400;
  out_.push_back({line, where_, shortened(path, shown_bytes), shortened(reason, shown_bytes)});
  spots_.push_back({number_, std::move(path)});
}

bool PriceMistakes::has(std::size_t number, std::string_view path) const noexcept {
  return std::any_of(spots_.begin(), spots_.end(), [&](Spot const& spot) {
    if (spot.number != number || !path.starts_with(spot.path)) return false;
    auto const rest = path.substr(spot.path.size());
    return rest.empty() || rest.front() == '.' || rest.front() == '[';
  });
}

void PriceMistakes::sort() {
  auto const begin = out_.begin() + static_cast<std::ptrdiff_t>(before_);
  std::sort(begin, out_.end() - (full() ? 1 : 0), [](auto const& a, auto const& b) {
    return std::tie(a.line, a.where, a.path, a.reason) <
           std::tie(b.line, b.where, b.path, b.reason);
  });
}

bool PriceMistakes::take_parts(std::size_t count) {
  has_too_many_parts_ = has_too_many_parts_ || count > max_price_file_parts - parts_;
  if (!has_too_many_parts_) parts_ += count;
  return !has_too_many_parts_;
}

std::string Found::path() const {
  if (parent_ == nullptr) return {};
  auto text = parent_->path();
  if (index_) return text + '[' + std::to_string(*index_) + ']';
  if (!text.empty()) text += '.';
  return text += key().substr(0, max_name_bytes);
}

void Found::refuse(std::string_view reason) const {
  if (mistakes_.full()) return;
  mistakes_.add(value_.line(), path(), reason);
}

void Found::refuse_field(std::string_view key, std::string_view reason) const {
  auto text = path();
  if (!text.empty()) text += '.';
  mistakes_.add(value_.line(), text += key, reason);
}

bool Found::is(JsonKind kind) const {
  if (value_.kind() == kind) return true;
  std::string reason(to_string(value_.kind()));
  reason += " where ";
  reason += to_string(kind);
  reason += " belongs";
  bool const is_named = value_.kind() == JsonKind::number || value_.kind() == JsonKind::string;
  refuse(is_named ? reason + ": " + quoted(value_) : reason);
  return false;
}

bool Found::has_room() const {
  bool const was_too_much = mistakes_.has_too_many_parts();
  if (mistakes_.take_parts(value_.size())) return true;
  if (!was_too_much) {
    refuse("there are more than " + std::to_string(max_price_file_parts) +
           " entries, providers, periods, tiers and windows in the file");
  }
  return false;
}

bool is_object(Found const& found) {
  if (!found.is(JsonKind::object)) return false;
  std::set<std::string_view> keys;
  for (auto const field : found.value()) {
    if (keys.insert(field.key()).second) continue;
    Found(field, found).refuse('"' + shortened(field.key()) + "\" is here twice");
  }
  return true;
}

void require(Found const& found, std::string_view key) {
  auto const object = found.value();
  if (object.kind() != JsonKind::object) return;
  for (auto const field : object) {
    if (field.key() == key) return;
  }
  found.refuse_field(key, '"' + std::string(key) + "\" is missing");
}

void refuse_key(Found const& found, std::span<std::string_view const> known, bool has_rates) {
  constexpr std::size_t close = 2;
  constexpr std::size_t longest = 40;  // keys of strangers may be of any length
  auto const key = found.key();
  if (found.mistakes().full()) return;
  std::string_view nearest;
  auto least = close + 1;
  auto const compare = [&](std::string_view candidate) {
    auto const changes = distance(key, candidate);
    if (changes >= least || changes >= candidate.size()) return;
    least = changes;
    nearest = candidate;
  };
  if (key.size() <= longest) {
    for (auto const candidate : known) compare(candidate);
    for (std::size_t i = 0; has_rates && i < token_kind_count; ++i) {
      compare(to_string(static_cast<TokenKind>(i)));
    }
  }
  auto reason = '"' + shortened(key) + "\" is not known here";
  if (!nearest.empty()) reason += "; did you mean \"" + std::string(nearest) + "\"?";
  found.refuse(reason);
}

void read(Found const& found, std::string& out) {
  if (found.is(JsonKind::string)) out = found.value().text();
}

void read(Found const& found, Usd& out) {
  auto const decimal = read_decimal(found);
  if (!decimal) return;
  try {
    out = Usd::parse(*decimal);
  } catch (std::invalid_argument const&) {
    // Only what has many digits on one side of the point does not fit; on which, trailing zeros
    // apart, says why.
    constexpr std::size_t most_decimals = 12;
    auto const point = decimal->find('.');
    auto const last = decimal->find_last_not_of('0');
    bool const is_fine = point != std::string::npos && last > point + most_decimals;
    found.refuse(quoted(found.value()) +
                 (is_fine ? " has more than six decimals" : " is not below 1,000,000 USD"));
  }
}

void read(Found const& found, Factor& out) {
  auto const decimal = read_decimal(found);
  if (!decimal) return;
  try {
    out = Factor::parse(*decimal);
  } catch (std::invalid_argument const&) {
    found.refuse(quoted(found.value()) +
                 " is not a number from 0 to below 1000000 with at most six decimals");
  }
}

void read(Found const& found, std::uint32_t& out) { read_whole(found, out); }
void read(Found const& found, std::uint64_t& out) { read_whole(found, out); }

void read(Found const& found, std::chrono::sys_days& out) {
  if (!found.is(JsonKind::string)) return;
  auto text = found.value().text();
  auto const number = [&text](std::size_t digits) {
    auto const part = text.substr(0, digits);
    text.remove_prefix(part.size());
    int value = -1;
    if (part.size() != digits || !std::all_of(part.begin(), part.end(), is_digit)) return value;
    std::from_chars(part.data(), part.data() + part.size(), value);
    return value;
  };
  auto const dash = [&text] {
    bool const is_there = text.starts_with('-');
    if (is_there) text.remove_prefix(1);
    return is_there;
  };
  int const year = number(4);
  bool const first_dash = dash();
  int const month = number(2);
  bool const second_dash = dash();
  int const day = number(2);
  std::chrono::year_month_day const date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  bool const has_form = year >= 0 && month >= 0 && day >= 0 && first_dash && second_dash;
  if (has_form && text.empty() && date.ok()) {
    out = date;
  } else {
    found.refuse(quoted(found.value()) + " is no date such as \"2026-01-31\"");
  }
}

}  // namespace netrun::llm::detail
