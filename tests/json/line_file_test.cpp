// SPDX-License-Identifier: MIT
// Files of lines: appending, full disks, torn lines, rotation, several processes.
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/json_lines.hpp>

#include <csignal>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using testing::calls_named;
using testing::contents;
using testing::FileSizeLimit;
using testing::ids_in;
using testing::line_size;
using testing::plain_call;
using testing::TemporaryDirectory;
using Ids = std::vector<std::string>;

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
    auto const [message, written] = failure(file, calls_named("a"));
    CHECK_THAT(message, ContainsSubstring("File too large"));
    CHECK(written == 1);
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

TEST_CASE("JsonLinesWriter: a pipe whose reader has gone is an error, and no signal",
          "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("pipe");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  int const reader = ::open(path.c_str(), O_RDONLY | O_NONBLOCK);
  JsonLinesWriter file(path);
  file.write(plain_call("a"));
  ::close(reader);
  CHECK_THAT(failure(file, calls_named("b")).first, ContainsSubstring("Broken pipe"));
  sigset_t pending;
  REQUIRE(sigpending(&pending) == 0);
  CHECK(sigismember(&pending, SIGPIPE) == 0);
}

TEST_CASE("JsonLinesWriter: a pipe that nobody reads is not waited for", "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("pipe");
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  CHECK_THROWS_AS(JsonLinesWriter(path), LineFileError);
}

TEST_CASE("JsonLinesWriter: nothing is written after close", "[json][file]") {
  TemporaryDirectory const directory;
  JsonLinesWriter file(directory.file("calls.jsonl"));
  file.close();
  file.close();
  CHECK_THROWS_AS(file.write(plain_call("a")), LineFileError);
}

TEST_CASE("LineFileOptions: times below zero are refused", "[json][file]") {
  TemporaryDirectory const directory;
  CHECK_THROWS_AS(JsonLinesWriter(directory.file("x"), {.max_age = std::chrono::milliseconds(-1)}),
                  std::invalid_argument);
}

}  // namespace
}  // namespace netrun::llm
