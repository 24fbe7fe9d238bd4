// SPDX-License-Identifier: MIT
// Frames of event streams, written, and read by the rules as they are written down: slow, of a
// whole text.
#pragma once

#include "usage/event_stream.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::testing {

/// `size` bytes of a number, the highest first.
inline std::string big_endian(std::uint64_t value, std::size_t size) {
  std::string bytes;
  for (std::size_t i = size; i-- > 0;) bytes += static_cast<char>(value >> 8 * i);
  return bytes;
}

/// Bit by bit.
inline std::uint32_t crc32_by_the_rules(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (char const c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc % 2 == 1 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

/// A header; `value` is as it is written, with its size if it has one in front.
inline std::string header(std::string_view name, unsigned type, std::string_view value = {}) {
  return big_endian(name.size(), 1) + std::string(name) + big_endian(type, 1) + std::string(value);
}

/// A header whose value has a size in front; type 7 is text.
inline std::string sized_header(std::string_view name, std::string_view value, unsigned type = 7) {
  return header(name, type, big_endian(value.size(), 2) + std::string(value));
}

inline std::string prelude(std::uint32_t total, std::uint32_t headers) {
  auto const lengths = big_endian(total, 4) + big_endian(headers, 4);
  return lengths + big_endian(crc32_by_the_rules(lengths), 4);
}

inline std::string frame(std::string_view headers, std::string_view payload) {
  auto const total = static_cast<std::uint32_t>(headers.size() + payload.size() + 16);
  auto bytes = prelude(total, static_cast<std::uint32_t>(headers.size()));
  bytes += headers;
  bytes += payload;
  return bytes + big_endian(crc32_by_the_rules(bytes), 4);
}

enum class FrameEnd : std::uint8_t { open, good, wrong_checksum };

struct Frame {
  std::string message_type{}, event_type{}, exception_type{};
  std::string error_code{}, content_type{}, error_message{};
  std::string payload{};
  FrameEnd end = FrameEnd::open;

  friend bool operator==(Frame const&, Frame const&) = default;
  friend std::ostream& operator<<(std::ostream& out, Frame const& frame) {
    for (auto const& text : {frame.message_type, frame.event_type, frame.exception_type,
                             frame.error_code, frame.content_type, frame.error_message}) {
      out << text << '|';
    }
    return out << frame.payload << '|' << static_cast<int>(frame.end);
  }
};

/// A sink that keeps the frames, and whether its functions were called in their order.
struct Frames {
  std::vector<Frame> frames;
  bool open = false;
  bool out_of_order = false;

  void begin_frame(detail::FrameHeaders const& headers) noexcept {
    out_of_order = out_of_order || open;
    open = true;
    auto& frame = frames.emplace_back();
    frame.message_type = headers.message_type.view();
    frame.event_type = headers.event_type.view();
    frame.exception_type = headers.exception_type.view();
    frame.error_code = headers.error_code.view();
    frame.content_type = headers.content_type.view();
    frame.error_message = headers.error_message.view();
  }
  void payload(std::string_view piece) noexcept {
    out_of_order = out_of_order || !open || piece.empty();
    if (open) frames.back().payload += piece;
  }
  void end_frame(bool checksum_ok) noexcept {
    out_of_order = out_of_order || !open;
    if (open) frames.back().end = checksum_ok ? FrameEnd::good : FrameEnd::wrong_checksum;
    open = false;
  }
};

/// What reading a stream comes to.
struct ReadFrames {
  using Failure = detail::EventStreamParser::Failure;

  std::vector<Frame> frames;
  Failure failure = Failure::none;
  std::uint64_t offset = 0;
  bool inside_frame = false;

  friend bool operator==(ReadFrames const&, ReadFrames const&) = default;
};

/// A number, the highest byte first.
inline std::uint32_t number_in(std::string_view bytes) {
  std::uint32_t number = 0;
  for (char const c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

/// A frame with what its headers say, or nothing when they are no headers.
inline std::optional<Frame> headers_by_the_rules(std::string_view bytes) {
  Frame frame;
  auto const take = [&](std::size_t size) -> std::optional<std::string> {
    if (size > bytes.size()) return std::nullopt;
    std::string const taken(bytes.substr(0, size));
    bytes.remove_prefix(size);
    return taken;
  };
  while (!bytes.empty()) {
    auto const name = take(number_in(*take(1)));
    if (!name) return std::nullopt;
    auto const type = take(1);
    if (!type || number_in(*type) > 9) return std::nullopt;
    std::size_t size = std::vector<std::size_t>{0, 0, 1, 2, 4, 8, 0, 0, 8, 16}[number_in(*type)];
    auto const is_text = number_in(*type) == 7;
    if (is_text || number_in(*type) == 6) {
      auto const written = take(2);
      if (!written) return std::nullopt;
      size = number_in(*written);
    }
    auto const value = take(size);
    if (!value) return std::nullopt;
    if (!is_text) continue;
    auto const short_text = std::string(FixedText<64>(*value).view());
    if (*name == ":message-type") frame.message_type = short_text;
    if (*name == ":event-type") frame.event_type = short_text;
    if (*name == ":exception-type") frame.exception_type = short_text;
    if (*name == ":error-code") frame.error_code = short_text;
    if (*name == ":content-type") frame.content_type = short_text;
    if (*name == ":error-message") frame.error_message = FixedText<255>(*value).view();
  }
  return frame;
}

/// Reads the frame at the front of `bytes`; returns its size, or 0 when there is no next one.
inline std::size_t frame_by_the_rules(std::string_view bytes, ReadFrames& read) {
  auto const cut = [&] {
    read.inside_frame = true;
    read.offset += bytes.size();
    return std::size_t{0};
  };
  auto const fail = [&](ReadFrames::Failure failure, std::size_t at) {
    read.failure = failure;
    read.offset += at;
    return std::size_t{0};
  };
  if (bytes.size() < 12) return cut();
  std::size_t const total = number_in(bytes.substr(0, 4));
  std::size_t const headers_size = number_in(bytes.substr(4, 4));
  if (headers_size > 131'072 || total > 16'777'216 + 131'072 + 16 || total < headers_size + 16) {
    return fail(ReadFrames::Failure::malformed, 12);
  }
  if (number_in(bytes.substr(8, 4)) != crc32_by_the_rules(bytes.substr(0, 8))) {
    return fail(ReadFrames::Failure::wrong_checksum, 12);
  }
  if (bytes.size() < 12 + headers_size) return cut();
  auto frame = headers_by_the_rules(bytes.substr(12, headers_size));
  auto const whole = bytes.size() >= total;
  auto const checked = bytes.substr(0, total - 4);
  auto const good = whole && number_in(bytes.substr(total - 4, 4)) == crc32_by_the_rules(checked);
  if (!frame && good) return fail(ReadFrames::Failure::malformed, total);
  if (frame) {
    frame->payload = checked.substr(12 + headers_size);
    if (whole) frame->end = good ? FrameEnd::good : FrameEnd::wrong_checksum;
    read.frames.push_back(*frame);
  } else if (whole) {
    read.frames.emplace_back().end = FrameEnd::wrong_checksum;
  }
  if (!whole) return cut();
  read.offset += total;
  return total;
}

inline ReadFrames frames_by_the_rules(std::string_view bytes) {
  ReadFrames read;
  while (!bytes.empty()) {
    auto const size = frame_by_the_rules(bytes, read);
    if (size == 0) break;
    bytes.remove_prefix(size);
  }
  return read;
}

}  // namespace netrun::llm::testing
