// SPDX-License-Identifier: MIT
// A call under way: what a RequestTracker holds until it is recorded.
#pragma once

#include <netrun/llm/metrics.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/tokens.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>

namespace netrun::llm::detail {

struct Gate;
struct Route;

/// Which optional text a field of CallTexts holds.
enum class TextKind : std::uint8_t {
  user,
  request_id,
  endpoint,
  error_type,
  error_message,
  provider,   ///< Only when it is not in the symbol table (yet).
  model,      ///< Likewise, or served under another name than asked for.
  tenant,     ///< Likewise, or longer than fits inline.
  tag,        ///< Key, its size and the value.
  attribute,  ///< Likewise.
  counts,     ///< Token counts that do not fit into the record.
  provider_request_id,
  parent_request_id,
  finish_reason,
  time_per_output_token,  ///< Milliseconds, a double.
};

/// Most bytes of packed texts. Beside the texts proper, what a call is billed, counted and linked
/// by always finds room: provider, model, tenant, error type, parent and token counts; and so does
/// the time per output token.
inline constexpr std::size_t most_packed_bytes = max_call_text_bytes + max_call_attribute_bytes +
                                                 5 * (max_name_bytes + 3) +
                                                 (sizeof(TokenUsage) + 3) + (sizeof(double) + 3);

/// Kinds of bad input seen during a call; each bit is one counter of Diagnostics.
enum class Problem : std::uint16_t {
  negative_tokens = 1,
  saturated_tokens = 2,
  invalid_usage = 4,
  invalid_cost = 8,
  invalid_latency = 16,
  invalid_timestamp = 32,
  truncated_text = 64,
  invalid_utf8 = 128,
  dropped_text = 256,
  overflowed_name = 512,
  undecided_fee = 1024,
  unpriced_tier = 2048,
};

/// The optional texts of a call, packed: each field is its kind (1 byte), its size (2) and its
/// bytes. Short ones stay inside the object; longer ones take one block of the heap.
class CallTexts {
 public:
  static constexpr std::size_t header_bytes = 3;

  CallTexts() noexcept {}
  CallTexts(CallTexts const&) = delete;
  CallTexts& operator=(CallTexts const&) = delete;
  CallTexts(CallTexts&& other) noexcept { take(other); }
  CallTexts& operator=(CallTexts&& other) noexcept {
    if (this != &other) {
      release();
      take(other);
    }
    return *this;
  }
  ~CallTexts() { release(); }

  /// Sets a text, replacing one of the same kind. Cuts what is too long, repairs what is not UTF-8,
  /// and leaves out what does not fit. Returns the problems that it met, as bits of Problem.
  std::uint16_t set(TextKind kind, std::string_view text) noexcept;
  /// Sets a tag, replacing one with the same key. An empty value is kept; an empty key is not a
  /// tag.
  std::uint16_t set_tag(std::string_view key, std::string_view value) noexcept {
    return set_pair(TextKind::tag, key, value);
  }
  /// The same for a billing attribute, of which max_call_attribute_bytes find room.
  std::uint16_t set_attribute(std::string_view key, std::string_view value) noexcept {
    return set_pair(TextKind::attribute, key, value);
  }
  /// Adds bytes that are no text, as they are. False when they do not fit.
  bool set_bytes(TextKind kind, std::string_view bytes) noexcept;
  /// Sets a length of time in milliseconds. A negative one, or one that is not finite, changes
  /// nothing. Returns problems as set() does.
  std::uint16_t set_duration(TextKind kind, double ms) noexcept;
  /// Adds a field of the texts of another call as it is there (TextFields). False when it does not
  /// fit.
  bool copy_field(TextKind kind, std::string_view field) noexcept {
    return append(kind, field, {});
  }
  void erase(TextKind kind) noexcept;

  /// The text of a kind that is not `tag`; empty data() when it is not there.
  [[nodiscard]] std::string_view get(TextKind kind) const noexcept;
  [[nodiscard]] std::string_view bytes() const noexcept { return {data(), size_}; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

 private:
  static constexpr std::size_t inline_bytes = 400;
  [[nodiscard]] char* data() noexcept { return block_ != nullptr ? block_ : inline_; }
  [[nodiscard]] char const* data() const noexcept { return block_ != nullptr ? block_ : inline_; }
  void take(CallTexts& other) noexcept;
  void release() noexcept;
  std::uint16_t set_pair(TextKind kind, std::string_view key, std::string_view value) noexcept;
  [[nodiscard]] std::size_t attribute_bytes() const noexcept;
  bool append(TextKind kind, std::string_view first, std::string_view second) noexcept;
  void erase_at(std::size_t offset) noexcept;

  char* block_ = nullptr;
  std::uint16_t size_ = 0;
  std::uint16_t limited_ = 0;  // of size_: what max_call_text_bytes is about
  char inline_[inline_bytes];  // not initialised: only the first size_ bytes mean anything
};

inline constexpr std::size_t inline_tenant_bytes = 64;
inline constexpr std::size_t inline_user_bytes = 36;  // the text of a UUID, the commonest user id

/// The numbers and names of a call under way. Trivially copyable; the texts travel beside it.
struct PendingNumbers {
  Gate* gate = nullptr;  ///< Where it will be recorded; null: an inert tracker.
  std::uint64_t gate_generation;
  Route const*
      route;  ///< Belongs to the collector, which may be gone: looked at only inside the gate.
  std::int64_t start_steady_ns, start_wall_ns;
  std::uint64_t id_high, id_low;
  TimeSource const* time_source;
  TokenUsage usage;
  double latency_ms;  ///< Set at the end.
  double time_to_first_token_ms;
  double manual_cost_usd;
  Int128 exact_cost_picos;
  int uncaught_exceptions;
  std::uint16_t problems;
  std::uint8_t tenant_size, user_size;
  CostSource cost_source;
  bool success, streaming, cached, has_exact_cost, has_attributes;
  char tenant[inline_tenant_bytes];
  char user[inline_user_bytes];
};

[[nodiscard]] constexpr bool is_duration(double ms) noexcept {
  return ms >= 0 && ms <= std::numeric_limits<double>::max();
}

inline constexpr double absent_ms = std::numeric_limits<double>::quiet_NaN();

}  // namespace netrun::llm::detail
