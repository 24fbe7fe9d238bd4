// SPDX-License-Identifier: MIT
// Small price books for tests.
#pragma once

#include <netrun/llm/price_book.hpp>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace netrun::llm::testing {

/// The price of a million tokens at so many picodollars each.
inline Usd each(std::int64_t picos_per_token) {
  return Usd::from_picos(picos_per_token) * 1'000'000;
}

inline std::chrono::sys_days day(int year, unsigned month, unsigned day_of_month) {
  return std::chrono::sys_days(std::chrono::year{year} / std::chrono::month{month} /
                               std::chrono::day{day_of_month});
}

/// An entry of provider "p" with one period.
inline ModelPrices entry(std::string model, std::vector<std::string> match,
                         PricePeriod period = {}) {
  return {.provider = "p",
          .model = std::move(model),
          .match = std::move(match),
          .periods = {std::move(period)}};
}

/// A book of provider "p" with one model, "m".
inline PriceBook book_of(PricePeriod period, ProviderPrices provider = {}) {
  provider.name = "p";
  return PriceBook(
      {.providers = {std::move(provider)}, .models = {entry("m", {}, std::move(period))}});
}

}  // namespace netrun::llm::testing
