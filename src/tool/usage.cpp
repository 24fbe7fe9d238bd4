// SPDX-License-Identifier: MIT
// `usage`: what the response of a provider says.
#include "json/text.hpp"
#include "tool/byte_source.hpp"
#include "tool/command.hpp"
#include "tool/commands.hpp"
#include "tool/usage_json.hpp"
#include <netrun/llm/response_reader.hpp>

#include <charconv>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

namespace netrun::llm::tool {
namespace {

constexpr auto examples =
    "  netrun-llm usage --api openai.chat response.json\n"
    "  netrun-llm usage --api anthropic.messages --form sse stream.txt\n"
    "  netrun-llm usage --api bedrock.converse_stream --form eventstream frames.bin\n"
    "  curl -s $URL -d @request.json | netrun-llm usage --url $URL -";

struct UsageOptions {
  std::string api = "auto";
  std::string form{}, status{}, url{}, file{};
  std::vector<std::string> headers{};
};

struct Header {
  std::string_view name, value;
};

Api api_of(std::string const& name) {
  if (auto const api = parse_api(name)) return *api;
  std::string names;
  for (std::size_t i = 0; i < api_count; ++i) {
    if (i > 0) names += ", ";
    names += to_string(static_cast<Api>(i));
  }
  throw UsageError("--api: \"" + detail::shortened(name) + "\" is not one of " + names);
}

BodyForm form_of(std::string const& name) {
  if (name.empty()) return BodyForm::automatic;
  if (auto const form = parse_body_form(name)) return *form;
  throw UsageError("--form: \"" + detail::shortened(name) +
                   "\" is not one of json, sse, ndjson, eventstream, error");
}

/// 0 when there is none.
int status_of(std::string const& text) {
  if (text.empty()) return 0;
  constexpr int lowest = 100;
  constexpr int highest = 599;
  int status = 0;
  auto const* const end = text.data() + text.size();
  auto const [stop, error] = std::from_chars(text.data(), end, status);
  if (error == std::errc{} && stop == end && status >= lowest && status <= highest) return status;
  throw UsageError("--status: \"" + detail::shortened(text) +
                   "\" is not a status of HTTP, a number from 100 to 599");
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  auto const first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

Header header_of(std::string_view text) {
  auto const colon = text.find(':');
  if (colon != std::string_view::npos) {
    Header const header{trimmed(text.substr(0, colon)), trimmed(text.substr(colon + 1))};
    if (!header.name.empty()) return header;
  }
  throw UsageError("--header: \"" + detail::shortened(text) + "\" is not NAME: VALUE");
}

std::string_view in_words(ReadProblem problem) {
  switch (problem) {
    case ReadProblem::none:
      return "nothing is wrong";
    case ReadProblem::empty:
      return "the body is empty";
    case ReadProblem::malformed:
      return "the body is not well-formed";
    case ReadProblem::too_deep:
      return "the body is nested too deeply";
    case ReadProblem::cut:
      return "the body ends in the middle of a document or stream";
    case ReadProblem::wrong_checksum:
      return "the checksum of a frame does not agree; the frame was left out";
    case ReadProblem::bad_amount:
      return "a cost or a time is negative, absurd or no number; it was left out";
    case ReadProblem::negative_count:
      return "a count is negative; it was left out";
    case ReadProblem::fractional_count:
      return "a count has a fraction; it was left out";
    case ReadProblem::not_a_count:
      return "what stands in the place of a count is none; it was left out";
    case ReadProblem::count_too_large:
      return "a count is larger than 2^53; it was left out";
    case ReadProblem::parts_exceed_whole:
      return "parts are larger than their whole; the counts were left out";
    case ReadProblem::wrong_api:
      return "the body is of another interface than --api says; no count was taken";
    case ReadProblem::unknown_api:
      return "it does not show whose body it is; --api or --url tell";
  }
  return "something is wrong";
}

/// Tells `reader` what the command line says beside the body.
void prepare(ResponseReader& reader, UsageOptions const& options) {
  reader.set_form(form_of(options.form));
  reader.set_status(status_of(options.status));
  if (!options.url.empty()) reader.set_url(options.url);
  for (auto const& text : options.headers) {
    auto const header = header_of(text);
    reader.set_header(header.name, header.value);
  }
}

int usage(Context& context, UsageOptions const& options) {
  ResponseReader reader(api_of(options.api));
  prepare(reader, options);
  ByteSource bytes(options.file);
  for (auto piece = bytes.next(); !piece.empty(); piece = bytes.next()) reader.feed(piece);
  reader.finish();
  auto const info = reader.info();
  print_usage(context, info, context.format_or(Format::json));
  if (info.problem == ReadProblem::none) return exit_done;
  auto const place = info.problem_at.empty() ? std::string() : std::string(info.problem_at) + ": ";
  throw Failure("usage: " + bytes.name() + ": " + place + std::string(in_words(info.problem)));
}

}  // namespace

void add_usage(CLI::App& app, Context& context) {
  auto& command =
      add_command(app, "usage", "What a response says: tokens, model, cost, error.", examples);
  auto const options = std::make_shared<UsageOptions>();
  add_text(command, "--api", "NAME", options->api,
           "Whose interface: openai.chat, anthropic.messages, bedrock.converse ...; else guessed");
  add_text(command, "--form", "FORM", options->form,
           "json, sse, ndjson, eventstream, or error for a JSON document with one; else seen");
  command
      .add_option("--header", options->headers,
                  "A header of the response, 'Name: value'; may be repeated")
      ->type_name("HEADER")
      ->allow_extra_args(false);
  add_text(command, "--status", "N", options->status, "The status of the response, as 200 or 429");
  add_text(command, "--url", "URL", options->url,
           "The address that was asked: names the interface, and for some the model");
  add_text(command, "file", "FILE", options->file, "The body; - is standard input").required();
  command.final_callback([&context, options] {
    context.action = [&context, options] { return usage(context, *options); };
  });
}

}  // namespace netrun::llm::tool
