// SPDX-License-Identifier: MIT
// Prices of your own, an estimate before a call, the tier that served it, and a look at what calls
// would have cost by another book. Component json, for the price file.
//
// Output:
//   the built-in book: 1456 entries, gpt-4o is among them
//   estimate of 1,200 tokens in and at most 500 out: $0.008
//   prices.json, line 3: openai/ft:gpt-4o:acme: rates[0].input: -3.75 is negative
//   a fine-tuned model of our own: $0.0195
//   served by the flex tier: $0.00925
//   with 10 % off: $0.028750 before, $0.025875 after
#include <netrun/llm/price_file.hpp>
#include <netrun/llm/telemetry.hpp>

#include <cstdio>
#include <string_view>
#include <vector>

using namespace netrun::llm;

int main() {
  TelemetryCollector collector;
  PriceBook const book = collector.prices();
  std::printf("the built-in book: %zu entries, gpt-4o is %samong them\n", book.size(),
              book.find("openai", "gpt-4o").empty() ? "not " : "");
  auto const quote =
      collector.estimate("openai", "gpt-4o", {.input_tokens = 1'200, .output_tokens = 500});
  std::printf("estimate of 1,200 tokens in and at most 500 out: $%s\n",
              quote.cost.to_string().c_str());

  // As a file it would be read by load_prices("prices.json"), which throws when there are mistakes.
  std::string_view const bad = R"({"models": [
{"provider": "openai", "model": "gpt-4o-mini", "rates": [{"input": 0.15, "output": 0.6}]},
{"provider": "openai", "model": "ft:gpt-4o:acme", "rates": [{"input": -3.75, "output": 15}]}
]})";
  std::vector<PriceMistake> mistakes;
  static_cast<void>(parse_prices(bad, mistakes));
  for (auto const& mistake : mistakes) {
    std::printf("prices.json, %s\n", mistake.to_string().c_str());
  }

  std::string_view const good = R"({"models": [
{"provider": "openai", "model": "ft:gpt-4o:acme", "match": ["ft:gpt-4o*:acme:*"],
 "rates": [{"input": 3.75, "cache_read": 1.875, "output": 15}]}
]})";
  mistakes.clear();
  collector.set_prices(PriceBook::builtin().with(parse_prices(good, mistakes)));
  {
    auto tracker = collector.track_request("openai", "ft:gpt-4o-2024-08-06:acme::a1b2");
    tracker.set_tokens(1'200, 1'000);
  }
  std::printf("a fine-tuned model of our own: $%s\n",
              collector.snapshot().back().exact_cost->to_string().c_str());
  {
    auto tracker = collector.track_request("openai", "gpt-5.4");
    tracker.set_tokens(1'400, 1'000);
    tracker.set_service_tier("flex");  // what the response says, not what was asked for
  }
  std::printf("served by the flex tier: $%s\n",
              collector.snapshot().back().exact_cost->to_string().c_str());

  auto const cheaper = collector.prices().with(
      {.providers = {{.name = "openai", .discount = Factor::parse("0.1")}}});
  auto const report = collector.reprice(cheaper);
  std::printf("with 10 %% off: $%.6f before, $%.6f after\n", report.total.cost_before.to_double(),
              report.total.cost_after.to_double());
}
