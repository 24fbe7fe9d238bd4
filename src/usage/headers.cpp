// SPDX-License-Identifier: MIT
// The head of a response.
#include "usage/headers.hpp"

#include "usage/count_text.hpp"
#include "usage/letters.hpp"

#include <charconv>
#include <system_error>

namespace netrun::llm::detail {
namespace {

[[nodiscard]] std::string_view trim(std::string_view text) noexcept {
  constexpr std::string_view space = " \t\r\n";
  auto const first = text.find_first_not_of(space);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

void set_count(std::optional<std::uint64_t>& count, std::string_view digits) noexcept {
  auto const read = read_count(digits);
  if (read.problem == ReadProblem::none) count = read.value;
}

[[nodiscard]] std::optional<BodyForm> form_of(std::string_view content_type) noexcept {
  auto const type = trim(content_type.substr(0, content_type.find(';')));
  if (same_letters(type, "text/event-stream")) return BodyForm::sse;
  if (same_letters(type, "application/x-ndjson")) return BodyForm::ndjson;
  if (same_letters(type, "application/vnd.amazon.eventstream")) return BodyForm::event_stream;
  if (same_letters(type, "application/json")) return BodyForm::json;
  return std::nullopt;
}

}  // namespace

std::optional<BodyForm> read_header(HeaderFindings& findings, std::string_view name,
                                    std::string_view value) noexcept {
  name = trim(name);
  value = trim(value);
  auto const is = [&](std::string_view known) { return same_letters(name, known); };
  if (is("content-type")) return form_of(value);
  if (is("x-amzn-requestid")) {
    findings.request_id.assign(value);
  } else if (is("request-id") || is("x-request-id") || is("apim-request-id") ||
             is("x-kong-request-id") || is("x-debug-trace-id") || is("x-ds-trace-id")) {
    if (findings.request_id.empty()) findings.request_id.assign(value);
  } else if (is("x-amzn-errortype")) {
    findings.error_type.assign(value);
  } else if (is("x-amzn-bedrock-input-token-count")) {
    set_count(findings.input, value);
  } else if (is("x-amzn-bedrock-output-token-count")) {
    set_count(findings.output, value);
  } else if (is("x-amzn-bedrock-cache-read-input-token-count")) {
    set_count(findings.cache_read, value);
  } else if (is("x-amzn-bedrock-cache-write-input-token-count")) {
    set_count(findings.cache_write, value);
  } else if (is("fireworks-prompt-tokens")) {
    set_count(findings.fireworks_prompt, value);
  } else if (is("fireworks-cached-prompt-tokens")) {
    set_count(findings.fireworks_cached, value);
  } else if (is("x-amzn-bedrock-invocation-latency")) {
    double const ms = read_double(value);
    if (ms >= 0 && ms <= 1e15) findings.latency_ms = ms;
  }
  return std::nullopt;
}

std::optional<int> read_status_line(std::string_view line) noexcept {
  if (!line.starts_with("HTTP/")) return std::nullopt;
  auto const space = line.find(' ');
  if (space == line.npos) return std::nullopt;
  auto const rest = line.substr(space + 1);
  int status = 0;
  auto const [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), status);
  if (error != std::errc{} || status < 100 || status > 599) return std::nullopt;
  return status;
}

}  // namespace netrun::llm::detail
