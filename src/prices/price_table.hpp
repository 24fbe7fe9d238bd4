// SPDX-License-Identifier: MIT
// A price book as it lies in memory: flat rows that refer to each other by number, so that the
// built-in one is constant data without pointers, and look-up parses nothing.
#pragma once

#include <netrun/llm/price_data.hpp>

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::detail {

/// A text in PriceTable::text.
struct TextRef {
  std::uint32_t offset = 0, size = 0;
};

/// Rows of another table, from `first` on.
struct RowRange {
  std::uint32_t first = 0, count = 0;
};

/// A rate or a fee with its kind, in one word: the kind in the upper 5 bits.
struct PackedRate {
  static constexpr unsigned kind_shift = 59;
  std::uint64_t bits = 0;
  [[nodiscard]] constexpr unsigned kind() const noexcept {
    return static_cast<unsigned>(bits >> kind_shift);
  }
  /// Picodollars per token, or per event.
  [[nodiscard]] constexpr std::int64_t picos() const noexcept {
    return static_cast<std::int64_t>(bits & ((std::uint64_t{1} << kind_shift) - 1));
  }
};

/// Which fee a PackedRate is, where it is one.
enum class FeeKind : std::uint8_t {
  request_any,
  request_low,
  request_medium,
  request_high,
  search_any,
  search_low,
  search_medium,
  search_high,
};
inline constexpr unsigned fee_kind_count = 8;

/// When the rates of a block hold.
enum class RateCondition : std::uint8_t { base, tier, flex, priority, batch, window, fees };

/// Rates under one condition. Several windows may share one list of rates.
struct RateBlock {
  std::uint64_t value = 0;  ///< Of a tier: above how many tokens. Of a window: PackedWindow.
  std::uint32_t first_rate = 0;
  RateCondition condition{};
  std::uint8_t rates = 0;
};

/// A range of minutes and days in RateBlock::value.
struct PackedWindow {
  std::uint16_t from_minute = 0, to_minute = 0;
  std::uint8_t days = 0;
  [[nodiscard]] constexpr std::uint64_t pack() const noexcept {
    return std::uint64_t{days} << 32 | std::uint64_t{to_minute} << 16 | from_minute;
  }
  [[nodiscard]] static constexpr PackedWindow unpack(std::uint64_t value) noexcept {
    return {static_cast<std::uint16_t>(value), static_cast<std::uint16_t>(value >> 16),
            static_cast<std::uint8_t>(value >> 32)};
  }
};

inline constexpr std::int32_t no_day = std::numeric_limits<std::int32_t>::min();

struct PeriodRow {
  std::int32_t from_day = no_day;  ///< Days since 1970.
  RowRange blocks{};
  RowRange uncounted{};  ///< Of `named`: fees without a counter.
};

struct MultiplierRow {
  TextRef attribute{}, value{};
  std::int64_t millionths = 0;
};

/// A name, and a text or a number that belongs to it.
struct NamedRow {
  TextRef name{}, text{};
  std::int64_t picos = 0;
};

struct EntryRow {
  TextRef model{}, mode{}, note{};
  RowRange periods{}, multipliers{};
  RowRange sources{};  ///< Of `refs`.
  std::uint32_t context_tokens = 0, max_input_tokens = 0, max_output_tokens = 0;
  std::int32_t released = no_day, deprecated = no_day, retired = no_day, checked = no_day;
  std::uint16_t provider = 0;
  bool is_retired = false;
};

/// An exact alias or a pattern, and whose it is.
struct MatchRow {
  TextRef text{};
  std::uint32_t entry = 0;
  std::uint32_t layer = 0;  ///< What was added to a book later has a higher one and comes first.
};

struct ProviderRow {
  TextRef name{}, note{};
  RowRange ids{}, hosts{}, strip{}, geo_prefixes{};  ///< Of `refs`.
  RowRange fallback{};                               ///< Of `refs`: names.
  RowRange facts{}, uncounted{};                     ///< Of `named`.
  RowRange fees{};                                   ///< Of `rates`.
  RowRange entries{};
  RowRange aliases{};   ///< Sorted by text, then later layers first.
  RowRange patterns{};  ///< In order of entries.
  /// In millionths; below zero: not given.
  std::int64_t batch = -1, cache_read_factor = -1, discount = -1, margin = -1;
  bool tier_is_inclusive = false;
};

/// The rows of a book. Providers are sorted by name, entries by provider and model.
struct PriceTable {
  std::string_view text;
  TextRef snapshot{};
  std::span<NamedRow const> sources{};
  std::span<ProviderRow const> providers{};
  std::span<EntryRow const> entries{};
  std::span<MatchRow const> aliases{}, patterns{};
  std::span<PeriodRow const> periods{};
  std::span<RateBlock const> blocks{};
  std::span<PackedRate const> rates{};
  std::span<MultiplierRow const> multipliers{};
  std::span<NamedRow const> named{};
  std::span<TextRef const> refs{};

  [[nodiscard]] std::string_view at(TextRef ref) const noexcept {
    return text.substr(ref.offset, ref.size);
  }
  template <class Row>
  [[nodiscard]] static std::span<Row const> rows(std::span<Row const> of, RowRange range) noexcept {
    return of.subspan(range.first, range.count);
  }
  [[nodiscard]] ProviderRow const* provider(std::string_view name) const noexcept;
};

/// A table with the memory that it lies in.
struct OwnedPriceTable {
  std::string text;
  TextRef snapshot{};
  std::vector<NamedRow> sources, named;
  std::vector<ProviderRow> providers;
  std::vector<EntryRow> entries;
  std::vector<MatchRow> aliases, patterns;
  std::vector<PeriodRow> periods;
  std::vector<RateBlock> blocks;
  std::vector<PackedRate> rates;
  std::vector<MultiplierRow> multipliers;
  std::vector<TextRef> refs;

  [[nodiscard]] PriceTable table() const noexcept;
};

/// For each entry the layers of its matches, in their order; of its name when it has none.
using MatchLayers = std::vector<std::vector<std::uint32_t>>;

/// Lays out data in which check_prices finds nothing wrong. Without `layers` all are 0. Throws
/// std::bad_alloc.
[[nodiscard]] OwnedPriceTable compile_prices(PriceData data, MatchLayers layers = {});

/// The way back. Throws std::bad_alloc.
[[nodiscard]] PriceData decompile_prices(PriceTable const& table);
[[nodiscard]] ModelPrices decompile_entry(PriceTable const& table, std::size_t entry);

/// The table that is built in.
[[nodiscard]] PriceTable const& builtin_price_table() noexcept;

}  // namespace netrun::llm::detail
