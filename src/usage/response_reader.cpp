// SPDX-License-Identifier: MIT
// ResponseReader: bytes in, findings to a tracker.
#include "usage/apply.hpp"
#include "usage/body_reader.hpp"
#include "usage/headers.hpp"
#include "usage/interpret.hpp"
#include <netrun/llm/response_reader.hpp>

#include <exception>
#include <memory>
#include <new>

namespace netrun::llm {

struct ResponseReader::State {
  detail::BodyReader body{};
  detail::HeaderFindings headers{};
  RequestTracker* tracker = nullptr;
  Api api = Api::automatic;
  int http_status = 0;
  int uncaught_exceptions = 0;
  bool form_is_given = false, finished = false;
  std::uint64_t content_marks = 0;
  detail::Timing timing{};
  FixedText<255> request_model{};

  void set_header(std::string_view name, std::string_view value) noexcept {
    auto const form = detail::read_header(headers, name, value);
    if (form && !form_is_given) body.set_form(*form);
  }
  [[nodiscard]] ResponseInfo info() const noexcept;
  void close(detail::Ending ending, NameView type, NameView message) noexcept;
};

ResponseReader::State& ResponseReader::state() noexcept {
  return *std::launder(reinterpret_cast<State*>(state_));
}
ResponseReader::State const& ResponseReader::state() const noexcept {
  return *std::launder(reinterpret_cast<State const*>(state_));
}

ResponseReader::ResponseReader(Api api) noexcept {
  static_assert(sizeof(State) <= sizeof state_ && alignof(State) <= alignof(std::max_align_t));
  ::new (static_cast<void*>(state_)) State;
  state().api = api;
  state().uncaught_exceptions = std::uncaught_exceptions();
}

ResponseReader::ResponseReader(RequestTracker& tracker, Api api) noexcept : ResponseReader(api) {
  state().tracker = &tracker;
}

ResponseReader::~ResponseReader() {
  auto& s = state();
  // An exception that is passing says more than that the stream was left: the tracker records it.
  bool const thrown = std::uncaught_exceptions() > s.uncaught_exceptions;
  s.close(thrown ? detail::Ending::thrown : detail::Ending::abandoned, {}, {});
  std::destroy_at(&s);
}

void ResponseReader::set_form(BodyForm form) noexcept {
  state().body.set_form(form);
  state().form_is_given = form != BodyForm::automatic;
}

void ResponseReader::set_url(NameView url) noexcept {
  auto& s = state();
  if (s.api == Api::automatic) s.api = guess_api(url);
  std::array<char, 256> buffer;
  s.request_model.assign(model_in_url(url, buffer));
}

void ResponseReader::set_status(int http_status) noexcept {
  if (!state().finished) state().http_status = http_status;
}

void ResponseReader::set_header(NameView name, NameView value) noexcept {
  state().set_header(name, value);
}

void ResponseReader::feed_header_line(std::string_view line) noexcept {
  auto& s = state();
  if (auto const status = detail::read_status_line(line)) {
    s.http_status = *status;
    s.headers = {};
    return;
  }
  auto const colon = line.find(':');
  if (colon != line.npos) s.set_header(line.substr(0, colon), line.substr(colon + 1));
}

void ResponseReader::feed(std::string_view bytes) noexcept {
  auto& s = state();
  if (s.finished) return;
  s.body.feed(bytes);
  auto const marks = s.body.findings().content_marks();
  if (marks == s.content_marks || s.tracker == nullptr) return;
  s.content_marks = marks;
  auto const now = s.tracker->elapsed();
  if (!s.timing.first) s.timing.first = now;
  s.timing.last = now;
}

void ResponseReader::finish() noexcept { state().close(detail::Ending::over, {}, {}); }

void ResponseReader::fail(NameView type, NameView message) noexcept {
  state().close(detail::Ending::failed, type, message);
}

void ResponseReader::State::close(detail::Ending ending, NameView type, NameView message) noexcept {
  if (finished) return;
  finished = true;
  body.end();
  if (tracker == nullptr) return;
  timing.reasoning_seen = body.findings().reasoning_seen();
  detail::apply(*tracker, info(), timing, body.streaming(), {ending, type, message});
}

ResponseInfo ResponseReader::info() const noexcept { return state().info(); }

ResponseInfo ResponseReader::State::info() const noexcept {
  ResponseInfo info;
  info.api = api;
  info.http_status = http_status;
  info.form = body.form();
  info.request_model = request_model;
  info.problem = body.findings().problem();
  info.problem_at = body.findings().problem_at();
  // A refusal without a body is one all the same.
  if (info.problem == ReadProblem::empty && http_status >= 400) info.problem = ReadProblem::none;
  detail::interpret({body.findings().raw(), body.findings().sub_calls(), headers, body.streaming(),
                     body.ended_inside(), body.plain_text()},
                    info);
  return info;
}

bool ResponseReader::first_token_seen() const noexcept {
  return state().body.findings().content_marks() != 0;
}

namespace {

void set_context(ResponseReader& reader, ResponseContext const& context) noexcept {
  if (context.form != BodyForm::automatic) reader.set_form(context.form);
  if (context.http_status != 0) reader.set_status(context.http_status);
  if (!context.url.empty()) reader.set_url(context.url);
  for (auto const& [name, value] : context.headers) reader.set_header(name, value);
}

ResponseInfo read_whole(ResponseReader& reader, std::string_view body,
                        ResponseContext const& context) noexcept {
  set_context(reader, context);
  reader.feed(body);
  reader.finish();
  return reader.info();
}

}  // namespace

ResponseInfo read_response(Api api, std::string_view body,
                           ResponseContext const& context) noexcept {
  ResponseReader reader(api);
  return read_whole(reader, body, context);
}

ResponseInfo record_response(RequestTracker& tracker, Api api, std::string_view body,
                             ResponseContext const& context) noexcept {
  ResponseReader reader(api);
  auto info = read_whole(reader, body, context);
  detail::apply(tracker, info, {}, false, {});
  return info;
}

}  // namespace netrun::llm
