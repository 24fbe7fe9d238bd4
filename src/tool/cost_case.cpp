// SPDX-License-Identifier: MIT
// One case of a case file: a call that is to be priced.
#include "tool/cost_case.hpp"

#include "json/text.hpp"
#include "tool/table.hpp"
#include "tool/token_fields.hpp"
#include <netrun/llm/timestamp.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

namespace netrun::llm::tool {
namespace {

using Json = nlohmann::json;

constexpr std::string_view invalid_case = "invalid_case";
constexpr std::string_view invalid_usage = "invalid_usage";

/// The value as it stands in the file, or its start.
std::string quoted(Json const& value) { return detail::shortened(json_text(value)); }

/// Null when the key is missing, or its value null.
Json const* value_of(Json const& object, char const* key) {
  auto const found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::optional<std::string> text_of(Json const& object, char const* key) {
  auto const* const value = value_of(object, key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    throw CaseError(invalid_case, std::string(key) + ": expected a text, got " + quoted(*value));
  }
  return value->get<std::string>();
}

std::string required_text(Json const& object, char const* key) {
  auto text = text_of(object, key);
  if (!text) throw CaseError(invalid_case, std::string(key) + " is missing");
  return *std::move(text);
}

/// Whole numbers may be written as 12.0, up to where doubles hold every one.
std::uint64_t count_of(std::string const& key, Json const& value, std::uint64_t largest) {
  constexpr double exact_doubles = 9'007'199'254'740'992.0;
  std::optional<std::uint64_t> count;
  if (value.is_number_unsigned()) {
    count = value.get<std::uint64_t>();
  } else if (value.is_number_float()) {
    auto const number = value.get<double>();
    if (number >= 0 && number <= exact_doubles && std::floor(number) == number) {
      count = static_cast<std::uint64_t>(number);
    }
  }
  if (!count || *count > largest) {
    throw CaseError(invalid_usage, "usage." + key + ": expected a whole number from 0 to " +
                                       std::to_string(largest) + ", got " + quoted(value));
  }
  return *count;
}

/// Puts one count into a usage, and notes which were there: two names of one count may not both be.
class UsageReader {
 public:
  explicit UsageReader(CostCase& target) : target_(target) {}

  void read(std::string const& key, Json const& value) {
    if (key == "search_context_size") return read_size(key, value);
    if (key == "web_search" || key == "web_search_requests") {
      note("web_search", key);
      target_.usage.web_search_requests = static_cast<std::uint32_t>(
          count_of(key, value, std::numeric_limits<std::uint32_t>::max()));
      return;
    }
    auto const* const field =
        std::find_if(token_fields.begin(), token_fields.end(), [&key](TokenField const& candidate) {
          return candidate.key == key || candidate.member == key;
        });
    if (field == token_fields.end()) {
      throw CaseError(invalid_usage, "usage: nothing is known of \"" + detail::shortened(key) +
                                         "\", which might change the price");
    }
    note(field->key, key);
    target_.usage.*field->count = count_of(key, value, std::numeric_limits<std::uint64_t>::max());
  }

  [[nodiscard]] bool empty() const noexcept { return seen_.empty(); }

 private:
  void note(std::string_view field, std::string const& key) {
    if (std::find(seen_.begin(), seen_.end(), field) != seen_.end()) {
      throw CaseError(invalid_usage, "usage." + key + ": it is there under another name, too");
    }
    seen_.push_back(field);
  }

  void read_size(std::string const& key, Json const& value) {
    if (value != "low" && value != "medium" && value != "high") {
      throw CaseError(
          invalid_usage,
          "usage." + key + ": expected \"low\", \"medium\" or \"high\", got " + quoted(value));
    }
    target_.attributes.set(key, value.get<std::string>());
  }

  CostCase& target_;
  std::vector<std::string_view> seen_;
};

/// A call as JsonLinesWriter writes it has its counts at the top.
void read_recorded_usage(Json const& json, CostCase& target) {
  auto const source = text_of(json, "usage_source");
  if (source == "absent") return;
  UsageReader reader(target);
  for (auto const& field : token_fields) {
    std::string const name(field.member);
    if (auto const* const value = value_of(json, name.c_str())) reader.read(name, *value);
  }
  if (auto const* const value = value_of(json, "web_search_requests")) {
    reader.read("web_search_requests", *value);
  }
  if (!reader.empty()) target.usage.source = UsageSource::reported;
}

void read_usage(Json const& json, CostCase& target) {
  target.usage.source = UsageSource::absent;
  auto const* const usage = value_of(json, "usage");
  if (usage == nullptr) return read_recorded_usage(json, target);
  if (!usage->is_object()) {
    throw CaseError(invalid_usage, "usage: expected an object, got " + quoted(*usage));
  }
  UsageReader reader(target);
  for (auto const& [key, value] : usage->items()) {
    if (!value.is_null()) reader.read(key, value);
  }
  if (!reader.empty()) target.usage.source = UsageSource::reported;
}

/// What has a key of its own in a case counts before what stands among the attributes.
void read_attributes(Json const& json, CostCase& target) {
  if (auto tier = text_of(json, "service_tier")) {
    target.attributes.set("service_tier", *std::move(tier));
  }
  if (auto const* const batch = value_of(json, "batch")) {
    if (!batch->is_boolean()) {
      throw CaseError(invalid_case, "batch: expected true or false, got " + quoted(*batch));
    }
    target.attributes.set("batch", batch->get<bool>() ? "true" : "false");
  }
  auto const* const attributes = value_of(json, "attributes");
  if (attributes == nullptr) return;
  if (!attributes->is_object()) {
    throw CaseError(invalid_case, "attributes: expected an object, got " + quoted(*attributes));
  }
  constexpr std::size_t most_attributes = 100;
  if (attributes->size() > most_attributes) {
    throw CaseError(invalid_case, "attributes: more than " + std::to_string(most_attributes));
  }
  for (auto const& [key, value] : attributes->items()) {
    if (value.is_null()) continue;
    if (value.is_structured()) {
      throw CaseError(invalid_case, "attributes." + detail::shortened(key) +
                                        ": expected a text, got " + quoted(value));
    }
    target.attributes.set(key, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

}  // namespace

void Attributes::set(std::string name, std::string value) {
  auto const same = [&name](auto const& pair) { return pair.first == name; };
  if (std::none_of(pairs_.begin(), pairs_.end(), same)) {
    pairs_.emplace_back(std::move(name), std::move(value));
  }
}

std::vector<Tag> Attributes::tags() const { return {pairs_.begin(), pairs_.end()}; }

CostCase read_case(Json const& json) {
  if (!json.is_object()) {
    throw CaseError(invalid_case, "expected an object, got " + quoted(json));
  }
  CostCase result;
  result.provider = required_text(json, "provider");
  result.model = required_text(json, "model");
  read_usage(json, result);
  read_attributes(json, result);
  auto at = text_of(json, "at");
  if (!at) at = text_of(json, "timestamp");
  if (at) {
    try {
      result.at = parse_iso8601(*at);
    } catch (std::invalid_argument const& error) {
      throw CaseError(invalid_case, std::string("at: ") + error.what());
    }
  }
  return result;
}

}  // namespace netrun::llm::tool
