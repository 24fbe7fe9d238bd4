// SPDX-License-Identifier: MIT
#include "chat/answer.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace chat {
namespace {

using nlohmann::json;

void append(std::string& text, json const& document, char const* where) {
  json::json_pointer const pointer(where);
  if (document.contains(pointer) && document.at(pointer).is_string()) {
    text += document.at(pointer).get_ref<std::string const&>();
  }
}

}  // namespace

void AnswerText::feed(std::string_view bytes) {
  if (!streamed_) {
    unread_ += bytes;
    return;
  }
  for (std::size_t end = 0; (end = bytes.find('\n')) != bytes.npos; bytes.remove_prefix(end + 1)) {
    unread_ += bytes.substr(0, end);
    read_line();
  }
  unread_ += bytes;
}

/// Of server-sent events only the data is wanted; "[DONE]" is not JSON and falls through.
void AnswerText::read_line() {
  auto const line = std::exchange(unread_, {});  // gone, whatever happens to it
  if (line.starts_with("data:")) add(std::string_view(line).substr(5));
}

void AnswerText::add(std::string_view document) {
  auto const parsed = json::parse(document, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return;
  std::string piece;
  append(piece, parsed, "/choices/0/message/content");  // OpenAI
  append(piece, parsed, "/choices/0/delta/content");
  append(piece, parsed, "/delta/text");  // Anthropic
  if (auto const blocks = parsed.find("content"); blocks != parsed.end() && blocks->is_array()) {
    for (auto const& block : *blocks) append(piece, block, "/text");
  }
  if (piece.empty()) return;
  text_ += piece;
  if (on_text_) on_text_(piece);
}

std::string AnswerText::finish() {
  if (streamed_) {
    read_line();  // the last one may have no end
  } else {
    add(unread_);
  }
  return std::move(text_);
}

}  // namespace chat
