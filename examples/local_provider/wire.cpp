// SPDX-License-Identifier: MIT
#include "local_provider/wire.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace local_provider {
namespace {

// Keeps the order of keys, so that what is written looks like theirs.
using json = nlohmann::ordered_json;

/// Providers send several tokens at once when they are in a hurry; so many pieces are enough.
constexpr std::uint64_t most_deltas = 16;

/// As many words as tokens.
std::string words(std::uint64_t from, std::uint64_t to) {
  constexpr std::array text{"All", "of",  "this", "was", "made", "up",
                            "on",  "the", "same", "old", "box."};
  std::string result;
  for (auto i = from; i < to; ++i) {
    if (i > 0) result += ' ';
    result += text[i % text.size()];
  }
  return result;
}

struct Delta {
  std::uint64_t after_tokens;
  std::string text;
};

/// The visible tokens in pieces, the first of one token.
std::vector<Delta> deltas_of(Tokens const& tokens) {
  std::vector<Delta> deltas;
  std::uint64_t const visible = tokens.output - std::min(tokens.reasoning, tokens.output);
  std::uint64_t const count = std::min(visible, most_deltas);
  std::uint64_t from = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto const to = i == 0 ? 1 : 1 + (visible - 1) * i / (count - 1);
    deltas.push_back({tokens.reasoning + to, words(from, to)});
    from = to;
  }
  return deltas;
}

json openai_usage(Tokens const& tokens) {
  return {{"prompt_tokens", tokens.input},
          {"completion_tokens", tokens.output},
          {"total_tokens", tokens.input + tokens.output},
          {"prompt_tokens_details", {{"cached_tokens", tokens.cache_read}}},
          {"completion_tokens_details", {{"reasoning_tokens", tokens.reasoning}}}};
}

/// Anthropic counts what is cached beside the input, not within.
json anthropic_usage(Tokens const& tokens) {
  json usage{
      {"input_tokens", tokens.input - tokens.cache_read - tokens.cache_write},
      {"cache_read_input_tokens", tokens.cache_read},
      {"cache_creation_input_tokens", tokens.cache_write},
      {"cache_creation",
       {{"ephemeral_5m_input_tokens", tokens.cache_write}, {"ephemeral_1h_input_tokens", 0}}},
      {"output_tokens", tokens.output},
      {"service_tier", "standard"}};
  if (tokens.reasoning > 0) {
    usage["output_tokens_details"] = {{"thinking_tokens", tokens.reasoning}};
  }
  return usage;
}

json openai_answer(Reply const& reply, char const* object) {
  return {{"id", reply.id},
          {"object", object},
          {"created", static_cast<std::int64_t>(std::time(nullptr))},
          {"model", reply.model}};
}

json anthropic_answer(Reply const& reply) {
  return {{"id", reply.id},          {"type", "message"},        {"role", "assistant"},
          {"model", reply.model},    {"content", json::array()}, {"stop_reason", nullptr},
          {"stop_sequence", nullptr}};
}

std::vector<Piece> openai_stream(Reply const& reply, bool include_usage) {
  std::vector<Piece> pieces;
  json chunk = openai_answer(reply, "chat.completion.chunk");
  if (include_usage) chunk["usage"] = nullptr;
  auto const add = [&](std::uint64_t after, json delta, json finish_reason) {
    chunk["choices"] = json::array(
        {{{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", std::move(finish_reason)}}});
    pieces.push_back({after, "data: " + chunk.dump() + "\n\n"});
  };
  add(0, {{"role", "assistant"}, {"content", ""}}, nullptr);
  for (auto& delta : deltas_of(reply.tokens)) {
    add(delta.after_tokens, {{"content", std::move(delta.text)}}, nullptr);
  }
  auto const end = reply.tokens.output;
  add(end, json::object(), "stop");
  if (include_usage) {
    chunk["choices"] = json::array();
    chunk["usage"] = openai_usage(reply.tokens);
    pieces.push_back({end, "data: " + chunk.dump() + "\n\n", reply.tokens});
  }
  pieces.push_back({end, "data: [DONE]\n\n"});
  return pieces;
}

std::vector<Piece> anthropic_stream(Reply const& reply) {
  std::vector<Piece> pieces;
  auto const add = [&](std::uint64_t after, json const& event, std::optional<Tokens> told = {}) {
    auto const& type = event["type"].get_ref<std::string const&>();
    pieces.push_back({after, "event: " + type + "\ndata: " + event.dump() + "\n\n", told});
  };
  // The beginning has the input for good, and of the output what there is by then.
  Tokens first = reply.tokens;
  first.output = std::min<std::uint64_t>(first.output, 1);
  first.reasoning = 0;
  json message = anthropic_answer(reply);
  message["usage"] = anthropic_usage(first);
  add(0, {{"type", "message_start"}, {"message", std::move(message)}}, first);
  add(0, {{"type", "ping"}});
  add(0, {{"type", "content_block_start"},
          {"index", 0},
          {"content_block", {{"type", "text"}, {"text", ""}}}});
  for (auto& delta : deltas_of(reply.tokens)) {
    add(delta.after_tokens, {{"type", "content_block_delta"},
                             {"index", 0},
                             {"delta", {{"type", "text_delta"}, {"text", std::move(delta.text)}}}});
  }
  auto const end = reply.tokens.output;
  add(end, {{"type", "content_block_stop"}, {"index", 0}});
  add(end,
      {{"type", "message_delta"},
       {"delta", {{"stop_reason", "end_turn"}, {"stop_sequence", nullptr}}},
       {"usage", anthropic_usage(reply.tokens)}},
      reply.tokens);
  add(end, {{"type", "message_stop"}});
  return pieces;
}

char const* error_type(Wire wire, int status) {
  switch (status) {
    case 400:
      return "invalid_request_error";
    case 429:
      return "rate_limit_error";
    default:
      return wire == Wire::openai ? "server_error" : "api_error";
  }
}

}  // namespace

Tokens& Tokens::operator+=(Tokens const& other) {
  input += other.input;
  output += other.output;
  cache_read += other.cache_read;
  cache_write += other.cache_write;
  reasoning += other.reasoning;
  return *this;
}

std::string body_of(Wire wire, Reply const& reply) {
  auto const text = words(0, reply.tokens.output - reply.tokens.reasoning);
  if (wire == Wire::anthropic) {
    json answer = anthropic_answer(reply);
    answer["content"] = json::array({{{"type", "text"}, {"text", text}}});
    answer["stop_reason"] = "end_turn";
    answer["usage"] = anthropic_usage(reply.tokens);
    return answer.dump();
  }
  json answer = openai_answer(reply, "chat.completion");
  answer["choices"] = json::array({{{"index", 0},
                                    {"message", {{"role", "assistant"}, {"content", text}}},
                                    {"finish_reason", "stop"}}});
  answer["usage"] = openai_usage(reply.tokens);
  return answer.dump();
}

std::vector<Piece> stream_of(Wire wire, Reply const& reply, bool include_usage) {
  return wire == Wire::openai ? openai_stream(reply, include_usage) : anthropic_stream(reply);
}

std::string error_of(Wire wire, int status, std::string_view message, std::string_view id) {
  json error{{"message", message}, {"type", error_type(wire, status)}};
  json body;
  if (wire == Wire::anthropic) {
    body = {{"type", "error"}, {"error", std::move(error)}, {"request_id", id}};
  } else {
    error["param"] = nullptr;
    error["code"] = status == 429 ? json("rate_limit_exceeded") : json(nullptr);
    body = {{"error", std::move(error)}};
  }
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string embeddings_of(Reply const& reply) {
  json const row{{"object", "embedding"}, {"index", 0}, {"embedding", json::array({0.6, 0.8})}};
  return json{
      {"object", "list"},
      {"data", json::array({row})},
      {"model", reply.model},
      {"usage", {{"prompt_tokens", reply.tokens.input}, {"total_tokens", reply.tokens.input}}}}
      .dump();
}

}  // namespace local_provider
