// SPDX-License-Identifier: MIT
// Sums over calls that do not depend on their order.
#pragma once

#include <netrun/llm/detail/rare_tokens.hpp>
#include <netrun/llm/detail/record.hpp>
#include <netrun/llm/usd.hpp>

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace netrun::llm::detail {

/// Milliseconds as whole nanoseconds, so that sums do not depend on the order. What is longer than
/// 10^20 ms, three thousand million years, counts as that: 10^12 of them still fit into 128 bits.
[[nodiscard]] inline Int128 to_whole_ns(double ms) noexcept {
  constexpr double small = 9e12;
  if (ms < small) return static_cast<std::int64_t>(ms * 1e6 + 0.5);
  return static_cast<Int128>((ms < 1e20 ? ms : 1e20) * 1e6);
}

/// Token counts of one record at full width.
struct TokenCounts {
  std::uint64_t input = 0, output = 0, cache_read = 0, cache_write = 0, reasoning = 0;
};

/// What is known of a group of calls: exact, and the same in whatever order they are added.
struct Sums {
  std::uint64_t requests = 0, failed = 0, cached = 0, streaming = 0, unpriced = 0, first_tokens = 0;
  TokenCounts tokens;
  Int128 cost_picos = 0;
  Int128 latency_ns = 0;
  Int128 first_token_ns = 0;

  void add(Record const& record, TokenCounts const& counts) noexcept {
    ++requests;
    failed += static_cast<std::uint64_t>(!record.is(RecordFlags::success));
    cached += static_cast<std::uint64_t>(record.is(RecordFlags::cached));
    streaming += static_cast<std::uint64_t>(record.is(RecordFlags::streaming));
    unpriced += static_cast<std::uint64_t>(record.cost_source() == CostSource::unpriced);
    if (record.time_to_first_token_ms >= 0) {
      ++first_tokens;
      first_token_ns += to_whole_ns(record.time_to_first_token_ms);
    }
    add(counts);
    cost_picos += record.cost_picos;
    latency_ns += to_whole_ns(record.latency_ms);
  }
  void add(Sums const& other) noexcept {
    requests += other.requests;
    failed += other.failed;
    cached += other.cached;
    streaming += other.streaming;
    unpriced += other.unpriced;
    first_tokens += other.first_tokens;
    first_token_ns += other.first_token_ns;
    add(other.tokens);
    cost_picos += other.cost_picos;
    latency_ns += other.latency_ns;
  }
  /// Takes out what was added before. Token counts that had reached their limit may come out too
  /// low.
  void subtract(Sums const& part) noexcept {
    requests -= part.requests;
    failed -= part.failed;
    cached -= part.cached;
    streaming -= part.streaming;
    unpriced -= part.unpriced;
    first_tokens -= part.first_tokens;
    first_token_ns -= part.first_token_ns;
    tokens.input -= std::min(tokens.input, part.tokens.input);
    tokens.output -= std::min(tokens.output, part.tokens.output);
    tokens.cache_read -= std::min(tokens.cache_read, part.tokens.cache_read);
    tokens.cache_write -= std::min(tokens.cache_write, part.tokens.cache_write);
    tokens.reasoning -= std::min(tokens.reasoning, part.tokens.reasoning);
    cost_picos -= part.cost_picos;
    latency_ns -= part.latency_ns;
  }

 private:
  void add(TokenCounts const& counts) noexcept {
    tokens.input = saturating_add(tokens.input, counts.input);
    tokens.output = saturating_add(tokens.output, counts.output);
    tokens.cache_read = saturating_add(tokens.cache_read, counts.cache_read);
    tokens.cache_write = saturating_add(tokens.cache_write, counts.cache_write);
    tokens.reasoning = saturating_add(tokens.reasoning, counts.reasoning);
  }
};

}  // namespace netrun::llm::detail
