// SPDX-License-Identifier: MIT
// A response says the same however it is cut into pieces, be it whole or damaged.
#include "support/response_samples.hpp"

#include <cstddef>
#include <random>
#include <string>

using namespace netrun::llm;
using namespace netrun::llm::testing;

namespace {

using Random = std::mt19937;

std::size_t below(Random& random, std::size_t end) {
  return std::uniform_int_distribution<std::size_t>(0, end - 1)(random);
}

/// A few bytes changed, gone, doubled or put in.
std::string damaged(std::string body, Random& random) {
  constexpr std::string_view bytes = "{}[]\",:\\0123456789.-+eEutfnrls \r\n\t\0\1\xEF\xC3x";
  for (auto n = 1 + below(random, 3); n > 0 && !body.empty(); --n) {
    auto const at = below(random, body.size());
    switch (below(random, 5)) {
      case 0:
        body[at] = bytes[below(random, bytes.size())];
        break;
      case 1:
        body.erase(at, 1 + below(random, 8));
        break;
      case 2:
        body.insert(at, body.substr(at, 1 + below(random, 60)));
        break;
      case 3:
        body.insert(at, 1, bytes[below(random, bytes.size())]);
        break;
      default:
        body.resize(at);
    }
  }
  return body;
}

/// Checks cuts into pieces of at most `largest` bytes, which may be empty.
void check_cuts(Api api, std::string const& body, Random& random, std::size_t largest) {
  auto const whole = text_of(read_response(api, body));
  auto const cut = read_in_pieces(api, body, {}, [&] { return below(random, largest + 1); });
  if (text_of(cut) == whole) return;
  FAIL("pieces of at most " << largest << " of\n"
                            << body << "\nsay\n"
                            << text_of(cut) << "\nand not\n"
                            << whole);
}

}  // namespace

TEST_CASE("property: whole responses say the same however they are cut") {
  Random random(1);
  for (auto const& [api, body] : response_samples()) {
    for (int round = 0; round < 60; ++round) {
      check_cuts(api, body, random, 1 + below(random, 200));
      check_cuts(Api::automatic, body, random, 1 + below(random, 9));
    }
  }
  SUCCEED();
}

TEST_CASE("property: damaged responses say the same however they are cut") {
  Random random(2);
  for (auto const& [api, body] : response_samples()) {
    for (int round = 0; round < 150; ++round) {
      check_cuts(api, damaged(body, random), random, 1 + below(random, 50));
    }
  }
  SUCCEED();
}
