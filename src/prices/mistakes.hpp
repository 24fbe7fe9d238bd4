// SPDX-License-Identifier: MIT
// What check_prices has found so far.
#pragma once

#include <netrun/llm/price_data.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm::detail {

/// `text` in quotes, its start if it is long, without control characters.
[[nodiscard]] std::string quoted(std::string_view text);

/// The mistakes of a whole PriceData.
class Mistakes {
 public:
  void add(PriceMistake mistake) {
    if (found_.size() < max_price_mistakes) {
      found_.push_back(std::move(mistake));
    } else if (found_.size() == max_price_mistakes) {
      found_.push_back({.reason = "there are more mistakes than these"});
    }
  }
  [[nodiscard]] std::vector<PriceMistake> take() noexcept { return std::move(found_); }

 private:
  std::vector<PriceMistake> found_{};
};

/// An entry or a provider: adds its mistakes to the others.
class MistakePlace {
 public:
  MistakePlace(Mistakes& mistakes, std::size_t line, std::string where)
      : mistakes_(mistakes), line_(line), where_(std::move(where)) {}

  void refuse(std::string path, std::string reason) const {
    mistakes_.add({line_, where_, std::move(path), std::move(reason)});
  }

 private:
  Mistakes& mistakes_;
  std::size_t line_;
  std::string where_;
};

/// Checks what stands in `entry.periods`.
void check_periods(ModelPrices const& entry, MistakePlace const& place);
/// Checks fees that stand at `path`.
void check_fees(CallFees const& fees, std::string const& path, MistakePlace const& place);
/// Checks `day`; `path` names it.
void check_day(std::optional<std::chrono::sys_days> const& day, std::string_view path,
               MistakePlace const& place);

enum class Letters { any, lower };
void check_name(std::string_view name, Letters letters, std::string const& path,
                MistakePlace const& place);

}  // namespace netrun::llm::detail
