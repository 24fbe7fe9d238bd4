// SPDX-License-Identifier: MIT
// Server-sent events by the rules as they are written down: slow, of a whole text.
#pragma once

#include <netrun/llm/fixed_text.hpp>

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::testing {

struct SseEvent {
  std::string name;
  std::string data;

  friend bool operator==(SseEvent const&, SseEvent const&) = default;
  friend std::ostream& operator<<(std::ostream& out, SseEvent const& event) {
    return out << "[" << event.name << "|" << event.data << "]";
  }
};

/// A sink that keeps the events, and what was not as it should be.
struct SseEvents {
  std::vector<SseEvent> events;
  std::string pending;
  bool empty_piece = false;

  void data(std::string_view piece) noexcept {
    if (piece.empty()) empty_piece = true;
    pending += piece;
  }
  void event(std::string_view name) noexcept {
    events.push_back({std::string(name), pending});
    pending.clear();
  }
};

/// The lines of a text; what follows the last line end is one, unless it is empty.
inline std::vector<std::string> lines_by_the_rules(std::string_view text) {
  std::vector<std::string> lines;
  std::string line;
  bool open = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    open = text[i] != '\n' && text[i] != '\r';
    if (open) {
      line += text[i];
      continue;
    }
    if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
    lines.push_back(line);
    line.clear();
  }
  if (open) lines.push_back(line);
  return lines;
}

/// The events of a whole body; a blank line at its end is thought there.
inline std::vector<SseEvent> events_by_the_rules(std::string_view text) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  auto lines = lines_by_the_rules(text);
  lines.emplace_back();
  std::vector<SseEvent> events;
  std::vector<std::string> data;
  std::string name;
  for (auto const& line : lines) {
    if (line.empty()) {
      if (!data.empty()) {
        std::string joined = data[0];
        for (std::size_t i = 1; i < data.size(); ++i) joined += "\n" + data[i];
        events.push_back({std::string(FixedText<63>(name).view()), joined});
      }
      data.clear();
      name.clear();
      continue;
    }
    auto const colon = line.find(':');
    auto const field = line.substr(0, colon);
    auto value = colon == std::string::npos ? std::string() : line.substr(colon + 1);
    if (!value.empty() && value[0] == ' ') value = value.substr(1);
    if (field == "data") data.push_back(value);
    if (field == "event") name = value;
  }
  return events;
}

}  // namespace netrun::llm::testing
