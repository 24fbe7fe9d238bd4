// SPDX-License-Identifier: MIT
// How many fields an aggregate has, so that a test can demand something of every one.
#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>

namespace netrun::llm::testing {

// An optional number takes what makes a number, so that a second way would be ambiguous.
template <class T>
inline constexpr bool is_optional_number = false;
template <class T>
inline constexpr bool is_optional_number<std::optional<T>> = std::is_arithmetic_v<T>;

/// Initialises one field of any type; never run.
struct AnyField {
  template <class T>
  requires(!is_optional_number<T>) operator T() const noexcept;
};

/// The number of initialisers that T takes, each for one field.
template <class T, class... Fields>
consteval std::size_t field_count() {
  if constexpr (requires { T{Fields{}..., AnyField{}}; }) {
    return field_count<T, Fields..., AnyField>();
  } else {
    return sizeof...(Fields);
  }
}

}  // namespace netrun::llm::testing
