// SPDX-License-Identifier: MIT
// Calls, money and enumerators as JSON.
#include "json/field_reader.hpp"
#include "json/field_writer.hpp"
#include "json/tag_form.hpp"
#include <netrun/llm/detail/request_fields.hpp>
#include <netrun/llm/json.hpp>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace netrun::llm {
namespace {

using detail::FieldReader;
using detail::Json;
using detail::json_value;
using detail::JsonPath;
using detail::request_field_names;
using detail::request_fields;
using detail::TagForm;
using detail::utf8_copy;

using OwnedTags = std::vector<std::pair<std::string, std::string>>;

template <class Tags>
void write_tags(Json& json, std::string const& name, Tags const& tags) {
  auto const form = detail::tag_form(tags);
  if (form == TagForm::pairs) {
    Json& pairs = json[name] = Json::array();
    for (auto const& [key, value] : tags) {
      pairs.push_back(Json::array({json_value(key), json_value(value)}));
    }
    return;
  }
  Json& object = json[name] = Json::object();
  for (auto const& [key, value] : tags) object[utf8_copy(key)] = json_value(value);
  if (form == TagForm::object) return;
  Json& order = json[name + "_order"] = Json::array();
  for (auto const& tag : tags) order.push_back(json_value(tag.first));
}

template <class Call>
void write_call(Json& json, Call const& call) {
  Json object = Json::object();
  std::apply(
      [&](auto const&... field) {
        std::size_t i = 0;
        ((object[std::string(request_field_names[i++])] = json_value(field)), ...);
      },
      request_fields(call));
  write_tags(object, "tags", call.tags);
  write_tags(object, "attributes", call.attributes);
  json = std::move(object);
}

OwnedTags read_pairs(Json const& json, JsonPath const& path) {
  OwnedTags tags;
  for (std::size_t i = 0; i < json.size(); ++i) {
    JsonPath const here(path, i);
    Json const& pair = json[i];
    if (!pair.is_array() || pair.size() != 2) here.refuse("a pair of key and value", pair);
    auto& [key, value] = tags.emplace_back();
    read_json(pair[0], key, here);
    read_json(pair[1], value, here);
  }
  return tags;
}

/// Sorts by the place of a key in `order`; keys that are not in it come last.
void apply_order(OwnedTags& tags, std::vector<std::string> const& order) {
  std::map<std::string_view, std::size_t> places;
  for (auto const& key : order) places.emplace(key, places.size());
  // The key decides among those without a place.
  auto const rank = [&](auto const& tag) {
    auto const found = places.find(tag.first);
    return std::pair(found == places.end() ? places.size() : found->second,
                     std::string_view(tag.first));
  };
  std::sort(tags.begin(), tags.end(),
            [&](auto const& a, auto const& b) { return rank(a) < rank(b); });
}

OwnedTags read_tags(FieldReader const& reader, std::string const& name) {
  Json const* const json = reader.find(name);
  if (json == nullptr) return {};
  JsonPath const path(reader.path(), name);
  if (json->is_array()) return read_pairs(*json, path);
  if (!json->is_object()) path.refuse("an object of texts, or an array of pairs", *json);
  OwnedTags tags;
  for (auto const& [key, value] : json->get_ref<Json::object_t const&>()) {
    if (value.is_null()) continue;
    read_json(value, tags.emplace_back(key, std::string()).second, JsonPath(path, key));
  }
  std::vector<std::string> order;
  if (reader(name + "_order", order)) apply_order(tags, order);
  return tags;
}

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) noexcept {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::uint64_t>::max() : sum;
}

LLMRequestMetrics read_call(Json const& json, JsonPath const& path) {
  LLMRequestMetrics call;
  FieldReader const reader(json, path);
  std::apply(
      [&](auto&... field) {
        std::size_t i = 0;
        (reader(request_field_names[i++], field), ...);
      },
      request_fields(call));
  call.tags = read_tags(reader, "tags");
  call.attributes = read_tags(reader, "attributes");
  bool const counted =
      reader.find("input_tokens") != nullptr || reader.find("output_tokens") != nullptr;
  if (!counted && reader.find("usage_source") == nullptr) call.usage_source = UsageSource::absent;
  if (reader.find("total_tokens") == nullptr) {
    call.total_tokens = saturating_sum(call.input_tokens, call.output_tokens);
  }
  if (call.exact_cost && reader.find("cost_usd") == nullptr) {
    call.cost_usd = call.exact_cost->to_double();
  }
  if (reader.find("cost_source") == nullptr) {
    bool const free = call.cost_usd == 0 && call.exact_cost.value_or(Usd()) == Usd();
    call.cost_source = free ? CostSource::automatic : CostSource::manual;
  }
  return call;
}

template <class Call>
Json log_context(Call const& call) {
  // A call that was not recorded yet has no total.
  auto const tokens = call.total_tokens != 0
                          ? call.total_tokens
                          : saturating_sum(call.input_tokens, call.output_tokens);
  Json json = Json::object();
  json["llm_provider"] = json_value(call.provider);
  json["llm_model"] = json_value(call.model);
  json["llm_tokens"] = tokens;
  json["llm_latency_ms"] = json_value(call.latency_ms);
  json["llm_cost_usd"] = json_value(call.cost_usd);
  json["llm_success"] = call.success;
  json["llm_cached"] = call.cached;
  return json;
}

}  // namespace

void to_json(Json& json, Usd const& amount) { json = amount.to_pico_string(); }
void from_json(Json const& json, Usd& amount) { detail::read_json(json, amount, {}); }

void to_json(Json& json, CostSource source) { json = to_string(source); }
void from_json(Json const& json, CostSource& source) { detail::read_json(json, source, {}); }

void to_json(Json& json, UsageSource source) { json = to_string(source); }
void from_json(Json const& json, UsageSource& source) { detail::read_json(json, source, {}); }

void to_json(Json& json, CircuitState state) { json = to_string(state); }
void from_json(Json const& json, CircuitState& state) { detail::read_json(json, state, {}); }

void to_json(Json& json, LLMRequestMetrics const& call) { write_call(json, call); }
void from_json(Json const& json, LLMRequestMetrics& call) { call = read_call(json, {}); }
void to_json(Json& json, LLMRequestView const& call) { write_call(json, call); }

nlohmann::json to_log_context(LLMRequestMetrics const& call) { return log_context(call); }
nlohmann::json to_log_context(LLMRequestView const& call) { return log_context(call); }

}  // namespace netrun::llm
