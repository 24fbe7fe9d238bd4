// SPDX-License-Identifier: MIT
// Days as text.
#include "tool/days.hpp"

#include <netrun/llm/timestamp.hpp>

namespace netrun::llm::tool {

std::string day_text(std::optional<std::chrono::sys_days> day) {
  if (!day) return {};
  constexpr std::size_t day_characters = 10;
  return to_iso8601(*day).substr(0, day_characters);
}

}  // namespace netrun::llm::tool
