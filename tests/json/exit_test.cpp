// SPDX-License-Identifier: MIT
// Short programs leave nothing behind.
#include "json/support.hpp"
#include "support/catch.hpp"
#include <netrun/llm/json_lines.hpp>

#include <array>
#include <cstdint>
#include <string>

#include <spawn.h>
#include <sys/wait.h>

using namespace netrun::llm;
using namespace netrun::llm::testing;

TEST_CASE("exit: all calls of a program that returns from main are in its file") {
  TemporaryDirectory const directory;
  auto path = directory.file("calls.jsonl");
  std::string program = NETRUN_LLM_PROGRAMS_DIR "/exit_after_calls";
  std::string count = "1000";
  std::array<char*, 4> arguments{program.data(), path.data(), count.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments.data(), environ) == 0);
  int status = -1;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  JsonLinesReader file(path);
  std::uint64_t expected = 0;
  while (auto const call = file.next()) {
    REQUIRE(call->input_tokens == expected);
    ++expected;
  }
  CHECK(expected == 1'000);
  CHECK_FALSE(file.torn_tail());
}
