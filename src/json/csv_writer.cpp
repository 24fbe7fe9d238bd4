// SPDX-License-Identifier: MIT
// Files of comma-separated values, written.
#include "json/line_writer.hpp"
#include <netrun/llm/csv.hpp>

#include <utility>

namespace netrun::llm {
namespace {

constexpr auto append = [](std::string& out, auto const& call) { append_csv_row(out, call); };

}  // namespace

CsvWriter::CsvWriter(std::string path, LineFileOptions options)
    : writer_(std::make_unique<detail::LineWriter>(std::move(path), options, detail::LineKind::csv,
                                                   csv_header())) {}
CsvWriter::CsvWriter(CsvWriter&&) noexcept = default;
CsvWriter& CsvWriter::operator=(CsvWriter&&) noexcept = default;
CsvWriter::~CsvWriter() = default;

void CsvWriter::write(LLMRequestMetrics const& call) {
  writer_->write(std::span<LLMRequestMetrics const>(&call, 1), append);
}
void CsvWriter::write(LLMRequestView const& call) {
  writer_->write(std::span<LLMRequestView const>(&call, 1), append);
}
void CsvWriter::write(std::span<LLMRequestMetrics const> calls) { writer_->write(calls, append); }
void CsvWriter::write(std::span<LLMRequestView const> calls) { writer_->write(calls, append); }

void CsvWriter::flush() { writer_->flush(); }
void CsvWriter::close() { writer_->close(); }

}  // namespace netrun::llm
