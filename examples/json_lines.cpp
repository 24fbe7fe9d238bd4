// SPDX-License-Identifier: MIT
// Every finished call in a file, one line of JSON each; what is read back from it, and the few
// fields that a line of a structured log wants.
//
// Output:
//   3 lines in the file, 3 calls read, 0 lines that are none
//   2026-01-01T00:00:00.000000Z gpt-4o 1500 tokens $0.0075
//   2026-01-01T00:00:00.250000Z gpt-4o 1500 tokens $0.0075
//   2026-01-01T00:00:00.500000Z gpt-4o 0 tokens $0 rate_limit
//   llm_cached=false
//   llm_cost_usd=0.0075
//   llm_latency_ms=250.0
//   llm_model="gpt-4o"
//   llm_provider="openai"
//   llm_success=true
//   llm_tokens=1500
#include <netrun/llm/json.hpp>
#include <netrun/llm/json_lines.hpp>
#include <netrun/llm/telemetry.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace netrun::llm;

namespace {

void make_calls(std::string const& path) {
  ManualTime time;
  TelemetryCollector collector({.time_source = &time});
  // A new file every 100 MB or every day; ten of the old ones are kept.
  collector.add_exporter(make_json_lines_exporter(
      path, {.max_bytes = 100'000'000, .max_age = std::chrono::hours(24), .max_files = 10}));
  for (int i = 0; i < 3; ++i) {
    auto tracker = collector.track_request("openai", "gpt-4o", "acme");
    time.advance(std::chrono::milliseconds(250));
    if (i == 2) tracker.set_error("rate_limit", "429 Too Many Requests");
    if (i != 2) tracker.set_tokens(1'000, 500);
  }
}  // the collector hands over what is pending, and the exporter makes the file safe

std::string make_directory() {
  auto path = (std::filesystem::temp_directory_path() / "netrun-llm-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) throw std::runtime_error("no directory " + path);
  return path;
}

}  // namespace

int main() {
  auto const directory = make_directory();
  auto const path = directory + "/calls.jsonl";
  make_calls(path);

  JsonLinesReader file(path);
  std::vector<LLMRequestMetrics> calls;
  while (auto call = file.next()) calls.push_back(std::move(*call));
  fmt::print("{} lines in the file, {} calls read, {} lines that are none\n", file.line(),
             calls.size(), file.malformed());
  for (auto const& call : calls) {
    fmt::print("{} {} {} tokens ${} {}\n", to_iso8601(call.timestamp), call.model,
               call.total_tokens, call.exact_cost.value().to_string(),
               call.error_type.value_or(""));
  }
  auto const fields = to_log_context(calls.front());
  for (auto const& [key, value] : fields.items()) {
    fmt::print("{}={}\n", key, value.dump());
  }
  std::filesystem::remove_all(directory);
}
