// SPDX-License-Identifier: MIT
// Splits a stream of binary frames (application/vnd.amazon.eventstream) into headers and payloads.
#pragma once

#include "usage/crc32.hpp"
#include <netrun/llm/fixed_text.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

/// The headers of a frame that say what it is. Empty when the frame has no such header, or none
/// that is a text. Of a header that is there twice the last one counts.
struct FrameHeaders {
  FixedText<64> message_type;    ///< ":message-type": event, exception or error
  FixedText<64> event_type;      ///< ":event-type"
  FixedText<64> exception_type;  ///< ":exception-type"
  FixedText<64> error_code;      ///< ":error-code"
  FixedText<64> content_type;    ///< ":content-type"
  FixedText<255> error_message;  ///< ":error-message"

  void clear() noexcept;
};

/// Reads the headers of one frame after the other.
class FrameHeaderReader {
 public:
  /// Before the headers of a frame.
  void begin() noexcept;
  /// The next bytes of the headers.
  void feed(std::string_view bytes) noexcept;
  /// True when what was fed are whole headers, each of a type that there is.
  [[nodiscard]] bool complete() const noexcept { return part_ == Part::name_size; }
  [[nodiscard]] FrameHeaders const& headers() const noexcept { return headers_; }

 private:
  enum class Part : std::uint8_t { name_size, name, type, value_size, value, wrong };
  static constexpr std::size_t longest_name = 16;  // ":exception-type" has 15

  void begin_name(std::uint8_t size) noexcept;
  void begin_value(std::uint8_t type) noexcept;
  void begin_bytes(std::size_t size) noexcept;
  void take_size_byte(std::uint8_t byte) noexcept;
  /// Takes what there is of a name or value; returns how many bytes that was.
  std::size_t take(std::string_view bytes) noexcept;
  /// Calls `use` with the text that the value belongs into, when there is one.
  template <class Use>
  void with_target(Use use) noexcept;

  Part part_ = Part::name_size;
  bool is_text_ = false;
  std::uint8_t size_bytes_ = 0;   // of the two that give the size of a value
  std::uint16_t left_ = 0;        // bytes of the name or value that are to come
  FixedText<longest_name> name_;  // a longer one is none that matters
  std::uint8_t target_ = 0;       // which of the known headers the value is of
  FrameHeaders headers_;
};

/// Frames of an event stream: lengths and their checksum, headers, payload, checksum of it all; all
/// numbers with the highest byte first. How the bytes are cut into pieces makes no difference.
/// Source: the Smithy specification, "Amazon Event Stream Specification".
///
/// A sink has three functions:
///   void begin_frame(FrameHeaders const& headers) noexcept;  // valid until the frame ends
///   void payload(std::string_view piece) noexcept;           // a view into what was fed
///   void end_frame(bool checksum_ok) noexcept;
/// A payload is handed out as it comes, before its checksum: with `false` everything that the frame
/// said is void. Then the stream goes on with the next frame, whose place is known because the
/// lengths have a checksum of their own. Headers that cannot be read are passed over together with
/// the payload; when the checksum is wrong too, the frame is told of as begun without headers and
/// ended with `false`, else the stream is malformed.
///
/// Holds about 700 bytes and allocates nothing. Thread safety: none.
///
/// Example:
///   EventStreamParser parser;
///   parser.feed(bytes, sink);
///   if (parser.inside_frame()) { ... }  // at the end of the body: it was cut
class EventStreamParser {
 public:
  enum class Failure : std::uint8_t {
    none,
    wrong_checksum,  ///< of the lengths of a frame
    malformed,       ///< lengths beyond the limits or each other, or headers that are none
  };

  /// The largest payload and headers of a frame, in bytes.
  static constexpr std::uint32_t max_payload = 16U << 20;
  static constexpr std::uint32_t max_headers = 128U << 10;

  /// The next bytes of the body. After a failure they are not looked at.
  template <class Sink>
  void feed(std::string_view bytes, Sink& sink) noexcept {
    while (!bytes.empty() && failure_ == Failure::none) {
      std::size_t taken = 0;
      switch (part_) {
        case Part::prelude:
          taken = gather(bytes, prelude_size);
          if (gathered_ == prelude_size && begin_headers() && left_ == 0) end_headers(sink);
          break;
        case Part::headers:
          taken = take_headers(bytes);
          if (left_ == 0) end_headers(sink);
          break;
        case Part::payload:
          taken = take_payload(bytes, sink);
          break;
        case Part::checksum:
          taken = gather(bytes, checksum_size);
          if (gathered_ == checksum_size) end_frame(sink);
          break;
      }
      offset_ += taken;
      bytes.remove_prefix(taken);
    }
  }

  /// True when a frame was begun and has not ended; false after a failure.
  [[nodiscard]] bool inside_frame() const noexcept {
    return failure_ == Failure::none && (part_ != Part::prelude || gathered_ > 0);
  }
  /// Why nothing more is read.
  [[nodiscard]] Failure failure() const noexcept { return failure_; }
  /// How many bytes were read. After a failure: up to and including the lengths or the frame that
  /// failed.
  [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

 private:
  enum class Part : std::uint8_t { prelude, headers, payload, checksum };

  static constexpr std::size_t prelude_size = 12;  // two lengths and their checksum
  static constexpr std::size_t checksum_size = 4;
  static constexpr std::uint32_t frame_overhead = 16;

  /// Collects up to `size` bytes; returns how many were taken.
  std::size_t gather(std::string_view bytes, std::size_t size) noexcept;
  /// Reads the prelude; false when it is wrong.
  [[nodiscard]] bool begin_headers() noexcept;
  std::size_t take_headers(std::string_view bytes) noexcept;
  void begin_payload() noexcept;
  void begin_checksum() noexcept;

  template <class Sink>
  void end_headers(Sink& sink) noexcept {
    headers_ok_ = headers_.complete();
    if (headers_ok_) sink.begin_frame(headers_.headers());
    begin_payload();
  }

  template <class Sink>
  std::size_t take_payload(std::string_view bytes, Sink& sink) noexcept {
    auto const piece = bytes.substr(0, left_);
    crc_ = crc32(piece, crc_);
    if (headers_ok_) sink.payload(piece);
    left_ -= static_cast<std::uint32_t>(piece.size());
    if (left_ == 0) begin_checksum();
    return piece.size();
  }

  template <class Sink>
  void end_frame(Sink& sink) noexcept {
    auto const checksum_ok = gathered_number(0) == crc_;
    part_ = Part::prelude;
    gathered_ = 0;
    if (!headers_ok_) {
      if (checksum_ok) {
        failure_ = Failure::malformed;
        return;
      }
      headers_.begin();
      sink.begin_frame(headers_.headers());
    }
    sink.end_frame(checksum_ok);
  }

  [[nodiscard]] std::uint32_t gathered_number(std::size_t at) const noexcept;

  Part part_ = Part::prelude;
  Failure failure_ = Failure::none;
  bool headers_ok_ = false;
  std::uint8_t gathered_ = 0;
  char bytes_[prelude_size] = {};  // a prelude or checksum, as far as it has come
  std::uint32_t left_ = 0;         // bytes of the headers or the payload that are to come
  std::uint32_t payload_size_ = 0;
  std::uint32_t crc_ = 0;
  std::uint64_t offset_ = 0;
  FrameHeaderReader headers_;
};

}  // namespace netrun::llm::detail
