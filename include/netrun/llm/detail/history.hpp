// SPDX-License-Identifier: MIT
// Per-minute sums of the calls that have left the ring.
#pragma once

#include <netrun/llm/detail/hash.hpp>
#include <netrun/llm/detail/record.hpp>
#include <netrun/llm/detail/sums.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace netrun::llm::detail {

inline constexpr std::int64_t minute_ns = 60'000'000'000;

/// The start of the minute that `wall_ns` lies in.
[[nodiscard]] constexpr std::int64_t floor_minute(std::int64_t wall_ns) noexcept {
  auto const rest = wall_ns % minute_ns;
  return wall_ns - rest -
         (rest < 0 && wall_ns - rest >= std::numeric_limits<std::int64_t>::min() + minute_ns
              ? minute_ns
              : 0);
}

/// One minute, one route, one tenant.
struct HistoryCell {
  std::uint32_t route = 0, tenant = 0;
  Sums sums;
};
/// Which failures are counted together in a minute.
struct HistoryError {
  std::uint32_t route = 0, tenant = 0;
  std::uint16_t error = 0;

  [[nodiscard]] friend bool operator==(HistoryError const&, HistoryError const&) = default;
  struct Hash {
    std::size_t operator()(HistoryError const& e) const noexcept {
      return mix(std::uint64_t{e.route} << 32 | e.tenant, e.error ^ hash_secret_b);
    }
  };
};

/// The cells of one minute.
class HistoryMinute {
 public:
  [[nodiscard]] HistoryCell& cell(std::uint32_t route, std::uint32_t tenant);
  void add_error(HistoryError const& error) { ++errors_[error]; }
  [[nodiscard]] std::vector<HistoryCell> const& cells() const noexcept { return cells_; }
  using Errors = std::unordered_map<HistoryError, std::uint64_t, HistoryError::Hash>;
  [[nodiscard]] Errors const& errors() const noexcept { return errors_; }
  [[nodiscard]] std::size_t memory_bytes() const noexcept {
    return sizeof *this + cells_.capacity() * sizeof(HistoryCell) +
           errors_.size() * (sizeof(HistoryError) + 32) + index_.capacity() * sizeof(std::uint32_t);
  }

 private:
  void grow();
  std::vector<HistoryCell> cells_;
  Errors errors_;
  std::vector<std::uint32_t> index_;  // open addressing; cell number + 1
};

/// All minutes. Tenants have numbers of their own here, for the ring's are given to others in time.
///
/// Thread safety: none; the fold lock guards it.
class History {
 public:
  static constexpr std::uint32_t other_tenant = 0;
  static constexpr std::size_t max_tenants = 65'536;

  explicit History(std::size_t tenant_cap = max_tenants) : tenant_cap_(tenant_cap) {}

  /// The number of a tenant, made when it is new; other_tenant past the cap.
  [[nodiscard]] std::uint32_t tenant(std::string_view name);
  /// `none` when no such tenant is known.
  [[nodiscard]] std::uint32_t find_tenant(std::string_view name) const;
  static constexpr std::uint32_t none = 0xffffffff;
  [[nodiscard]] std::string const& tenant_name(std::uint32_t tenant) const {
    return *names_[tenant];
  }
  [[nodiscard]] std::size_t tenant_count() const noexcept { return names_.size(); }

  void add(Record const& record, TokenCounts const& counts, std::uint32_t tenant);
  void clear() noexcept;

  [[nodiscard]] std::map<std::int64_t, HistoryMinute> const& minutes() const noexcept {
    return minutes_;
  }
  [[nodiscard]] std::uint64_t requests() const noexcept { return requests_; }
  /// Look-ups of tenants that found no room, ever.
  [[nodiscard]] std::uint64_t overflowed() const noexcept { return overflowed_; }
  [[nodiscard]] std::size_t cell_count() const noexcept;
  [[nodiscard]] std::size_t memory_bytes() const noexcept;

 private:
  std::map<std::int64_t, HistoryMinute> minutes_;  // by the minute's start
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> tenants_;
  std::vector<std::string const*> names_;
  HistoryMinute* last_ = nullptr;
  std::int64_t last_start_ = 0;
  std::uint64_t requests_ = 0, overflowed_ = 0;
  std::size_t tenant_cap_;
};

}  // namespace netrun::llm::detail
