// SPDX-License-Identifier: MIT
// The researched prices and costs in the shared folder, for the tests that compare with them.
#pragma once

#if defined(__has_include)
#if __has_include(<nlohmann/json.hpp>)
#define NETRUN_LLM_TEST_HAS_JSON 1
#endif
#endif

#if defined(NETRUN_LLM_TEST_HAS_JSON)

#include "support/catch.hpp"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace netrun::llm::testing {

inline std::filesystem::path facts_file(std::string_view name) {
  return std::filesystem::path(NETRUN_LLM_SHARED_DIR) / "facts" / "pricing" / name;
}

inline nlohmann::json read_facts(std::string_view name) {
  std::ifstream file(facts_file(name));
  return nlohmann::json::parse(file);
}

}  // namespace netrun::llm::testing

/// Leaves the test case, visibly, where the facts are not there.
#define NETRUN_LLM_NEED_FACTS(name)                                         \
  do {                                                                      \
    if (!std::filesystem::exists(netrun::llm::testing::facts_file(name))) { \
      SKIP_TEST(std::string("no shared folder with ") + (name));            \
    }                                                                       \
  } while (false)

#endif
