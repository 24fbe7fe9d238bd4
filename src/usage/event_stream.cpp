// SPDX-License-Identifier: MIT
#include "usage/event_stream.hpp"

#include <array>
#include <cstring>

namespace netrun::llm::detail {
namespace {

/// The types of header values.
enum class ValueType : std::uint8_t {
  boolean_true,
  boolean_false,
  int8,
  int16,
  int32,
  int64,
  byte_array,
  string,
  timestamp,
  uuid,
};

constexpr std::uint8_t value_type_count = 10;

/// The size of a value of each type in bytes; of those with a size in front, 0.
constexpr std::array<std::uint8_t, value_type_count> value_sizes{0, 0, 1, 2, 4, 8, 0, 0, 8, 16};

struct ShortText {
  std::string_view name;
  FixedText<64> FrameHeaders::*text;
};

/// The known headers are numbered: these, then the error message.
constexpr std::array<ShortText, 5> short_texts{{
    {":message-type", &FrameHeaders::message_type},
    {":event-type", &FrameHeaders::event_type},
    {":exception-type", &FrameHeaders::exception_type},
    {":error-code", &FrameHeaders::error_code},
    {":content-type", &FrameHeaders::content_type},
}};
constexpr std::uint8_t error_message_number = short_texts.size();
constexpr std::uint8_t no_known_header = error_message_number + 1;

[[nodiscard]] std::uint8_t number_of(std::string_view name) noexcept {
  if (name == ":error-message") return error_message_number;
  for (std::uint8_t i = 0; i < error_message_number; ++i) {
    if (name == short_texts[i].name) return i;
  }
  return no_known_header;
}

}  // namespace

void FrameHeaders::clear() noexcept {
  message_type.clear();
  event_type.clear();
  exception_type.clear();
  error_code.clear();
  content_type.clear();
  error_message.clear();
}

void FrameHeaderReader::begin() noexcept {
  headers_.clear();
  part_ = Part::name_size;
}

void FrameHeaderReader::feed(std::string_view bytes) noexcept {
  while (!bytes.empty() && part_ != Part::wrong) {
    std::size_t taken = 1;
    auto const first = static_cast<std::uint8_t>(bytes.front());
    switch (part_) {
      case Part::name_size:
        begin_name(first);
        break;
      case Part::type:
        begin_value(first);
        break;
      case Part::value_size:
        take_size_byte(first);
        break;
      default:
        taken = take(bytes);
    }
    bytes.remove_prefix(taken);
  }
}

void FrameHeaderReader::begin_name(std::uint8_t size) noexcept {
  name_.clear();
  left_ = size;
  part_ = size == 0 ? Part::type : Part::name;
}

void FrameHeaderReader::begin_value(std::uint8_t type) noexcept {
  if (type >= value_type_count) {
    part_ = Part::wrong;
    return;
  }
  is_text_ = static_cast<ValueType>(type) == ValueType::string;
  if (is_text_ || static_cast<ValueType>(type) == ValueType::byte_array) {
    size_bytes_ = 0;
    left_ = 0;
    part_ = Part::value_size;
  } else {
    begin_bytes(value_sizes[type]);
  }
}

void FrameHeaderReader::take_size_byte(std::uint8_t byte) noexcept {
  left_ = static_cast<std::uint16_t>(left_ << 8 | byte);
  if (++size_bytes_ == 2) begin_bytes(left_);
}

void FrameHeaderReader::begin_bytes(std::size_t size) noexcept {
  left_ = static_cast<std::uint16_t>(size);
  part_ = size == 0 ? Part::name_size : Part::value;
  target_ = is_text_ && !name_.cut() ? number_of(name_) : no_known_header;
  with_target([](auto& text) { text.clear(); });
}

template <class Use>
void FrameHeaderReader::with_target(Use use) noexcept {
  if (target_ < short_texts.size()) {
    use(headers_.*short_texts[target_].text);
  } else if (target_ == error_message_number) {
    use(headers_.error_message);
  }
}

std::size_t FrameHeaderReader::take(std::string_view bytes) noexcept {
  auto const piece = bytes.substr(0, left_);
  left_ = static_cast<std::uint16_t>(left_ - piece.size());
  if (part_ == Part::name) {
    name_.append(piece);
    if (left_ == 0) part_ = Part::type;
  } else {
    with_target([piece](auto& text) { text.append(piece); });
    if (left_ == 0) part_ = Part::name_size;
  }
  return piece.size();
}

std::size_t EventStreamParser::gather(std::string_view bytes, std::size_t size) noexcept {
  auto const count = std::min(bytes.size(), size - gathered_);
  std::memcpy(bytes_ + gathered_, bytes.data(), count);
  gathered_ = static_cast<std::uint8_t>(gathered_ + count);
  return count;
}

std::uint32_t EventStreamParser::gathered_number(std::size_t at) const noexcept {
  std::uint32_t number = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes_[i]);
  }
  return number;
}

bool EventStreamParser::begin_headers() noexcept {
  auto const total = gathered_number(0);
  auto const headers = gathered_number(4);
  // The lengths first: of bytes that are no frames at all that is the better name.
  if (headers > max_headers || total > max_payload + max_headers + frame_overhead ||
      total < headers + frame_overhead) {
    failure_ = Failure::malformed;
    return false;
  }
  crc_ = crc32({bytes_, 8});
  if (crc_ != gathered_number(8)) {
    failure_ = Failure::wrong_checksum;
    return false;
  }
  crc_ = crc32({bytes_ + 8, 4}, crc_);
  left_ = headers;
  payload_size_ = total - headers - frame_overhead;
  headers_.begin();
  part_ = Part::headers;
  return true;
}

std::size_t EventStreamParser::take_headers(std::string_view bytes) noexcept {
  auto const piece = bytes.substr(0, left_);
  crc_ = crc32(piece, crc_);
  headers_.feed(piece);
  left_ -= static_cast<std::uint32_t>(piece.size());
  return piece.size();
}

void EventStreamParser::begin_payload() noexcept {
  left_ = payload_size_;
  part_ = Part::payload;
  if (left_ == 0) begin_checksum();
}

void EventStreamParser::begin_checksum() noexcept {
  part_ = Part::checksum;
  gathered_ = 0;
}

}  // namespace netrun::llm::detail
