// SPDX-License-Identifier: MIT
// The optional texts of a call: packing them while it runs, reading them afterwards.
#include <netrun/llm/detail/pending_call.hpp>
#include <netrun/llm/detail/texts_view.hpp>
#include <netrun/llm/detail/utf8.hpp>

#include <cstdlib>
#include <cstring>

namespace netrun::llm::detail {
namespace {

constexpr std::uint16_t bit(Problem problem) noexcept {
  return static_cast<std::uint16_t>(problem);
}

/// `text` made fit to be kept: cut to `limit` bytes and, through `buffer`, free of bytes that are
/// no UTF-8.
std::string_view clean(std::string_view text, std::size_t limit, char* buffer,
                       std::uint16_t& problems) noexcept {
  if (text.size() > limit) {
    problems |= bit(Problem::truncated_text);
    text = cut_utf8(text, limit);
  }
  if (is_utf8(text)) return text;
  problems |= bit(Problem::invalid_utf8);
  return {buffer, repair_utf8(text, buffer, limit)};
}

/// What has room of its own; see most_packed_bytes.
constexpr bool always_fits(TextKind kind) noexcept {
  return kind == TextKind::provider || kind == TextKind::model || kind == TextKind::tenant ||
         kind == TextKind::error_type || kind == TextKind::counts || kind == TextKind::attribute ||
         kind == TextKind::parent_request_id || kind == TextKind::time_per_output_token;
}

std::size_t read_size(char const* field) noexcept {
  std::uint16_t size = 0;
  std::memcpy(&size, field + 1, sizeof size);
  return size;
}

}  // namespace

void CallTexts::take(CallTexts& other) noexcept {
  block_ = other.block_;
  size_ = other.size_;
  limited_ = other.limited_;
  if (block_ == nullptr) std::memcpy(inline_, other.inline_, size_);
  other.block_ = nullptr;
  other.size_ = other.limited_ = 0;
}

void CallTexts::release() noexcept {
  std::free(block_);
  block_ = nullptr;
  size_ = limited_ = 0;
}

bool CallTexts::append(TextKind kind, std::string_view first, std::string_view second) noexcept {
  std::size_t const field = first.size() + second.size();
  std::size_t const total = size_ + header_bytes + field;
  std::size_t const limited = always_fits(kind) ? limited_ : limited_ + header_bytes + field;
  if (limited > max_call_text_bytes || total > most_packed_bytes) return false;
  if (kind == TextKind::attribute &&
      attribute_bytes() + header_bytes + field > max_call_attribute_bytes) {
    return false;
  }
  if (block_ == nullptr && total > inline_bytes) {
    block_ = static_cast<char*>(std::malloc(most_packed_bytes));
    if (block_ == nullptr) return false;
    std::memcpy(block_, inline_, size_);
  }
  char* to = data() + size_;
  auto const stored_size = static_cast<std::uint16_t>(field);
  *to = static_cast<char>(kind);
  std::memcpy(to + 1, &stored_size, sizeof stored_size);
  if (!first.empty()) std::memcpy(to + header_bytes, first.data(), first.size());
  if (!second.empty()) std::memcpy(to + header_bytes + first.size(), second.data(), second.size());
  size_ = static_cast<std::uint16_t>(total);
  limited_ = static_cast<std::uint16_t>(limited);
  return true;
}

void CallTexts::erase_at(std::size_t offset) noexcept {
  char* const field = data() + offset;
  std::size_t const whole = header_bytes + read_size(field);
  if (!always_fits(static_cast<TextKind>(*field)))
    limited_ = static_cast<std::uint16_t>(limited_ - whole);
  std::memmove(field, field + whole, size_ - offset - whole);
  size_ = static_cast<std::uint16_t>(size_ - whole);
}

void CallTexts::erase(TextKind kind) noexcept {
  for (std::size_t at = 0; at < size_;) {
    if (static_cast<TextKind>(data()[at]) == kind) {
      erase_at(at);
      return;
    }
    at += header_bytes + read_size(data() + at);
  }
}

std::uint16_t CallTexts::set(TextKind kind, std::string_view text) noexcept {
  char buffer[max_message_bytes];
  std::uint16_t problems = 0;
  auto const limit = kind == TextKind::error_message ? max_message_bytes : max_name_bytes;
  text = clean(text, limit, buffer, problems);
  erase(kind);
  if (!append(kind, text, {})) problems |= bit(Problem::dropped_text);
  return problems;
}

std::size_t CallTexts::attribute_bytes() const noexcept {
  std::size_t sum = 0;
  for (TextFields fields(bytes()); fields.next();) {
    if (fields.kind() == TextKind::attribute) sum += header_bytes + fields.text().size();
  }
  return sum;
}

std::uint16_t CallTexts::set_pair(TextKind kind, std::string_view key,
                                  std::string_view value) noexcept {
  if (key.empty()) return 0;
  char key_buffer[max_name_bytes + 1];
  char value_buffer[max_name_bytes];
  std::uint16_t problems = 0;
  key = clean(key, max_name_bytes, key_buffer + 1, problems);
  value = clean(value, max_name_bytes, value_buffer, problems);
  for (std::size_t at = 0; at < size_;) {
    char const* const field = data() + at;
    auto const size = read_size(field);
    if (static_cast<TextKind>(*field) == kind &&
        static_cast<unsigned char>(field[header_bytes]) == key.size() &&
        std::memcmp(field + header_bytes + 1, key.data(), key.size()) == 0) {
      erase_at(at);
      break;
    }
    at += header_bytes + size;
  }
  if (key.data() != key_buffer + 1) std::memcpy(key_buffer + 1, key.data(), key.size());
  key_buffer[0] = static_cast<char>(key.size());
  if (!append(kind, {key_buffer, key.size() + 1}, value)) problems |= bit(Problem::dropped_text);
  return problems;
}

bool CallTexts::set_bytes(TextKind kind, std::string_view bytes) noexcept {
  erase(kind);
  return append(kind, bytes, {});
}

std::uint16_t CallTexts::set_duration(TextKind kind, double ms) noexcept {
  if (!is_duration(ms)) return bit(Problem::invalid_latency);
  bool const kept = set_bytes(kind, {reinterpret_cast<char const*>(&ms), sizeof ms});
  return kept ? std::uint16_t{0} : bit(Problem::dropped_text);
}

std::string_view CallTexts::get(TextKind kind) const noexcept { return find_text(bytes(), kind); }

bool TextFields::next() noexcept {
  constexpr auto header = CallTexts::header_bytes;
  if (rest_.size() < header) return false;
  auto const size = read_size(rest_.data());
  if (rest_.size() - header < size) return false;
  kind_ = static_cast<TextKind>(rest_.front());
  text_ = rest_.substr(header, size);
  rest_.remove_prefix(header + size);
  return true;
}

std::pair<std::string_view, std::string_view> TextFields::tag() const noexcept {
  if (text_.empty()) return {};
  auto const key_size = static_cast<unsigned char>(text_.front());
  if (text_.size() < 1U + key_size) return {};
  return {text_.substr(1, key_size), text_.substr(1U + key_size)};
}

std::string_view find_text(std::string_view bytes, TextKind kind) noexcept {
  for (TextFields fields(bytes); fields.next();) {
    if (fields.kind() == kind) return fields.text();
  }
  return {};
}

bool has_tag(std::string_view bytes, std::string_view key, std::string_view value) noexcept {
  for (TextFields fields(bytes); fields.next();) {
    if (fields.kind() == TextKind::tag && fields.tag() == std::pair(key, value)) return true;
  }
  return false;
}

std::string_view find_tag(std::string_view bytes, std::string_view key) noexcept {
  for (TextFields fields(bytes); fields.next();) {
    if (fields.kind() == TextKind::tag && fields.tag().first == key) return fields.tag().second;
  }
  return {};
}

void TextsCopy::load(Chunk& chunk, Record const& record) noexcept {
  size_ = 0;
  if (record.texts == 0) return;
  std::size_t const offset = std::size_t{record.texts} * text_unit;
  TextPage* const page = chunk.pages[offset / text_page_bytes].load(std::memory_order_acquire);
  if (page == nullptr) return;
  std::uint64_t* const from = page->words.data() + offset % text_page_bytes / 8;
  std::size_t const on_page = (text_page_bytes - offset % text_page_bytes) / 8;
  load_words(words_.data(), from, 1);
  std::uint16_t size = 0;
  std::memcpy(&size, words_.data(), sizeof size);
  std::size_t const count = (sizeof size + size + 7) / 8;
  if (size > most_packed_bytes || count > on_page) return;
  load_words(words_.data() + 1, from + 1, count - 1);
  size_ = size;
}

TokenUsage usage_of(Record const& record, std::string_view texts) noexcept {
  TokenUsage usage;
  usage.source = record.usage_source();
  usage.input_tokens = record.input;
  usage.output_tokens = record.output;
  usage.cache_read_tokens = record.cache_read;
  usage.cache_write_tokens = record.cache_write;
  usage.reasoning_tokens = record.reasoning;
  if (!record.is(RecordFlags::counts)) return usage;
  std::string_view const packed = find_text(texts, TextKind::counts);
  if (packed.size() == sizeof usage) std::memcpy(&usage, packed.data(), sizeof usage);
  return usage;
}

}  // namespace netrun::llm::detail
