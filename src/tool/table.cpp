// SPDX-License-Identifier: MIT
// Rows and columns for people and as CSV; JSON as text.
#include "tool/table.hpp"

#include "json/text.hpp"
#include "json/text_buffer.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

namespace netrun::llm::tool {
namespace {

/// Characters of UTF-8, each of which takes one place in nearly all names.
std::size_t width_of(std::string_view text) noexcept {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
  }));
}

/// JSON text with an escape for every control character beyond ASCII.
std::string without_controls(std::string plain) {
  constexpr std::string_view suspects = "\x7f\xc2\xe2";
  if (plain.find_first_of(suspects) == std::string::npos) return plain;
  // Such bytes stand within strings only, where an escape means the same.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> separators{
      {{"\x7f", "\\u007f"}, {"\xe2\x80\xa8", "\\u2028"}, {"\xe2\x80\xa9", "\\u2029"}}};
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    std::string_view const rest = std::string_view(plain).substr(i);
    auto const* const found =
        std::find_if(separators.begin(), separators.end(),
                     [&](auto const& separator) { return rest.starts_with(separator.first); });
    if (found != separators.end()) {
      text += found->second;
      i += found->first.size() - 1;
    } else if (rest.size() > 1 && rest[0] == '\xc2' && static_cast<unsigned char>(rest[1]) < 0xa0) {
      auto const code = static_cast<unsigned char>(rest[1]);
      text += {'\\', 'u', '0', '0', digits[code >> 4U], digits[code & 15U]};
      ++i;
    } else {
      text += plain[i];
    }
  }
  return text;
}

}  // namespace

std::string table_line(std::vector<Column> const& columns, std::vector<std::string> const& cells) {
  std::string line;
  std::size_t gap = 0;  // blanks between the columns that were not written yet
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto const text = shown(i < cells.size() ? std::string_view(cells[i]) : std::string_view{});
    auto const width = width_of(text);
    auto const rest = columns[i].width > width ? columns[i].width - width : 0;
    if (columns[i].align == Align::right) gap += rest;
    if (!text.empty()) line.append(std::exchange(gap, 0), ' ') += text;
    if (columns[i].align == Align::left) gap += rest;
    gap += 2;
  }
  return line += '\n';
}

void Table::print(Context& context, std::size_t indent) const {
  auto columns = columns_;
  std::vector<std::string> names;
  for (auto& column : columns) {
    column.width = std::max(column.width, width_of(column.name));
    names.push_back(column.name);
  }
  for (auto const& row : rows_) {
    for (std::size_t i = 0; i < std::min(row.size(), columns.size()); ++i) {
      columns[i].width = std::max(columns[i].width, width_of(row[i]));
    }
  }
  std::string const blanks(indent, ' ');
  auto header = table_line(columns, names);
  header.pop_back();
  context.out.write(blanks + bold(context, header) + "\n");
  for (auto const& row : rows_) context.out.write(blanks + table_line(columns, row));
}

void Table::print_csv(Context& context) const {
  std::vector<std::string> names;
  for (auto const& column : columns_) names.push_back(column.name);
  context.out.write(csv_line(names));
  for (auto row : rows_) {
    row.resize(columns_.size());
    context.out.write(csv_line(row));
  }
}

std::string csv_line(std::vector<std::string> const& cells) {
  std::string line;
  detail::TextBuffer text(line);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text.raw(',');
    text.csv_field(cells[i]);
  }
  text.raw('\n');
  text.commit();
  return line;
}

std::string shown(std::string_view text) {
  return detail::shortened(text, std::numeric_limits<std::size_t>::max());
}

std::string bold(Context const& context, std::string_view text) {
  if (!context.color()) return std::string(text);
  return "\x1b[1m" + std::string(text) + "\x1b[0m";
}

std::string json_text(nlohmann::ordered_json const& json, int indent) {
  return without_controls(
      json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

std::string json_text(nlohmann::json const& json) {
  return without_controls(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace netrun::llm::tool
