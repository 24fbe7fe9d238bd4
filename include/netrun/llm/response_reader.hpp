// SPDX-License-Identifier: MIT
// From the bytes of a response to the record of its call.
#pragma once

#include <netrun/llm/api.hpp>
#include <netrun/llm/name_view.hpp>
#include <netrun/llm/response.hpp>
#include <netrun/llm/tracker.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace netrun::llm {

/// Reads a response while it arrives, in pieces of any size, and tells a tracker what it says:
/// tokens, model served, service tier, reported cost, finish reason, the provider's id, error, time
/// to the first token and time per output token; calls that are billed beside it become records of
/// their own. Takes 24 KB whatever comes, in itself, and keeps no content.
///
/// Without a tracker it only reads: see info().
///
/// Nothing here throws, allocates, makes a system call other than reading the clock, or waits.
///
/// Thread safety: one thread at a time.
/// Lifetime: the tracker must stay where it is until finish() or the end of the reader, which
/// finishes what is not finished (a stream that the caller gave up: it counts as cut).
///
/// Example:
///   auto tracker = collector.track_request("openai", "gpt-4o", "acme");
///   ResponseReader reader(tracker, Api::openai_chat);
///   client.post(request, [&](std::string_view piece) { reader.feed(piece); });
///   reader.finish();
class ResponseReader {
 public:
  explicit ResponseReader(Api api = Api::automatic) noexcept;
  explicit ResponseReader(RequestTracker& tracker, Api api = Api::automatic) noexcept;
  ResponseReader(ResponseReader const&) = delete;
  ResponseReader& operator=(ResponseReader const&) = delete;
  ~ResponseReader();

  /// The form of the body; without it the first bytes tell. Before the first feed().
  void set_form(BodyForm form) noexcept;
  /// The address that the request went to: says which interface it is, and for some the model.
  void set_url(NameView url) noexcept;
  void set_status(int http_status) noexcept;
  /// A header of the response; names in any case. Most are ignored.
  void set_header(NameView name, NameView value) noexcept;
  /// A line of the head of a response, as clients such as libcurl give it out: a status line (which
  /// begins anew: redirects, "100 Continue") or "Name: value", with or without a line end.
  void feed_header_line(std::string_view line) noexcept;

  /// The next bytes of the body.
  void feed(std::string_view bytes) noexcept;
  /// The body is over: tells the tracker. Idempotent. Does not finish the tracker.
  void finish() noexcept;
  /// The connection broke: as finish(), and the call is a failure of this type ("timeout",
  /// "connection") unless the response itself has an error.
  void fail(NameView type, NameView message = {}) noexcept;

  /// What is known so far; all of it after finish().
  [[nodiscard]] ResponseInfo info() const noexcept;
  /// True when the first content or reasoning was seen.
  [[nodiscard]] bool first_token_seen() const noexcept;

 private:
  struct State;
  [[nodiscard]] State& state() noexcept;
  [[nodiscard]] State const& state() const noexcept;

  alignas(std::max_align_t) std::byte state_[24'576];
};

/// Reads the whole body of a response and tells the tracker what it says: the one line after a
/// call. Returns what was read, for those who want more. Does not finish the tracker.
///
/// Example:
///   auto tracker = collector.track_request("anthropic", "claude-sonnet-4-5");
///   auto const response = client.post(request);
///   record_response(tracker, Api::anthropic_messages, response.body, {.http_status = 200});
ResponseInfo record_response(RequestTracker& tracker, Api api, std::string_view body,
                             ResponseContext const& context = {}) noexcept;

}  // namespace netrun::llm
