// SPDX-License-Identifier: MIT
// Reads the bytes of a body, in whatever form they are.
#pragma once

#include "usage/base64.hpp"
#include "usage/event_stream.hpp"
#include "usage/findings.hpp"
#include "usage/json_scanner.hpp"
#include "usage/sse.hpp"
#include <netrun/llm/response.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

/// From bytes to findings. The first bytes tell the form; one that was given decides only where
/// they could be anything.
class BodyReader {
 public:
  BodyReader() noexcept = default;
  BodyReader(BodyReader const&) = delete;
  BodyReader& operator=(BodyReader const&) = delete;

  void set_form(BodyForm form) noexcept { given_form_ = form; }
  void feed(std::string_view bytes) noexcept;
  /// The body is over.
  void end() noexcept;

  [[nodiscard]] Findings const& findings() const noexcept { return findings_; }
  [[nodiscard]] Findings& findings() noexcept { return findings_; }
  /// automatic before the first byte that tells.
  [[nodiscard]] BodyForm form() const noexcept { return form_; }
  /// True when the body is a sequence of pieces that the model made one after the other.
  [[nodiscard]] bool streaming() const noexcept;
  /// The beginning of a body that is no JSON of any form: some refusals are a line of text or a
  /// page. Empty for others.
  [[nodiscard]] std::string_view plain_text() const noexcept;
  /// True when the body ended in the middle of a document, an event or a frame.
  [[nodiscard]] bool ended_inside() const noexcept { return ended_inside_; }

 private:
  /// What the parsers of events and frames call.
  struct EventSink {
    BodyReader& reader;
    void data(std::string_view piece) noexcept { reader.feed_event(piece); }
    void event(std::string_view name) noexcept { reader.end_event(name); }
  };
  struct FrameSink {
    BodyReader& reader;
    void begin_frame(FrameHeaders const& headers) noexcept { reader.begin_frame(headers); }
    void payload(std::string_view piece) noexcept { reader.feed_frame(piece); }
    void end_frame(bool checksum_ok) noexcept { reader.end_frame(checksum_ok); }
  };
  /// The handler for the JSON around a vendor's JSON: only its bytes matter.
  struct Wrapping {
    BodyReader& reader;
    void begin_document() noexcept {}
    void end_document() noexcept {}
    void begin(Field, bool) noexcept {}
    void end(Field) noexcept {}
    void text_begin(Field) noexcept {}
    void text_piece(Field field, std::string_view piece) noexcept {
      if (field == Field::bytes) reader.feed_base64(piece);
    }
    void text_end(Field) noexcept {}
    void number(Field, std::string_view, bool) noexcept {}
    void literal(Field, Literal) noexcept {}
  };

  void choose_form(std::string_view& bytes) noexcept;
  void feed_json(std::string_view bytes) noexcept;
  void feed_lines(std::string_view bytes) noexcept;
  void feed_event(std::string_view piece) noexcept;
  void end_event(std::string_view name) noexcept;
  void begin_frame(FrameHeaders const& headers) noexcept;
  void feed_frame(std::string_view piece) noexcept;
  void feed_base64(std::string_view piece) noexcept;
  void end_frame(bool checksum_ok) noexcept;
  bool end_document(std::string_view what, std::uint64_t number) noexcept;
  void note_position(ReadProblem problem, std::string_view what, std::uint64_t number) noexcept;

  Findings findings_{};
  JsonScanner<Findings> scanner_{findings_};
  Wrapping wrapping_{*this};
  JsonScanner<Wrapping> wrapping_scanner_{wrapping_};
  SseParser events_{};
  EventStreamParser frames_{};
  Base64Decoder base64_{};
  BodyForm given_form_ = BodyForm::automatic, form_ = BodyForm::automatic;
  std::uint8_t bom_bytes_ = 0;
  std::uint8_t done_bytes_ = 0;  ///< How much of "[DONE]" the event under way has been.
  enum class EventPart : std::uint8_t { start, json, other } event_part_ = EventPart::start;
  bool array_ = false;                ///< One array holds the documents.
  bool line_after_document_ = false;  ///< Another document here makes it one a line.
  bool frame_is_chunk_ = false, frame_is_error_ = false;
  bool ended_inside_ = false;
  bool dead_ = false;  ///< What follows could only be misread.
  bool over_ = false;
  FixedText<255> head_{};
  std::uint64_t skipped_ = 0, line_ = 0, events_seen_ = 0, frames_seen_ = 0;
};

}  // namespace netrun::llm::detail
