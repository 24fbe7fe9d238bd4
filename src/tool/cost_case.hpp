// SPDX-License-Identifier: MIT
// One case of a case file: a call that is to be priced.
#pragma once

#include <netrun/llm/metrics.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/tokens.hpp>

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace netrun::llm::tool {

/// Attributes that prices depend on. Of a name that is set twice, the first counts.
class Attributes {
 public:
  void set(std::string name, std::string value);
  /// Views that live as long as this and until the next set().
  [[nodiscard]] std::vector<Tag> tags() const;

 private:
  std::vector<std::pair<std::string, std::string>> pairs_;
};

struct CostCase {
  std::string provider{}, model{};
  TokenUsage usage{};
  std::optional<Clock::time_point> at{};
  Attributes attributes{};
};

/// A case that is not one.
class CaseError : public std::runtime_error {
 public:
  CaseError(std::string_view name, std::string const& explanation)
      : std::runtime_error(explanation), name_(name) {}
  /// "invalid_case" or "invalid_usage"
  [[nodiscard]] std::string_view name() const noexcept { return name_; }

 private:
  std::string_view name_;  // constant text
};

/// Reads a case. Keys that are not known are ignored, but within `usage`, where they might be what
/// makes a call dear. Throws CaseError.
[[nodiscard]] CostCase read_case(nlohmann::json const& json);

}  // namespace netrun::llm::tool
