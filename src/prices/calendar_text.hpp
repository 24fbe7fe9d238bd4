// SPDX-License-Identifier: MIT
// Days and minutes as price files write them.
#pragma once

#include <chrono>
#include <string>

namespace netrun::llm::detail {

/// "2026-10-09", for years of any length too.
[[nodiscard]] std::string to_text(std::chrono::sys_days day);
/// A minute of the day: "23:59".
[[nodiscard]] std::string to_text(unsigned minute);

}  // namespace netrun::llm::detail
