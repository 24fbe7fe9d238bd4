// SPDX-License-Identifier: MIT
// A std::string_view that a null pointer may be made into.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

namespace netrun::llm {

/// Text that is looked at but not kept: provider, model, tenant and so on.
///
/// It is a std::string_view in every respect but one: a null `char const*` gives the empty text,
/// where std::string_view would read address 0. Names often come from C interfaces and from getenv.
///
/// Lifetime: as std::string_view, the characters must live until the function that takes it
/// returns.
///
/// Example:
///   collector.track_request({.provider = "openai", .model = "gpt-4o", .tenant_id =
///   std::getenv("TENANT")});
class NameView : public std::string_view {
 public:
  constexpr NameView() noexcept = default;
  constexpr NameView(char const* text) noexcept
      : std::string_view(text == nullptr ? std::string_view{} : std::string_view(text)) {}
  template <class T>
  requires(
      std::convertible_to<T const&, std::string_view> &&
      !std::convertible_to<
          T const&,
          char const*>) constexpr NameView(T const&
                                               text) noexcept(noexcept(static_cast<std::
                                                                                       string_view>(
      text)))
      : std::string_view(static_cast<std::string_view>(text)) {}
};

}  // namespace netrun::llm
