// expect: (no match for .operator\+|invalid operands to binary expression).*Usd
// SPDX-License-Identifier: MIT
// Exact money and doubles do not add up.
#include <netrun/llm/usd.hpp>

auto sum = netrun::llm::Usd::parse("1") + 0.5;
