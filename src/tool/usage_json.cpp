// SPDX-License-Identifier: MIT
// What a response says, as the command `usage` answers it.
#include "tool/usage_json.hpp"

#include "json/text.hpp"
#include "json/text_buffer.hpp"
#include "tool/table.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace netrun::llm::tool {
namespace {

using Json = nlohmann::ordered_json;

struct CountField {
  char const* key;
  std::optional<std::uint64_t> ReportedCounts::*count;
};

constexpr CountField count_fields[] = {
    {"input_tokens", &ReportedCounts::input_tokens},
    {"output_tokens", &ReportedCounts::output_tokens},
    {"cache_read", &ReportedCounts::cache_read_tokens},
    {"cache_write", &ReportedCounts::cache_write_tokens},
    {"cache_write_1h", &ReportedCounts::cache_write_1h_tokens},
    {"reasoning", &ReportedCounts::reasoning_tokens},
    {"input_audio", &ReportedCounts::audio_input_tokens},
    {"output_audio", &ReportedCounts::audio_output_tokens},
    {"tool_use_input", &ReportedCounts::tool_use_input_tokens},
    {"billed_input_tokens", &ReportedCounts::billed_input_tokens},
    {"billed_output_tokens", &ReportedCounts::billed_output_tokens},
    {"web_search", &ReportedCounts::web_searches},
    {"search_units", &ReportedCounts::search_units},
};

/// Those that come behind all else; named as in the cases of `cost`.
constexpr CountField rarer_count_fields[] = {
    {"citation", &ReportedCounts::citation_tokens},
    {"cache_read_audio", &ReportedCounts::cached_audio_input_tokens},
    {"input_image", &ReportedCounts::image_input_tokens},
    {"output_image", &ReportedCounts::image_output_tokens},
    {"cache_read_image", &ReportedCounts::cached_image_input_tokens},
    {"input_video", &ReportedCounts::video_input_tokens},
    {"output_video", &ReportedCounts::video_output_tokens},
    {"web_fetch", &ReportedCounts::web_fetches},
    {"file_search", &ReportedCounts::file_searches},
    {"code_execution", &ReportedCounts::code_runs},
};

/// Further columns of CSV, between and behind the counts.
constexpr char const* middle_keys[] = {"so_far",
                                       "reported_cost_usd",
                                       "service_tier",
                                       "model",
                                       "request_model",
                                       "response_id",
                                       "finish_reasons",
                                       "latency_ms",
                                       "first_byte_ms",
                                       "from_headers",
                                       "prompt_eval_count_missing",
                                       "extra_iterations_not_in_totals",
                                       "http_status",
                                       "error_type",
                                       "error_code",
                                       "message_prefix",
                                       "request_id",
                                       "api",
                                       "form"};
constexpr char const* last_keys[] = {"inference_geo",     "speed",    "search_context_size",
                                     "upstream_cost_usd", "complete", "problem",
                                     "problem_at"};

void add_counts(Json& json, ReportedCounts const& counts, std::span<CountField const> fields) {
  for (auto const& field : fields) {
    if (auto const& count = counts.*field.count) json[field.key] = *count;
  }
}

void add_text(Json& json, char const* key, std::string_view text) {
  if (!text.empty()) json[key] = detail::utf8_copy(text);
}

void add_number(Json& json, char const* key, std::optional<double> const& number) {
  if (!number || !std::isfinite(*number)) return;  // JSON has no word for what is not finite
  constexpr double exact_integers = 9'007'199'254'740'992;  // 2^53
  if (std::trunc(*number) == *number && std::abs(*number) < exact_integers) {
    json[key] = static_cast<std::int64_t>(*number);
  } else {
    json[key] = *number;
  }
}

/// A number where the text is one as JSON writes whole numbers, else the text.
Json number_or_text(std::string_view text) {
  std::int64_t number = 0;
  auto const* const end = text.data() + text.size();
  auto const [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && stop == end && std::to_string(number) == text) return number;
  return detail::utf8_copy(text);
}

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Json finish_reasons(ResponseInfo const& info) {
  auto list = Json::array();
  for (std::size_t i = 0; i < info.finish_reason_count; ++i) {
    auto const reason = info.finish_reasons[i].view();
    // Vertex gives numbers when it is asked for them.
    list.push_back(is_digits(reason) ? number_or_text(reason) : Json(detail::utf8_copy(reason)));
  }
  return list;
}

Json sub_calls(ResponseInfo const& info) {
  auto list = Json::array();
  for (std::size_t i = 0; i < info.sub_call_count; ++i) {
    auto const& call = info.sub_calls[i];
    auto json = Json::object();
    add_text(json, "type", call.kind);
    add_text(json, "model", call.model);
    auto counts = call.counts;
    for (auto const& field : count_fields) {
      bool const is_part = field.count != &ReportedCounts::input_tokens &&
                           field.count != &ReportedCounts::output_tokens;
      if (is_part && counts.*field.count == 0U) (counts.*field.count).reset();
    }
    add_counts(json, counts, count_fields);
    list.push_back(std::move(json));
  }
  return list;
}

/// The first 40 characters.
std::string message_prefix(std::string_view message) {
  constexpr int most_characters = 40;
  auto text = detail::utf8_copy(message);
  int characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool const begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (begins && ++characters > most_characters) {
      text.resize(i);
      break;
    }
  }
  return text;
}

void add_error(Json& json, ResponseInfo const& info) {
  if (!info.error) return;
  if (info.http_status != 0) json["http_status"] = info.http_status;
  add_text(json, "error_type", info.error->type);
  auto const code = info.error->code.view();
  if (info.error->code_is_number) {
    json["error_code"] = number_or_text(code);
  } else {
    add_text(json, "error_code", code);
  }
  add_text(json, "message_prefix", message_prefix(info.error->message));
  add_text(json, "request_id", info.error->request_id);
}

/// Ollama leaves the count of the prompt away when it had it in its cache.
bool prompt_count_is_missing(ResponseInfo const& info) {
  bool const is_ollama = info.api == Api::ollama_chat || info.api == Api::ollama_generate;
  return is_ollama && info.counts_are_final && info.counts.output_tokens &&
         !info.counts.input_tokens;
}

void add_what_was_served(Json& json, ResponseInfo const& info) {
  add_number(json, "reported_cost_usd", info.reported_cost_usd);
  add_text(json, "service_tier", info.service_tier);
  add_text(json, "model", info.model);
  add_text(json, "request_model", info.request_model);
  add_text(json, "response_id", info.response_id);
  if (info.finish_reason_count > 0) json["finish_reasons"] = finish_reasons(info);
  add_number(json, "latency_ms", info.provider_latency_ms);
  add_number(json, "first_byte_ms", info.provider_first_byte_ms);
  if (info.counts_from_headers) json["from_headers"] = true;
  if (prompt_count_is_missing(info)) json["prompt_eval_count_missing"] = true;
  if (info.sub_call_count > 0) json["extra_iterations_not_in_totals"] = sub_calls(info);
}

void add_how_it_was_read(Json& json, ResponseInfo const& info) {
  add_text(json, "inference_geo", info.inference_geo);
  add_text(json, "speed", info.speed);
  add_text(json, "search_context_size", info.search_context_size);
  add_number(json, "upstream_cost_usd", info.upstream_cost_usd);
  if (!info.complete) json["complete"] = false;
  if (info.problem == ReadProblem::none) return;
  json["problem"] = to_string(info.problem);
  add_text(json, "problem_at", info.problem_at);
}

Json json_of(ResponseInfo const& info) {
  auto json = Json::object();
  if (info.counts_are_final) {
    add_counts(json, info.counts, count_fields);
  } else {
    auto so_far = Json::object();
    add_counts(so_far, info.counts, count_fields);
    add_counts(so_far, info.counts, rarer_count_fields);
    if (!so_far.empty()) json["so_far"] = std::move(so_far);
  }
  add_what_was_served(json, info);
  add_error(json, info);
  json["api"] = to_string(info.api);
  if (info.form != BodyForm::automatic) json["form"] = to_string(info.form);
  if (info.counts_are_final) add_counts(json, info.counts, rarer_count_fields);
  add_how_it_was_read(json, info);
  return json;
}

/// As json_text(), with the shortest digits that read back as the same number, which nlohmann's
/// writer does not promise.
void append(detail::TextBuffer& text, Json const& json) {
  bool first = true;
  auto const separate = [&] {
    if (!first) text.raw(',');
    first = false;
  };
  if (json.is_object()) {
    text.raw('{');
    for (auto const& [key, value] : json.items()) {
      separate();
      text.json_string(key);
      text.raw(':');
      append(text, value);
    }
    text.raw('}');
  } else if (json.is_array()) {
    text.raw('[');
    for (auto const& value : json) {
      separate();
      append(text, value);
    }
    text.raw(']');
  } else if (json.is_string()) {
    text.json_string(json.get_ref<std::string const&>());
  } else if (json.is_number_float()) {
    text.number(json.get<double>());
  } else {
    text.raw(json.dump());
  }
}

std::string text_of(Json const& json) {
  std::string text;
  detail::TextBuffer buffer(text);
  append(buffer, json);
  buffer.commit();
  return text;
}

std::string cell_of(Json const& json) {
  return json.is_string() ? json.get<std::string>() : text_of(json);
}

void print_csv(Context& context, Json const& json) {
  std::vector<std::string> columns;
  for (auto const& field : count_fields) columns.emplace_back(field.key);
  columns.insert(columns.end(), std::begin(middle_keys), std::end(middle_keys));
  for (auto const& field : rarer_count_fields) columns.emplace_back(field.key);
  columns.insert(columns.end(), std::begin(last_keys), std::end(last_keys));
  std::vector<std::string> cells;
  for (auto const& column : columns) {
    auto const found = json.find(column);
    cells.push_back(found == json.end() ? std::string() : cell_of(*found));
  }
  context.out.write(csv_line(columns) + csv_line(cells));
}

/// A row for each value, however deep it lies.
void add_rows(Table& table, std::string const& name, Json const& json) {
  if (json.is_object()) {
    for (auto const& [key, value] : json.items()) {
      add_rows(table, name.empty() ? key : name + " " + key, value);
    }
  } else if (json.is_array()) {
    for (auto const& value : json) add_rows(table, name, value);
  } else {
    table.add({name, cell_of(json)});
  }
}

}  // namespace

void print_usage(Context& context, ResponseInfo const& info, Format format) {
  auto const json = json_of(info);
  switch (format) {
    case Format::json:
      context.out.write(text_of(json) + "\n");
      return;
    case Format::csv:
      print_csv(context, json);
      return;
    case Format::table: {
      Table table({{.name = "field"}, {.name = "value"}});
      add_rows(table, "", json);
      table.print(context);
    }
  }
}

}  // namespace netrun::llm::tool
