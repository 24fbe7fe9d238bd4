// SPDX-License-Identifier: MIT
// Answering a query by steps of time.
#include "core/answer_units.hpp"
#include "core/series_reader.hpp"
#include "core/window.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace netrun::llm::detail {
namespace {

/// The starts of all steps that the window touches, and the end of the last.
std::vector<std::int64_t> edges_of(TimeStep const& step, std::int64_t from, std::int64_t end) {
  std::vector<std::int64_t> edges{step.start_of_ns(from)};
  while (edges.back() < end) {
    auto const next = step.start_of_next_ns(edges.back());
    if (next <= edges.back()) break;  // the end of the range
    if (edges.size() > max_time_series_steps) {
      throw std::invalid_argument("a time series may have at most " +
                                  std::to_string(max_time_series_steps) +
                                  " steps; the period has more of them");
    }
    edges.push_back(next);
  }
  return edges;
}

void check_points(std::size_t steps, std::size_t groups) {
  if (steps * groups <= max_time_series_points) return;
  throw std::invalid_argument(
      "a time series may have at most " + std::to_string(max_time_series_points) + " points; " +
      std::to_string(steps) + " steps of " + std::to_string(groups) + " groups have more");
}

NamedGroups& groups_in(Aggregate& found, GroupBy by) {
  if (by == GroupBy::provider) return found.by_provider;
  return by == GroupBy::model ? found.by_model : found.by_tenant;
}

/// The names that get a group of their own, sorted: the dearest, then those with most requests.
std::vector<std::string> chosen_groups(NamedGroups& groups, std::size_t most) {
  std::sort(groups.begin(), groups.end(), [](NamedGroup const& a, NamedGroup const& b) {
    if (a.group.cost_picos != b.group.cost_picos) return a.group.cost_picos > b.group.cost_picos;
    if (a.group.requests != b.group.requests) return a.group.requests > b.group.requests;
    return a.name < b.name;
  });
  std::vector<std::string> names;
  for (auto& [name, group] : groups) {
    if (names.size() < most && name != "other") names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

TimeSeries run_time_series(Core& core, StatsQuery const& query, TimeStep const& step,
                           TimeSeriesOptions const& options) {
  Window const window(query, core.clock().at(steady_now_ns(core.clock().source())));
  auto from = window.from;
  // The last step holds now, also when it begins now.
  bool holds_now = window.ends_now;
  if (from == beginning && !window.empty) {
    Aggregate const known = run_query(core, query);
    from = known.start_ns;
    holds_now &= known.total.requests != 0;
  }
  auto const end = window.end() + (holds_now ? 1 : 0);
  if (window.empty || from >= end) {
    auto const at = to_time(window.empty ? end : from);
    return {.period_start = at, .period_end = at, .exact_from = at};
  }
  auto edges = edges_of(step, from, end);
  StatsQuery conditions = query;  // the steps say the rest
  conditions.period.reset();
  conditions.from.reset();
  conditions.to.reset();
  std::vector<std::string> names;
  if (options.group_by != GroupBy::none) {
    // Of the whole steps, or what is in their widened part only would have no name.
    StatsQuery whole = conditions;
    whole.from = to_time(edges.front());
    whole.to = to_time(edges.back());
    Aggregate found = run_query(core, whole);
    names = chosen_groups(groups_in(found, options.group_by), options.max_groups);
    check_points(edges.size() - 1, names.size() + 2);  // all calls, and "other"
  }
  SeriesReader reader(core, std::move(edges), options.group_by, names);
  read_log(core, conditions, reader);
  return reader.result();
}

}  // namespace netrun::llm::detail
