// SPDX-License-Identifier: MIT
// What JsonLinesWriter and CsvWriter have in common.
#pragma once

#include "json/line_file.hpp"

#include <mutex>
#include <span>
#include <string>
#include <utility>

namespace netrun::llm::detail {

/// Makes records of calls and appends them, a few megabytes at a time. `append(text, call)` appends
/// the record of a call to a text. Stops at the first failure; `written` counts over all calls.
template <class Call, class Append>
LineFile::Result append_calls(LineFile& file, LineBatch& batch, std::span<Call const> calls,
                              Append append) {
  constexpr std::size_t most_bytes = std::size_t{4} << 20;
  LineFile::Result all;
  for (std::size_t next = 0; next < calls.size() && !all.error;) {
    batch.clear();
    while (next < calls.size() && batch.text.size() < most_bytes) {
      append(batch.text, calls[next++]);
      batch.ends.push_back(batch.text.size());
    }
    auto const result = file.append(batch);
    all = {all.written + result.written, result.error, result.doing};
  }
  return all;
}

/// Thread safety: any number of threads.
class LineWriter {
 public:
  LineWriter(std::string path, LineFileOptions options, LineKind kind, std::string header)
      : policy_(options.sync), file_(std::move(path), options, kind, std::move(header)) {}

  template <class Call, class Append>
  void write(std::span<Call const> calls, Append append) {
    std::lock_guard const lock(mutex_);
    LineFile::Result result{.error = std::make_error_code(std::errc::bad_file_descriptor),
                            .doing = "write to the closed"};
    if (!closed_) result = append_calls(file_, batch_, calls, append);
    if (result.error) throw file_.error(result);
  }
  void flush() {
    std::lock_guard const lock(mutex_);
    if (closed_) return;
    sync();
  }
  void close() {
    std::lock_guard const lock(mutex_);
    if (std::exchange(closed_, true)) return;
    if (policy_ != SyncPolicy::never) sync();
    file_.close();
  }

 private:
  void sync() {
    if (auto const problem = file_.sync()) {
      throw file_.error({.error = problem, .doing = "make safe"});
    }
  }

  std::mutex mutex_;
  SyncPolicy policy_;
  LineFile file_;
  LineBatch batch_;
  bool closed_ = false;
};

}  // namespace netrun::llm::detail
