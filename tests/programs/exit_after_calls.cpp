// SPDX-License-Identifier: MIT
// Usage: exit_after_calls FILE COUNT
// A short program: makes COUNT calls, which an exporter writes to FILE, and returns from main.
#include <netrun/llm/json_lines.hpp>
#include <netrun/llm/telemetry.hpp>

#include <chrono>
#include <cstdlib>

int main(int argc, char** argv) {
  using namespace netrun::llm;
  if (argc != 3) return 2;
  auto& collector = get_collector();
  collector.add_exporter(make_json_lines_exporter(argv[1]),
                         {.max_batch_delay = std::chrono::hours(1)});
  int const count = std::atoi(argv[2]);
  for (int i = 0; i < count; ++i) {
    collector.track_request("openai", "gpt-4o", "acme").set_tokens(i, 1);
  }
}
