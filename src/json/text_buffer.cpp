// SPDX-License-Identifier: MIT
// Appends numbers and texts to a string with few checks and no stream.
#include "json/text_buffer.hpp"

#include "json/text.hpp"
#include <netrun/llm/detail/utf8.hpp>
#include <netrun/llm/timestamp.hpp>

#include <algorithm>
#include <charconv>
#include <limits>

namespace netrun::llm::detail {
namespace {

constexpr std::size_t number_bytes = 32;  // 20 digits, or 24 characters of a double and ".0"

constexpr std::uint64_t every_byte(unsigned char byte) { return 0x0101010101010101U * byte; }

/// True when none of eight bytes is a control character, a quote, a backslash or beyond ASCII. DEL
/// is seen in that one more sets its highest bit.
bool is_plain(std::uint64_t word) noexcept {
  auto const zero_bytes = [](std::uint64_t w) { return (w - every_byte(1)) & ~w; };
  std::uint64_t const special = (word - every_byte(0x20)) | zero_bytes(word ^ every_byte('"')) |
                                zero_bytes(word ^ every_byte('\\')) | (word + every_byte(1)) | word;
  return (special & every_byte(0x80)) == 0;
}

/// The code point at `text` if it is a control character beyond ASCII or one of those that some
/// programs take for the end of a line.
unsigned unsafe_beyond_ascii(char const* text, char const* end) noexcept {
  std::string_view const rest(text, static_cast<std::size_t>(end - text));
  if (rest.size() >= 2 && rest[0] == '\xc2') {
    auto const code = static_cast<unsigned char>(rest[1]);
    return code < 0xa0 ? code : 0;
  }
  if (rest.substr(0, 3) == "\xe2\x80\xa8") return 0x2028;
  if (rest.substr(0, 3) == "\xe2\x80\xa9") return 0x2029;
  return 0;
}

char* put_escape(char* out, unsigned code) noexcept {
  constexpr char hex[] = "0123456789abcdef";
  *out++ = '\\';
  char letter = 'u';
  switch (code) {
    case '"':
    case '\\':
      letter = static_cast<char>(code);
      break;
    case '\b':
      letter = 'b';
      break;
    case '\f':
      letter = 'f';
      break;
    case '\n':
      letter = 'n';
      break;
    case '\r':
      letter = 'r';
      break;
    case '\t':
      letter = 't';
      break;
    default:
      break;
  }
  *out++ = letter;
  if (letter != 'u') return out;
  for (int shift = 12; shift >= 0; shift -= 4) *out++ = hex[code >> shift & 0xfU];
  return out;
}

/// Escapes what lies from `from` to `to`, or a little more where a character crosses that end, and
/// returns where it stopped. `out` has room for six bytes for each one.
char const* escape(char const* from, char const* to, char const* end, char*& out) noexcept {
  while (from < to) {
    std::uint64_t word = 0;
    if (to - from >= static_cast<std::ptrdiff_t>(sizeof word)) {
      std::memcpy(&word, from, sizeof word);
      if (is_plain(word)) {
        std::memcpy(out, &word, sizeof word);
        from += sizeof word;
        out += sizeof word;
        continue;
      }
    }
    auto const c = static_cast<unsigned char>(*from);
    if (c < 0x20 || c == '"' || c == '\\' || c == 0x7f) {
      out = put_escape(out, c);
      ++from;
    } else if (unsigned const code = c < 0x80 ? 0 : unsafe_beyond_ascii(from, end); code != 0) {
      out = put_escape(out, code);
      from += code < 0x100 ? 2 : 3;
    } else {
      *out++ = *from++;
    }
  }
  return from;
}

}  // namespace

void TextBuffer::grow(std::size_t bytes) {
  constexpr std::size_t step = 2048;  // a line
  // Within the capacity a little at a time, for the new characters are set to zero.
  out_.resize(used_ + std::max(bytes, out_.capacity() - used_ >= std::max(bytes, step)
                                          ? step
                                          : std::max(step, used_ / 2)));
}

void TextBuffer::number(std::uint64_t value) {
  char* const to = room(number_bytes);
  wrote_to(std::to_chars(to, to + number_bytes, value).ptr);
}

void TextBuffer::number(double value) {
  char* const to = room(number_bytes);
  char* end = std::to_chars(to, to + number_bytes, value).ptr;
  if (std::find_if(to, end, [](char c) { return c == '.' || c == 'e'; }) == end) {
    *end++ = '.';
    *end++ = '0';
  }
  wrote_to(end);
}

void TextBuffer::picos(Usd amount) {
  auto const picos = amount.picos();
  auto const small = static_cast<std::int64_t>(picos);
  if (small != picos) return raw(amount.to_pico_string());
  char* const to = room(number_bytes);
  wrote_to(std::to_chars(to, to + number_bytes, small).ptr);
}

void TextBuffer::time(Clock::time_point at) {
  wrote_to(write_iso8601(at, room(max_iso8601_bytes)));
}

void TextBuffer::json_string(std::string_view text) {
  if (!is_utf8(text)) return json_string(utf8_copy(text));
  constexpr std::ptrdiff_t block = 512;
  constexpr std::size_t longest_escape = 6;
  raw('"');
  char const* from = text.data();
  char const* const end = from + text.size();
  while (from < end) {
    auto const bytes = std::min(block, end - from);
    char* out = room((static_cast<std::size_t>(bytes) + 3) * longest_escape);
    from = escape(from, from + bytes, end, out);
    wrote_to(out);
  }
  raw('"');
}

void TextBuffer::csv_field(std::string_view text) {
  if (!is_utf8(text)) return csv_field(utf8_copy(text));
  if (text.find_first_of("\",\r\n") == std::string_view::npos) return raw(text);
  raw('"');
  for (auto quote = text.find('"'); quote != std::string_view::npos; quote = text.find('"')) {
    raw(text.substr(0, quote + 1));
    raw('"');
    text.remove_prefix(quote + 1);
  }
  raw(text);
  raw('"');
}

}  // namespace netrun::llm::detail
