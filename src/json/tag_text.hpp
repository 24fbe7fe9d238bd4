// SPDX-License-Identifier: MIT
// The tags of a call as JSON text.
#pragma once

#include "json/tag_form.hpp"
#include "json/text_buffer.hpp"

namespace netrun::llm::detail {

/// An object in the order of the tags, or an array of pairs.
template <class Tags>
void put_tags(TextBuffer& out, Tags const& tags, TagForm form) {
  bool const pairs = form == TagForm::pairs;
  out.raw(pairs ? '[' : '{');
  bool first = true;
  for (auto const& [key, value] : tags) {
    if (!first) out.raw(',');
    first = false;
    if (pairs) out.raw('[');
    out.json_string(key);
    out.raw(pairs ? ',' : ':');
    out.json_string(value);
    if (pairs) out.raw(']');
  }
  out.raw(pairs ? ']' : '}');
}

}  // namespace netrun::llm::detail
