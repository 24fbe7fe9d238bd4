// SPDX-License-Identifier: MIT
// JSON read in pieces: finds the fields of the tree of places, and skips the rest without keeping
// it.
#pragma once

#include "usage/field.hpp"
#include "usage/paths.hpp"
#include "usage/text_scan.hpp"
#include <netrun/llm/fixed_text.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

enum class Literal : std::uint8_t { null, no, yes };

/// Reads any number of JSON documents, one after the other, in pieces of any size. An array at the
/// top is a sequence of documents too. Keeps a few hundred bytes; nesting beyond most_depth fails.
///
/// Strict as RFC 8259 is, but for the encoding of texts, which is the handler's affair.
///
/// A Handler has, all noexcept: begin_document(), end_document(); begin(Field, bool array) and
/// end(Field) for objects and arrays that stand where a field is; text_begin(Field),
/// text_piece(Field, std::string_view) and text_end(Field); number(Field, std::string_view digits,
/// bool whole), where whole is false of a number that is longer than longest_number; literal(Field,
/// Literal).
template <class Handler>
class JsonScanner {
 public:
  static constexpr std::size_t most_depth = 512;
  /// In bytes; no amount or count is written longer.
  static constexpr std::size_t longest_number = 64;
  enum class Failure : std::uint8_t { none, malformed, too_deep };

  explicit JsonScanner(Handler& handler) noexcept : handler_(handler) {}

  /// Forgets everything, a failure too.
  void reset() noexcept {
    state_ = State::outside;
    failure_ = Failure::none;
    depth_ = 0;
    offset_ = 0;
    root_array_ = false;
  }
  void feed(std::string_view bytes) noexcept;
  /// Nothing more comes: a number at the top ends here.
  void end() noexcept {
    if (state_ == State::number && depth_ == 0) end_number();
  }

  /// True in the middle of a document.
  [[nodiscard]] bool inside() const noexcept {
    return state_ != State::outside && failure_ == Failure::none;
  }
  [[nodiscard]] Failure failure() const noexcept { return failure_; }
  /// How many bytes were read, up to the one that failed.
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

 private:
  enum class State : std::uint8_t {
    outside,  ///< Before a document.
    value,
    value_or_end,  ///< After '['.
    key_or_end,    ///< After '{'.
    key,           ///< After ',' in an object.
    colon,
    after_value,
    text,
    escape,
    unicode,
    number,
    literal,
    failed,
  };
  enum class Digits : std::uint8_t { minus, zero, whole, dot, fraction, e, e_sign, exponent };

  using Bytes = char const*;
  Bytes start_value(Bytes at) noexcept;
  Bytes open(Bytes at, bool array) noexcept;
  void close(bool array) noexcept;
  void end_value() noexcept;
  Bytes read_text(Bytes at, Bytes end) noexcept;
  void start_text(bool key) noexcept;
  void add_piece(std::string_view piece) noexcept;
  void end_text() noexcept;
  void read_escape(char c) noexcept;
  void read_hex(char c) noexcept;
  void add_character(std::uint32_t code) noexcept;
  void flush_surrogate() noexcept;
  Bytes read_number(Bytes at, Bytes end) noexcept;
  void end_number() noexcept;
  Bytes read_literal(Bytes at, Bytes end) noexcept;
  Bytes read_between(Bytes at) noexcept;
  void fail(Failure why) noexcept {
    failure_ = why;
    state_ = State::failed;
  }

  [[nodiscard]] bool in_array() const noexcept {
    return (arrays_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64) & 1U) != 0;
  }
  [[nodiscard]] Place container() const noexcept {
    return depth_ < places_.size() ? places_[depth_] : no_place;
  }

  Handler& handler_;
  State state_ = State::outside;
  Failure failure_ = Failure::none;
  bool root_array_ = false;
  bool text_is_key_ = false;
  Digits digits_ = Digits::minus;
  std::uint8_t hex_digits_ = 0, literal_at_ = 0;
  Literal literal_ = Literal::null;
  Field field_ = Field::none;  ///< Of the value under way.
  Place place_ = no_place;     ///< Likewise.
  std::uint32_t hex_ = 0, high_surrogate_ = 0;
  std::size_t depth_ = 0;
  std::uint64_t offset_ = 0;
  std::array<Place, 16> places_{};  ///< Of the containers around, by depth from 1.
  std::array<std::uint64_t, most_depth / 64> arrays_{};
  FixedText<longest_key> key_{};
  FixedText<longest_number> number_{};
};

}  // namespace netrun::llm::detail

#include "usage/json_scanner_impl.hpp"
