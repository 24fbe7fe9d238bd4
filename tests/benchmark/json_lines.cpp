// SPDX-License-Identifier: MIT
// How many JSON lines (and CSV rows) a second one thread makes, writes and reads.
//
//   build/bench/tests/benchmark/json_lines
//
// Files lie in TMPDIR or /tmp and are deleted at the end.
#include <netrun/llm/csv.hpp>
#include <netrun/llm/json_lines.hpp>
#include <netrun/llm/timestamp.hpp>

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace netrun::llm;

constexpr std::size_t batch_size = 512;  // as ExporterOptions::max_batch_size

/// Calls as a service makes them: one in four has a user, one in eight two tags, one in sixteen has
/// failed.
std::vector<LLMRequestMetrics> const& calls() {
  static std::vector<LLMRequestMetrics> const all = [] {
    std::vector<LLMRequestMetrics> made(batch_size);
    for (std::size_t i = 0; i < made.size(); ++i) {
      auto& call = made[i];
      call.request_id = "0199b1d2-7c44-7abc-8def-" + std::to_string(100'000'000'000 + i);
      call.tenant_id = "tenant-" + std::to_string(i % 40);
      call.provider = i % 2 == 0 ? "openai" : "anthropic";
      call.model = i % 2 == 0 ? "gpt-4o" : "claude-sonnet-4-5-20250929";
      call.input_tokens = 1000 + i;
      call.output_tokens = 200 + i % 7;
      call.total_tokens = call.input_tokens + call.output_tokens;
      call.latency_ms = 250.125 + static_cast<double>(i) / 3;
      call.cost_usd = 0.0075 + static_cast<double>(i) * 1e-6;
      call.exact_cost = Usd::from_double(call.cost_usd);
      call.cost_source = CostSource::price_book;
      if (i % 4 == 0) call.user_id = "user-" + std::to_string(10'000'000 + i);
      if (i % 8 == 0) call.tags = {{"env", "production"}, {"team", "search"}};
      if (i % 16 == 0) {
        call.success = false;
        call.error_type = "rate_limit";
        call.error_message = "429 Too Many Requests: \"slow down\"";
      }
    }
    return made;
  }();
  return all;
}

void count_lines(benchmark::State& state, std::size_t bytes = 0) {
  auto const lines = static_cast<double>(state.iterations()) * batch_size;
  state.counters["lines/s"] = benchmark::Counter(lines, benchmark::Counter::kIsRate);
  if (bytes != 0) state.counters["bytes/line"] = static_cast<double>(bytes) / batch_size;
}

template <void (*Append)(std::string&, LLMRequestMetrics const&)>
void in_memory(benchmark::State& state) {
  std::string text;
  for (auto _ : state) {
    text.clear();
    for (auto const& call : calls()) Append(text, call);
    benchmark::DoNotOptimize(text.data());
  }
  count_lines(state, text.size());
}

/// A file of its own.
class File {
 public:
  File() : directory_((std::filesystem::temp_directory_path() / "netrun-bench-XXXXXX").string()) {
    if (mkdtemp(directory_.data()) == nullptr) std::abort();
  }
  File(File const&) = delete;
  File& operator=(File const&) = delete;
  ~File() { std::filesystem::remove_all(directory_); }
  [[nodiscard]] std::string path() const { return directory_ + "/calls"; }

 private:
  std::string directory_;
};

constexpr std::uint64_t rotate_at = 256'000'000;  // so that the disk does not fill up

/// Argument: the SyncPolicy.
template <class Writer>
void batches_to_file(benchmark::State& state) {
  File const file;
  Writer writer(
      file.path(),
      {.max_bytes = rotate_at, .max_files = 1, .sync = static_cast<SyncPolicy>(state.range(0))});
  for (auto _ : state) writer.write(calls());
  count_lines(state);
}

void single_lines_to_file(benchmark::State& state) {
  File const file;
  JsonLinesWriter writer(file.path(), {.max_bytes = rotate_at, .max_files = 1});
  for (auto _ : state) {
    for (auto const& call : calls()) writer.write(call);
  }
  count_lines(state);
}

void read_file(benchmark::State& state) {
  File const file;
  JsonLinesWriter(file.path()).write(calls());
  for (auto _ : state) {
    JsonLinesReader reader(file.path());
    while (auto const call = reader.next()) benchmark::DoNotOptimize(call->input_tokens);
  }
  count_lines(state);
}

void time_stamp(benchmark::State& state) {
  char text[max_iso8601_bytes];
  Clock::time_point at{std::chrono::hours(490'896)};
  for (auto _ : state) {
    at += std::chrono::nanoseconds(1'234'567'891);
    benchmark::DoNotOptimize(write_iso8601(at, text));
  }
}

BENCHMARK(in_memory<append_json_line>)->Name("json/in_memory");
BENCHMARK(batches_to_file<JsonLinesWriter>)
    ->Name("json/batches_to_file")
    ->ArgName("sync")
    ->Arg(static_cast<int>(SyncPolicy::never))
    ->Arg(static_cast<int>(SyncPolicy::interval))
    ->Arg(static_cast<int>(SyncPolicy::every_write))
    ->UseRealTime();
BENCHMARK(single_lines_to_file)->Name("json/single_lines_to_file")->UseRealTime();
BENCHMARK(read_file)->Name("json/read_file")->UseRealTime();
BENCHMARK(in_memory<append_csv_row>)->Name("csv/in_memory");
BENCHMARK(batches_to_file<CsvWriter>)
    ->Name("csv/batches_to_file")
    ->ArgName("sync")
    ->Arg(static_cast<int>(SyncPolicy::interval))
    ->UseRealTime();
BENCHMARK(time_stamp);

}  // namespace

BENCHMARK_MAIN();
