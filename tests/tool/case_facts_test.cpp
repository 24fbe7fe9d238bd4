// SPDX-License-Identifier: MIT
// `cost --cases` against calls whose cost is known.
#include "support/catch.hpp"
#include "tool/program.hpp"
#include <netrun/llm/usd.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace netrun::llm {
namespace {

TEST_CASE("case facts: every call of known cost costs that, by the entry that it should",
          "[tool][case_facts]") {
  auto const file =
      std::filesystem::path(NETRUN_LLM_SHARED_DIR) / "facts" / "pricing" / "cases.json";
  if (!std::filesystem::exists(file)) SKIP_TEST("no shared folder with cases.json");
  std::ifstream stream(file);
  auto const cases = testing::Json::parse(stream)["cases"];
  auto const ended = testing::run({"cost", "--cases", file.string()});
  CHECK(ended.status == 0);
  CHECK(ended.err.empty());
  auto const answers = ended.json_lines();
  REQUIRE(answers.size() == cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    INFO(cases[i] << '\n' << answers[i]);
    CHECK(answers[i]["id"] == cases[i]["id"]);
    REQUIRE(answers[i]["cost_usd"].is_string());
    CHECK(Usd::parse(answers[i]["cost_usd"].get<std::string>()) ==
          Usd::parse(cases[i]["expected_cost_usd"].get<std::string>()));
    REQUIRE(answers[i]["entry"].is_string());
    auto const entry = answers[i]["entry"].get<std::string>();
    CHECK(entry.substr(entry.find('/') + 1) == cases[i]["canonical"].get<std::string>());
  }
}

}  // namespace
}  // namespace netrun::llm
