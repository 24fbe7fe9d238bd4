// SPDX-License-Identifier: MIT
// Files of lines that several processes write to.
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/csv.hpp>
#include <netrun/llm/json_lines.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

namespace netrun::llm {
namespace {

using testing::calls_named;
using testing::contents;
using testing::ids_in;
using testing::line_size;
using testing::plain_call;
using testing::TemporaryDirectory;
using Ids = std::vector<std::string>;

/// A process that does something and ends; killed when it has not been waited for.
class Child {
 public:
  template <class Work>
  explicit Child(Work work) : id_(fork()) {
    if (id_ != 0) return;
    try {
      work();
      _exit(0);
    } catch (...) {
      _exit(1);
    }
  }
  Child(Child const&) = delete;
  Child(Child&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Child& operator=(Child const&) = delete;
  ~Child() {
    if (id_ <= 0) return;
    kill(id_, SIGKILL);
    wait();
  }
  bool runs() {
    if (waitpid(id_, nullptr, WNOHANG) == 0) return true;
    id_ = -1;
    return false;
  }
  bool wait() {
    int status = -1;
    return waitpid(std::exchange(id_, -1), &status, 0) > 0 && status == 0;
  }

 private:
  pid_t id_;
};

/// The lock of a file, held by somebody who does not give it back.
class Stranger {
 public:
  explicit Stranger(std::string const& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    REQUIRE(flock(fd_, LOCK_EX) == 0);
  }
  Stranger(Stranger const&) = delete;
  Stranger& operator=(Stranger const&) = delete;
  ~Stranger() { ::close(fd_); }

 private:
  int fd_;
};

/// Calls `id`-0, `id`-1 and so on, of so many bytes and with what CSV must quote.
std::vector<LLMRequestMetrics> large_calls(std::string const& id, std::size_t count,
                                           std::size_t bytes) {
  std::vector<LLMRequestMetrics> calls;
  for (std::size_t i = 0; i < count; ++i) {
    calls.push_back(plain_call(id + "-" + std::to_string(i)));
    calls.back().error_message = "\"one\",\n" + std::string(bytes, 'x');
    calls.back().tags = {{"k", "v"}};
  }
  return calls;
}

TEST_CASE("rotation: processes that share a file lose no line and tear none", "[json][file]") {
  constexpr int processes = 4;
  constexpr int lines = 300;
  TemporaryDirectory const directory;
  std::vector<Child> children;
  for (int p = 0; p < processes; ++p) {
    children.emplace_back([&] {
      JsonLinesWriter file(directory.file("calls.jsonl"),
                           {.max_bytes = 20 * line_size(), .sync = SyncPolicy::never});
      for (int i = 0; i < lines; ++i) {
        file.write(plain_call(std::to_string(p) + "-" + std::to_string(i)));
      }
    });
  }
  for (auto& child : children) CHECK(child.wait());
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

TEST_CASE("CsvWriter: processes that share a file tear no row and write one header",
          "[json][file]") {
  constexpr std::size_t processes = 3, batches = 40, rows = 20;
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.csv");
  std::vector<Child> children;
  for (std::size_t p = 0; p < processes; ++p) {
    children.emplace_back([&] {
      CsvWriter file(path, {.sync = SyncPolicy::never});
      for (std::size_t i = 0; i < batches; ++i) file.write(large_calls("r", rows, 5000));
    });
  }
  for (auto& child : children) CHECK(child.wait());
  std::string expected;
  for (auto const& call : large_calls("r", rows, 5000)) append_csv_row(expected, call);
  auto const all = contents(path);
  REQUIRE(all.size() == csv_header().size() + processes * batches * expected.size());
  CHECK(all.starts_with(csv_header()));
  bool same = true;
  for (std::size_t at = csv_header().size(); at < all.size(); at += expected.size()) {
    same = same && all.compare(at, expected.size(), expected) == 0;
  }
  CHECK(same);
}

TEST_CASE("JsonLinesWriter: nothing is glued to the line in which another process was killed",
          "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  constexpr int rounds = 20;
  std::ptrdiff_t written = 0;
  {
    JsonLinesWriter file(path, {.sync = SyncPolicy::never});
    for (int i = 0; i < rounds; ++i) {
      auto const calls = large_calls("v", 100, 20'000);
      Child victim([&] {
        JsonLinesWriter other(path, {.sync = SyncPolicy::never});
        // Ends it wherever it is, as kill -9 does.
        itimerval const soon{.it_interval = {},
                             .it_value = {.tv_sec = 0, .tv_usec = 5000 + 700 * i}};
        setitimer(ITIMER_REAL, &soon, nullptr);
        for (;;) other.write(calls);
      });
      for (; victim.runs(); ++written) file.write(plain_call("ours"));
    }
  }
  auto const ids = ids_in(path);
  CHECK(std::count(ids.begin(), ids.end(), "ours") == written);
}

TEST_CASE("CsvWriter: the children of a fork that share it begin the file once", "[json][file]") {
  for (int round = 0; round < 20; ++round) {
    TemporaryDirectory const directory;
    auto const path = directory.file("calls.csv");
    CsvWriter file(path, {.sync = SyncPolicy::never});
    std::vector<Child> children;
    for (int i = 0; i < 3; ++i) children.emplace_back([&] { file.write(plain_call("c")); });
    file.write(plain_call("c"));
    for (auto& child : children) REQUIRE(child.wait());
    std::string expected = csv_header();
    for (int i = 0; i < 4; ++i) append_csv_row(expected, plain_call("c"));
    REQUIRE(contents(path) == expected);
  }
}

TEST_CASE("JsonLinesWriter: waits a second, once, for a lock that a stranger holds",
          "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  JsonLinesWriter file(path, {.sync = SyncPolicy::never});
  Stranger const stranger(path);
  auto const begun = std::chrono::steady_clock::now();
  for (auto const& call : calls_named("abcdefgh")) file.write(call);
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
  CHECK(ids_in(path).size() == 8);
}

TEST_CASE("rotation: waits for a lock that a stranger holds, writing goes on", "[json][file]") {
  TemporaryDirectory const directory;
  auto const path = directory.file("calls.jsonl");
  JsonLinesWriter file(path, {.max_bytes = 1, .sync = SyncPolicy::never});
  {
    Stranger const stranger(path);
    file.write(calls_named("ab"));
    CHECK(directory.names().size() == 1);
  }
  file.write(calls_named("c"));
  CHECK(directory.names().size() == 2);
  CHECK(ids_in(path) == Ids{"c"});
}

}  // namespace
}  // namespace netrun::llm
