// SPDX-License-Identifier: MIT
// Any bytes as a price file: they are refused with reasons, or read and written without loss.
#include <netrun/llm/price_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace netrun::llm;

void expect(bool holds, char const* what, std::string_view text = {}) {
  if (holds) return;
  std::cerr << "not so: " << what << '\n' << text << std::endl;
  std::abort();
}

void expect_reasons(std::vector<PriceMistake> const& mistakes, std::string_view text) {
  auto const lines = 1 + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  expect(mistakes.size() <= max_price_mistakes + 1, "the list of mistakes is bounded");
  for (auto const& mistake : mistakes) {
    expect(!mistake.reason.empty(), "a mistake has a reason");
    expect(mistake.line <= lines, "a mistake is on a line of the text", mistake.to_string());
  }
}

std::string written(PriceData const& data) {
  std::ostringstream out;
  write_prices(out, data);
  return out.str();
}

PriceData without_lines(PriceData data) {
  for (auto& provider : data.providers) provider.line = 0;
  for (auto& entry : data.models) entry.line = 0;
  return data;
}

}  // namespace

// The name is libFuzzer's. NOLINTNEXTLINE(readability-identifier-naming)
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
  std::string const text(bytes, bytes + size);
  std::vector<PriceMistake> mistakes;
  auto const data = parse_prices(text, mistakes);
  expect_reasons(mistakes, text);
  if (!mistakes.empty()) {
    expect(data == PriceData{}, "nothing is half loaded");
    return 0;
  }
  expect(check_prices(data, PriceScope::changes).empty(), "what was read passes the rules");
  auto const out = written(data);
  auto const again = parse_prices(out, mistakes);
  expect(mistakes.empty(), "what was written is read", out);
  expect(without_lines(again) == without_lines(data), "nothing is lost in writing", out);
  expect(written(again) == out, "it is written the same way again", out);
  return 0;
}
