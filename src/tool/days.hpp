// SPDX-License-Identifier: MIT
// Days as text.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace netrun::llm::tool {

/// "2026-08-22"; empty when there is none.
[[nodiscard]] std::string day_text(std::optional<std::chrono::sys_days> day);

}  // namespace netrun::llm::tool
