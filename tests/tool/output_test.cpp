// SPDX-License-Identifier: MIT
// Where answers go: colour, pipes that nobody reads, full disks, streams that are closed.
#include "json/support.hpp"
#include "support/catch.hpp"
#include "tool/program.hpp"

#include <string>

#include <unistd.h>

namespace netrun::llm {
namespace {

using Catch::Matchers::ContainsSubstring;
using testing::Arguments;
using testing::run;
using testing::run_on_terminal;

constexpr auto escape = '\x1b';

bool is_coloured(testing::Ended const& ended) {
  return ended.out.find(escape) != std::string::npos;
}

TEST_CASE("output: a terminal is given colour", "[tool][output]") {
  auto const ended = run_on_terminal({"prices", "list"}, {"TERM=xterm"});
  CHECK(ended.status == 0);
  CHECK(is_coloured(ended));
}

TEST_CASE("output: NO_COLOR, --no-color and dumb terminals are obeyed", "[tool][output]") {
  CHECK_FALSE(is_coloured(run_on_terminal({"prices", "list"}, {"TERM=xterm", "NO_COLOR=1"})));
  CHECK_FALSE(is_coloured(run_on_terminal({"prices", "list", "--no-color"}, {"TERM=xterm"})));
  CHECK_FALSE(is_coloured(run_on_terminal({"--no-color", "prices", "list"}, {"TERM=xterm"})));
  CHECK_FALSE(is_coloured(run_on_terminal({"prices", "list"}, {"TERM=dumb"})));
}

TEST_CASE("output: an empty NO_COLOR says nothing", "[tool][output]") {
  CHECK(is_coloured(run_on_terminal({"prices", "list"}, {"TERM=xterm", "NO_COLOR="})));
}

TEST_CASE("output: a file is given no colour", "[tool][output]") {
  CHECK_FALSE(is_coloured(run({"prices", "list"}, {.environment = {"TERM=xterm"}})));
}

TEST_CASE("output: a full disk is a failure", "[tool][output]") {
  if (access("/dev/full", W_OK) != 0) SKIP_TEST("there is no /dev/full");
  auto const arguments = GENERATE(Arguments{"--version"}, Arguments{"--help"},
                                  Arguments{"prices", "list"}, Arguments{"prices"});
  auto const ended = run(arguments, {.output = "/dev/full"});
  CHECK(ended.status == 1);
  CHECK(ended.err == "netrun-llm: cannot write to standard output: No space left on device\n");
}

TEST_CASE("output: a closed standard output is a failure", "[tool][output]") {
  auto const ended = run({"prices", "list"}, {.output = "closed"});
  CHECK(ended.status == 1);
  CHECK(ended.err == "netrun-llm: cannot write to standard output: Bad file descriptor\n");
}

TEST_CASE("output: no file that a command opens becomes its standard output", "[tool][output]") {
  testing::TemporaryDirectory const directory;
  auto const cases = directory.file("cases.jsonl");
  testing::set_contents(cases, "{}\n");
  auto const ended = run({"cost", "--cases", cases}, {.output = "closed"});
  CHECK(ended.status == 1);
  CHECK(testing::contents(cases) == "{}\n");
}

TEST_CASE("output: a reader that went away has what it wanted", "[tool][output]") {
  auto const ended = run({"prices", "list"}, {.output = "unread"});
  CHECK(ended.status == 1);
  CHECK(ended.err == "");
}

TEST_CASE("output: --tz shows times as they are there", "[tool][output]") {
  if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) != 0) SKIP_TEST("there is no tzdata");
  auto const ended = run({"cost", "--provider", "openai", "--model", "gpt-4o", "--input", "1",
                          "--at", "2026-07-01T10:00:00Z", "--tz", "Europe/Berlin"});
  CHECK(ended.status == 0);
  CHECK_THAT(ended.out, ContainsSubstring("2026-07-01 12:00:00 CEST"));
}

}  // namespace
}  // namespace netrun::llm
