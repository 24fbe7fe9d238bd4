// SPDX-License-Identifier: MIT
// Adding calls up by step of time, and by group.
#pragma once

#include "core/log_reading.hpp"
#include <netrun/llm/detail/aggregate.hpp>
#include <netrun/llm/detail/sketch.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm::detail {

/// The figures of one step and one group while they are added up.
struct SeriesCell {
  Sums sums;
  Percentiles latency, first_token;                   // of what is folded
  bool has_latency = false, has_first_token = false;  // whether anything is
  /// The distributions of what is folded, kept only where calls of the ring may be added.
  std::vector<BucketCount> latency_counts, first_token_counts;
  std::vector<double> latencies_ms, first_tokens_ms;  // of the ring
};

/// A Reader for read_log. Group 0 is all calls; then come the named groups, and "other".
class SeriesReader {
 public:
  /// `edges` are the starts of the steps and the end of the last: two at least, rising. `names` are
  /// the groups, sorted, and outlive this.
  SeriesReader(Core& core, std::vector<std::int64_t> edges, GroupBy group_by,
               std::vector<std::string> const& names);

  void begin(History const& history, RingSight const& ring, Window& window, Selection& selection);
  void add(Record const& record, std::string_view texts);
  void finish(History const& history);

  [[nodiscard]] TimeSeries result();

 private:
  struct Part {
    std::uint32_t group = 0;
    CellTable const* table = nullptr;
    std::size_t at = 0;
  };
  static constexpr std::uint32_t unknown = 0xffffffff;

  [[nodiscard]] Detail detail_for(Selection const& selection) const noexcept;
  void find_edges(History const& history, Detail detail);
  void add_history(History const& history, Selection& selection, std::int64_t ring_start);
  void add_parts_of(HistoryStep const& step, Selection& selection);
  void add_groups_of(HistoryStep const& step, History const& history, Selection& selection);
  void add_part(std::uint32_t group, CellTable const& table, std::size_t at) {
    parts_.push_back({.group = group, .table = &table, .at = at});
  }
  void sum_parts(std::size_t step, bool keep_counts);
  void sum_rest(std::size_t step, bool keep_counts);
  template <class SketchOf>
  void find_rest(SketchOf sketch_of, std::vector<BucketCount>& rest);
  [[nodiscard]] std::uint32_t group_of_name(std::string_view name) const noexcept;
  [[nodiscard]] std::uint32_t group_of_route(std::uint32_t route);
  [[nodiscard]] std::uint32_t group_of(CellKey const& key, History const& history);
  [[nodiscard]] std::size_t steps() const noexcept { return edges_.size() - 1; }
  [[nodiscard]] SeriesCell& cell(std::uint32_t group, std::size_t step) noexcept {
    return cells_[group * steps() + step];
  }
  [[nodiscard]] std::uint32_t other() const noexcept {
    return static_cast<std::uint32_t>(names_.size() + 1);
  }
  [[nodiscard]] Percentiles percentiles_of(Percentiles const& folded,
                                           std::vector<BucketCount> const& counts,
                                           std::vector<double>& in_ring, bool is_folded);
  [[nodiscard]] TimeSeriesPoint point(std::uint32_t group, std::size_t step);

  Core& core_;
  std::vector<std::int64_t> edges_, folded_edges_;  // where the cells of the history are parted
  GroupBy group_by_;
  std::vector<std::string> const& names_;
  std::vector<std::uint32_t> route_groups_, tenant_groups_;                 // by number
  std::map<std::pair<std::uint32_t, std::size_t>, SeriesCell> slot_cells_;  // by tenant and step
  std::vector<SeriesCell> cells_;
  std::vector<Part> parts_;
  std::vector<BucketCount> counts_, named_counts_;
  std::vector<std::uint64_t> by_bucket_;  // all 0 between uses
  SketchSum latency_, first_token_;
  std::int64_t exact_from_ = 0;
  std::size_t last_step_ = 0;
};

}  // namespace netrun::llm::detail
