// SPDX-License-Identifier: MIT
// Bodies of responses, read in every way that must come to the same.
#pragma once

#include "support/catch.hpp"
#include "support/event_stream_frames.hpp"
#include "support/pieces.hpp"
#include <netrun/llm/response.hpp>
#include <netrun/llm/response_reader.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm::testing {

/// The counts that are there: "input=12 output=3".
inline std::string text_of(ReportedCounts const& c) {
  std::ostringstream out;
  auto const add = [&](std::string_view name, std::optional<std::uint64_t> count) {
    if (count) out << name << '=' << *count << ' ';
  };
  add("input", c.input_tokens);
  add("output", c.output_tokens);
  add("cache_read", c.cache_read_tokens);
  add("cache_write", c.cache_write_tokens);
  add("cache_write_1h", c.cache_write_1h_tokens);
  add("reasoning", c.reasoning_tokens);
  add("citation", c.citation_tokens);
  add("audio_input", c.audio_input_tokens);
  add("audio_output", c.audio_output_tokens);
  add("cached_audio_input", c.cached_audio_input_tokens);
  add("image_input", c.image_input_tokens);
  add("image_output", c.image_output_tokens);
  add("cached_image_input", c.cached_image_input_tokens);
  add("video_input", c.video_input_tokens);
  add("video_output", c.video_output_tokens);
  add("billed_input", c.billed_input_tokens);
  add("billed_output", c.billed_output_tokens);
  add("tool_use_input", c.tool_use_input_tokens);
  add("web_searches", c.web_searches);
  add("web_fetches", c.web_fetches);
  add("file_searches", c.file_searches);
  add("code_runs", c.code_runs);
  add("search_units", c.search_units);
  return out.str();
}

/// All that a response says, one thing a line.
inline std::string text_of(ResponseInfo const& info) {
  std::ostringstream out;
  out << "api " << to_string(info.api) << "\nform " << to_string(info.form) << "\nstatus "
      << info.http_status << "\ncounts " << text_of(info.counts) << "\nfinal "
      << info.counts_are_final << " from headers " << info.counts_from_headers << "\nmodel "
      << info.model.view() << "\nrequest model " << info.request_model.view() << "\nid "
      << info.response_id.view() << "\nterms " << info.service_tier.view() << ','
      << info.inference_geo.view() << ',' << info.speed.view() << ','
      << info.search_context_size.view() << "\nfinish ";
  for (std::size_t i = 0; i < info.finish_reason_count; ++i) {
    out << info.finish_reasons[i].view() << ',';
  }
  for (auto const amount : {info.reported_cost_usd, info.upstream_cost_usd,
                            info.provider_latency_ms, info.provider_first_byte_ms}) {
    out << "\namount ";
    if (amount) out << *amount;
  }
  if (info.error) {
    out << "\nerror " << info.error->type.view() << ',' << info.error->code.view() << ','
        << info.error->code_is_number << ',' << info.error->message.view() << ','
        << info.error->request_id.view();
  }
  for (std::size_t i = 0; i < info.sub_call_count; ++i) {
    auto const& call = info.sub_calls[i];
    out << "\nsub-call " << call.kind.view() << ',' << call.model.view() << ','
        << text_of(call.counts);
  }
  out << "\ncomplete " << info.complete << "\nproblem " << to_string(info.problem) << " at "
      << info.problem_at.view() << '\n';
  return out.str();
}

/// Feeds a body in pieces of sizes that `size_of_next` gives.
template <class SizeOfNext>
ResponseInfo read_in_pieces(Api api, std::string_view body, ResponseContext const& context,
                            SizeOfNext size_of_next) {
  ResponseReader reader(api);
  if (context.form != BodyForm::automatic) reader.set_form(context.form);
  reader.set_status(context.http_status);
  if (!context.url.empty()) reader.set_url(context.url);
  for (auto const& [name, value] : context.headers) reader.set_header(name, value);
  feed_pieces(body, size_of_next, [&](std::string_view piece) { reader.feed(piece); });
  reader.finish();
  return reader.info();
}

/// Reads a body at once, a byte at a time and cut at random: it must say the same each time.
inline ResponseInfo read(Api api, std::string_view body, ResponseContext const& context = {}) {
  auto const info = read_response(api, body, context);
  auto const whole = text_of(info);
  INFO(body.substr(0, 2'000));
  CHECK(text_of(read_in_pieces(api, body, context, [] { return std::size_t{1}; })) == whole);
  std::mt19937 random(20'260'801);
  for (std::size_t const largest : {std::size_t{3}, std::size_t{40}, std::size_t{400}}) {
    std::uniform_int_distribution<std::size_t> sizes(0, largest);
    CHECK(text_of(read_in_pieces(api, body, context, [&] { return sizes(random); })) == whole);
  }
  return info;
}

inline std::vector<std::string> finish_reasons(ResponseInfo const& info) {
  std::vector<std::string> reasons;
  for (std::size_t i = 0; i < info.finish_reason_count; ++i) {
    reasons.emplace_back(info.finish_reasons[i].view());
  }
  return reasons;
}

using Strings = std::vector<std::string>;

/// How many bytes of a stream it takes until the first token is seen; its size when none is.
inline std::size_t bytes_to_first_token(Api api, std::string_view body) {
  ResponseReader reader(api);
  std::size_t bytes = 0;
  while (bytes < body.size() && !reader.first_token_seen()) reader.feed(body.substr(bytes++, 1));
  return bytes;
}

/// Server-sent events without names.
inline std::string events(std::initializer_list<std::string_view> data) {
  std::string body;
  for (auto const one : data) body.append("data: ").append(one).append("\n\n");
  return body;
}

/// Server-sent events with names, as pairs of name and data.
inline std::string named_events(
    std::initializer_list<std::pair<std::string_view, std::string_view>> list) {
  std::string body;
  for (auto const& [name, data] : list) {
    body.append("event: ").append(name).append("\ndata: ").append(data).append("\n\n");
  }
  return body;
}

/// One document a line.
inline std::string lines(std::initializer_list<std::string_view> documents) {
  std::string body;
  for (auto const document : documents) body.append(document).append("\n");
  return body;
}

inline std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto const three = bytes.substr(i, 3);
    std::string padded(three);
    padded.resize(3);
    auto const number = number_in(padded);
    for (std::size_t d = 0; d < 4; ++d) {
      text += d <= three.size() ? digits[number >> (18 - 6 * d) & 63U] : '=';
    }
  }
  return text;
}

/// A frame of an event of Bedrock's.
inline std::string event_frame(std::string_view type, std::string_view payload) {
  return frame(sized_header(":event-type", type) +
                   sized_header(":content-type", "application/json") +
                   sized_header(":message-type", "event"),
               payload);
}

/// A frame with a piece of a vendor's stream, as InvokeModelWithResponseStream sends it.
inline std::string chunk_frame(std::string_view json) {
  return event_frame("chunk", R"({"bytes":")" + base64(json) + R"(","p":"abcdefghij"})");
}

/// A frame that ends a stream with an error.
inline std::string exception_frame(std::string_view type, std::string_view payload) {
  return frame(sized_header(":exception-type", type) +
                   sized_header(":content-type", "application/json") +
                   sized_header(":message-type", "exception"),
               payload);
}

}  // namespace netrun::llm::testing

namespace Catch {

template <>
struct StringMaker<netrun::llm::ReportedCounts> {
  static std::string convert(netrun::llm::ReportedCounts const& counts) {
    return netrun::llm::testing::text_of(counts);
  }
};

}  // namespace Catch
