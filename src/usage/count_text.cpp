// SPDX-License-Identifier: MIT
// Counts and amounts as they stand in JSON.
#include "usage/count_text.hpp"

#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

namespace netrun::llm::detail {

double read_double(std::string_view number) noexcept {
  double value = 0;
  auto const [end, error] = std::from_chars(number.data(), number.data() + number.size(), value);
  if (error != std::errc{} || end != number.data() + number.size()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return value;
}

ReadCount read_count(std::string_view number) noexcept {
  std::uint64_t whole = 0;
  auto const [end, error] = std::from_chars(number.data(), number.data() + number.size(), whole);
  if (end == number.data() + number.size() && error == std::errc{}) {
    if (whole > largest_count) return {0, ReadProblem::count_too_large};
    return {whole, ReadProblem::none};
  }
  bool const negative = number.starts_with('-');
  bool const plain_digits = number.find_first_of(".eE") == number.npos;
  if (plain_digits && !negative) return {0, ReadProblem::count_too_large};
  double const value = read_double(number);
  if (negative && value != 0) return {0, ReadProblem::negative_count};
  if (std::isnan(value)) {
    // Out of range: too large, or too small to be told from zero but not zero.
    return {0, number.find("e-") == number.npos && number.find("E-") == number.npos
                   ? ReadProblem::count_too_large
                   : ReadProblem::fractional_count};
  }
  if (value > static_cast<double>(largest_count)) return {0, ReadProblem::count_too_large};
  if (value != std::floor(value)) return {0, ReadProblem::fractional_count};
  return {static_cast<std::uint64_t>(value), ReadProblem::none};
}

}  // namespace netrun::llm::detail
