// SPDX-License-Identifier: MIT
// The log: folding what leaves the ring into the history.
#include <netrun/llm/detail/log.hpp>

#include <algorithm>
#include <cstring>

namespace netrun::llm::detail {

bool Log::fold_one(std::uint64_t end) noexcept {
  Chunk* const chunk = pool_.take_closed(closed_to_keep_.load(std::memory_order_relaxed), end);
  if (chunk == nullptr) return false;
  fold_chunk(*chunk);
  return true;
}

void Log::fold_chunk(Chunk& chunk) noexcept {
  try {
    fold_records(chunk);
  } catch (...) {
    history_.recount_memory();
    counters_.fold_failures.fetch_add(1, std::memory_order_relaxed);
  }
  pool_.reset(chunk);
  pool_.push_free(chunk);
}

void Log::fold_records(Chunk& chunk) {
  auto const published = ChunkState::unpack(chunk.state.load(std::memory_order_acquire)).published;
  auto const floor = floor_ticket();
  bool const has_facets = !history_.facets().empty();
  auto const now = now_ns();
  TextsCopy texts;
  std::uint64_t counted = 0;
  for (std::uint32_t i = 0; i < published; ++i) {
    Record record;  // nobody writes to a closed chunk any more, so a plain copy does
    std::memcpy(&record, &chunk.records[i], sizeof record);
    if (record.ticket < floor) continue;
    ++counted;
    if (is_forgotten(forgotten_, record.ticket, record.start_ns)) continue;
    bool const has_counts = record.is(RecordFlags::counts);
    // Who found no room among the tenants of the ring may find some here.
    bool const has_tenant = record.tenant == TenantTable::other && record.texts != 0;
    if (!has_counts && !has_tenant && !has_facets) {
      history_.add(record, counts_of(record, {}), nullptr, history_tenant(record.tenant, now), {},
                   now);
      continue;
    }
    texts.load(chunk, record);
    auto const name = has_tenant ? find_text(texts.bytes(), TextKind::tenant) : std::string_view();
    auto const tenant =
        name.data() != nullptr ? history_.tenant(name, now) : history_tenant(record.tenant, now);
    TokenUsage const usage = usage_of(record, texts.bytes());
    RareTokens const rare(usage);
    find_values(record, texts.bytes(), now);
    history_.add(record, counts_of(usage), rare.any() ? &rare : nullptr, tenant, values_, now);
  }
  folded_.fetch_add(published, std::memory_order_relaxed);
  folded_since_clear_.fetch_add(counted, std::memory_order_release);
}

void Log::find_values(Record const& record, std::string_view texts, std::int64_t now) {
  auto const& facets = history_.facets();
  values_.resize(facets.size());
  for (std::size_t i = 0; i < facets.size(); ++i) {
    std::string_view value;
    switch (facets[i].kind) {
      case Facet::Kind::user:
        value = user_of(record, texts);
        break;
      case Facet::Kind::endpoint:
        value = endpoint_of(record, texts, names_);
        break;
      case Facet::Kind::tag:
        value = find_tag(texts, facets[i].key);
        break;
    }
    // A tag may have an empty value; a user or endpoint that is empty is none.
    bool const has_value =
        facets[i].kind == Facet::Kind::tag ? value.data() != nullptr : !value.empty();
    values_[i] = has_value ? history_.value(i, value, now) : History::no_value;
  }
}

std::uint32_t Log::history_tenant(std::uint32_t slot, std::int64_t now) {
  if (tenant_cache_numbering_ != history_.renumberings()) {
    std::fill(tenant_cache_.begin(), tenant_cache_.end(), NamePool::none);
    tenant_cache_numbering_ = history_.renumberings();
  }
  if (slot >= tenant_cache_.size()) tenant_cache_.resize(names_.tenants().size(), NamePool::none);
  auto& known = tenant_cache_[slot];
  if (known == NamePool::none) {
    known = history_.tenant(names_.tenants().name(slot), now);
  } else {
    history_.note_use(known);
  }
  return known;
}

History const& Log::up_to_date_history() {
  history_.flush(now_ns());
  return history_;
}

void Log::fold_ahead() noexcept {
  for (;;) {
    std::lock_guard const guard(fold_lock_);
    bool const too_many = pool_.chunk_count() > wanted_chunks();
    if (pool_.free_count() >= spare_chunks && !too_many) break;
    bool const folded = fold_one();
    if (too_many) shrink();
    if (!folded) break;
  }
  reclaim_tenants();
  forget_what_has_gone();
  pool_.refill_pages();
}

bool Log::has_spare_chunks() const noexcept { return pool_.free_count() > spare_chunks / 4; }

void Log::help_folding(std::uint64_t end) noexcept {
  while (pool_.free_count() < spare_chunks) {
    std::lock_guard const guard(fold_lock_);
    if (!fold_one(end)) return;
  }
}

void Log::shrink() noexcept {
  // Memory is given back only while no reader can still be looking at a chunk that it found before.
  if (readers_.load(std::memory_order_acquire) != 0) return;
  while (pool_.chunk_count() > wanted_chunks() && pool_.free_count() > spare_chunks) {
    Chunk* const chunk = pool_.take_free();
    if (chunk == nullptr) return;
    pool_.destroy(*chunk);
    auto const extra = extra_.load(std::memory_order_relaxed);
    if (extra > 0) extra_.fetch_sub(1, std::memory_order_relaxed);
  }
}

void Log::fold_idle_chunks() noexcept {
  // A thread that recorded once and then idles leaves an open chunk behind whose epoch would keep
  // every tenant since. When all of its records are older than the last that are kept, it can go.
  auto const kept = std::max(max_history(), least_records);
  auto const newest = recorded();
  for (std::size_t i = 0; i < gate_.shard_count(); ++i) {
    Shard& shard = gate_.shards[i];
    std::unique_lock const lock(shard.lock, std::try_to_lock);
    if (!lock.owns_lock() || shard.chunk == nullptr || shard.used == 0) continue;
    if (load_ticket(*shard.chunk, shard.used - 1) + kept + gate_.shard_count() >= newest) continue;
    fold_chunk(*shard.chunk);
    shard.chunk = nullptr;
    shard.used = 0;
  }
}

std::uint32_t Log::oldest_epoch() const noexcept {
  auto oldest = epoch();
  for (Chunk* chunk = pool_.directory(); chunk != nullptr;
       chunk = chunk->next_in_directory.load(std::memory_order_acquire)) {
    if (ChunkState::unpack(chunk->state.load(std::memory_order_acquire)).published == 0) continue;
    oldest = std::min(oldest, chunk->epoch.load(std::memory_order_relaxed));
  }
  return oldest;
}

void Log::reclaim_tenants() noexcept {
  auto& tenants = names_.tenants();
  if (!tenants.crowded()) return;
  {
    std::lock_guard const guard(fold_lock_);
    fold_idle_chunks();
    try {
      tenants.unlink_unused(oldest_epoch(), names_.caps().tenants / 4 + 1);
    } catch (...) {
      counters_.fold_failures.fetch_add(1, std::memory_order_relaxed);
      return;
    }
  }
  // Without the fold lock: a recorder in its shard may be trying for it.
  gate_.pass_through_each();
  std::lock_guard const guard(fold_lock_);
  // Looked at again: a record that was being written has brought its chunk's epoch into view.
  tenants.release_unlinked(oldest_epoch());
  std::fill(tenant_cache_.begin(), tenant_cache_.end(), NamePool::none);
  ++tenant_releases_;
}

void Log::clear() noexcept {
  std::lock_guard const guard(fold_lock_);
  floor_.store(recorded(), std::memory_order_release);
  history_.clear();
  forgotten_.clear();
  has_forgotten_.store(false, std::memory_order_release);
  folded_since_clear_.store(0, std::memory_order_release);
  ++clears_;
  std::fill(tenant_cache_.begin(), tenant_cache_.end(), NamePool::none);
}

}  // namespace netrun::llm::detail
