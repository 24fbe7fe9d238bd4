// SPDX-License-Identifier: MIT
// What the report of this example needs beside the library.
#pragma once

#include <netrun/llm/time_series.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace history {

/// `zone`, or "UTC", after a message, when it is not in a time zone database of this machine.
std::string zone_or_utc(std::string const& zone);
/// The date of a day, or of the first day of a week, in Europe or in UTC.
std::string date_of(netrun::llm::TimeSeriesPoint const& step);
/// "  gpt-4o $72.43  gpt-4o-mini $5.10": the dearest groups of one step of a series, `most` of
/// them.
std::string dearest(netrun::llm::TimeSeries const& series, std::size_t step, std::size_t most);
/// 0 of nothing.
double percent(std::uint64_t part, std::uint64_t whole);

}  // namespace history
