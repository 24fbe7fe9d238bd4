// SPDX-License-Identifier: MIT
// Addresses of requests taken apart, as far as they tell which interface was called.
#pragma once

#include <string_view>

namespace netrun::llm::detail {

/// Views into an address; parts that it does not have are empty. Any bytes may come: what is no
/// address at all is taken for a host and a path.
struct Url {
  std::string_view host{};  ///< Without user, port and a dot at the end.
  std::string_view port{};
  std::string_view path{};  ///< Without query, fragment and slashes at the end.
};

/// Takes "https://host:1/path?query", the same without a scheme, and a path alone.
[[nodiscard]] Url split_url(std::string_view url) noexcept;

// Below, letters of ASCII are compared without their case.

/// True for `domain` itself and for every host below it.
[[nodiscard]] bool is_within(std::string_view host, std::string_view domain) noexcept;

/// True when the last segments of `path` are `segments`, which has no slash at its ends.
[[nodiscard]] bool ends_with_segments(std::string_view path, std::string_view segments) noexcept;
/// What follows the first place where `segments` stand in `path`, without a slash at its start;
/// empty when nothing follows, or they do not stand there.
[[nodiscard]] std::string_view after_segments(std::string_view path,
                                              std::string_view segments) noexcept;

}  // namespace netrun::llm::detail
