// SPDX-License-Identifier: MIT
// Copying records out of the log while recorders go on.
#include <netrun/llm/detail/batch.hpp>
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/texts_view.hpp>

#include <algorithm>
#include <limits>
#include <mutex>

namespace netrun::llm::detail {
namespace {

/// Attempts to read beside the folder; after them the folder has to wait.
constexpr int attempts_without_lock = 2;
constexpr auto no_end = std::numeric_limits<std::uint64_t>::max();

/// Copies what the sights show of the tickets in [first, end). False when a chunk was emptied
/// meanwhile.
bool copy_records(std::vector<ChunkSight> const& sights, std::uint64_t first, std::uint64_t end,
                  std::vector<Forgotten> const& forgotten, TakenBatch& batch) {
  TextsCopy texts;
  for (auto const& sight : sights) {
    if (load_ticket(*sight.chunk, sight.state.published - 1) < first && is_unchanged(sight))
      continue;
    for (std::uint32_t i = 0; i < sight.state.published; ++i) {
      Record const record = load_record(*sight.chunk, i);
      if (record.ticket < first || record.ticket >= end) continue;
      if (is_forgotten(forgotten, record.ticket, record.start_ns)) continue;
      texts.load(*sight.chunk, record);
      batch.add(record, texts.bytes());
    }
    if (!is_unchanged(sight)) return false;
  }
  return true;
}

/// The oldest ticket from `cursor` on that the sights still hold; `none` when there is none.
std::uint64_t oldest_from(std::vector<ChunkSight> const& sights, std::uint64_t cursor,
                          std::uint64_t none) {
  std::uint64_t oldest = none;
  for (auto const& sight : sights) {
    if (sight.first_ticket >= oldest) break;
    if (load_ticket(*sight.chunk, sight.state.published - 1) < cursor) continue;
    std::uint32_t i = 0;
    while (load_ticket(*sight.chunk, i) < cursor) ++i;
    oldest = std::min(oldest, load_ticket(*sight.chunk, i));
  }
  return oldest;
}

}  // namespace

std::uint64_t Core::take(std::uint64_t cursor, std::uint64_t end, std::size_t most,
                         TakenBatch& batch, bool with_forgotten) {
  batch.clear();
  auto const finished = std::min(log_.recorded(), end);
  if (finished <= cursor) return cursor;
  // A ticket is drawn inside a shard. When each shard has been free once since `finished` was read,
  // every record before it is finished.
  gate().wait_until_each_was_free();
  for (int attempt = 0;; ++attempt) {
    std::unique_lock lock(log_.fold_lock());
    auto const releases = log_.tenant_releases();
    auto sights = log_.sight(cursor);
    auto const forgotten = with_forgotten ? std::vector<Forgotten>() : log_.forgotten();
    Log::Reading const reading(log_);
    // A reader that was lapped goes on with what there is, at once, or it would never catch up.
    auto const start = oldest_from(sights, cursor, finished);
    auto const next = finished - start < most ? finished : start + most;
    if (attempt < attempts_without_lock) lock.unlock();
    std::erase_if(sights, [&](ChunkSight const& sight) { return sight.first_ticket >= next; });
    batch.clear();
    bool const whole = copy_records(sights, start, next, forgotten, batch);
    if (!lock.owns_lock()) lock.lock();
    if (whole && releases == log_.tenant_releases()) {
      batch.copy_tenants();
      lock.unlock();
      log_.help_folding(next);
      batch.make_views();
      return next;
    }
  }
}

std::vector<LLMRequestMetrics> Core::snapshot() {
  TakenBatch batch(names_);
  auto const most = log_.max_history();
  for (int attempt = 0;; ++attempt) {
    std::unique_lock lock(log_.fold_lock());
    auto const releases = log_.tenant_releases();
    auto const recorded = log_.recorded();
    auto const forgotten = log_.forgotten();
    // A ticket in each shard may not be published yet, so as many more are looked at.
    auto const wanted = most + (forgotten.empty() ? gate().shard_count() : 0);
    auto const first =
        std::max(log_.floor_ticket(), recorded - std::min<std::uint64_t>(recorded, wanted));
    auto const sights = log_.sight(first);
    Log::Reading const reading(log_);
    if (attempt < attempts_without_lock) lock.unlock();
    batch.clear();
    bool const whole = copy_records(sights, first, no_end, forgotten, batch);
    if (!lock.owns_lock()) lock.lock();
    if (whole && releases == log_.tenant_releases()) {
      batch.copy_tenants();
      break;
    }
    count_restart();
  }
  batch.make_views(most);
  std::vector<LLMRequestMetrics> all;
  all.reserve(batch.views().size());
  for (auto const& view : batch.views()) all.push_back(view.to_metrics());
  return all;
}

}  // namespace netrun::llm::detail
