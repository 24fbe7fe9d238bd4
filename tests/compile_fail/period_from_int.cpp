// expect: (non-scalar type|no viable conversion from .int. to).*Period
// SPDX-License-Identifier: MIT
// A number says nothing about its unit.
#include <netrun/llm/period.hpp>

netrun::llm::Period period = 24;
