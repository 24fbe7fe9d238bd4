// SPDX-License-Identifier: MIT
// Answering a query from the ring and the history.
#include "core/log_reading.hpp"
#include "core/tally.hpp"

#include <algorithm>

namespace netrun::llm::detail {
namespace {

/// What the totals need; a breakdown that needs more says "other" where it is not there.
Detail detail_for(Selection const& selection) {
  bool const by_both = selection.has_tenant() && selection.has_route();
  return by_both || selection.facet() ? Detail::joint : Detail::marginals;
}

class StatsReader {
 public:
  explicit StatsReader(Core& core) : core_(core) {}

  void begin(History const& history, RingSight const& /*ring*/, Window& window,
             Selection& selection) {
    tally_ = {};
    complete_from_ = history.complete_from();
    history_left_out_ =
        selection.ring_only() && (history.requests() != 0 || complete_from_ != beginning);
    if (!selection.ring_only() && !window.empty) {
      auto const detail = detail_for(selection);
      auto const cover =
          history.cover(detail, window.from, window.last == forever ? forever : window.last + 1);
      window.from = cover.from;
      if (!window.ends_now && cover.to != beginning)
        window.last = cover.to == forever ? forever : cover.to - 1;
      tally_.add(history, cover, selection);
    }
    known_from_.reset();
    if (!history_left_out_) known_from_ = history.oldest_start();
    window_ = window;
  }
  void add(Record const& record, std::string_view texts) { tally_.add(record, texts); }
  void finish(History const& history) { found_ = tally_.finish(core_.names(), history); }

  [[nodiscard]] Aggregate result() {
    tally_.set_percentiles(found_);
    found_.end_ns = window_->end();
    found_.start_ns = window_->from;
    auto const oldest = std::min(tally_.oldest_start().value_or(found_.end_ns),
                                 known_from_.value_or(found_.end_ns));
    if (window_->from == beginning || history_left_out_) {
      // Without an edge, or where only the ring can answer, it begins with what is known.
      found_.start_ns = std::max(window_->from, oldest);
    } else if (window_->from < complete_from_) {
      // Not before what has been forgotten, unless something older has come since.
      found_.start_ns = std::max(window_->from, std::min(oldest, complete_from_));
    }
    return std::move(found_);
  }

 private:
  Core& core_;
  Tally tally_;
  Aggregate found_;
  std::optional<Window> window_;
  std::optional<std::int64_t> known_from_;
  std::int64_t complete_from_ = beginning;
  bool history_left_out_ = false;
};

}  // namespace

Aggregate run_query(Core& core, StatsQuery const& query) {
  StatsReader reader(core);
  read_log(core, query, reader);
  return reader.result();
}

}  // namespace netrun::llm::detail
