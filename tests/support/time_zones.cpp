// SPDX-License-Identifier: MIT
// Looking for time zones, and asking the C library about them.
#include "support/time_zones.hpp"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace netrun::llm::testing {
namespace {

std::filesystem::path const database = "/usr/share/zoneinfo";

bool is_zone(std::filesystem::path const& path) {
  std::string magic(4, '\0');
  std::ifstream file(path, std::ios::binary);
  return file.read(magic.data(), 4) && magic == "TZif";
}

}  // namespace

Variable::Variable(std::string name, std::string const& value) : name_(std::move(name)) {
  if (char const* const before = std::getenv(name_.c_str())) before_ = before;
  ::setenv(name_.c_str(), value.c_str(), 1);
}

Variable::~Variable() {
  if (before_) {
    ::setenv(name_.c_str(), before_->c_str(), 1);
  } else {
    ::unsetenv(name_.c_str());
  }
}

ZoneDatabase::ZoneDatabase() {
  std::string pattern = (std::filesystem::temp_directory_path() / "netrun-zones-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary directory");
  directory_ = pattern;
  variable_.emplace("TZDIR", pattern);
}

ZoneDatabase::~ZoneDatabase() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void ZoneDatabase::put(std::string_view name, std::string_view bytes) const {
  std::filesystem::create_directories(path(name).parent_path());
  std::ofstream(path(name), std::ios::binary)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::vector<std::string> all_zones() {
  std::vector<std::string> names;
  if (!std::filesystem::is_directory(database)) return names;
  for (auto file = std::filesystem::recursive_directory_iterator(database);
       file != std::filesystem::recursive_directory_iterator(); ++file) {
    auto const name = file->path().lexically_relative(database).string();
    if (name == "posix" || name == "right") file.disable_recursion_pending();
    bool const is_copy = name == "localtime" || name == "posixrules";
    if (file->is_regular_file() && !is_copy && is_zone(file->path())) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string zone_file(std::string_view name) {
  std::ifstream file(database / name, std::ios::binary);
  if (!file) throw std::runtime_error("no file of the time zone " + std::string(name));
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

CLibraryZone::CLibraryZone(std::string const& name) {
  variable_.emplace("TZ", name);
  ::tzset();
}

CLibraryZone::~CLibraryZone() {
  variable_.reset();
  ::tzset();
}

std::int64_t CLibraryZone::offset_at(std::int64_t utc_s) const {
  std::time_t const seconds = utc_s;
  std::tm parts{};
  if (localtime_r(&seconds, &parts) == nullptr) throw std::runtime_error("no local time");
  return parts.tm_gmtoff;
}

std::vector<std::int64_t> CLibraryZone::changes(std::int64_t from_s, std::int64_t to_s,
                                                std::int64_t step_s) const {
  std::vector<std::int64_t> found;
  auto before = offset_at(from_s);
  for (auto begin = from_s; begin < to_s; begin += step_s) {
    auto const offset = offset_at(begin + step_s);
    if (offset == before) continue;
    auto low = begin;
    auto high = begin + step_s;
    while (high - low > 1) {
      auto const middle = low + (high - low) / 2;
      (offset_at(middle) == before ? low : high) = middle;
    }
    found.push_back(high);
    before = offset;
  }
  return found;
}

std::int64_t CLibraryZone::to_utc(std::int64_t local_s) const {
  constexpr std::int64_t day_and_more = std::int64_t{26} * 3600;
  auto const from_s = local_s - day_and_more;
  auto found_s = std::numeric_limits<std::int64_t>::max();
  auto const consider = [&](std::int64_t utc_s) {
    if (utc_s + offset_at(utc_s) >= local_s) found_s = std::min(found_s, utc_s);
  };
  consider(local_s - offset_at(from_s));
  for (auto const change : changes(from_s, local_s + day_and_more, 900)) {
    consider(change);
    consider(local_s - offset_at(change));
  }
  return found_s;
}

}  // namespace netrun::llm::testing
