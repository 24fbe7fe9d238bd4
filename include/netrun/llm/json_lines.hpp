// SPDX-License-Identifier: MIT
// Calls in files with one JSON object a line: written, exported and read.
#pragma once

#include <netrun/llm/exporter.hpp>
#include <netrun/llm/line_file.hpp>
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/request_view.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace netrun::llm {

namespace detail {
class LineReader;
class LineWriter;
}  // namespace detail

/// Appends `call` as one line with its '\n': the object that to_json() makes, whatever the texts
/// hold. Throws std::bad_alloc, and then leaves `out` as it was. Less than a microsecond.
void append_json_line(std::string& out, LLMRequestMetrics const& call);
void append_json_line(std::string& out, LLMRequestView const& call);

/// Appends calls to a file, one line each.
///
/// Promise: a line is in the file, whole, when write() returns. When a write fails half-way (a full
/// disk), the part of a line that got out is closed off by a newline before anything follows it,
/// and readers skip it; so is what a crash left at the end of an existing file.
///
/// Errors: LineFileError, from the constructor too (the directory must exist). After one, further
/// writes may be tried.
/// Thread safety: all functions may be called by several threads at once, but for moving.
///
/// Example:
///   JsonLinesWriter file("calls.jsonl", {.max_bytes = 100'000'000, .max_files = 10});
///   file.write(call);
class JsonLinesWriter {
 public:
  explicit JsonLinesWriter(std::string path, LineFileOptions options = {});
  JsonLinesWriter(JsonLinesWriter&&) noexcept;
  JsonLinesWriter& operator=(JsonLinesWriter&&) noexcept;
  /// close(), without the error.
  ~JsonLinesWriter();

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

/// An exporter that appends calls to a file, one line each, as JsonLinesWriter does.
///
/// A full disk, or any other failure, asks for those calls again that are not in the file. Flushing
/// makes the file safe; in the child of a fork it is opened anew. Throws LineFileError when the
/// file cannot be opened.
[[nodiscard]] std::unique_ptr<Exporter> make_json_lines_exporter(std::string path,
                                                                 LineFileOptions options = {});

struct JsonLinesReaderOptions {
  /// Longest line, in bytes, that is taken; longer ones are malformed. At least 1. Writers have no
  /// such limit: calls with longer texts need a larger one.
  std::size_t max_line_bytes = 1'048'576;
  /// Most malformed lines that are described by errors(); all are counted.
  std::size_t max_errors = 100;
};

/// Reads calls from a file with one JSON object a line, in memory that does not depend on its size.
///
/// A line counts when its '\n' is there. What is not a call is skipped and described. Blank lines,
/// CRLF and a byte order mark at the start are accepted. The reader stays with the file that it has
/// opened when that is renamed; when it is cut to less than what was read, reading begins anew.
///
/// Errors: std::system_error when the file cannot be opened or read.
/// Thread safety: one thread at a time.
///
/// Example:
///   JsonLinesReader file("calls.jsonl");
///   while (auto call = file.next()) total += call->exact_cost.value_or(Usd{});
///   if (file.malformed() > 0) std::puts(file.errors().front().reason.c_str());
class JsonLinesReader {
 public:
  /// A line that is not a call.
  struct Error {
    std::uint64_t line = 0;  ///< From 1.
    std::string reason{};
    std::string text{};  ///< The start of the line, fit for a terminal.
  };

  explicit JsonLinesReader(std::string path, JsonLinesReaderOptions options = {});
  JsonLinesReader(JsonLinesReader&&) noexcept;
  JsonLinesReader& operator=(JsonLinesReader&&) noexcept;
  ~JsonLinesReader();

  /// The next call; absent at the end of the file. May be called again after that: it goes on when
  /// the file has grown, and then reads whole the line that was torn.
  [[nodiscard]] std::optional<LLMRequestMetrics> next();

  /// Number of the line that next() has read last, from 1; 0 before the first.
  [[nodiscard]] std::uint64_t line() const noexcept;
  /// True when, at the end that next() came to, the file has a line without '\n'.
  [[nodiscard]] bool torn_tail() const noexcept;
  /// Lines that were skipped because they are not calls.
  [[nodiscard]] std::uint64_t malformed() const noexcept;
  /// The first of them.
  [[nodiscard]] std::vector<Error> const& errors() const noexcept;

 private:
  std::unique_ptr<detail::LineReader> reader_;
};

}  // namespace netrun::llm
