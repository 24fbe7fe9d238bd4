// SPDX-License-Identifier: MIT
// One call as one row of comma-separated values.
#include "json/tag_text.hpp"
#include "json/text_buffer.hpp"
#include <netrun/llm/csv.hpp>
#include <netrun/llm/detail/request_fields.hpp>

#include <cmath>
#include <optional>
#include <tuple>

namespace netrun::llm {
namespace {

using detail::TextBuffer;

void put(TextBuffer& out, std::string_view text) { out.csv_field(text); }
void put(TextBuffer& out, Clock::time_point at) { out.time(at); }
void put(TextBuffer& out, bool value) {
  out.raw(value ? std::string_view("true") : std::string_view("false"));
}
void put(TextBuffer& out, std::uint64_t value) { out.number(value); }
void put(TextBuffer& out, std::uint32_t value) { out.number(std::uint64_t{value}); }
void put(TextBuffer& out, double value) {
  if (std::isfinite(value)) out.number(value);
}
void put(TextBuffer& out, UsageSource source) { out.raw(to_string(source)); }
void put(TextBuffer& out, CostSource source) { out.raw(to_string(source)); }
void put(TextBuffer& out, std::optional<Usd> const& amount) {
  if (amount) out.picos(*amount);
}
void put(TextBuffer& out, std::optional<double> const& value) {
  if (value) put(out, *value);
}
template <class Text>
void put(TextBuffer& out, std::optional<Text> const& text) {
  if (!text) return;
  if (text->empty()) {
    out.raw("\"\"");
  } else {
    out.csv_field(*text);
  }
}

template <class Tags>
void put_pairs(TextBuffer& out, Tags const& tags) {
  if (tags.empty()) {
    out.raw("{}");
    return;
  }
  std::string text;
  {
    TextBuffer pairs(text);
    detail::put_tags(pairs, tags, detail::tag_form(tags));
    pairs.commit();
  }
  out.csv_field(text);
}

template <class Call>
void append_row(std::string& row, Call const& call) {
  TextBuffer out(row);
  std::apply([&](auto const&... field) { ((put(out, field), out.raw(',')), ...); },
             detail::request_fields(call));
  put_pairs(out, call.tags);
  out.raw(',');
  put_pairs(out, call.attributes);
  out.raw('\n');
  out.commit();
}

}  // namespace

std::string const& csv_header() {
  static std::string const header = [] {
    std::string line;
    for (auto const name : detail::request_field_names) (line += name) += ',';
    return line + "tags,attributes\n";
  }();
  return header;
}

void append_csv_row(std::string& out, LLMRequestMetrics const& call) { append_row(out, call); }
void append_csv_row(std::string& out, LLMRequestView const& call) { append_row(out, call); }

}  // namespace netrun::llm
