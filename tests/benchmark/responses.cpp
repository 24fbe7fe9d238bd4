// SPDX-License-Identifier: MIT
// How fast responses are read, beside a full parse of the same bytes by nlohmann_json.
//
//   build/bench/tests/benchmark/responses --benchmark_repetitions=9
//
// Goals: a stream of 1 MB at 200 MB/s or more, a body of 2 KB in 20 us at most.
#include "support/count_allocations.hpp"
#include <netrun/llm/response_reader.hpp>
#include <netrun/llm/telemetry.hpp>

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace {

using namespace netrun::llm;

constexpr std::size_t stream_bytes = 1'000'000;

std::string const& openai_stream() {
  static std::string const all = [] {
    std::string text;
    while (text.size() < stream_bytes) {
      text +=
          R"(data: {"id":"chatcmpl-C1KMEUDb1vVwsROQUCZTgG6A6vtWo","object":"chat.completion.chunk",)"
          R"("created":1754432618,"model":"gpt-4o-2024-08-06","service_tier":"default",)"
          R"("system_fingerprint":"fp_ff25b2783a","usage":null,"choices":[{"index":0,"delta":)"
          R"({"content":" word"},"logprobs":null,"finish_reason":null}],"obfuscation":"jP9abrn9"})"
          "\n\n";
    }
    text +=
        R"(data: {"id":"chatcmpl-C1KMEUDb1vVwsROQUCZTgG6A6vtWo","object":"chat.completion.chunk",)"
        R"("created":1754432618,"model":"gpt-4o-2024-08-06","choices":[],"usage":)"
        R"({"prompt_tokens":364,"completion_tokens":3200,"total_tokens":3564}})"
        "\n\ndata: [DONE]\n\n";
    return text;
  }();
  return all;
}

std::string const& anthropic_stream() {
  static std::string const all = [] {
    std::string text =
        "event: message_start\n"
        R"(data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":)"
        R"("assistant","model":"claude-sonnet-4-5-20250929","content":[],"usage":)"
        R"({"input_tokens":25,"cache_read_input_tokens":1000,"output_tokens":1}}})"
        "\n\n";
    while (text.size() < stream_bytes) {
      text +=
          "event: content_block_delta\n"
          R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta",)"
          R"("text":" word"}})"
          "\n\n";
    }
    text +=
        "event: message_delta\n"
        R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":)"
        R"({"output_tokens":7800}})"
        "\n\nevent: message_stop\n"
        R"(data: {"type":"message_stop"})"
        "\n\n";
    return text;
  }();
  return all;
}

std::string const& body() {
  static std::string const all = [] {
    std::string text =
        R"({"id":"chatcmpl-1","object":"chat.completion","created":1754432618,)"
        R"("model":"gpt-4o-2024-08-06","choices":[{"index":0,"message":{"role":"assistant",)"
        R"("content":")";
    while (text.size() < 1'600) text += R"(several words\n\"and\" more of them )";
    text +=
        R"(","refusal":null,"annotations":[]},"logprobs":null,"finish_reason":"stop"}],"usage":)"
        R"({"prompt_tokens":364,"completion_tokens":40,"total_tokens":404,"prompt_tokens_details":)"
        R"({"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,)"
        R"("audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}},)"
        R"("service_tier":"default"})";
    return text;
  }();
  return all;
}

/// What a receive from a connection gives at once.
constexpr std::size_t large_piece = 16'384, packet = 1'400;

void count_bytes(benchmark::State& state, std::string const& text) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}

void read_stream(benchmark::State& state, std::string const& stream) {
  auto const piece = static_cast<std::size_t>(state.range(0));
  auto const before = benchmarks::allocations();
  for (auto _ : state) {
    ResponseReader reader;
    for (std::string_view rest = stream; !rest.empty();) {
      auto const part = rest.substr(0, piece);
      reader.feed(part);
      rest.remove_prefix(part.size());
    }
    reader.finish();
    auto const info = reader.info();
    if (!info.counts.output_tokens) state.SkipWithError("the counts were not found");
  }
  state.counters["allocations"] = static_cast<double>(benchmarks::allocations() - before);
  count_bytes(state, stream);
}

/// Every event made into a document, as a client does that wants the text too.
void parse_stream(benchmark::State& state, std::string const& stream) {
  for (auto _ : state) {
    std::uint64_t tokens = 0;
    for (std::string_view rest = stream; !rest.empty();) {
      auto const line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      if (!line.starts_with("data: {")) continue;
      auto const document = nlohmann::json::parse(line.substr(6));
      if (auto const usage = document.find("usage");
          usage != document.end() && usage->is_object()) {
        tokens = usage->value("output_tokens", usage->value("completion_tokens", 0U));
      }
    }
    benchmark::DoNotOptimize(tokens);
  }
  count_bytes(state, stream);
}

void read_openai_stream(benchmark::State& state) { read_stream(state, openai_stream()); }
void read_anthropic_stream(benchmark::State& state) { read_stream(state, anthropic_stream()); }
void parse_openai_stream(benchmark::State& state) { parse_stream(state, openai_stream()); }
void parse_anthropic_stream(benchmark::State& state) { parse_stream(state, anthropic_stream()); }
BENCHMARK(read_openai_stream)->Arg(large_piece)->Arg(packet)->Unit(benchmark::kMillisecond);
BENCHMARK(parse_openai_stream)->Unit(benchmark::kMillisecond);
BENCHMARK(read_anthropic_stream)->Arg(large_piece)->Arg(packet)->Unit(benchmark::kMillisecond);
BENCHMARK(parse_anthropic_stream)->Unit(benchmark::kMillisecond);

void read_body(benchmark::State& state) {
  for (auto _ : state) {
    auto const info = read_response(Api::openai_chat, body());
    benchmark::DoNotOptimize(info.counts.input_tokens);
  }
  count_bytes(state, body());
}
BENCHMARK(read_body)->Unit(benchmark::kMicrosecond);

/// The same, and the whole call around it: tracked, priced, recorded.
void record_body(benchmark::State& state) {
  TelemetryCollector collector;
  for (auto _ : state) {
    auto tracker = collector.track_request("openai", "gpt-4o", "acme");
    record_response(tracker, Api::openai_chat, body());
  }
}
BENCHMARK(record_body)->Unit(benchmark::kMicrosecond);

void parse_body(benchmark::State& state) {
  for (auto _ : state) {
    auto const document = nlohmann::json::parse(body());
    benchmark::DoNotOptimize(document.at("usage").at("prompt_tokens").get<std::uint64_t>());
  }
  count_bytes(state, body());
}
BENCHMARK(parse_body)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
