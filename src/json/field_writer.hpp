// SPDX-License-Identifier: MIT
// Fields of a value, one by one, into a JSON object.
#pragma once

#include "json/text.hpp"
#include <netrun/llm/json.hpp>
#include <netrun/llm/timestamp.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace netrun::llm::detail {

using Json = nlohmann::json;

[[nodiscard]] inline Json json_value(double value) {
  return std::isfinite(value) ? Json(value) : Json();
}
[[nodiscard]] inline Json json_value(std::string_view text) { return Json(utf8_copy(text)); }
[[nodiscard]] inline Json json_value(std::string const& text) { return Json(utf8_copy(text)); }
[[nodiscard]] inline Json json_value(Clock::time_point at) { return Json(to_iso8601(at)); }
template <class T>
[[nodiscard]] Json json_value(T const& value) {
  return Json(value);
}
template <class T>
[[nodiscard]] Json json_value(std::optional<T> const& value) {
  return value ? json_value(*value) : Json();
}
template <class T>
[[nodiscard]] Json json_value(std::vector<T> const& values) {
  Json array = Json::array();
  for (auto const& value : values) array.push_back(json_value(value));
  return array;
}
template <class T>
[[nodiscard]] Json json_value(ByName<T> const& values) {
  Json object = Json::object();
  for (auto const& [name, value] : values) object[utf8_copy(name)] = json_value(value);
  return object;
}

/// What visit_fields() is given to write a value; see FieldReader for its counterpart.
class FieldWriter {
 public:
  template <class T>
  void operator()(char const* name, T const& value) {
    json_[name] = json_value(value);
  }
  /// A double and the exact amount that it stands for.
  void money(char const* name, double value, char const* exact_name, Usd const& exact) {
    json_[name] = json_value(value);
    json_[exact_name] = exact.to_pico_string();
  }
  /// A part whose type has no name of its own.
  template <class Visit>
  void group(char const* name, Visit&& visit) {
    FieldWriter inner;
    std::forward<Visit>(visit)(inner);
    json_[name] = std::move(inner).take();
  }
  [[nodiscard]] Json take() && { return std::move(json_); }

 private:
  Json json_ = Json::object();
};

}  // namespace netrun::llm::detail
