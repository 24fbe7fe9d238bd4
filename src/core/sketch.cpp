// SPDX-License-Identifier: MIT
// Sketches: which form some counts take, and how more of them are added.
#include <netrun/llm/detail/sketch_block.hpp>

#include <limits>
#include <new>

namespace netrun::llm::detail {
namespace {

using namespace sketch;
using Counts = std::span<BucketCount const>;

std::size_t digits_of(std::uint64_t count) noexcept {
  return (static_cast<std::size_t>(std::bit_width(count)) + Pair::digit_bits - 1) /
         Pair::digit_bits;
}

Pair* write_pairs(Pair* to, BucketCount from) noexcept {
  for (; from.count != 0; from.count >>= Pair::digit_bits) {
    *to++ = Pair(from.bucket, from.count);
  }
  return to;
}

/// How many pairs a block for `pairs` of them has room for. Blocks are of 24, 40, 56 ... bytes, on
/// which common allocators waste nothing; beyond 64 pairs up to an eighth is spare.
std::size_t capacity_of(std::size_t pairs) noexcept {
  std::size_t const beyond = std::max<std::size_t>(pairs, 3) - 2;
  std::size_t const step = std::max<std::size_t>(8, std::bit_floor(beyond) / 8);
  return (beyond + step - 1) / step * step + 2;
}

/// Reads the counts above 0 of a sketch, in order.
class Cursor {
 public:
  explicit Cursor(Word word) noexcept
      : word_(word),
        form_(form_of(word)),
        size_(has_block(word) ? block_of(word).size() : samples_of(word)) {}

  /// False at the end.
  bool next(BucketCount& to) noexcept {
    if (at_ == size_) return false;
    if (form_ == Form::samples) {
      to = {.bucket = sample(word_, at_), .count = 0};
      for (; at_ < size_ && sample(word_, at_) == to.bucket; ++at_) ++to.count;
      return true;
    }
    Block& block = block_of(word_);
    if (form_ == Form::pairs) {
      Pair const* const pairs = pairs_of(block);
      at_ = static_cast<std::size_t>(read_pairs(pairs + at_, pairs + size_, to) - pairs);
      return true;
    }
    return with_counters(block, [&](auto const* counters) {
      while (at_ < size_ && counters[at_] == 0) ++at_;
      if (at_ == size_) return false;
      to = {.bucket = static_cast<Bucket>(block.low() + at_), .count = counters[at_]};
      ++at_;
      return true;
    });
  }

 private:
  Word word_;
  Form form_;
  std::size_t size_;
  std::size_t at_ = 0;
};

/// Calls `use` with the counts of a sketch and `counts` together, in order.
template <class Use>
void merge(Word word, Counts counts, Use use) {
  Cursor cursor(word);
  BucketCount old;
  bool more = cursor.next(old);
  for (auto sum : counts) {
    if (sum.count == 0) continue;
    for (; more && old.bucket < sum.bucket; more = cursor.next(old)) use(old);
    if (more && old.bucket == sum.bucket) {
      sum.count += old.count;
      more = cursor.next(old);
    }
    use(sum);
  }
  for (; more; more = cursor.next(old)) use(old);
}

/// The smallest form for some counts.
class Plan {
 public:
  Plan(Word word, Counts counts) noexcept {
    merge(word, counts, [this](BucketCount next) {
      if (total_ == 0) low_ = next.bucket;
      high_ = next.bucket;
      total_ += next.count;
      most_ = std::max(most_, next.count);
      pairs_ += digits_of(next.count);
    });
    if (total_ <= most_samples) return;
    auto const width = std::bit_ceil((static_cast<std::size_t>(std::bit_width(most_)) + 7) / 8);
    auto const buckets = high_ - low_ + std::size_t{1};
    bytes_ = header_bytes(width) + width * buckets;
    size_ = buckets;
    form_ = static_cast<Form>(static_cast<int>(Form::counters_8) + std::countr_zero(width));
    auto const pair_bytes = sizeof(Block) + sizeof(Pair) * capacity_of(pairs_);
    if (bytes_ <= pair_bytes) return;
    bytes_ = pair_bytes;
    size_ = pairs_;
    form_ = Form::pairs;
  }

  [[nodiscard]] bool is_samples() const noexcept { return form_ == Form::samples; }
  /// Counters are 0, pairs undefined.
  [[nodiscard]] Block& allocate() const {
    auto& block = *new (::operator new(bytes_)) Block(form_, low_, size_);
    if (form_ != Form::pairs) {
      with_counters(block, [this](auto* counters) { std::fill_n(counters, size_, 0); });
    }
    return block;
  }

 private:
  Form form_ = Form::samples;
  Bucket low_ = 0, high_ = 0;
  std::uint64_t total_ = 0, most_ = 0;
  std::size_t pairs_ = 0, size_ = 0, bytes_ = 0;
};

/// The counts of a sketch and others together, in the form of `plan`.
Word write(Plan const& plan, Word word, Counts counts) {
  if (plan.is_samples()) {
    Word result = 0;
    merge(word, counts, [&](BucketCount next) {
      for (; next.count != 0; --next.count) {
        auto const size = samples_of(result);
        result |= Word{next.bucket} << (4 + bucket_bits * size);
        result = (result & ~Word{15}) | (size + 1) << 1 | 1;
      }
    });
    return result;
  }
  Block& block = plan.allocate();
  if (block.form() == Form::pairs) {
    merge(word, counts,
          [to = pairs_of(block)](BucketCount next) mutable { to = write_pairs(to, next); });
  } else {
    with_counters(block, [&]<class Counter>(Counter* counters) {
      merge(word, counts, [counters, low = block.low()](BucketCount next) {
        counters[next.bucket - low] = static_cast<Counter>(next.count);
      });
    });
  }
  return reinterpret_cast<std::uintptr_t>(&block);
}

/// The first pair in sorted ones that is not below the bucket: fast when it is near the beginning.
Pair* seek(Pair* begin, Pair* end, Bucket bucket) noexcept {
  std::ptrdiff_t step = 1;
  while (step < end - begin && begin[step].bucket() < bucket) {
    begin += step;
    step *= 2;
  }
  return std::lower_bound(begin, begin + std::min(step, end - begin), bucket,
                          [](Pair const& pair, Bucket b) { return pair.bucket() < b; });
}

/// How many pairs the block would have with the counts.
std::size_t size_with(Block& block, Counts counts) noexcept {
  std::size_t size = block.size();
  Pair* at = pairs_of(block);
  Pair* const end = at + size;
  for (auto const& added : counts) {
    if (added.count == 0) continue;
    at = seek(at, end, added.bucket);
    BucketCount old;
    if (at != end && at->bucket() == added.bucket) {
      auto const* const next = read_pairs(at, end, old);
      size -= static_cast<std::size_t>(next - at);
    }
    size += digits_of(old.count + added.count);
  }
  return size;
}

/// Adds counts to pairs that have enough digits for them.
void add_to_digits(Block& block, Counts counts) noexcept {
  Pair* at = pairs_of(block);
  Pair* const end = at + block.size();
  for (auto const& added : counts) {
    if (added.count == 0) continue;
    at = seek(at, end, added.bucket);
    BucketCount sum;
    read_pairs(at, end, sum);
    sum.count += added.count;
    at = write_pairs(at, sum);
  }
}

/// Adds counts to pairs that become `size`, backwards, as they move up.
void add_and_move(Block& block, Counts counts, std::size_t size) noexcept {
  Pair* const begin = pairs_of(block);
  Pair* from = begin + block.size();
  Pair* to = begin + size;
  block.resize(size);
  for (auto i = counts.size(); i-- > 0;) {
    BucketCount sum = counts[i];
    if (sum.count == 0) continue;
    while (from != begin && from[-1].bucket() > sum.bucket) *--to = *--from;
    std::uint64_t old = 0;
    while (from != begin && from[-1].bucket() == sum.bucket) {
      old = old << Pair::digit_bits | (--from)->digit();
    }
    sum.count += old;
    to -= digits_of(sum.count);
    write_pairs(to, sum);
  }
}

/// Adds counts in the block. False, and nothing is changed, when it has not the room.
bool add_to_pairs(Block& block, Counts counts) noexcept {
  auto const size = size_with(block, counts);
  if (size == block.size()) {
    add_to_digits(block, counts);
    return true;
  }
  if (size > capacity_of(block.size())) return false;
  add_and_move(block, counts, size);
  return true;
}

/// The same for counters: not when a count is outside their range or too large for them.
template <class Counter>
bool add_to_counters(Block const& block, Counter* counters, Counts counts) noexcept {
  for (auto const& [bucket, count] : counts) {
    if (count == 0) continue;
    auto const at = std::size_t{bucket} - block.low();
    if (at >= block.size()) return false;
    if (count > std::uint64_t{std::numeric_limits<Counter>::max()} - counters[at]) return false;
  }
  for (auto const& [bucket, count] : counts) {
    if (count == 0) continue;
    auto& counter = counters[std::size_t{bucket} - block.low()];
    counter = static_cast<Counter>(counter + count);
  }
  return true;
}

bool add_in_place(Word word, Counts counts) noexcept {
  if (!has_block(word)) return false;
  Block& block = block_of(word);
  if (block.form() == Form::pairs) return add_to_pairs(block, counts);
  return with_counters(block,
                       [&](auto* counters) { return add_to_counters(block, counters, counts); });
}

}  // namespace

void Sketch::release() noexcept {
  if (has_block(word_)) ::operator delete(&block_of(word_));
}

void Sketch::add(std::span<BucketCount const> counts) {
  if (add_in_place(word_, counts)) return;
  Word const sum = write(Plan(word_, counts), word_, counts);
  release();
  word_ = sum;
}

void Sketch::append_to(std::vector<BucketCount>& counts) const {
  merge(word_, {}, [&](BucketCount next) { counts.push_back(next); });
}

std::size_t Sketch::memory_bytes() const noexcept {
  constexpr std::size_t of_allocator = 16;
  if (!has_block(word_)) return 0;
  Block& block = block_of(word_);
  if (block.form() == Form::pairs) {
    return of_allocator + sizeof(Block) + sizeof(Pair) * capacity_of(block.size());
  }
  return with_counters(block, [&]<class Counter>(Counter*) {
    return of_allocator + header_bytes(sizeof(Counter)) + sizeof(Counter) * block.size();
  });
}

}  // namespace netrun::llm::detail
