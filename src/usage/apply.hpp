// SPDX-License-Identifier: MIT
// Telling a tracker what a response says.
#pragma once

#include <netrun/llm/response.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/tracker.hpp>

#include <cstdint>
#include <optional>

namespace netrun::llm::detail {

/// When content came, from the start of the call.
struct Timing {
  std::optional<Milliseconds> first{}, last{};
  bool reasoning_seen = false;  ///< What the model thought came too.
};

enum class Ending : std::uint8_t {
  over,
  abandoned,  ///< The reader went before the body was over.
  thrown,     ///< Likewise, because of an exception.
  failed,     ///< The caller says so.
};

struct HowItEnded {
  Ending ending = Ending::over;
  NameView error_type{}, error_message{};
};

void apply(RequestTracker& tracker, ResponseInfo const& info, Timing const& timing, bool streaming,
           HowItEnded const& how) noexcept;

}  // namespace netrun::llm::detail
