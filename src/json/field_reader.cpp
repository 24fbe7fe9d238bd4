// SPDX-License-Identifier: MIT
// Fields of a JSON object, one by one, into a value; what does not fit is named and refused.
#include "json/field_reader.hpp"

#include "json/text.hpp"
#include <netrun/llm/timestamp.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace netrun::llm::detail {
namespace {

constexpr std::size_t quote_limit = 120;

/// A value as text, no deeper and no longer than a message needs: dump() recurses as deep as the
/// document is.
void quote(std::string& out, Json const& value, int depth = 0) {
  constexpr int deepest = 3;
  if (value.is_string()) {
    out += '"' + shortened(value.get_ref<std::string const&>()) + '"';
  } else if (!value.is_structured()) {
    out += value.dump(-1, ' ', false, Json::error_handler_t::replace);
  } else {
    out += value.is_array() ? '[' : '{';
    bool first = true;
    for (auto item = value.begin(); item != value.end(); ++item) {
      if (!first) out += ", ";
      first = false;
      if (depth == deepest || out.size() > quote_limit) {
        out += "...";
        break;
      }
      if (value.is_object()) out += '"' + shortened(item.key()) + "\": ";
      quote(out, *item, depth + 1);
    }
    out += value.is_array() ? ']' : '}';
  }
}

template <class Enum>
void read_name(Json const& json, Enum& out, JsonPath const& path, std::string_view what,
               std::optional<Enum> (*parse)(std::string_view) noexcept) {
  if (!json.is_string()) path.refuse(what, json);
  auto const value = parse(json.get_ref<std::string const&>());
  if (!value) path.refuse(what, json);
  out = *value;
}

/// Picodollars written as a decimal integer.
Usd parse_picos(std::string_view text, JsonPath const& path, Json const& json) {
  constexpr std::string_view what = "whole picodollars as text";
  constexpr std::size_t pico_digits = 12;
  bool const negative = !text.empty() && text.front() == '-';
  std::string digits(text.substr(negative ? 1 : 0));
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) {
    path.refuse(what, json);
  }
  if (digits.size() < pico_digits) digits.insert(0, pico_digits - digits.size(), '0');
  digits.insert(digits.size() - pico_digits, 1, '.');
  if (negative) digits.insert(0, 1, '-');
  try {
    return Usd::parse(digits);
  } catch (std::invalid_argument const&) {
    path.refuse("picodollars that fit into 128 bits", json);
  }
}

}  // namespace

std::string JsonPath::text() const {
  std::string out;
  write(out);
  return out;
}

void JsonPath::write(std::string& out) const {
  if (parent_ == nullptr) return;
  parent_->write(out);
  if (index_) {
    out += '[' + std::to_string(*index_) + ']';
    return;
  }
  if (!out.empty()) out += '.';
  out += shortened(key_);
}

void JsonPath::refuse(std::string_view what, Json const& value) const {
  std::string message = text();
  if (!message.empty()) message += ": ";
  message += "expected ";
  message += what;
  message += ", got ";
  std::string got;
  quote(got, value);
  message += shortened(got, 2 * quote_limit);
  throw std::invalid_argument(message);
}

void read_json(Json const& json, std::uint64_t& out, JsonPath const& path) {
  constexpr std::string_view what = "a whole number from 0 to 18446744073709551615";
  if (json.is_number_unsigned()) {
    out = json.get<std::uint64_t>();
    return;
  }
  if (json.is_number_integer()) {
    auto const value = json.get<std::int64_t>();
    if (value < 0) path.refuse(what, json);
    out = static_cast<std::uint64_t>(value);
    return;
  }
  if (!json.is_number_float()) path.refuse(what, json);
  auto const value = json.get<double>();
  constexpr double end = 18446744073709551616.0;  // 2^64
  if (!(value >= 0 && value < end) || value != std::floor(value)) path.refuse(what, json);
  out = static_cast<std::uint64_t>(value);
}

void read_json(Json const& json, std::uint32_t& out, JsonPath const& path) {
  std::uint64_t wide = 0;
  read_json(json, wide, path);
  if (wide > std::numeric_limits<std::uint32_t>::max()) {
    path.refuse("a whole number from 0 to 4294967295", json);
  }
  out = static_cast<std::uint32_t>(wide);
}

void read_json(Json const& json, double& out, JsonPath const& path) {
  if (!json.is_number()) path.refuse("a number", json);
  out = json.get<double>();
}

void read_json(Json const& json, bool& out, JsonPath const& path) {
  if (!json.is_boolean()) path.refuse("true or false", json);
  out = json.get<bool>();
}

void read_json(Json const& json, std::string& out, JsonPath const& path) {
  if (!json.is_string()) path.refuse("text", json);
  out = json.get_ref<std::string const&>();
}

void read_json(Json const& json, Clock::time_point& out, JsonPath const& path) {
  if (!json.is_string()) path.refuse("a time stamp as text", json);
  try {
    out = parse_iso8601(json.get_ref<std::string const&>());
  } catch (std::invalid_argument const& error) {
    auto const where = path.text();
    throw std::invalid_argument(where + (where.empty() ? "" : ": ") + shortened(error.what(), 250));
  }
}

void read_json(Json const& json, Usd& out, JsonPath const& path) {
  if (json.is_string()) {
    out = parse_picos(json.get_ref<std::string const&>(), path, json);
  } else if (json.is_number_unsigned()) {
    out = Usd::from_picos(static_cast<Int128>(json.get<std::uint64_t>()));
  } else if (json.is_number_integer()) {
    out = Usd::from_picos(static_cast<Int128>(json.get<std::int64_t>()));
  } else {
    path.refuse("whole picodollars as text", json);
  }
}

void read_json(Json const& json, CostSource& out, JsonPath const& path) {
  read_name<CostSource>(json, out, path, "the name of a cost source", parse_cost_source);
}

void read_json(Json const& json, UsageSource& out, JsonPath const& path) {
  read_name<UsageSource>(json, out, path, "the name of a usage source", parse_usage_source);
}

void read_json(Json const& json, CircuitState& out, JsonPath const& path) {
  read_name<CircuitState>(json, out, path, "closed, open or half_open", parse_circuit_state);
}

FieldReader::FieldReader(Json const& json, JsonPath const& path) : json_(json), path_(path) {
  if (!json.is_object()) path.refuse("an object", json);
}

Json const* FieldReader::find(std::string_view name) const {
  auto const found = json_.find(name);
  return found == json_.end() || found->is_null() ? nullptr : &*found;
}

void FieldReader::money(std::string_view name, double& out, std::string_view exact_name,
                        Usd& exact) const {
  bool const has_double = (*this)(name, out);
  bool const has_exact = (*this)(exact_name, exact);
  if (has_double && !has_exact) exact = Usd::from_double(out);
  if (has_exact && !has_double) out = exact.to_double();
}

}  // namespace netrun::llm::detail
