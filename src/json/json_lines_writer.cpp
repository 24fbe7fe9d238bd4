// SPDX-License-Identifier: MIT
// Files of JSON lines, written.
#include "json/line_writer.hpp"
#include <netrun/llm/json_lines.hpp>

#include <utility>

namespace netrun::llm {
namespace {

constexpr auto append = [](std::string& out, auto const& call) { append_json_line(out, call); };

}  // namespace

JsonLinesWriter::JsonLinesWriter(std::string path, LineFileOptions options)
    : writer_(std::make_unique<detail::LineWriter>(std::move(path), options, detail::LineKind::json,
                                                   std::string())) {}
JsonLinesWriter::JsonLinesWriter(JsonLinesWriter&&) noexcept = default;
JsonLinesWriter& JsonLinesWriter::operator=(JsonLinesWriter&&) noexcept = default;
JsonLinesWriter::~JsonLinesWriter() = default;

void JsonLinesWriter::write(LLMRequestMetrics const& call) {
  writer_->write(std::span<LLMRequestMetrics const>(&call, 1), append);
}
void JsonLinesWriter::write(LLMRequestView const& call) {
  writer_->write(std::span<LLMRequestView const>(&call, 1), append);
}
void JsonLinesWriter::write(std::span<LLMRequestMetrics const> calls) {
  writer_->write(calls, append);
}
void JsonLinesWriter::write(std::span<LLMRequestView const> calls) {
  writer_->write(calls, append);
}

void JsonLinesWriter::flush() { writer_->flush(); }
void JsonLinesWriter::close() { writer_->close(); }

}  // namespace netrun::llm
