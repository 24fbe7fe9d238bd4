// SPDX-License-Identifier: MIT
// Streamed answers: the time to the first token beside the time to the last.
//
// Output:
//   Once upon a time there was a cache.
//   Once upon a time there was a cache.
//   2 streamed calls: first token after 380 ms, all of them after 660 ms, $0.000384
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <string_view>

using namespace netrun::llm;
using std::chrono::milliseconds;

namespace {

// Stands for the client: a clock that is turned by hand makes its delays the same in every run.
struct Stream {
  ManualTime& time;
  TokenUsage usage{.input_tokens = 24, .output_tokens = 8};  // comes with the last chunk

  template <class OnChunk>
  void read(OnChunk on_chunk) {
    constexpr std::array chunks{"Once", " upon", " a", " time", " there", " was", " a", " cache."};
    time.advance(milliseconds(340));
    for (std::string_view const chunk : chunks) {
      time.advance(milliseconds(40));
      on_chunk(chunk);
    }
  }
};

}  // namespace

int main() {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});

  for (int i = 0; i < 2; ++i) {
    auto tracker = collector.track_request("anthropic", "claude-sonnet-4-5", "acme");
    Stream stream{time};
    stream.read([&](std::string_view chunk) {
      tracker.mark_first_token();  // only the first call counts
      fmt::print("{}", chunk);
    });
    fmt::print("\n");
    tracker.set_usage(stream.usage);
  }

  auto const stats = collector.get_stats("1h");
  fmt::print("{} streamed calls: first token after {:.0f} ms, all of them after {:.0f} ms, ${}\n",
             stats.streaming_requests, stats.ttft_p50, stats.latency_p50,
             stats.total_cost.to_string());
}
