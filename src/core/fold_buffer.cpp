// SPDX-License-Identifier: MIT
// Calls on their way from the ring into the history, added up by minute.
#include <netrun/llm/detail/fold_buffer.hpp>
#include <netrun/llm/detail/hash.hpp>

#include <algorithm>
#include <numeric>

namespace netrun::llm::detail {
namespace {

/// Sorts buckets and counts equal ones.
void count_buckets(std::vector<Bucket>& buckets, std::vector<BucketCount>& counts) {
  counts.clear();
  std::sort(buckets.begin(), buckets.end());
  for (auto const bucket : buckets) {
    if (counts.empty() || counts.back().bucket != bucket) {
      counts.push_back({.bucket = bucket, .count = 1});
    } else {
      ++counts.back().count;
    }
  }
}

}  // namespace

std::uint32_t FoldBuffer::row_of(std::int64_t minute, std::uint32_t facet, CellKey const& key) {
  constexpr std::size_t slots = 4 * most_rows;  // more rows than that may come from one record
  if (index_.empty()) {
    index_.resize(slots, 0);
    rows_.reserve(slots / 2);
  }
  auto const pair = std::uint64_t{key.route} << 32 | key.tenant;
  auto const rest = std::uint64_t{facet} << 32 | key.value;
  auto i = mix(pair ^ hash_secret_a, rest ^ static_cast<std::uint64_t>(minute)) & (slots - 1);
  for (;; i = (i + 1) & (slots - 1)) {
    if (index_[i] == 0) break;
    Row const& row = rows_[index_[i] - 1];
    if (row.minute == minute && row.key == key && row.facet == facet) return index_[i] - 1;
  }
  rows_.push_back({.minute = minute, .key = key, .facet = facet, .sums = {}});
  index_[i] = static_cast<std::uint32_t>(rows_.size());
  return index_[i] - 1;
}

void FoldBuffer::add(std::int64_t minute, std::uint32_t facet, CellKey const& key,
                     Record const& record, TokenCounts const& counts, RareTokens const* rare) {
  auto const row = row_of(minute, facet, key);
  rows_[row].sums.add(record, counts);
  samples_.push_back({.row = row,
                      .latency = bucket_of(record.latency_ms),
                      .first_token = record.time_to_first_token_ms >= 0
                                         ? bucket_of(record.time_to_first_token_ms)
                                         : no_bucket});
  if (!record.is(RecordFlags::success)) failures_.push_back({.row = row, .error = record.error});
  if (rare != nullptr) rare_.push_back({.row = row, .tokens = *rare});
}

void FoldBuffer::distil() {
  // Counted two places on, a row's start is found one place on, and moves to where the next begins.
  first_sample_.assign(rows_.size() + 2, 0);
  for (auto const& sample : samples_) ++first_sample_[sample.row + 2];
  std::partial_sum(first_sample_.begin(), first_sample_.end(), first_sample_.begin());
  sorted_.resize(samples_.size());
  for (auto const& sample : samples_) sorted_[first_sample_[sample.row + 1]++] = sample;
  auto const by_row = [](auto const& a, auto const& b) { return a.row < b.row; };
  std::sort(failures_.begin(), failures_.end(), by_row);
  std::sort(rare_.begin(), rare_.end(), by_row);
  by_minute_.resize(rows_.size());
  std::iota(by_minute_.begin(), by_minute_.end(), 0U);
  std::sort(by_minute_.begin(), by_minute_.end(), [this](std::uint32_t a, std::uint32_t b) {
    return rows_[a].minute != rows_[b].minute ? rows_[a].minute < rows_[b].minute : a < b;
  });
}

CellDelta FoldBuffer::delta(std::size_t row) {
  auto const begin = sorted_.begin() + first_sample_[row];
  auto const end = sorted_.begin() + first_sample_[row + 1];
  scratch_.clear();
  for (auto it = begin; it != end; ++it) scratch_.push_back(it->latency);
  count_buckets(scratch_, latency_);
  scratch_.clear();
  for (auto it = begin; it != end; ++it) {
    if (it->first_token != no_bucket) scratch_.push_back(it->first_token);
  }
  count_buckets(scratch_, first_token_);

  auto const below = [](auto const& of, std::size_t wanted) { return of.row < wanted; };
  errors_.clear();
  for (auto it = std::lower_bound(failures_.begin(), failures_.end(), row, below);
       it != failures_.end() && it->row == row; ++it) {
    auto const known = std::find_if(errors_.begin(), errors_.end(),
                                    [&](ErrorCount const& e) { return e.error == it->error; });
    if (known == errors_.end()) {
      errors_.push_back({.error = it->error, .count = 1});
    } else {
      ++known->count;
    }
  }
  rare_sum_ = {};
  auto rare = std::lower_bound(rare_.begin(), rare_.end(), row, below);
  bool const has_rare = rare != rare_.end() && rare->row == row;
  for (; rare != rare_.end() && rare->row == row; ++rare) rare_sum_.add(rare->tokens);
  return {.sums = &rows_[row].sums,
          .latency = latency_,
          .first_token = first_token_,
          .errors = errors_,
          .rare = has_rare ? &rare_sum_ : nullptr};
}

void FoldBuffer::clear() noexcept {
  rows_.clear();
  samples_.clear();
  failures_.clear();
  rare_.clear();
  std::fill(index_.begin(), index_.end(), 0U);
}

std::size_t FoldBuffer::memory_bytes() const noexcept {
  return rows_.capacity() * sizeof(Row) +
         (index_.capacity() + first_sample_.capacity() + by_minute_.capacity()) * 4 +
         (samples_.capacity() + sorted_.capacity()) * sizeof(Sample) +
         failures_.capacity() * sizeof(Failure) + rare_.capacity() * sizeof(Rare) +
         scratch_.capacity() * sizeof(Bucket) +
         (latency_.capacity() + first_token_.capacity()) * sizeof(BucketCount) +
         errors_.capacity() * sizeof(ErrorCount);
}

}  // namespace netrun::llm::detail
