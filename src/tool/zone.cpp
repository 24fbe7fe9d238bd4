// SPDX-License-Identifier: MIT
// The time zone in which moments are shown to people.
#include "tool/zone.hpp"

#include <array>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace netrun::llm::tool {
namespace {

/// The C library takes a name that it does not know for UTC, without a word.
bool is_known(std::string const& name) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  if (name.empty() || name.front() == '/' || name.find_first_not_of(letters) != std::string::npos) {
    return false;
  }
  char const* const directory = std::getenv("TZDIR");
  std::ifstream file(
      std::string(directory == nullptr ? "/usr/share/zoneinfo" : directory) + "/" + name,
      std::ios::binary);
  constexpr std::string_view magic = "TZif";
  std::array<char, magic.size()> start{};
  return file.read(start.data(), start.size()) &&
         std::string_view(start.data(), start.size()) == magic;
}

}  // namespace

Zone::Zone(std::string const& name) : utc_(name == "UTC" || name == "utc" || name == "Z") {
  if (utc_) return;
  if (name != "local") {
    if (!is_known(name)) throw std::invalid_argument("no time zone \"" + name + "\"");
    ::setenv("TZ", (":" + name).c_str(), 1);
  }
  ::tzset();
}

std::string Zone::show(Clock::time_point at) const {
  std::time_t const seconds =
      std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  std::tm parts{};
  auto const* const known = utc_ ? ::gmtime_r(&seconds, &parts) : ::localtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  auto const size =
      known == nullptr
          ? 0
          : std::strftime(text.data(), text.size(),
                          utc_ ? "%Y-%m-%d %H:%M:%S UTC" : "%Y-%m-%d %H:%M:%S %Z", &parts);
  return std::string(text.data(), size);
}

}  // namespace netrun::llm::tool
