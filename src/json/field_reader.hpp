// SPDX-License-Identifier: MIT
// Fields of a JSON object, one by one, into a value; what does not fit is named and refused.
#pragma once

#include <netrun/llm/json.hpp>

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm::detail {

using Json = nlohmann::json;

/// Where in a document one is: made into text only when something is wrong there.
class JsonPath {
 public:
  constexpr JsonPath() noexcept = default;
  /// A field, or an element, of what `parent` leads to; both must outlive this.
  JsonPath(JsonPath const& parent, std::string_view key) noexcept : parent_(&parent), key_(key) {}
  JsonPath(JsonPath const& parent, std::size_t index) noexcept : parent_(&parent), index_(index) {}

  /// "by_model.gpt-4o.requests", "readers[2].name"; empty for the document itself.
  [[nodiscard]] std::string text() const;
  /// Throws std::invalid_argument: "<path>: expected <what>, got <value>".
  [[noreturn]] void refuse(std::string_view what, Json const& value) const;

 private:
  void write(std::string& out) const;

  JsonPath const* parent_ = nullptr;
  std::string_view key_{};
  std::optional<std::size_t> index_{};
};

// Each reads one value that is not null, or refuses it.
void read_json(Json const& json, std::uint64_t& out, JsonPath const& path);
void read_json(Json const& json, std::uint32_t& out, JsonPath const& path);
void read_json(Json const& json, double& out, JsonPath const& path);
void read_json(Json const& json, bool& out, JsonPath const& path);
void read_json(Json const& json, std::string& out, JsonPath const& path);
void read_json(Json const& json, Clock::time_point& out, JsonPath const& path);
void read_json(Json const& json, Usd& out, JsonPath const& path);
void read_json(Json const& json, CostSource& out, JsonPath const& path);
void read_json(Json const& json, UsageSource& out, JsonPath const& path);
void read_json(Json const& json, CircuitState& out, JsonPath const& path);
void read_json(Json const& json, UsageBreakdown& out, JsonPath const& path);
void read_json(Json const& json, CostBreakdown::Share& out, JsonPath const& path);
void read_json(Json const& json, CostBreakdown::Average& out, JsonPath const& path);
void read_json(Json const& json, CostBreakdown& out, JsonPath const& path);
void read_json(Json const& json, DroppedRecords& out, JsonPath const& path);
void read_json(Json const& json, ExportStats& out, JsonPath const& path);
void read_json(Json const& json, TimeSeriesPoint& out, JsonPath const& path);

template <class T>
void read_json(Json const& json, std::optional<T>& out, JsonPath const& path) {
  read_json(json, out.emplace(), path);
}
template <class T>
void read_json(Json const& json, ByName<T>& out, JsonPath const& path) {
  if (!json.is_object()) path.refuse("an object", json);
  for (auto const& [name, value] : json.get_ref<Json::object_t const&>()) {
    if (!value.is_null()) read_json(value, out[name], JsonPath(path, name));
  }
}
template <class T>
void read_json(Json const& json, std::vector<T>& out, JsonPath const& path) {
  if (!json.is_array()) path.refuse("an array", json);
  for (std::size_t i = 0; i < json.size(); ++i) {
    JsonPath const here(path, i);
    if (json[i].is_null()) here.refuse("a value", json[i]);
    read_json(json[i], out.emplace_back(), here);
  }
}

/// What visit_fields() is given to read a value. Fields that are missing or null keep what they
/// have.
class FieldReader {
 public:
  /// Refuses what is not an object. Both must outlive this.
  FieldReader(Json const& json, JsonPath const& path);

  /// The value of a field; null when it is missing or is null.
  [[nodiscard]] Json const* find(std::string_view name) const;
  [[nodiscard]] JsonPath const& path() const noexcept { return path_; }

  /// False when the field keeps what it has.
  template <class T>
  bool operator()(std::string_view name, T& out) const {
    Json const* const value = find(name);
    if (value != nullptr) read_json(*value, out, JsonPath(path_, name));
    return value != nullptr;
  }
  /// A double and its exact amount; one of them is enough.
  void money(std::string_view name, double& out, std::string_view exact_name, Usd& exact) const;
  template <class Visit>
  void group(std::string_view name, Visit&& visit) const {
    Json const* const value = find(name);
    if (value == nullptr) return;
    JsonPath const inner(path_, name);
    FieldReader reader(*value, inner);
    std::forward<Visit>(visit)(reader);
  }

 private:
  Json const& json_;
  JsonPath const& path_;
};

}  // namespace netrun::llm::detail
