// SPDX-License-Identifier: MIT
// Version of the library; the build files read it from here.
#pragma once

#define NETRUN_LLM_VERSION_MAJOR 0
#define NETRUN_LLM_VERSION_MINOR 1
#define NETRUN_LLM_VERSION_PATCH 0

namespace netrun::llm {
/// "0.1.0": the version of the headers that a program was compiled with.
inline constexpr char version[] = "0.1.0";
}  // namespace netrun::llm
