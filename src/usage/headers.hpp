// SPDX-License-Identifier: MIT
// The head of a response.
#pragma once

#include "usage/interpret.hpp"
#include <netrun/llm/response.hpp>

#include <optional>
#include <string_view>

namespace netrun::llm::detail {

/// Takes what matters from a header; its name in any case. Returns the form of the body when this
/// is the header that says it.
std::optional<BodyForm> read_header(HeaderFindings& findings, std::string_view name,
                                    std::string_view value) noexcept;

/// The status in the first line of a head ("HTTP/1.1 429 Too Many Requests"); absent when it is
/// another line.
[[nodiscard]] std::optional<int> read_status_line(std::string_view line) noexcept;

}  // namespace netrun::llm::detail
