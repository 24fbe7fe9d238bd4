// SPDX-License-Identifier: MIT
// Forked children of a test.
#pragma once

#include <netrun/llm/exporter.hpp>

#include <array>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <stdexcept>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace netrun::llm::testing {

enum class Leave { at_once, by_exit };

/// Runs `child` in a forked process and returns what it wrote to the pipe whose end it is given.
/// The child ends with what `child` returns, within a time limit; at once, for a search for leaks
/// does not know that the stacks of the parent's threads are gone.
struct Child {
  std::string output;
  int status = -1;

  explicit Child(std::function<int(int)> const& child, Leave leave = Leave::at_once) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    std::cout.flush();  // or the child would print it again
    auto const pid = fork();
    if (pid == 0) {
      close(ends[0]);
      alarm(30);  // a child that hangs ends by a signal
      int const result = child(ends[1]);
      if (leave == Leave::at_once) _exit(result);
      std::exit(result);
    }
    close(ends[1]);
    std::array<char, 4096> buffer{};
    for (ssize_t n = 0; (n = read(ends[0], buffer.data(), buffer.size())) > 0;) {
      output.append(buffer.data(), static_cast<std::size_t>(n));
    }
    close(ends[0]);
    waitpid(pid, &status, 0);
  }
};

inline ExportCallback write_dot(int end) {
  return [end](LLMRequestMetrics const&) {
    if (write(end, ".", 1) != 1) std::abort();
  };
}

}  // namespace netrun::llm::testing
