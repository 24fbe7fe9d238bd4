// SPDX-License-Identifier: MIT
// Days and minutes as price files write them.
#include "prices/calendar_text.hpp"

namespace netrun::llm::detail {

std::string to_text(std::chrono::sys_days day) {
  std::chrono::year_month_day const date(day);
  auto const two_digits = [](unsigned number) {
    return (number < 10 ? "-0" : "-") + std::to_string(number);
  };
  return std::to_string(static_cast<int>(date.year())) +
         two_digits(static_cast<unsigned>(date.month())) +
         two_digits(static_cast<unsigned>(date.day()));
}

std::string to_text(unsigned minute) {
  auto const two_digits = [](unsigned number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
  };
  return two_digits(minute / 60) + ':' + two_digits(minute % 60);
}

}  // namespace netrun::llm::detail
