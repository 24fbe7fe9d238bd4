// SPDX-License-Identifier: MIT
// What all commands share: exit statuses, errors, and how answers are to look.
#include "tool/context.hpp"

#include <cstdlib>
#include <string_view>

namespace netrun::llm::tool {

bool Context::color() const noexcept {
  auto const variable = [](char const* name) {
    char const* const value = std::getenv(name);
    return std::string_view(value == nullptr ? "" : value);
  };
  // https://no-color.org: set to anything but the empty text.
  return !no_color && variable("NO_COLOR").empty() && variable("TERM") != "dumb" &&
         out.is_terminal();
}

}  // namespace netrun::llm::tool
