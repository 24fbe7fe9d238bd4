// SPDX-License-Identifier: MIT
// What the calls of one stretch of time add up to, by route, by tenant and the like.
#include <netrun/llm/detail/cell_table.hpp>
#include <netrun/llm/detail/hash.hpp>

#include <algorithm>
#include <bit>
#include <limits>
#include <type_traits>

namespace netrun::llm::detail {
namespace {

/// Up to this many cells are looked through one by one.
constexpr std::size_t cells_without_index = 8;
/// What the allocator adds to a block, about.
constexpr std::size_t block_bytes = 16;

template <class Narrow, class Wide>
bool add_fits(Narrow& to, Wide value) noexcept {
  return !__builtin_add_overflow(to, value, &to);
}

template <class T>
std::size_t bytes_of(std::vector<T> const& all) noexcept {
  return all.capacity() == 0 ? 0 : all.capacity() * sizeof(T) + block_bytes;
}

}  // namespace

struct CellTable::Scratch {
  std::vector<BucketCount> latency, first_token;
};

std::size_t CellTable::Extra::memory_bytes() const noexcept {
  return sizeof *this + block_bytes + bytes_of(errors) + (rare ? sizeof *rare + block_bytes : 0) +
         (carry ? sizeof *carry + block_bytes : 0);
}

std::size_t CellTable::Rest::memory_bytes() const noexcept {
  return latency.memory_bytes() + first_token.memory_bytes() + (extra ? extra->memory_bytes() : 0);
}

std::size_t CellTable::vector_bytes() const noexcept {
  return bytes_of(cells_) + bytes_of(rest_) + bytes_of(index_) + bytes_of(carrying_);
}

std::size_t CellTable::slot_of(CellKey const& key) const noexcept {
  auto const pair = std::uint64_t{key.route} << 32 | key.tenant;
  return mix(pair ^ hash_secret_a, key.value ^ hash_secret_b) & (index_.size() - 1);
}

std::size_t CellTable::find(CellKey const& key) const noexcept {
  if (index_.empty()) {
    std::size_t at = 0;
    while (at < cells_.size() && !(cells_[at].key == key)) ++at;
    return at;
  }
  for (auto i = slot_of(key);; i = (i + 1) & (index_.size() - 1)) {
    if (index_[i] == 0) return cells_.size();
    if (cells_[index_[i] - 1].key == key) return index_[i] - 1;
  }
}

void CellTable::rebuild_index(std::size_t slots) {
  std::vector<std::uint32_t>(slots, 0).swap(index_);
  for (std::size_t at = 0; at < cells_.size() && slots != 0; ++at) {
    auto i = slot_of(cells_[at].key);
    while (index_[i] != 0) i = (i + 1) & (slots - 1);
    index_[i] = static_cast<std::uint32_t>(at + 1);
  }
}

std::size_t CellTable::place_of(CellKey const& key) {
  auto const at = find(key);
  if (at < cells_.size()) return at;
  // Room first, so that nothing is half done when there is none. By a half and not by twice: most
  // tables are small, and there are thousands.
  if (cells_.size() == cells_.capacity()) {
    auto const more = cells_.size() + std::max<std::size_t>(1, cells_.size() / 2);
    cells_.reserve(more);
    rest_.reserve(more);
  }
  if (at + 1 > cells_without_index && (at + 1) * 2 > index_.size())
    rebuild_index(std::bit_ceil((at + 1) * 2));
  rest_.emplace_back();
  cells_.push_back({.key = key});
  if (!index_.empty()) {
    auto i = slot_of(key);
    while (index_[i] != 0) i = (i + 1) & (index_.size() - 1);
    index_[i] = static_cast<std::uint32_t>(at + 1);
  }
  return at;
}

bool CellTable::add_narrow(Cell& cell, Rest& rest, Sums const& s) noexcept {
  Cell c = cell;
  auto cached = rest.cached, streaming = rest.streaming, first_tokens = rest.first_tokens;
  auto cache_read = rest.cache_read, cache_write = rest.cache_write, reasoning = rest.reasoning;
  auto first_token_ns = rest.first_token_ns;
  bool const fits =
      add_fits(c.requests, s.requests) && add_fits(c.failed, s.failed) &&
      add_fits(c.unpriced, s.unpriced) && add_fits(c.input, s.tokens.input) &&
      add_fits(c.output, s.tokens.output) && add_fits(c.cost_picos, s.cost_picos) &&
      add_fits(c.latency_ns, s.latency_ns) && add_fits(cached, s.cached) &&
      add_fits(streaming, s.streaming) && add_fits(first_tokens, s.first_tokens) &&
      add_fits(cache_read, s.tokens.cache_read) && add_fits(cache_write, s.tokens.cache_write) &&
      add_fits(reasoning, s.tokens.reasoning) && add_fits(first_token_ns, s.first_token_ns);
  if (!fits) return false;
  cell = c;
  rest.cached = cached;
  rest.streaming = streaming;
  rest.first_tokens = first_tokens;
  rest.cache_read = cache_read;
  rest.cache_write = cache_write;
  rest.reasoning = reasoning;
  rest.first_token_ns = first_token_ns;
  return true;
}

Sums CellTable::narrow_sums(std::size_t at) const noexcept {
  Cell const& cell = cells_[at];
  Rest const& rest = rest_[at];
  return {.requests = cell.requests,
          .failed = cell.failed,
          .cached = rest.cached,
          .streaming = rest.streaming,
          .unpriced = cell.unpriced,
          .first_tokens = rest.first_tokens,
          .tokens = {.input = cell.input,
                     .output = cell.output,
                     .cache_read = rest.cache_read,
                     .cache_write = rest.cache_write,
                     .reasoning = rest.reasoning},
          .cost_picos = cell.cost_picos,
          .latency_ns = cell.latency_ns,
          .first_token_ns = rest.first_token_ns};
}

Sums CellTable::sums(std::size_t at) const noexcept {
  Sums all = narrow_sums(at);
  if (rest_[at].extra && rest_[at].extra->carry) all.add(*rest_[at].extra->carry);
  return all;
}

std::span<ErrorCount const> CellTable::errors(std::size_t at) const noexcept {
  if (!rest_[at].extra) return {};
  return rest_[at].extra->errors;
}

RareTokens const* CellTable::rare(std::size_t at) const noexcept {
  return rest_[at].extra ? rest_[at].extra->rare.get() : nullptr;
}

CellTable::Extra& CellTable::extra_of(std::size_t at) {
  auto& extra = rest_[at].extra;
  if (!extra) extra = std::make_unique<Extra>();
  return *extra;
}

void CellTable::add_sums(std::size_t at, Sums const& sums) {
  if (add_narrow(cells_[at], rest_[at], sums)) return;
  auto& carry = extra_of(at).carry;
  if (!carry) {
    carrying_.reserve(carrying_.size() + 1);
    carry = std::make_unique<Sums>();
    carrying_.push_back(static_cast<std::uint32_t>(at));
  }
  carry->add(narrow_sums(at));
  carry->add(sums);
  cells_[at] = {.key = cells_[at].key};
  Rest& rest = rest_[at];
  rest.cached = rest.streaming = rest.first_tokens = 0;
  rest.cache_read = rest.cache_write = rest.reasoning = rest.first_token_ns = 0;
}

void CellTable::add_extra(std::size_t at, CellDelta const& delta) {
  if (!delta.errors.empty()) {
    auto& errors = extra_of(at).errors;
    for (auto const& more : delta.errors) {
      auto const known = std::find_if(errors.begin(), errors.end(), [&](ErrorCount const& error) {
        return error.error == more.error;
      });
      if (known == errors.end()) {
        errors.push_back(more);
      } else {
        known->count += more.count;
      }
    }
  }
  if (delta.rare != nullptr) {
    auto& rare = extra_of(at).rare;
    if (!rare) rare = std::make_unique<RareTokens>();
    rare->add(*delta.rare);
  }
}

void CellTable::add(CellKey const& key, CellDelta const& delta, std::uint32_t use) {
  auto const vectors_before = vector_bytes();
  auto const at = place_of(key);
  Rest& rest = rest_[at];
  auto const rest_before = rest.memory_bytes();
  rest.last_use = use;
  add_sums(at, *delta.sums);
  rest.latency.add(delta.latency);
  rest.first_token.add(delta.first_token);
  add_extra(at, delta);
  bytes_ += rest.memory_bytes() - rest_before + vector_bytes() - vectors_before;
}

void CellTable::add_cell(CellTable const& from, std::size_t at, CellKey const& key,
                         std::uint32_t use, Scratch& scratch) {
  scratch.latency.clear();
  scratch.first_token.clear();
  from.latency(at).append_to(scratch.latency);
  from.first_token(at).append_to(scratch.first_token);
  Sums const sums = from.sums(at);
  add(key,
      {.sums = &sums,
       .latency = scratch.latency,
       .first_token = scratch.first_token,
       .errors = from.errors(at),
       .rare = from.rare(at)},
      use);
}

void CellTable::add(CellTable const& other, std::uint32_t use) {
  Scratch scratch;
  for (std::size_t at = 0; at < other.size(); ++at)
    add_cell(other, at, other.cells_[at].key, use, scratch);
}

template <class Score>
std::vector<bool> CellTable::all_but(std::size_t keep, Score&& score) const {
  std::vector<bool> which(cells_.size(), false);
  if (cells_.size() <= keep) return which;
  std::vector<std::uint64_t> scores;
  scores.reserve(cells_.size());
  for (std::size_t at = 0; at < cells_.size(); ++at) scores.push_back(score(at));
  auto const nth = scores.end() - static_cast<std::ptrdiff_t>(keep) - 1;
  std::nth_element(scores.begin(), nth, scores.end());
  auto const best_to_go = *nth;
  auto to_go = cells_.size() - keep;
  // Lower ones before those that score just as much as the lowest that may stay.
  for (bool const equal : {false, true}) {
    for (std::size_t at = 0; at < cells_.size() && to_go > 0; ++at) {
      auto const own = score(at);
      if (equal ? own != best_to_go : own >= best_to_go) continue;
      which[at] = true;
      --to_go;
    }
  }
  return which;
}

void CellTable::remove(std::vector<bool> const& which, CellKey const* into) {
  if (std::find(which.begin(), which.end(), true) == which.end()) return;
  CellTable kept;
  Scratch scratch;
  auto const stay = static_cast<std::size_t>(std::count(which.begin(), which.end(), false)) + 1;
  kept.cells_.reserve(stay);
  kept.rest_.reserve(stay);
  for (std::size_t at = 0; at < cells_.size(); ++at) {
    bool const is_target = into != nullptr && cells_[at].key == *into;
    if (which[at] && !is_target) continue;
    kept.cells_.push_back(cells_[at]);
    kept.rest_.push_back(std::move(rest_[at]));
    Rest const& rest = kept.rest_.back();
    kept.bytes_ += rest.memory_bytes();
    if (rest.extra && rest.extra->carry)
      kept.carrying_.push_back(static_cast<std::uint32_t>(kept.cells_.size() - 1));
  }
  if (kept.size() > cells_without_index) kept.rebuild_index(std::bit_ceil(kept.size() * 2));
  kept.bytes_ += kept.vector_bytes();
  for (std::size_t at = 0; at < cells_.size() && into != nullptr; ++at) {
    if (which[at] && !(cells_[at].key == *into))
      kept.add_cell(*this, at, *into, rest_[at].last_use, scratch);
  }
  *this = std::move(kept);
}

void CellTable::keep_newest(std::size_t keep, CellKey const& into) {
  remove(all_but(keep, [this](std::size_t at) { return std::uint64_t{rest_[at].last_use}; }),
         &into);
}

void CellTable::keep_largest(std::size_t keep) {
  auto const score = [this](std::size_t at) {
    constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
    return std::min(sums(at).requests, most) << 32 | rest_[at].last_use;
  };
  remove(all_but(keep, score), nullptr);
}

void CellTable::remove_tenants(std::vector<bool> const& which, CellKey const* into) {
  std::vector<bool> gone(cells_.size(), false);
  for (std::size_t at = 0; at < cells_.size(); ++at) gone[at] = which[cells_[at].key.tenant];
  remove(gone, into);
}

void CellTable::remove_values(std::vector<bool> const& which) {
  std::vector<bool> gone(cells_.size(), false);
  for (std::size_t at = 0; at < cells_.size(); ++at) gone[at] = which[cells_[at].key.value];
  remove(gone, nullptr);
}

}  // namespace netrun::llm::detail
