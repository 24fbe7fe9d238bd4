// SPDX-License-Identifier: MIT
// Values of a price file into fields; what does not fit becomes a mistake with its place.
#pragma once

#include "json/lined_json.hpp"
#include <netrun/llm/price_data.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace netrun::llm::detail {

/// Collects mistakes, knows which entry is being read, and how much was read.
class PriceMistakes {
 public:
  /// Appends to `out`, sorted by line at the end.
  explicit PriceMistakes(std::vector<PriceMistake>& out) : out_(out), before_(out.size()) {}

  /// What follows is about `where`, an entry or a provider, or about the file itself ("", 0).
  void enter(std::size_t number, std::string where) {
    number_ = number;
    where_ = std::move(where);
  }
  void add(std::size_t line, std::string path, std::string_view reason);
  /// True when a mistake was added at `path` of `number`, or at something that it is in: then what
  /// was read there is not what the file says, and further mistakes in it are none.
  [[nodiscard]] bool has(std::size_t number, std::string_view path) const noexcept;
  [[nodiscard]] bool none() const noexcept { return out_.size() == before_; }
  /// True when the list says already that there are more.
  [[nodiscard]] bool full() const noexcept { return out_.size() - before_ > max_price_mistakes; }
  void sort();

  /// Counts what takes much memory; false when it was too much, now or before.
  [[nodiscard]] bool take_parts(std::size_t count);
  [[nodiscard]] bool has_too_many_parts() const noexcept { return has_too_many_parts_; }

 private:
  struct Spot {
    std::size_t number;
    std::string path;
  };

  std::vector<PriceMistake>& out_;
  std::size_t before_;
  std::vector<Spot> spots_{};
  std::size_t parts_ = 0;
  bool has_too_many_parts_ = false;
  std::size_t number_ = 0;
  std::string where_{};
};

/// A value, and the way to it.
class Found {
 public:
  Found(LinedJson::Value value, PriceMistakes& mistakes) noexcept
      : value_(value), mistakes_(mistakes) {}
  /// A field, or an element, of `parent`, which must outlive it.
  Found(LinedJson::Value value, Found const& parent) noexcept
      : value_(value), mistakes_(parent.mistakes_), parent_(&parent) {}
  Found(LinedJson::Value value, Found const& parent, std::size_t index) noexcept
      : value_(value), mistakes_(parent.mistakes_), parent_(&parent), index_(index) {}

  [[nodiscard]] LinedJson::Value value() const noexcept { return value_; }
  [[nodiscard]] std::string_view key() const noexcept { return value_.key(); }
  [[nodiscard]] PriceMistakes& mistakes() const noexcept { return mistakes_; }

  void refuse(std::string_view reason) const;
  /// The same for a field that is not there.
  void refuse_field(std::string_view key, std::string_view reason) const;
  /// False, after a mistake, when the value is of another kind.
  [[nodiscard]] bool is(JsonKind kind) const;
  /// False, after a mistake, when there are too many such elements in the file.
  [[nodiscard]] bool has_room() const;

 private:
  [[nodiscard]] std::string path() const;

  LinedJson::Value value_;
  PriceMistakes& mistakes_;
  Found const* parent_ = nullptr;
  std::optional<std::size_t> index_{};
};

void read(Found const& found, std::string& out);
void read(Found const& found, Usd& out);
void read(Found const& found, Factor& out);
void read(Found const& found, std::uint32_t& out);
void read(Found const& found, std::uint64_t& out);
void read(Found const& found, std::chrono::sys_days& out);
/// An object with an entry for each size, or one amount.
void read(Found const& found, CallFee& out);
void read(Found const& found, CallFees& out);
void read(Found const& found, TokenRates& out);
void read(Found const& found, PriceTier& out);
void read(Found const& found, PriceWindow& out);
void read(Found const& found, PriceWindow::Range& out);
void read(Found const& found, PricePeriod& out);
void read(Found const& found, ModelPrices& out);
void read(Found const& found, ProviderPrices& out);

template <class T>
void read(Found const& found, std::optional<T>& out) {
  read(found, out.emplace());
}
/// Every element is there afterwards, whole or not, so that they are where they were in the file.
template <class T>
void read(Found const& found, std::vector<T>& out) {
  if (!found.is(JsonKind::array)) return;
  if constexpr (requires { out.back().rates; }) {
    if (!found.has_room()) return;
  }
  out.reserve(found.value().size());
  std::size_t index = 0;
  for (auto const element : found.value()) {
    read(Found(element, found, index++), out.emplace_back());
  }
}

/// A field that an object may have.
template <class T>
struct Field {
  std::string_view key{};
  void (*read)(Found const& found, T& out) = nullptr;
};
template <auto member, class T>
void read_member(Found const& found, T& out) {
  read(found, out.*member);
}

/// For rates, whose fields stand among others: reads one, when `found` is one.
[[nodiscard]] bool read_rate(Found const& found, TokenRates& out);

/// False, after mistakes, when `found` is no object. Refuses keys that are there twice.
[[nodiscard]] bool is_object(Found const& found);
/// A mistake when `found` is an object without the field `key`.
void require(Found const& found, std::string_view key);
/// Refuses a key that is none of `known`, or, where `has_rates`, of a rate.
void refuse_key(Found const& found, std::span<std::string_view const> known, bool has_rates);

/// Reads an object into `out`; where T has `rates`, their fields are in it too.
template <class T, std::size_t size>
void read_fields(Found const& found, T& out, Field<T> const (&fields)[size]) {
  if (!is_object(found)) return;
  constexpr bool has_rates = requires { out.rates; };
  for (auto const value : found.value()) {
    Found const here(value, found);
    bool is_known = false;
    for (auto const& field : fields) {
      if (field.key != value.key()) continue;
      field.read(here, out);
      is_known = true;
    }
    if constexpr (has_rates) is_known = is_known || read_rate(here, out.rates);
    if (is_known) continue;
    std::string_view keys[size];
    for (std::size_t i = 0; i < size; ++i) keys[i] = fields[i].key;
    refuse_key(here, keys, has_rates);
  }
}

}  // namespace netrun::llm::detail
