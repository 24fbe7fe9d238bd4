// SPDX-License-Identifier: MIT
// Responses read for you: a whole body, a stream in pieces, a refusal, a stream without counts.
//
// Output:
//   gpt-4o             1200 in,  80 out  reported  $0.003
//   claude-sonnet-4-5   900 in,  40 out  reported  $0.00114, first token after 400 ms
//   gpt-4o                0 in,   0 out  absent    $0, rate_limit_error
//   gpt-4o                0 in,   0 out  absent    unpriced
#include <netrun/llm/response_reader.hpp>
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <chrono>
#include <string_view>

using namespace netrun::llm;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view answer =
    R"({"id":"chatcmpl-1","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,)"
    R"("message":{"role":"assistant","content":"Bonjour"},"finish_reason":"stop"}],"usage":{)"
    R"("prompt_tokens":1200,"completion_tokens":80,"total_tokens":1280,)"
    R"("prompt_tokens_details":{"cached_tokens":640}}})";

constexpr std::string_view stream[] = {
    "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",",
    "\"type\":\"message\",\"model\":\"claude-sonnet-4-5\",\"usage\":{\"input_tokens\":100,",
    "\"cache_read_input_tokens\":800,\"output_tokens\":1}}}\n\nevent: content_block_delta\ndata: "
    "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":",
    "\"Bonjour\"}}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{"
    "\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":40}}\n\n",
    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"};

constexpr std::string_view refusal =
    R"({"error":{"message":"try again in 20 s","type":"rate_limit_error","code":null}})";

constexpr std::string_view without_counts =
    "data: {\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,"
    "\"delta\":{\"content\":\"Bonjour\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

void print(LLMRequestMetrics const& call) {
  bool const unpriced = call.cost_source == CostSource::unpriced;
  fmt::print("{:<18}{:>5} in, {:>3} out  {:<8}  {}", call.model, call.input_tokens,
             call.output_tokens, to_string(call.usage_source),
             unpriced ? "unpriced" : "$" + call.exact_cost.value_or(Usd{}).to_string());
  if (call.time_to_first_token_ms && *call.time_to_first_token_ms > 0) {
    fmt::print(", first token after {:.0f} ms", *call.time_to_first_token_ms);
  }
  fmt::print("{}{}\n", call.success ? "" : ", ", call.error_type.value_or(""));
}

}  // namespace

int main() {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  auto const ask = [&](std::string_view body, int status) {
    auto tracker = collector.track_request("openai", "gpt-4o", "acme");
    record_response(tracker, Api::openai_chat, body, {.http_status = status});
  };
  ask(answer, 200);
  {
    auto tracker = collector.track_request("anthropic", "claude-sonnet-4-5", "acme");
    ResponseReader reader(tracker, Api::anthropic_messages);
    for (auto const piece : stream) {  // as the callback of a client is given them
      time.advance(milliseconds(100));
      reader.feed(piece);
    }
    reader.finish();
  }
  ask(refusal, 429);
  ask(without_counts, 200);
  for (auto const& call : collector.snapshot()) print(call);
}
