// SPDX-License-Identifier: MIT
// Calls as comma-separated values.
#pragma once

#include <netrun/llm/line_file.hpp>
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/request_view.hpp>

#include <memory>
#include <span>
#include <string>

namespace netrun::llm {

namespace detail {
class LineWriter;
}  // namespace detail

/// The line of column names, with its '\n': those of the JSON form, in the same order, `tags` last.
[[nodiscard]] std::string const& csv_header();

/// Appends `call` as one row with its '\n'.
///
/// Values are written as in JSON; texts in quotes where RFC 4180 demands them, so a text with a
/// line feed makes a row of two lines. Absent is empty, and an optional text that is there but
/// empty is "". Tags are the text of a JSON object. What a spreadsheet may take for a formula is
/// written as it is: data that come from strangers are to be imported as text.
///
/// Throws std::bad_alloc, and then leaves `out` as it was.
void append_csv_row(std::string& out, LLMRequestMetrics const& call);
void append_csv_row(std::string& out, LLMRequestView const& call);

/// Appends calls to a file, one row each, below a header line that each new file begins with.
///
/// Promise, errors and thread safety: those of JsonLinesWriter. A row that got out only in part is
/// ended by a closing quote, if it needs one, and a newline; it has too few columns, or tags that
/// are no JSON. When an existing file is opened it is read once, to learn how it ends. One that
/// begins with another line than the header (other columns, or a header that was torn) is put
/// aside, as by a rotation, and a new one begun.
///
/// Example:
///   CsvWriter file("calls.csv");
///   file.write(call);
class CsvWriter {
 public:
  explicit CsvWriter(std::string path, LineFileOptions options = {});
  CsvWriter(CsvWriter&&) noexcept;
  CsvWriter& operator=(CsvWriter&&) noexcept;
  /// close(), without the error.
  ~CsvWriter();

  void write(LLMRequestMetrics const& call);
  void write(LLMRequestView const& call);
  /// All of them, with one system call for every few megabytes.
  void write(std::span<LLMRequestMetrics const> calls);
  void write(std::span<LLMRequestView const> calls);

  /// Returns when all that was written is safe against a crash of the system.
  void flush();
  /// flush(), unless the policy is `never`; what is written after this fails. Idempotent.
  void close();

 private:
  std::unique_ptr<detail::LineWriter> writer_;
};

}  // namespace netrun::llm
