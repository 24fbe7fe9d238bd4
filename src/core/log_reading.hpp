// SPDX-License-Identifier: MIT
// Reading history and ring as they were at one moment, while recorders go on.
#pragma once

#include "core/selection.hpp"
#include "core/window.hpp"
#include <netrun/llm/detail/core.hpp>

#include <mutex>
#include <utility>
#include <vector>

namespace netrun::llm::detail {

/// Tries of a reading beside the folder; after them the folder has to wait.
inline constexpr int readings_without_lock = 2;

/// What is to be read of the ring, noted under the fold lock.
struct RingSight {
  std::vector<ChunkSight> chunks;
  std::uint64_t floor = 0;
  std::vector<Forgotten> forgotten;
};

/// Gives the records of a window that are wanted to `on_record(record, texts)`. False when a chunk
/// was emptied before it was read: then all that was given is void.
template <class OnRecord>
bool read_ring(RingSight const& ring, Window const& window, Selection& selection,
               OnRecord&& on_record) {
  TextsCopy texts;
  bool const wants_texts = selection.wants_texts();
  for (auto const& sight : ring.chunks) {
    if (sight.newest_start < window.from || sight.oldest_start > window.last) continue;
    for (std::uint32_t i = 0; i < sight.state.published; ++i) {
      Record const record = load_record(*sight.chunk, i);
      if (record.ticket < ring.floor || !window.holds(record.start_ns)) continue;
      if (is_forgotten(ring.forgotten, record.ticket, record.start_ns)) continue;
      // Numbers of a record that was torn may be anything, and must not be used as indices.
      if (record.texts != 0 || wants_texts) {
        texts.load(*sight.chunk, record);
        if (!is_unchanged(sight)) return false;
        if (selection.wants(record, texts.bytes())) on_record(record, texts.bytes());
      } else {
        if (!is_unchanged(sight)) return false;
        on_record(record, std::string_view());
      }
    }
    // Those that were passed over count too: they may have been of another time.
    if (!is_unchanged(sight)) return false;
  }
  return true;
}

/// One consistent reading; `Reader` has, called in this order and again from the first when the
/// ring changed meanwhile:
///   begin(history, ring, window, selection)  under the fold lock; may widen the window
///   add(record, texts)                       of the ring
///   finish(history)                          under the fold lock
template <class Reader>
void read_log(Core& core, StatsQuery const& query, Reader& reader) {
  Log& log = core.log();
  for (int attempt = 0;; ++attempt) {
    std::unique_lock lock(log.fold_lock());
    // By the clock that stamps the calls, and after the wait for the lock.
    Window window(query, core.clock().at(steady_now_ns(core.clock().source())));
    History const& history = log.up_to_date_history();
    auto const releases = log.tenant_releases();
    auto const cleared = log.clears();
    auto const renumbered = history.renumberings();
    RingSight const ring{
        .chunks = log.sight(), .floor = log.floor_ticket(), .forgotten = log.forgotten()};
    Log::Reading const reading(log);
    Selection selection(core.names(), history, query);
    reader.begin(history, ring, window, selection);
    if (attempt < readings_without_lock) lock.unlock();
    bool const whole =
        window.empty || read_ring(ring, window, selection, [&](auto const& record, auto texts) {
          reader.add(record, texts);
        });
    if (!lock.owns_lock()) lock.lock();
    if (whole && releases == log.tenant_releases() && cleared == log.clears() &&
        renumbered == history.renumberings()) {
      reader.finish(history);
      return;
    }
    core.count_restart();
  }
}

}  // namespace netrun::llm::detail
