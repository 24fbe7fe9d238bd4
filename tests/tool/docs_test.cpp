// SPDX-License-Identifier: MIT
// What docs/tool.md shows is what is printed.
#include "json/support.hpp"
#include "support/catch.hpp"
#include "tool/program.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace netrun::llm {
namespace {

struct Example {
  std::string command{}, printed{};
};

/// The blocks "```console": a line with "$ " and a command, then what it prints.
std::vector<Example> examples_in(std::string const& text) {
  std::vector<Example> examples;
  bool inside = false;
  for (auto const& line : testing::lines_of(text)) {
    if (line.starts_with("```")) {
      inside = line == "```console";
    } else if (inside && line.starts_with("$ ")) {
      examples.push_back({.command = line.substr(2)});
    } else if (inside) {
      examples.back().printed += line + "\n";
    }
  }
  return examples;
}

TEST_CASE("docs: every example of docs/tool.md prints what stands there", "[tool][docs]") {
  auto const examples = examples_in(testing::contents(NETRUN_LLM_SOURCE_DIR "/docs/tool.md"));
  REQUIRE(examples.size() >= 5);
  auto const directory = std::filesystem::path(NETRUN_LLM_TOOL).parent_path().string();
  for (auto const& [command, printed] : examples) {
    INFO(command);
    CHECK(testing::run_shell("PATH='" + directory + "':$PATH; " + command) == printed);
  }
}

}  // namespace
}  // namespace netrun::llm
