// SPDX-License-Identifier: MIT
// How bodies may be written: line ends, marks, comments, repeated objects, damaged frames.
#include "support/response_samples.hpp"

#include <string>
#include <string_view>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

/// `text` with each `what` replaced.
std::string replaced(std::string_view text, std::string_view what, std::string_view with) {
  std::string result;
  for (;;) {
    auto const at = text.find(what);
    result.append(text.substr(0, at));
    if (at == text.npos) return result;
    result.append(with);
    text.remove_prefix(at + what.size());
  }
}

bool is_events(std::string_view body) {
  return body.starts_with("data:") || body.starts_with("event:") || body.starts_with(":");
}

bool is_binary(std::string_view body) { return body.front() == '\0'; }

/// The same but for form and places.
void check_same(Api api, std::string_view body, std::string_view plain) {
  auto const info = read(api, body), expected = read_response(api, plain);
  INFO(body.substr(0, 300));
  CHECK(info.counts == expected.counts);
  CHECK(finish_reasons(info) == finish_reasons(expected));
  CHECK(info.model.view() == expected.model.view());
  CHECK(info.complete == expected.complete);
  CHECK(info.problem == expected.problem);
}

}  // namespace

TEST_CASE("forms: line ends may be LF, CR LF or CR") {
  for (auto const& [api, body] : response_samples()) {
    if (is_binary(body)) continue;
    check_same(api, replaced(replaced(body, "\r\n", "\n"), "\n", "\r\n"), body);
    if (is_events(body)) check_same(api, replaced(body, "\n", "\r"), body);
  }
}

TEST_CASE("forms: a byte order mark and white space in front are passed over") {
  for (auto const& [api, body] : response_samples()) {
    if (is_binary(body)) continue;
    check_same(api, "\xEF\xBB\xBF" + body, body);
    if (!is_events(body)) check_same(api, " \r\n\t" + body, body);
    if (is_events(body)) check_same(api, "\n\n" + body, body);
  }
}

TEST_CASE("forms: events may have comments, other fields and no space after the colon") {
  for (auto const& [api, body] : response_samples()) {
    if (!is_events(body)) continue;
    check_same(api, replaced(body, "data: ", "data:"), body);
    check_same(api, replaced(body, "\n\n", "\n\n: keep-alive\n\n"), body);
    check_same(api, replaced(body, "\n\n", "\n: in between\n\n\n\n:\n"), body);
    check_same(api, replaced(body, "data: ", "id: 7\nretry: 100\nother: {\ndata: "), body);
    check_same(api, body.substr(0, body.size() - 2), body);  // no blank line at the end
    check_same(api, body.substr(0, body.size() - 1), body);
  }
}

TEST_CASE("forms: the data of an event may go over several lines") {
  for (auto const& [api, body] : response_samples()) {
    if (!is_events(body)) continue;
    check_same(api, replaced(body, R"(,")", "\ndata: ,\""), body);
  }
}

TEST_CASE("forms: one document a line may have empty lines, and none at the end") {
  for (auto const& [api, body] : response_samples()) {
    if (api != Api::ollama_chat || body.back() != '\n') continue;
    check_same(api, replaced(body, "\n", "\n\n \n"), body);
    check_same(api, body.substr(0, body.size() - 1), body);
  }
}

TEST_CASE("forms: a document may be written over many lines") {
  for (auto const& [api, body] : response_samples()) {
    if (body.front() != '{' || body.back() == '\n') continue;
    check_same(api, replaced(replaced(body, R"(,")", ",\n  \""), R"(":)", "\" :\t"), body);
    check_same(api, body + "\n", body);
    check_same(api, body + "\r\n\r\n", body);
  }
}

TEST_CASE("forms: usage that comes twice in a document replaces, and is not added") {
  auto const chat = read(
      Api::openai_chat,
      R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":{)"
      R"("cached_tokens":3}},"usage":{"prompt_tokens":7,"completion_tokens":8}})");
  CHECK(chat.counts == ReportedCounts{.input_tokens = 7, .output_tokens = 8});
  auto const gemini = read(
      Api::gemini_generate,
      R"({"candidates":[{"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":500,)"
      R"("candidatesTokenCount":6,"thoughtsTokenCount":9,"promptTokensDetails":[{"modality":)"
      R"("IMAGE","tokenCount":258}]},"usageMetadata":{"promptTokenCount":400,)"
      R"("candidatesTokenCount":7,"promptTokensDetails":[{"modality":"IMAGE","tokenCount":258}]}})");
  CHECK(gemini.counts ==
        ReportedCounts{.input_tokens = 400, .output_tokens = 7, .image_input_tokens = 258});
  auto const claude = read(
      Api::anthropic_messages,
      R"({"type":"message","stop_reason":"end_turn","usage":{"input_tokens":5,"output_tokens":6,)"
      R"("cache_read_input_tokens":100},"usage":{"input_tokens":7,"output_tokens":8}})");
  CHECK(claude.counts == ReportedCounts{.input_tokens = 7, .output_tokens = 8});
  auto const converse =
      read(Api::bedrock_converse,
           R"({"stopReason":"end_turn","usage":{"inputTokens":5,"outputTokens":6,)"
           R"("cacheReadInputTokens":9},"usage":{"inputTokens":7,"outputTokens":8}})");
  CHECK(converse.counts == ReportedCounts{.input_tokens = 7, .output_tokens = 8});
}

TEST_CASE("forms: a count that comes twice in one object is its last") {
  auto const info =
      read(Api::openai_chat,
           R"({"choices":[],"usage":{"prompt_tokens":5,"prompt_tokens":9,"completion_tokens":6}})");
  CHECK(info.counts == ReportedCounts{.input_tokens = 9, .output_tokens = 6});
}

TEST_CASE("forms: usage that comes in two events replaces, and is not added") {
  auto const info = read(
      Api::openai_chat,
      events({R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{)"
              R"("prompt_tokens":5,"completion_tokens":6,"prompt_tokens_details":{)"
              R"("cached_tokens":4}}})",
              R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}})", "[DONE]"}));
  CHECK(info.counts == ReportedCounts{.input_tokens = 5, .output_tokens = 7});
  auto const frame = event_frame("metadata", R"({"usage":{"inputTokens":3,"outputTokens":4}})");
  auto const twice = read(Api::bedrock_converse_stream, frame + frame);
  CHECK(twice.counts == ReportedCounts{.input_tokens = 3, .output_tokens = 4});
}

TEST_CASE("forms: an event that is broken is left out and named, those after it are read") {
  auto const info = read(
      Api::openai_chat,
      events({R"({"choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":99,)",
              R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})",
              R"({"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":7}})", "[DONE]"}));
  CHECK(info.counts == ReportedCounts{.input_tokens = 5, .output_tokens = 7});
  CHECK(info.problem == ReadProblem::malformed);
  CHECK(info.problem_at == "event 1");
}

TEST_CASE("forms: a frame with any byte changed gives its counts to nobody") {
  auto const start = event_frame("messageStart", R"({"role":"assistant"})");
  auto const last = event_frame("metadata", R"({"usage":{"inputTokens":31,"outputTokens":42}})");
  for (std::size_t i = 0; i < last.size(); ++i) {
    auto spoiled = last;
    spoiled[i] = static_cast<char>(spoiled[i] ^ 0x10);
    auto const info = read_response(Api::bedrock_converse_stream, start + spoiled);
    INFO("byte " << i << ": " << text_of(info));
    CHECK(info.counts == ReportedCounts{});
    CHECK(info.problem != ReadProblem::none);
    CHECK_FALSE(info.complete);
  }
}

TEST_CASE("forms: a chunk that is no base64, or no JSON in it, is named") {
  for (std::string_view const payload :
       {R"({"bytes":"????"})", R"({"bytes":"eyJ4Ijo"})", R"({"bytes":"bm90IGpzb24="})"}) {
    auto const info = read(Api::bedrock_invoke_stream, event_frame("chunk", payload));
    CHECK(info.counts == ReportedCounts{});
    CHECK(info.problem == ReadProblem::malformed);
  }
}

TEST_CASE("forms: what was said of the form does not stand against what is there") {
  for (auto const& [api, body] : response_samples()) {
    if (is_binary(body)) continue;
    auto const expected = read_response(api, body);
    for (auto const form : {BodyForm::json, BodyForm::sse, BodyForm::event_stream}) {
      auto const info = read(api, body, {.form = form});
      CHECK(info.counts == expected.counts);
      CHECK(info.problem == ReadProblem::none);
    }
  }
}

TEST_CASE("forms: nothing at all is named") {
  for (std::string_view const body : {"", " ", "\r\n\r\n", "\xEF\xBB\xBF"}) {
    auto const info = read(Api::openai_chat, body);
    CHECK(info.problem == ReadProblem::empty);
    CHECK_FALSE(info.complete);
  }
}
