// SPDX-License-Identifier: MIT
// A question about recorded calls.
#pragma once

#include <netrun/llm/metrics.hpp>
#include <netrun/llm/name_view.hpp>
#include <netrun/llm/period.hpp>
#include <netrun/llm/time.hpp>

#include <optional>

namespace netrun::llm {

/// Which calls a statistic is about. All conditions hold together; an empty one means any. The
/// default is everything that is known.
///
/// A call belongs to the moment at which it started. When both a period and from/to are given, a
/// call must lie in both.
///
/// Lifetime: the views must live until the function that takes the query returns.
struct StatsQuery {
  /// [now - period, now]; what is stamped within a millisecond after now counts too, for the stamps
  /// of threads differ by less.
  std::optional<Period> period{};
  std::optional<Clock::time_point> from{}, to{};  ///< [from, to)
  NameView tenant_id{}, provider{}, model{}, user_id{}, endpoint{};
  std::optional<Tag> tag{};
};

}  // namespace netrun::llm
