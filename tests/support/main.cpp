// SPDX-License-Identifier: MIT
// The main function of the test programs under Catch2 version 2, with the exit status of version 3.
#if defined(NETRUN_LLM_CATCH2_V2)

#define CATCH_CONFIG_RUNNER
#include "support/catch.hpp"

namespace {

constexpr int all_skipped = 4;

int started_cases = 0;

struct CaseCounter : Catch::TestEventListenerBase {
  using TestEventListenerBase::TestEventListenerBase;
  void testCaseStarting(Catch::TestCaseInfo const&) override { ++started_cases; }
};
CATCH_REGISTER_LISTENER(CaseCounter)

}  // namespace

int main(int argc, char** argv) {
  int const result = Catch::Session().run(argc, argv);
  if (result == 0 && started_cases > 0 && netrun::llm::testing::skipped_cases >= started_cases) {
    return all_skipped;
  }
  // Version 2 returns the number of failures: four of them must not look like a skip.
  return result == all_skipped ? 1 : result;
}

#endif
