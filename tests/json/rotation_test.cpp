// SPDX-License-Identifier: MIT
// Files of lines put aside: when, under which names, and which are kept.
#include "support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/json_lines.hpp>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

namespace netrun::llm {
namespace {

using testing::calls_named;
using testing::contents;
using testing::ids_in;
using testing::line_size;
using testing::plain_call;
using testing::TemporaryDirectory;
using Ids = std::vector<std::string>;

/// Ids in all files of a directory, in the order of their names but the present one last.
Ids ids_in_order(TemporaryDirectory const& directory) {
  auto names = directory.names();
  std::rotate(names.begin(), names.begin() + 1, names.end());
  Ids all;
  for (auto const& name : names) {
    for (auto const& id : ids_in(directory.file(name))) all.push_back(id);
  }
  return all;
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

TEST_CASE("rotation: renames the file that a link names, not the link", "[json][file]") {
  TemporaryDirectory const directory;
  ManualTime time;
  std::filesystem::create_directory(directory.file("disk"));
  auto const link = directory.file("calls.jsonl");
  std::filesystem::create_symlink(directory.file("disk/real.jsonl"), link);
  JsonLinesWriter file(link, {.max_bytes = 1, .time_source = &time});
  file.write(calls_named("ab"));
  CHECK(directory.names() == Ids{"calls.jsonl", "disk"});
  CHECK(std::filesystem::is_symlink(link));
  CHECK(ids_in(directory.file("disk/real.jsonl.20260101T000000Z.000001")) == Ids{"a"});
  CHECK(ids_in(link) == Ids{"b"});
}

TEST_CASE("rotation: keeps the newest of many files of one second", "[json][file]") {
  TemporaryDirectory const directory;
  ManualTime time;
  JsonLinesWriter file(directory.file("calls.jsonl"),
                       {.max_bytes = 1, .max_files = 2, .time_source = &time});
  for (auto const& call : calls_named("abcdefgh")) file.write(call);
  CHECK(ids_in_order(directory) == Ids{"f", "g", "h"});
}

TEST_CASE("rotation: keeps the newest files after the clock was set back", "[json][file]") {
  TemporaryDirectory const directory;
  ManualTime time;
  JsonLinesWriter file(directory.file("calls.jsonl"),
                       {.max_bytes = 1, .max_files = 3, .time_source = &time});
  for (auto const& call : calls_named("abcde")) {
    file.write(call);
    time.advance(std::chrono::seconds(1));
  }
  time.set_wall(time.now() - std::chrono::hours(24));
  for (auto const& call : calls_named("fghij")) {
    file.write(call);
    time.advance(std::chrono::seconds(1));
  }
  CHECK(ids_in_order(directory) == Ids{"g", "h", "i", "j"});
}

TEST_CASE("rotation: counts past six digits", "[json][file]") {
  TemporaryDirectory const directory;
  ManualTime time;
  testing::set_contents(directory.file("calls.jsonl.20260101T000000Z.999999"), "");
  JsonLinesWriter file(directory.file("calls.jsonl"),
                       {.max_bytes = 1, .max_files = 2, .time_source = &time});
  file.write(calls_named("abcd"));
  CHECK(directory.names() == Ids{"calls.jsonl", "calls.jsonl.20260101T000000Z.1000001",
                                 "calls.jsonl.20260101T000000Z.1000002"});
}

}  // namespace
}  // namespace netrun::llm
