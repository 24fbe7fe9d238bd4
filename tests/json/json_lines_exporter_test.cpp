// SPDX-License-Identifier: MIT
// The exporter that appends to a file.
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/json_lines.hpp>

#include <chrono>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace netrun::llm {
namespace {

using testing::FileSizeLimit;
using testing::ids_in;
using testing::TemporaryDirectory;
using Ids = std::vector<std::string>;
using Outcome = ExportResult::Outcome;

Deadline soon() { return std::chrono::steady_clock::now() + std::chrono::seconds(10); }

/// Calls named after the characters of a text, and views of them.
struct Calls {
  std::vector<LLMRequestMetrics> calls{};
  std::vector<LLMRequestView> views{};

  explicit Calls(std::string_view names) {
    std::vector<Tag> none;
    for (char const c : names) calls.push_back(testing::plain_call(std::string(1, c)));
    for (auto const& call : calls) views.push_back(testing::view_of(call, none));
  }
  [[nodiscard]] ExportBatch batch() const { return {views, soon()}; }
};

TEST_CASE("JSON Lines exporter: a batch is in the file when it is delivered", "[json][exporter]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  auto const exporter = make_json_lines_exporter(path);
  CHECK(exporter->name() == "json_lines " + path);
  CHECK(exporter->export_batch(Calls("abc").batch()).outcome == Outcome::delivered);
  CHECK(ids_in(path) == Ids{"a", "b", "c"});
  CHECK(exporter->flush(soon()));
  exporter->shutdown(soon());
}

TEST_CASE("JSON Lines exporter: a full disk asks for what is not in the file", "[json][exporter]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  auto const exporter = make_json_lines_exporter(path);
  std::string line;
  append_json_line(line, testing::plain_call("a"));
  {
    FileSizeLimit const full(line.size() * 5 / 2);
    auto const result = exporter->export_batch(Calls("abcd").batch());
    CHECK(result.outcome == Outcome::retry);
    CHECK(result.retry_indexes == std::vector<std::size_t>{2, 3});
    CHECK(result.reason.find(path) != std::string::npos);
    CHECK(exporter->export_batch(Calls("cd").batch()).outcome == Outcome::retry);
  }
  CHECK(exporter->export_batch(Calls("cd").batch()).outcome == Outcome::delivered);
  CHECK(ids_in(path) == Ids{"a", "b", "c", "d"});
}

TEST_CASE("JSON Lines exporter: /dev/full asks for all calls again", "[json][exporter]") {
  auto const exporter = make_json_lines_exporter("/dev/full");
  auto const result = exporter->export_batch(Calls("ab").batch());
  CHECK(result.outcome == Outcome::retry);
  CHECK(result.retry_indexes == std::vector<std::size_t>{0, 1});
}

TEST_CASE("JSON Lines exporter: many calls are one batch", "[json][exporter]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  auto const exporter = make_json_lines_exporter(path, {.max_bytes = 1'000'000});
  CHECK(exporter->export_batch(Calls(std::string(20'000, 'x')).batch()).outcome ==
        Outcome::delivered);
  std::size_t count = 0;
  for (auto const& name : directory.names()) count += ids_in(directory.file(name)).size();
  CHECK(count == 20'000);
  CHECK(directory.names().size() > 10);
}

TEST_CASE("JSON Lines exporter: goes on in the child of a fork", "[json][exporter]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  auto const exporter = make_json_lines_exporter(path);
  REQUIRE(exporter->export_batch(Calls("a").batch()).outcome == Outcome::delivered);
  pid_t const child = fork();
  if (child == 0) {
    exporter->after_fork();
    bool const good = exporter->export_batch(Calls("b").batch()).outcome == Outcome::delivered;
    exporter->shutdown(soon());
    _exit(good ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  CHECK(status == 0);
  CHECK(exporter->export_batch(Calls("c").batch()).outcome == Outcome::delivered);
  CHECK(ids_in(path) == Ids{"a", "b", "c"});
}

TEST_CASE("JSON Lines exporter: a missing directory is an error at once", "[json][exporter]") {
  CHECK_THROWS_AS(make_json_lines_exporter("/none/calls.jsonl"), LineFileError);
}

}  // namespace
}  // namespace netrun::llm
