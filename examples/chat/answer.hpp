// SPDX-License-Identifier: MIT
// The text of an answer, out of the bytes of a response.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace chat {

/// Collects the text of a chat answer: OpenAI's or Anthropic's, whole or streamed. Of the counts
/// and the rest it knows nothing: those are netrun::llm::ResponseReader's.
class AnswerText {
 public:
  /// `on_text`, when there is one, is given every piece as it comes.
  explicit AnswerText(bool streamed, std::function<void(std::string_view)> on_text = {})
      : streamed_(streamed), on_text_(std::move(on_text)) {}

  void feed(std::string_view bytes);
  /// The response is over; returns all of the text.
  std::string finish();

 private:
  void read_line();
  void add(std::string_view document);

  bool streamed_;
  std::function<void(std::string_view)> on_text_;
  std::string unread_;  ///< Of a stream the line under way, else the whole body.
  std::string text_;
};

}  // namespace chat
