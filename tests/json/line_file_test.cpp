// SPDX-License-Identifier: MIT
// Files of lines: appending, full disks, torn lines, rotation, several processes.
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/csv.hpp>
#include <netrun/llm/json_lines.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using testing::contents;
using testing::FileSizeLimit;
using testing::ids_in;
using testing::plain_call;
using testing::TemporaryDirectory;
using Ids = std::vector<std::string>;

std::size_t line_size() {
  std::string line;
  append_json_line(line, plain_call("0"));
  return line.size();
}

std::vector<LLMRequestMetrics> calls_named(std::string_view names) {
  std::vector<LLMRequestMetrics> calls;
  for (char const c : names) calls.push_back(plain_call(std::string(1, c)));
  return calls;
}

/// What LineFileError says, and how many calls were written.
std::pair<std::string, std::size_t> failure(JsonLinesWriter& file,
                                            std::vector<LLMRequestMetrics> const& calls) {
  try {
    file.write(calls);
    return {"no failure", calls.size()};
  } catch (LineFileError const& error) {
    return {error.what(), error.written()};
  }
}

TEST_CASE("JsonLinesWriter: appends one line a call", "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  {
    JsonLinesWriter file(path);
    file.write(plain_call("a"));
    CHECK(ids_in(path) == Ids{"a"});  // without a flush
    file.write(calls_named("bc"));
  }
  JsonLinesWriter(path).write(plain_call("d"));
  CHECK(ids_in(path) == Ids{"a", "b", "c", "d"});
}

TEST_CASE("JsonLinesWriter: the file is for its owner and not for other programs", "[json][file]") {
  TemporaryDirectory const directory;
  JsonLinesWriter const file(directory.file("calls.jsonl"));
  struct stat status {};
  REQUIRE(stat(directory.file("calls.jsonl").c_str(), &status) == 0);
  CHECK((status.st_mode & 0077) == 0);
}

TEST_CASE("JsonLinesWriter: a missing directory is named", "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("none/calls.jsonl");
  CHECK_THROWS_WITH(JsonLinesWriter(path), ContainsSubstring(path) &&
                                               ContainsSubstring("No such file or directory") &&
                                               ContainsSubstring("there is no directory"));
  CHECK_THROWS_AS(JsonLinesWriter(directory.file("")), LineFileError);
}

TEST_CASE("JsonLinesWriter: begins on a new line after a torn one", "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  testing::set_contents(path, "{\"request_id\": \"to");
  JsonLinesWriter(path).write(plain_call("a"));
  CHECK(contents(path).starts_with("{\"request_id\": \"to\n{"));
  CHECK(ids_in(path) == Ids{"a"});
}

TEST_CASE("JsonLinesWriter: /dev/full is an error, and nothing counts as written", "[json][file]") {
  JsonLinesWriter file("/dev/full");
  auto const [message, written] = failure(file, calls_named("ab"));
  CHECK_THAT(message, ContainsSubstring("cannot write to \"/dev/full\": No space left on device"));
  CHECK(written == 0);
}

TEST_CASE("JsonLinesWriter: a write that a full disk cuts anywhere glues and repeats nothing",
          "[json][file]") {
  auto const size = line_size();
  // Within and at the edges of the second of four lines, and in the middle of the first.
  auto const limit = GENERATE_COPY(size / 2, size - 1, size, size + 1, size + 10, 2 * size - 2,
                                   2 * size - 1, 2 * size, 2 * size + 1);
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  auto calls = calls_named("abcd");
  JsonLinesWriter file(path);
  std::size_t written = 0;
  {
    FileSizeLimit const full(limit);
    std::string message;
    std::tie(message, written) = failure(file, calls);
    CHECK_THAT(message, ContainsSubstring("File too large"));
    // The disk is still full for the second attempt.
    calls.erase(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(written));
    CHECK(failure(file, calls).second == 0);
  }
  file.write(calls);
  file.close();
  INFO(contents(path));
  CHECK(ids_in(path) == Ids{"a", "b", "c", "d"});
  CHECK(contents(path).find("}{") == std::string::npos);
}

TEST_CASE("JsonLinesWriter: an owed newline is written by flush", "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  JsonLinesWriter file(path);
  {
    FileSizeLimit const full(line_size() - 1);
    CHECK(failure(file, calls_named("a")).second == 1);
    CHECK_THROWS_AS(file.flush(), LineFileError);
    CHECK_THROWS_AS(file.flush(), LineFileError);
  }
  CHECK(ids_in(path).empty());
  file.flush();
  CHECK(ids_in(path) == Ids{"a"});
}

TEST_CASE("JsonLinesWriter: sees that another process has left a torn line", "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  JsonLinesWriter file(path);
  file.write(plain_call("a"));
  testing::set_contents(path, contents(path) + "{\"request_id\"");
  file.write(plain_call("b"));
  CHECK(ids_in(path) == Ids{"a", "b"});
}

TEST_CASE("JsonLinesWriter: nothing is written after close", "[json][file]") {
  TemporaryDirectory const directory;
  JsonLinesWriter file(directory.file("calls.jsonl"));
  file.close();
  file.close();
  CHECK_THROWS_AS(file.write(plain_call("a")), LineFileError);
}

TEST_CASE("rotation: no file exceeds max_bytes and no call is lost", "[json][file]") {
  TemporaryDirectory const directory;
  ManualTime time;
  auto const limit = 3 * line_size() + 5;
  JsonLinesWriter file(directory.file("calls.jsonl"), {.max_bytes = limit, .time_source = &time});
  file.write(calls_named("abcdefgh"));
  for (auto const& call : calls_named("ij")) file.write(call);
  CHECK(directory.names() == Ids{"calls.jsonl", "calls.jsonl.20260101T000000Z.000001",
                                 "calls.jsonl.20260101T000000Z.000002",
                                 "calls.jsonl.20260101T000000Z.000003"});
  CHECK(ids_in(directory.file("calls.jsonl.20260101T000000Z.000001")) == Ids{"a", "b", "c"});
  CHECK(ids_in(directory.file("calls.jsonl.20260101T000000Z.000003")) == Ids{"g", "h", "i"});
  CHECK(ids_in(directory.file("calls.jsonl")) == Ids{"j"});
}

TEST_CASE("rotation: never overwrites a file", "[json][file]") {
  TemporaryDirectory const directory;
  ManualTime time;
  auto const taken = directory.file("calls.jsonl.20260101T000000Z.000001");
  testing::set_contents(taken, "precious");
  JsonLinesWriter file(directory.file("calls.jsonl"), {.max_bytes = 10, .time_source = &time});
  file.write(calls_named("ab"));
  CHECK(contents(taken) == "precious");
  CHECK(ids_in(directory.file("calls.jsonl.20260101T000000Z.000002")) == Ids{"a"});
}

TEST_CASE("rotation: a line longer than max_bytes has a file of its own", "[json][file]") {
  TemporaryDirectory const directory;
  ManualTime time;
  JsonLinesWriter file(directory.file("calls.jsonl"), {.max_bytes = 1, .time_source = &time});
  file.write(calls_named("abc"));
  CHECK(directory.names().size() == 3);
  CHECK(ids_in(directory.file("calls.jsonl")) == Ids{"c"});
}

TEST_CASE("rotation: by age, counted on the given clock", "[json][file]") {
  TemporaryDirectory const directory;
  ManualTime time;
  JsonLinesWriter file(directory.file("calls.jsonl"),
                       {.max_age = std::chrono::hours(1), .time_source = &time});
  file.write(plain_call("a"));
  time.advance(std::chrono::minutes(59));
  file.write(plain_call("b"));
  time.advance(std::chrono::minutes(1));
  file.write(plain_call("c"));
  CHECK(directory.names() == Ids{"calls.jsonl", "calls.jsonl.20260101T010000Z.000001"});
  CHECK(ids_in(directory.file("calls.jsonl")) == Ids{"c"});
}

TEST_CASE("rotation: keeps max_files of the old files, the newest, and no stranger's",
          "[json][file]") {
  TemporaryDirectory const directory;
  ManualTime time;
  for (auto const* name : {"calls.jsonl.txt", "calls.jsonl.20250101T000000Z.x", "calls.json",
                           "xcalls.jsonl.20250101T000000Z.000001"}) {
    testing::set_contents(directory.file(name), "");
  }
  JsonLinesWriter file(directory.file("calls.jsonl"),
                       {.max_bytes = 1, .max_files = 2, .time_source = &time});
  for (char const name : std::string("abcdef")) {
    file.write(plain_call(std::string(1, name)));
    time.advance(std::chrono::seconds(1));
  }
  CHECK(directory.names() == Ids{"calls.json", "calls.jsonl", "calls.jsonl.20250101T000000Z.x",
                                 "calls.jsonl.20260101T000004Z.000001",
                                 "calls.jsonl.20260101T000005Z.000001", "calls.jsonl.txt",
                                 "xcalls.jsonl.20250101T000000Z.000001"});
}

TEST_CASE("rotation: a file that another program has moved away is followed", "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  JsonLinesWriter file(path);
  file.write(plain_call("a"));
  std::filesystem::rename(path, directory.file("old"));
  file.write(plain_call("b"));
  std::filesystem::remove(path);
  file.write(plain_call("c"));
  CHECK(ids_in(directory.file("old")) == Ids{"a"});
  CHECK(ids_in(path) == Ids{"c"});
}

TEST_CASE("rotation: processes that share a file lose no line and tear none", "[json][file]") {
  constexpr int processes = 4;
  constexpr int lines = 300;
  TemporaryDirectory const directory;
  std::vector<pid_t> children;
  for (int p = 0; p < processes; ++p) {
    pid_t const child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        JsonLinesWriter file(directory.file("calls.jsonl"),
                             {.max_bytes = 20 * line_size(), .sync = SyncPolicy::never});
        for (int i = 0; i < lines; ++i) {
          file.write(plain_call(std::to_string(p) + "-" + std::to_string(i)));
        }
        file.close();
        _exit(0);
      } catch (...) {
        _exit(1);
      }
    }
    children.push_back(child);
  }
  for (pid_t const child : children) {
    int status = -1;
    waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  Ids all;
  for (auto const& name : directory.names()) {
    JsonLinesReader reader(directory.file(name));
    while (auto const call = reader.next()) all.push_back(call->request_id);
    CHECK(reader.malformed() == 0);
    CHECK_FALSE(reader.torn_tail());
  }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  CHECK(all.size() == processes * lines);
}

TEST_CASE("LineFileOptions: times below zero are refused", "[json][file]") {
  TemporaryDirectory const directory;
  CHECK_THROWS_AS(JsonLinesWriter(directory.file("x"), {.max_age = std::chrono::milliseconds(-1)}),
                  std::invalid_argument);
}

}  // namespace
}  // namespace netrun::llm
