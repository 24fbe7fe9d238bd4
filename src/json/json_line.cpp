// SPDX-License-Identifier: MIT
// One call as one line of JSON, without a document in between.
#include "json/tag_text.hpp"
#include "json/text_buffer.hpp"
#include <netrun/llm/detail/request_fields.hpp>
#include <netrun/llm/json_lines.hpp>

#include <array>
#include <cmath>
#include <optional>
#include <tuple>

namespace netrun::llm {
namespace {

using detail::request_field_names;
using detail::TagForm;
using detail::TextBuffer;

/// `,"name":`, of fixed size so that copying it is a few moves.
struct Label {
  static constexpr std::size_t capacity = 32;
  char text[capacity];
  std::size_t size;
};

constexpr auto labels = [] {
  std::array<Label, request_field_names.size()> all{};
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto& [text, size] = all[i];
    text[size++] = i == 0 ? '{' : ',';
    text[size++] = '"';
    for (char const c : request_field_names[i]) text[size++] = c;
    text[size++] = '"';
    text[size++] = ':';
  }
  return all;
}();

void put(TextBuffer& out, std::string_view text) { out.json_string(text); }
void put(TextBuffer& out, Clock::time_point at) {
  out.raw('"');
  out.time(at);
  out.raw('"');
}
void put(TextBuffer& out, bool value) {
  out.raw(value ? std::string_view("true") : std::string_view("false"));
}
void put(TextBuffer& out, std::uint64_t value) { out.number(value); }
void put(TextBuffer& out, std::uint32_t value) { out.number(std::uint64_t{value}); }
void put(TextBuffer& out, double value) {
  if (std::isfinite(value)) {
    out.number(value);
  } else {
    out.raw("null");
  }
}
void put(TextBuffer& out, Usd amount) {
  out.raw('"');
  out.picos(amount);
  out.raw('"');
}
// Names of enumerators need no escapes.
void put_name(TextBuffer& out, std::string_view name) {
  out.raw('"');
  out.raw(name);
  out.raw('"');
}
void put(TextBuffer& out, UsageSource source) { put_name(out, to_string(source)); }
void put(TextBuffer& out, CostSource source) { put_name(out, to_string(source)); }
template <class T>
void put(TextBuffer& out, std::optional<T> const& value) {
  if (value) {
    put(out, *value);
  } else {
    out.raw("null");
  }
}

template <class T>
void put_field(TextBuffer& out, Label const& label, T const& value) {
  char* const to = out.room(Label::capacity);
  std::memcpy(to, label.text, Label::capacity);
  out.wrote_to(to + label.size);
  put(out, value);
}

template <class Tags>
void put_pairs(TextBuffer& out, std::string_view label, std::string_view order_label,
               Tags const& tags) {
  auto const form = detail::tag_form(tags);
  out.raw(label);
  detail::put_tags(out, tags, form);
  if (form != TagForm::ordered_object) return;
  char before = '[';
  out.raw(order_label);
  for (auto const& tag : tags) {
    out.raw(before);
    before = ',';
    out.json_string(tag.first);
  }
  out.raw(']');
}

template <class Call>
void append_line(std::string& line, Call const& call) {
  TextBuffer out(line);
  std::apply(
      [&](auto const&... field) {
        std::size_t i = 0;
        (put_field(out, labels[i++], field), ...);
      },
      detail::request_fields(call));
  put_pairs(out, ",\"tags\":", ",\"tags_order\":", call.tags);
  put_pairs(out, ",\"attributes\":", ",\"attributes_order\":", call.attributes);
  out.raw("}\n");
  out.commit();
}

}  // namespace

void append_json_line(std::string& out, LLMRequestMetrics const& call) { append_line(out, call); }
void append_json_line(std::string& out, LLMRequestView const& call) { append_line(out, call); }

}  // namespace netrun::llm
