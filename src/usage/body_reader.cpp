// SPDX-License-Identifier: MIT
// Reads the bytes of a body, in whatever form they are.
#include "usage/body_reader.hpp"

#include <charconv>
#include <cstring>

namespace netrun::llm::detail {
namespace {

constexpr std::string_view done = "[DONE]";
constexpr std::string_view bom = "\xEF\xBB\xBF";

[[nodiscard]] bool is_space(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

}  // namespace

bool BodyReader::streaming() const noexcept {
  return form_ == BodyForm::sse || form_ == BodyForm::ndjson || form_ == BodyForm::event_stream ||
         (form_ == BodyForm::json && array_);
}

void BodyReader::feed(std::string_view bytes) noexcept {
  if (over_) return;
  if (form_ == BodyForm::automatic) choose_form(bytes);
  if (!bytes.empty()) head_.append(bytes);
  if (bytes.empty() || dead_) return;
  switch (form_) {
    case BodyForm::sse: {
      EventSink sink{*this};
      events_.feed(bytes, sink);
      return;
    }
    case BodyForm::event_stream: {
      FrameSink sink{*this};
      frames_.feed(bytes, sink);
      if (frames_.failure() != EventStreamParser::Failure::none) {
        dead_ = true;
        note_position(frames_.failure() == EventStreamParser::Failure::malformed
                          ? ReadProblem::malformed
                          : ReadProblem::wrong_checksum,
                      "frame ", frames_seen_ + 1);
      }
      return;
    }
    default:
      return array_ ? feed_json(bytes) : feed_lines(bytes);
  }
}

std::string_view BodyReader::plain_text() const noexcept {
  bool const maybe =
      form_ == BodyForm::sse ? findings_.documents() == 0 : form_ != BodyForm::event_stream;
  auto const text = head_.view();
  if (!maybe || text.empty() || text[0] == '{' || text[0] == '[') return {};
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

/// Skips white space and a byte order mark; what comes then tells.
void BodyReader::choose_form(std::string_view& bytes) noexcept {
  while (!bytes.empty()) {
    char const c = bytes.front();
    if (bom_bytes_ < bom.size() && c == bom[bom_bytes_]) {
      ++bom_bytes_;
    } else if (is_space(c)) {
      line_ += c == '\n' ? 1 : 0;
    } else {
      break;
    }
    ++skipped_;
    bytes.remove_prefix(1);
  }
  if (bytes.empty()) return;
  char const c = bytes.front();
  if (c == '{' || c == '[') {
    form_ = given_form_ == BodyForm::ndjson ? BodyForm::ndjson : BodyForm::json;
    array_ = c == '[' && form_ == BodyForm::json;
  } else if (c == '\0' || c == '\1') {  // the length of a frame; none is longer than 2^25
    form_ = BodyForm::event_stream;
  } else if (std::string_view("dier:").find(c) != std::string_view::npos) {
    form_ = BodyForm::sse;  // data, id, event, retry or a comment
  } else {
    form_ = given_form_ == BodyForm::automatic ? BodyForm::json : given_form_;
  }
}

void BodyReader::feed_json(std::string_view bytes) noexcept {
  scanner_.feed(bytes);
  if (scanner_.failure() == JsonScanner<Findings>::Failure::none) return;
  dead_ = true;
  findings_.end_part(false);
  bool const deep = scanner_.failure() == JsonScanner<Findings>::Failure::too_deep;
  note_position(deep ? ReadProblem::too_deep : ReadProblem::malformed, "byte ",
                skipped_ + scanner_.offset());
}

/// JSON that may turn out to be one document a line. Cut at line ends, so that it makes no
/// difference how it comes.
void BodyReader::feed_lines(std::string_view bytes) noexcept {
  while (!bytes.empty() && !dead_) {
    auto const line_end = bytes.find('\n');
    auto const line = bytes.substr(0, line_end);
    bytes.remove_prefix(line.size());
    if (line_after_document_ && line.find_first_not_of(" \t\r") != line.npos) {
      form_ = BodyForm::ndjson;
    }
    if (form_ == BodyForm::json) {
      feed_json(line);
    } else {
      scanner_.feed(line);
    }
    if (line_end == bytes.npos) return;
    bytes.remove_prefix(1);
    ++line_;
    if (form_ == BodyForm::ndjson) {
      end_document("line ", line_);
    } else if (!dead_) {
      feed_json("\n");  // white space in a document that has more than one line
      line_after_document_ = !scanner_.inside() && findings_.documents() > 0;
    }
  }
}

/// A document should be over. False, and the document is taken back, when it is not.
bool BodyReader::end_document(std::string_view what, std::uint64_t number) noexcept {
  scanner_.end();
  bool const failed = scanner_.failure() != JsonScanner<Findings>::Failure::none;
  bool const whole = !failed && !scanner_.inside();
  if (!whole) {
    findings_.end_part(false);
    bool const deep = scanner_.failure() == JsonScanner<Findings>::Failure::too_deep;
    if (!failed && over_) {
      ended_inside_ = true;
      note_position(ReadProblem::cut, what, number);
    } else {
      note_position(deep ? ReadProblem::too_deep : ReadProblem::malformed, what, number);
    }
  }
  scanner_.reset();
  return whole;
}

void BodyReader::feed_event(std::string_view piece) noexcept {
  if (event_part_ == EventPart::json) return scanner_.feed(piece);
  if (event_part_ == EventPart::other) return;
  while (!piece.empty()) {
    char const c = piece.front();
    if (done_bytes_ < done.size() && c == done[done_bytes_]) {
      ++done_bytes_;
    } else if (!is_space(c) || (done_bytes_ > 0 && done_bytes_ < done.size())) {
      break;
    }
    piece.remove_prefix(1);
  }
  if (piece.empty()) return;
  // Neither white space nor the mark of the end.
  bool const json = done_bytes_ > 0 || piece.front() == '{' || piece.front() == '[';
  event_part_ = json ? EventPart::json : EventPart::other;
  if (!json) return;
  scanner_.feed(done.substr(0, done_bytes_));
  scanner_.feed(piece);
}

void BodyReader::end_event(std::string_view name) noexcept {
  ++events_seen_;
  if (event_part_ == EventPart::json) {
    end_document("event ", events_seen_);
  } else if (done_bytes_ == done.size()) {
    findings_.begin_part();
    findings_.set_mark(Mark::end_of_stream);
  } else if (done_bytes_ > 0) {
    if (over_) ended_inside_ = true;
    note_position(over_ ? ReadProblem::cut : ReadProblem::malformed, "event ", events_seen_);
  }
  if (name == "error") findings_.set_mark(Mark::error);
  event_part_ = EventPart::start;
  done_bytes_ = 0;
}

void BodyReader::begin_frame(FrameHeaders const& headers) noexcept {
  findings_.set_in_parts(true);
  findings_.begin_part();
  frame_is_chunk_ = headers.event_type == "chunk";
  frame_is_error_ = headers.message_type == "exception" || headers.message_type == "error";
  if (frame_is_error_) {
    findings_.set_error(
        headers.exception_type.empty() ? headers.error_code.view() : headers.exception_type.view(),
        headers.error_message);
  }
  if (headers.event_type == "metadata") findings_.set_mark(Mark::metrics_event);
  if (headers.event_type == "contentBlockDelta") findings_.mark_content();
  base64_ = {};
}

void BodyReader::feed_frame(std::string_view piece) noexcept {
  if (frame_is_chunk_) {
    wrapping_scanner_.feed(piece);
  } else {
    scanner_.feed(piece);
  }
}

void BodyReader::feed_base64(std::string_view piece) noexcept {
  base64_.feed(piece, [this](std::string_view bytes) noexcept { scanner_.feed(bytes); });
}

void BodyReader::end_frame(bool checksum_ok) noexcept {
  ++frames_seen_;
  bool whole = scanner_.failure() == JsonScanner<Findings>::Failure::none && !scanner_.inside();
  if (frame_is_chunk_) {
    whole = whole && base64_.complete() && !wrapping_scanner_.inside() &&
            wrapping_scanner_.failure() == JsonScanner<Wrapping>::Failure::none;
  }
  if (!checksum_ok) {
    note_position(ReadProblem::wrong_checksum, "frame ", frames_seen_);
  } else if (!whole && !frame_is_error_) {
    note_position(ReadProblem::malformed, "frame ", frames_seen_);
  }
  findings_.end_part(checksum_ok && (whole || frame_is_error_));
  scanner_.reset();
  wrapping_scanner_.reset();
}

void BodyReader::end() noexcept {
  if (over_) return;
  over_ = true;
  switch (form_) {
    case BodyForm::automatic:
      return findings_.note_problem(ReadProblem::empty, "");
    case BodyForm::sse: {
      EventSink sink{*this};
      events_.end(sink);
      return;
    }
    case BodyForm::event_stream:
      if (dead_ || !frames_.inside_frame()) return;
      ended_inside_ = true;
      findings_.end_part(false);
      return note_position(ReadProblem::cut, "frame ", frames_seen_ + 1);
    case BodyForm::ndjson:
      end_document("line ", line_ + 1);
      return;
    default:
      if (!dead_) end_document("byte ", skipped_ + scanner_.offset());
  }
}

void BodyReader::note_position(ReadProblem problem, std::string_view what,
                               std::uint64_t number) noexcept {
  FixedText<64> at(what);
  char digits[20];
  auto const [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  if (error == std::errc{}) at.append({digits, static_cast<std::size_t>(end - digits)});
  findings_.note_problem(problem, at);
}

}  // namespace netrun::llm::detail
