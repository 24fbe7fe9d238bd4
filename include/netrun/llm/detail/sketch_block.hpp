// SPDX-License-Identifier: MIT
// How a sketch keeps its counts: in a word, or in a block of memory.
#pragma once

#include <netrun/llm/detail/sketch.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace netrun::llm::detail::sketch {

using Word = std::uintptr_t;
static_assert(sizeof(Word) == 8);

// A word without bit 0 is the address of a block, or 0. With it, it is up to five samples: their
// number in the next three bits, then twelve bits for the bucket of each, in order.
constexpr std::size_t most_samples = 5;
constexpr unsigned bucket_bits = 12;
static_assert(bucket_count <= 1 << bucket_bits);

constexpr bool has_samples(Word word) noexcept { return (word & 1) != 0; }
constexpr std::size_t samples_of(Word word) noexcept { return word >> 1 & 7; }
constexpr Bucket sample(Word word, std::size_t i) noexcept {
  return static_cast<Bucket>(word >> (4 + bucket_bits * i) & ((1 << bucket_bits) - 1));
}

enum class Form : std::uint8_t {
  samples,
  pairs,
  counters_8,
  counters_16,
  counters_32,
  counters_64
};

/// What a sketch allocates: this header, and pairs or counters behind it.
class Block {
 public:
  /// `low` is the first counter's bucket.
  Block(Form form, Bucket low, std::size_t size) noexcept
      : form_and_low_(static_cast<std::uint16_t>(static_cast<unsigned>(form) << bucket_bits | low)),
        size_(static_cast<std::uint16_t>(size)) {}

  [[nodiscard]] Form form() const noexcept {
    return static_cast<Form>(form_and_low_ >> bucket_bits);
  }
  [[nodiscard]] Bucket low() const noexcept { return form_and_low_ & ((1U << bucket_bits) - 1); }
  /// The number of pairs or counters.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  void resize(std::size_t size) noexcept { size_ = static_cast<std::uint16_t>(size); }

 private:
  std::uint16_t form_and_low_;
  std::uint16_t size_;
};
static_assert(sizeof(Block) == 4);

inline bool has_block(Word word) noexcept { return word != 0 && !has_samples(word); }
inline Block& block_of(Word word) noexcept { return *reinterpret_cast<Block*>(word); }
inline Form form_of(Word word) noexcept {
  return has_block(word) ? block_of(word).form() : Form::samples;
}

/// A bucket and four bits of its count. The next pairs of the same bucket have the higher bits:
/// large counts take more pairs, and small ones, which are most, do not pay for them.
class Pair {
 public:
  Pair(Bucket bucket, std::uint64_t digit) noexcept
      : bits_(static_cast<std::uint16_t>(unsigned{bucket} << digit_bits | (digit & digit_mask))) {}

  [[nodiscard]] Bucket bucket() const noexcept { return bits_ >> digit_bits; }
  [[nodiscard]] std::uint64_t digit() const noexcept { return bits_ & digit_mask; }

  static constexpr unsigned digit_bits = 16 - bucket_bits;

 private:
  static constexpr std::uint64_t digit_mask = (1U << digit_bits) - 1;

  std::uint16_t bits_;
};
static_assert(sizeof(Pair) == 2);

/// Reads the pairs of one bucket, of which there are some, and returns what follows them.
inline Pair const* read_pairs(Pair const* from, Pair const* end, BucketCount& to) noexcept {
  to = {.bucket = from->bucket(), .count = from->digit()};
  for (unsigned shift = 0; ++from != end && from->bucket() == to.bucket;) {
    shift += Pair::digit_bits;
    to.count |= from->digit() << shift;
  }
  return from;
}

inline Pair* pairs_of(Block& block) noexcept {
  return static_cast<Pair*>(static_cast<void*>(&block + 1));
}

/// Where counters of `width` bytes begin.
constexpr std::size_t header_bytes(std::size_t width) noexcept {
  return std::max(sizeof(Block), width);
}

template <class Counter>
Counter* counters_of(Block& block) noexcept {
  auto* const bytes = static_cast<std::byte*>(static_cast<void*>(&block));
  return static_cast<Counter*>(static_cast<void*>(bytes + header_bytes(sizeof(Counter))));
}

/// Calls `use` with the first of the block's counters.
template <class Use>
decltype(auto) with_counters(Block& block, Use use) {
  switch (block.form()) {
    case Form::counters_8:
      return use(counters_of<std::uint8_t>(block));
    case Form::counters_16:
      return use(counters_of<std::uint16_t>(block));
    case Form::counters_32:
      return use(counters_of<std::uint32_t>(block));
    default:
      return use(counters_of<std::uint64_t>(block));
  }
}

}  // namespace netrun::llm::detail::sketch
