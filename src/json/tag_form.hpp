// SPDX-License-Identifier: MIT
// How the tags of a call are written: an object, if an object can hold them.
#pragma once

#include "json/text.hpp"
#include <netrun/llm/detail/utf8.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace netrun::llm::detail {

enum class TagForm {
  object,          ///< Sorted by key: an object says all.
  ordered_object,  ///< An object, and a list of the keys in their order.
  pairs,           ///< Some key occurs twice: an array of pairs.
};

/// `tags` is any range of pairs of texts. Keys are compared as they are written, bytes that are not
/// UTF-8 replaced.
template <class Tags>
[[nodiscard]] TagForm tag_form(Tags const& tags) {
  bool sorted = true;
  for (std::size_t i = 0; i < tags.size() && sorted; ++i) {
    sorted = is_utf8(tags[i].first) && (i == 0 || tags[i - 1].first < tags[i].first);
  }
  if (sorted) return TagForm::object;
  std::vector<std::string> keys;
  keys.reserve(tags.size());
  for (auto const& tag : tags) keys.push_back(utf8_copy(tag.first));
  bool const in_order = std::is_sorted(keys.begin(), keys.end());
  if (!in_order) std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) return TagForm::pairs;
  return in_order ? TagForm::object : TagForm::ordered_object;
}

}  // namespace netrun::llm::detail
