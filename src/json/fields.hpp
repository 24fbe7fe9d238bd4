// SPDX-License-Identifier: MIT
// Values as JSON objects, by a list of their fields.
#pragma once

#include "json/field_reader.hpp"
#include "json/field_writer.hpp"

#include <utility>

namespace netrun::llm::detail {

// A type is listed once, for reading and for writing, by a function of this namespace that calls
// `v(name, field)` for each field:
//
//   template <class Visitor, class T>
//   requires std::is_same_v<std::remove_const_t<T>, TokenUsage>
//   void visit_fields(Visitor& v, T& x);

template <class T>
void write_fields(Json& json, T const& value) {
  FieldWriter writer;
  visit_fields(writer, value);
  json = std::move(writer).take();
}

/// Reads into a new value first, so that a refusal leaves `out` as it was.
template <class T>
void read_fields(Json const& json, T& out, JsonPath const& path = {}) {
  T value{};
  FieldReader reader(json, path);
  visit_fields(reader, value);
  out = std::move(value);
}

}  // namespace netrun::llm::detail
