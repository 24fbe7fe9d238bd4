// SPDX-License-Identifier: MIT
// Rows and columns for people and as CSV; JSON as text.
#pragma once

#include "tool/context.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace netrun::llm::tool {

enum class Align : std::uint8_t { left, right };

struct Column {
  std::string name{};
  Align align = Align::left;
  /// Width that is kept free at least, in characters.
  std::size_t width = 0;
};

/// Rows that are kept until they are printed, so that columns are as wide as they need to be.
class Table {
 public:
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// One cell for each column; cells that are missing at the end are empty.
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

  /// Prints in columns, the names of the columns in bold, `indent` blanks before each line.
  void print(Context& context, std::size_t indent = 0) const;
  /// Prints as CSV with a header.
  void print_csv(Context& context) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

/// `cells` in the widths that the columns name, as one line with its '\n'. For rows that cannot
/// wait for each other; what is longer than its column pushes the rest aside.
[[nodiscard]] std::string table_line(std::vector<Column> const& columns,
                                     std::vector<std::string> const& cells);

/// `cells` as one line of CSV (RFC 4180), which here ends with '\n'.
[[nodiscard]] std::string csv_line(std::vector<std::string> const& cells);

/// `text` as a terminal may show it: blanks for what it would obey.
[[nodiscard]] std::string shown(std::string_view text);

/// `text` in bold when `context` allows it.
[[nodiscard]] std::string bold(Context const& context, std::string_view text);

/// One line without its end, UTF-8 whatever the texts are. No terminal obeys it: control characters
/// beyond ASCII are escaped as well. indent < 0: on one line.
[[nodiscard]] std::string json_text(nlohmann::ordered_json const& json, int indent = -1);
[[nodiscard]] std::string json_text(nlohmann::json const& json);

}  // namespace netrun::llm::tool
