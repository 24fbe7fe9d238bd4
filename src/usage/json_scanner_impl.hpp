// SPDX-License-Identifier: MIT
// JsonScanner: its members.
#pragma once

#include "usage/json_scanner.hpp"

namespace netrun::llm::detail {

template <class Handler>
void JsonScanner<Handler>::feed(std::string_view bytes) noexcept {
  Bytes at = bytes.data();
  Bytes const end = at + bytes.size();
  while (at != end) {
    switch (state_) {
      case State::text:
        at = read_text(at, end);
        break;
      case State::escape:
        read_escape(*at++);
        break;
      case State::unicode:
        read_hex(*at++);
        break;
      case State::number:
        at = read_number(at, end);
        break;
      case State::literal:
        at = read_literal(at, end);
        break;
      case State::failed:
        offset_ += static_cast<std::uint64_t>(at - bytes.data());
        return;
      default:
        at = read_between(at);
    }
  }
  offset_ += bytes.size();
}

/// Between values: white space, brackets, commas, colons and the first byte of values.
template <class Handler>
auto JsonScanner<Handler>::read_between(Bytes at) noexcept -> Bytes {
  char const c = *at;
  if (c == ' ' || c == '\n' || c == '\r' || c == '\t') return at + 1;
  switch (state_) {
    case State::outside:
      place_ = root_place;
      root_array_ = false;
      handler_.begin_document();
      return start_value(at);
    case State::value_or_end:
      if (c == ']') {
        close(true);
        return at + 1;
      }
      [[fallthrough]];
    case State::value:
      return start_value(at);
    case State::key_or_end:
      if (c == '}') {
        close(false);
        return at + 1;
      }
      [[fallthrough]];
    case State::key:
      if (c != '"') break;
      start_text(true);
      return at + 1;
    case State::colon:
      if (c != ':') break;
      state_ = State::value;
      return at + 1;
    case State::after_value:
      if (c == ',') {
        state_ = in_array() ? State::value : State::key;
        if (in_array()) place_ = root_array_ && depth_ == 1 ? root_place : element_of(container());
      } else if (c == ']' && in_array()) {
        close(true);
      } else if (c == '}' && !in_array()) {
        close(false);
      } else {
        break;
      }
      return at + 1;
    default:
      break;
  }
  fail(Failure::malformed);
  return at;
}

/// The value at place_ begins at this byte.
template <class Handler>
auto JsonScanner<Handler>::start_value(Bytes at) noexcept -> Bytes {
  field_ = field_at(place_);
  switch (*at) {
    case '"':
      start_text(false);
      return at + 1;
    case '{':
      return open(at, false);
    case '[':
      return open(at, true);
    case 't':
    case 'f':
    case 'n':
      literal_ = *at == 't' ? Literal::yes : *at == 'f' ? Literal::no : Literal::null;
      literal_at_ = 1;
      state_ = State::literal;
      return at + 1;
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      number_.clear();
      digits_ = *at == '-' ? Digits::minus : *at == '0' ? Digits::zero : Digits::whole;
      if (field_ != Field::none) number_.append({at, 1});
      state_ = State::number;
      return at + 1;
    default:
      fail(Failure::malformed);
      return at;
  }
}

template <class Handler>
auto JsonScanner<Handler>::open(Bytes at, bool array) noexcept -> Bytes {
  if (depth_ == most_depth) {
    fail(Failure::too_deep);
    return at;
  }
  if (field_ != Field::none) handler_.begin(field_, array);
  if (array && depth_ == 0) {
    // The document that had been begun is the first element.
    root_array_ = true;
    handler_.end_document();
  }
  auto const bit = std::uint64_t{1} << (depth_ % 64);
  auto& word = arrays_[depth_ / 64];
  word = array ? word | bit : word & ~bit;
  ++depth_;
  if (depth_ < places_.size()) places_[depth_] = place_;
  state_ = array ? State::value_or_end : State::key_or_end;
  if (array) place_ = root_array_ && depth_ == 1 ? root_place : element_of(place_);
  if (!array && root_array_ && depth_ == 2) handler_.begin_document();
  return at + 1;
}

template <class Handler>
void JsonScanner<Handler>::close(bool array) noexcept {
  auto const field = field_at(container());
  bool const was_root_array = array && depth_ == 1 && root_array_;
  --depth_;
  if (field != Field::none && !was_root_array) handler_.end(field);
  if (was_root_array) {
    root_array_ = false;
    state_ = State::outside;
    return;
  }
  end_value();
}

template <class Handler>
void JsonScanner<Handler>::end_value() noexcept {
  if (depth_ == 0) {
    state_ = State::outside;
    handler_.end_document();
    return;
  }
  state_ = State::after_value;
  if (depth_ == 1 && root_array_) handler_.end_document();
}

template <class Handler>
void JsonScanner<Handler>::start_text(bool key) noexcept {
  text_is_key_ = key;
  high_surrogate_ = 0;
  state_ = State::text;
  key_.clear();
  if (!key && field_ != Field::none) handler_.text_begin(field_);
}

template <class Handler>
auto JsonScanner<Handler>::read_text(Bytes at, Bytes end) noexcept -> Bytes {
  Bytes const stop = find_text_end(at, end);
  std::string_view const piece(at, static_cast<std::size_t>(stop - at));
  if (stop == end || *stop == '\\') {
    add_piece(piece);
    if (stop == end) return stop;
    state_ = State::escape;
    return stop + 1;
  }
  if (*stop != '"') {
    add_piece(piece);  // as it would be if the text had been cut here
    fail(Failure::malformed);
    return stop;
  }
  if (text_is_key_ && key_.empty() && !key_.cut()) {
    // Mostly the whole key lies in one piece.
    flush_surrogate();
    place_ = key_.empty() ? member_of(container(), piece) : no_place;
    state_ = State::colon;
    return stop + 1;
  }
  add_piece(piece);
  end_text();
  return stop + 1;
}

template <class Handler>
void JsonScanner<Handler>::add_piece(std::string_view piece) noexcept {
  if (piece.empty()) return;
  flush_surrogate();
  if (text_is_key_) {
    key_.append(piece);
  } else if (field_ != Field::none) {
    handler_.text_piece(field_, piece);
  }
}

template <class Handler>
void JsonScanner<Handler>::end_text() noexcept {
  flush_surrogate();
  if (text_is_key_) {
    place_ = key_.cut() ? no_place : member_of(container(), key_.view());
    state_ = State::colon;
    return;
  }
  if (field_ != Field::none) handler_.text_end(field_);
  end_value();
}

template <class Handler>
void JsonScanner<Handler>::read_escape(char c) noexcept {
  constexpr std::string_view escapes = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
  if (c == 'u') {
    hex_ = 0;
    hex_digits_ = 0;
    state_ = State::unicode;
    return;
  }
  auto const which = escapes.find(c);
  if (which == escapes.npos) return fail(Failure::malformed);
  state_ = State::text;
  add_piece(meanings.substr(which, 1));
}

template <class Handler>
void JsonScanner<Handler>::read_hex(char c) noexcept {
  auto const digit = c >= '0' && c <= '9'   ? c - '0'
                     : c >= 'a' && c <= 'f' ? c - 'a' + 10
                     : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                            : -1;
  if (digit < 0) return fail(Failure::malformed);
  hex_ = hex_ << 4U | static_cast<std::uint32_t>(digit);
  if (++hex_digits_ < 4) return;
  state_ = State::text;
  if (hex_ >= 0xD800 && hex_ < 0xDC00) {
    flush_surrogate();
    high_surrogate_ = hex_;
  } else if (hex_ >= 0xDC00 && hex_ < 0xE000) {
    auto const high = high_surrogate_;
    high_surrogate_ = 0;
    add_character(high == 0 ? 0xFFFD : 0x10000 + ((high - 0xD800) << 10U) + (hex_ - 0xDC00));
  } else {
    add_character(hex_);
  }
}

/// A high surrogate that nothing belongs to.
template <class Handler>
void JsonScanner<Handler>::flush_surrogate() noexcept {
  if (high_surrogate_ == 0) return;
  high_surrogate_ = 0;
  add_character(0xFFFD);
}

template <class Handler>
void JsonScanner<Handler>::add_character(std::uint32_t code) noexcept {
  char utf8[4];
  std::size_t size = 0;
  auto const put = [&](std::uint32_t byte) { utf8[size++] = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | code >> 6U);
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | code >> 12U);
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | code >> 18U);
    put(0x80U | (code >> 12U & 0x3FU));
    put(0x80U | (code >> 6U & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
  add_piece({utf8, size});
}

template <class Handler>
auto JsonScanner<Handler>::read_number(Bytes at, Bytes end) noexcept -> Bytes {
  Bytes const start = at;
  for (; at != end; ++at) {
    char const c = *at;
    if (c >= '0' && c <= '9') {
      switch (digits_) {
        case Digits::minus:
          digits_ = c == '0' ? Digits::zero : Digits::whole;
          continue;
        case Digits::whole:
        case Digits::fraction:
        case Digits::exponent:
          continue;
        case Digits::dot:
          digits_ = Digits::fraction;
          continue;
        case Digits::e:
        case Digits::e_sign:
          digits_ = Digits::exponent;
          continue;
        case Digits::zero:
          break;
      }
    } else if (c == '.' && (digits_ == Digits::zero || digits_ == Digits::whole)) {
      digits_ = Digits::dot;
      continue;
    } else if ((c == 'e' || c == 'E') && (digits_ == Digits::zero || digits_ == Digits::whole ||
                                          digits_ == Digits::fraction)) {
      digits_ = Digits::e;
      continue;
    } else if ((c == '+' || c == '-') && digits_ == Digits::e) {
      digits_ = Digits::e_sign;
      continue;
    }
    break;
  }
  if (field_ != Field::none) number_.append({start, static_cast<std::size_t>(at - start)});
  if (at != end) end_number();  // what stopped it is looked at next
  return at;
}

template <class Handler>
void JsonScanner<Handler>::end_number() noexcept {
  if (digits_ != Digits::zero && digits_ != Digits::whole && digits_ != Digits::fraction &&
      digits_ != Digits::exponent) {
    return fail(Failure::malformed);
  }
  if (field_ != Field::none) handler_.number(field_, number_.view(), !number_.cut());
  end_value();
}

template <class Handler>
auto JsonScanner<Handler>::read_literal(Bytes at, Bytes end) noexcept -> Bytes {
  std::string_view const word = literal_ == Literal::yes  ? "true"
                                : literal_ == Literal::no ? "false"
                                                          : "null";
  for (; at != end && literal_at_ < word.size(); ++at, ++literal_at_) {
    if (*at != word[literal_at_]) {
      fail(Failure::malformed);
      return at;
    }
  }
  if (literal_at_ == word.size()) {
    if (field_ != Field::none) handler_.literal(field_, literal_);
    end_value();
  }
  return at;
}

}  // namespace netrun::llm::detail
