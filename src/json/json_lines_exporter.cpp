// SPDX-License-Identifier: MIT
// The exporter that appends calls to a file.
#include "json/line_writer.hpp"
#include <netrun/llm/json_lines.hpp>

#include <numeric>
#include <utility>

namespace netrun::llm {
namespace {

class JsonLinesExporter final : public Exporter {
 public:
  JsonLinesExporter(std::string path, LineFileOptions options)
      : file_(std::move(path), options, detail::LineKind::json, {}) {}

  [[nodiscard]] std::string name() const override { return "json_lines " + file_.path(); }

  [[nodiscard]] ExportResult export_batch(ExportBatch const& batch) override {
    auto const result = detail::append_calls(
        file_, lines_, batch.calls(),
        [](std::string& out, LLMRequestView const& call) { append_json_line(out, call); });
    if (!result.error) return ExportResult::delivered();
    if (result.written == batch.size()) {
      // All of it is in the file, but not safe: flush() says so until it is.
      ExportResult delivered;
      delivered.reason = file_.error(result).what();
      return delivered;
    }
    auto retry = ExportResult::retry(file_.error(result).what());
    retry.retry_indexes.resize(batch.size() - result.written);
    std::iota(retry.retry_indexes.begin(), retry.retry_indexes.end(), result.written);
    return retry;
  }
  bool flush(Deadline) override { return !file_.sync(); }
  void shutdown(Deadline) override {
    file_.sync();
    file_.close();
  }
  void after_fork() override {
    // The fork may have happened while these were being filled.
    lines_.clear();
    file_.reopen_after_fork();
  }

 private:
  detail::LineFile file_;
  detail::LineBatch lines_;
};

}  // namespace

std::unique_ptr<Exporter> make_json_lines_exporter(std::string path, LineFileOptions options) {
  return std::make_unique<JsonLinesExporter>(std::move(path), options);
}

}  // namespace netrun::llm
