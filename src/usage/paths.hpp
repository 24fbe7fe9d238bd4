// SPDX-License-Identifier: MIT
// Where in a body each field is found, as a tree to walk along while it is read.
#pragma once

#include "usage/field.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

/// A place in a body: an index into the tree. no_place leads nowhere; what stands there is skipped.
using Place = std::uint16_t;
inline constexpr Place no_place = 0;
inline constexpr Place root_place = 1;
/// No key that leads anywhere is longer.
inline constexpr std::size_t longest_key = 40;

/// The field that a value at this place has; none for most.
[[nodiscard]] Field field_at(Place place) noexcept;
/// Where the value of this key of an object is.
[[nodiscard]] Place member_of(Place object, std::string_view key) noexcept;
/// Where the elements of an array are.
[[nodiscard]] Place element_of(Place array) noexcept;

}  // namespace netrun::llm::detail
