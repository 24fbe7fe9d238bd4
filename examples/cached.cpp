// SPDX-License-Identifier: MIT
// Two caches: your own answers for nothing, the provider's makes the input cheaper.
//
// Output:
//   "one"  1500 in,    0 of them from the provider's cache  $0.00575
//   "two"  1500 in, 1024 of them from the provider's cache  $0.00447
//   "one"     0 in,    0 of them from the provider's cache  $0        our own answer
//   1 of 3 calls from our own cache; in all $0.01022
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>

#include <set>
#include <string>

using namespace netrun::llm;

namespace {

// Stands for the client. From the second call on, the provider knows the beginning of the prompt.
struct Client {
  int calls = 0;
  TokenUsage complete() {
    return {.input_tokens = 1'500,
            .output_tokens = 200,
            .cache_read_tokens = calls++ == 0 ? 0U : 1'024U};
  }
};

void ask(TelemetryCollector& collector, Client& client, std::string const& prompt) {
  static std::set<std::string> cache;
  auto tracker = collector.track_request("openai", "gpt-4o", "acme");
  tracker.set_tag("template", prompt);  // a name; prompts themselves are none of its business
  if (!cache.insert(prompt).second) {
    tracker.set_cached();
    tracker.set_tokens(0, 0);
    tracker.set_cost(0);  // known to be free, which is not the same as not known
  } else {
    tracker.set_usage(client.complete());
  }
}

}  // namespace

int main() {
  TelemetryCollector collector;
  Client client;
  for (char const* prompt : {"one", "two", "one"}) ask(collector, client, prompt);

  for (auto const& call : collector.snapshot()) {
    fmt::print("\"{}\"  {:>4} in, {:>4} of them from the provider's cache  ${:<8} {}\n",
               call.tags[0].second, call.input_tokens, call.cache_read_tokens,
               call.exact_cost.value().to_string(), call.cached ? "our own answer" : "");
  }
  auto const stats = collector.get_stats("1h");
  fmt::print("{} of {} calls from our own cache; in all ${}\n", stats.cached_requests,
             stats.total_requests, stats.total_cost.to_string());
}
