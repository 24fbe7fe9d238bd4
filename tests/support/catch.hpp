// SPDX-License-Identifier: MIT
// Catch2 for the tests, version 2 or 3: include this instead of a header of Catch2.
//
// SKIP_TEST(message) leaves the test case, prints "skipped: <message>" and makes ctest report the
// test as skipped. Use it in the body of a test case, before any thread is started.
#pragma once

#include <iostream>
#include <string>

#if defined(NETRUN_LLM_CATCH2_V3)

#include <catch2/catch_all.hpp>

using Catch::Approx;

#define SKIP_TEST(message)                              \
  do {                                                  \
    std::cout << "skipped: " << (message) << std::endl; \
    SKIP(message);                                      \
  } while (false)

#else

#include <catch2/catch.hpp>  // brings Approx into the global namespace

namespace Catch::Matchers {
// The name of version 3; `Contains` means something else there.
inline auto ContainsSubstring(std::string const& part) { return Contains(part); }  // NOLINT
}  // namespace Catch::Matchers

namespace netrun::llm::testing {
inline int skipped_cases = 0;
}  // namespace netrun::llm::testing

#define SKIP_TEST(message)                              \
  do {                                                  \
    std::cout << "skipped: " << (message) << std::endl; \
    ++netrun::llm::testing::skipped_cases;              \
    return;                                             \
  } while (false)

#endif
