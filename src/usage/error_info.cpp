// SPDX-License-Identifier: MIT
// The error in a response.
#include "usage/interpret.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

namespace netrun::llm::detail {
namespace {

/// The name for an HTTP status of an error, where the body has none.
[[nodiscard]] std::string_view name_of_status(int status) noexcept {
  switch (status) {
    case 400:
    case 422:
      return "invalid_request";
    case 401:
      return "authentication";
    case 402:
      return "payment";
    case 403:
      return "permission";
    case 404:
      return "not_found";
    case 408:
    case 504:
      return "timeout";
    case 409:
      return "conflict";
    case 413:
      return "too_large";
    case 424:
      return "upstream_model";
    case 429:
      return "rate_limit";
    case 502:
    case 503:
    case 529:
      return "overloaded";
    default:
      return status >= 500 ? "server" : status >= 400 ? "invalid_request" : "error";
  }
}

[[nodiscard]] bool is_word(std::string_view code) noexcept {
  return !code.empty() &&
         !std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// The status that an error has: of an answer that came with 200, the code that it gives itself.
[[nodiscard]] int status_of(int http_status, std::string_view code) noexcept {
  if (http_status >= 400) return http_status;
  int number = 0;
  auto const [end, error] = std::from_chars(code.data(), code.data() + code.size(), number);
  bool const whole = error == std::errc{} && end == code.data() + code.size();
  return whole && number >= 400 && number < 600 ? number : http_status;
}

/// "com.amazon.coral.service#ValidationException" is a ValidationException, and so is
/// "ValidationException:http://...".
[[nodiscard]] std::string_view amazon_name(std::string_view type) noexcept {
  type = type.substr(0, type.find(':'));
  auto const hash = type.rfind('#');
  return hash == type.npos ? type : type.substr(hash + 1);
}

}  // namespace

void interpret_error(Evidence const& evidence, ResponseInfo& info) noexcept {
  auto const& raw = evidence.raw;
  auto const& headers = evidence.headers;
  bool const told = raw.has(Mark::error) || raw.object == "error";
  // A text that would be the message of an error, in a body that has nothing else.
  bool const bare = info.http_status == 0 && raw.given.empty() && !raw.has(Mark::choices) &&
                    (!raw.root_message.empty() || !raw.detail.empty() || !raw.amazon_type.empty());
  if (info.http_status < 400 && !told && !bare) return;
  auto& error = info.error.emplace();
  auto const& code = raw.error_code.empty() ? raw.root_code : raw.error_code;
  error.code = code;
  error.code_is_number =
      raw.error_code.empty() ? raw.has(Mark::root_code_is_number) : raw.has(Mark::code_is_number);
  auto const type = [&]() -> std::string_view {
    for (auto const* text : {&raw.error_type, &raw.error_status, &raw.root_error_type}) {
      if (!text->empty()) return *text;
    }
    if (!raw.root_type.empty()) return raw.root_type;
    if (is_word(code)) return code;
    if (!headers.error_type.empty()) return amazon_name(headers.error_type);
    if (!raw.amazon_type.empty()) return amazon_name(raw.amazon_type);
    return name_of_status(status_of(info.http_status, code));
  }();
  error.type.assign(type.empty() ? "error" : type);
  for (auto const* text : {&raw.error_message, &raw.root_message, &raw.detail}) {
    if (!error.message.empty()) break;
    error.message = *text;
  }
  if (error.message.empty() && !evidence.plain_text.empty()) {
    error.message.assign(evidence.plain_text);
    info.problem = ReadProblem::none;  // a page or a line of text is all that was to come
    info.problem_at.clear();
  }
  error.request_id = raw.request_id.empty() ? headers.request_id : raw.request_id;
}

}  // namespace netrun::llm::detail
