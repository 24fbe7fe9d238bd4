// SPDX-License-Identifier: MIT
#include "history/report.hpp"

#include <netrun/llm/time_step.hpp>
#include <netrun/llm/timestamp.hpp>
#include <netrun/llm/usd.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

using namespace netrun::llm;

namespace history {

std::string zone_or_utc(std::string const& zone) {
  try {
    (void)TimeStep::day(zone);
    return zone;
  } catch (std::invalid_argument const& error) {
    fmt::print("days are those of UTC: {}\n", error.what());
    return "UTC";
  }
}

std::string date_of(TimeSeriesPoint const& step) {
  // A day in Europe begins late on the day before in UTC; at its noon both have the same date.
  auto const text = to_iso8601(step.start + std::chrono::hours(12));
  return text.substr(0, text.find('T'));
}

std::string dearest(TimeSeries const& series, std::size_t step, std::size_t most) {
  std::vector<std::pair<Usd, std::string_view>> all;
  for (auto const& [name, points] : series.groups) all.emplace_back(points[step].exact_cost, name);
  std::sort(all.begin(), all.end(), std::greater<>());
  std::string text;
  for (std::size_t i = 0; i < std::min(all.size(), most); ++i) {
    text += fmt::format("  {} ${:.2f}", all[i].second, all[i].first.to_double());
  }
  return text;
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace history
