// SPDX-License-Identifier: MIT
// Names of files that were put aside.
#include "json/rotation.hpp"

#include <netrun/llm/timestamp.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

namespace netrun::llm::detail {
namespace {

constexpr std::size_t stamp_bytes = 16;  // 20260101T120000Z
constexpr std::size_t counter_digits = 6;

std::string compact_stamp(std::int64_t wall_ns) {
  auto const at = Clock::time_point{
      std::chrono::duration_cast<Clock::duration>(std::chrono::nanoseconds(wall_ns))};
  std::string stamp = to_iso8601(at).substr(0, 19);
  stamp.erase(
      std::remove_if(stamp.begin(), stamp.end(), [](char c) { return c == '-' || c == ':'; }),
      stamp.end());
  return stamp + 'Z';
}

/// Renames unless the new name is taken (EEXIST).
int rename_to_free_name(char const* from, char const* to) noexcept {
#ifdef RENAME_NOREPLACE
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
#endif
  // A file system without that call: a link never replaces a name either.
  if (link(from, to) != 0) return errno;
  return unlink(from) == 0 ? 0 : errno;
}

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// What put_aside() has added to the name of a file.
struct Suffix {
  std::string stamp;
  std::uint64_t number;
  std::string digits;  ///< The number as it stands in the name.

  friend bool operator<(Suffix const& a, Suffix const& b) {
    return std::tie(a.stamp, a.number) < std::tie(b.stamp, b.number);
  }
};

std::string digits_of(std::uint64_t number) {
  std::string digits = std::to_string(number);
  if (digits.size() < counter_digits) digits.insert(0, counter_digits - digits.size(), '0');
  return digits;
}

/// Absent for names that put_aside() does not give to the file `base`.
std::optional<Suffix> suffix_of(std::string_view name, std::string_view base) {
  constexpr std::size_t most_digits = 18;  // of a number that 64 bits hold, and one more
  if (name.size() < base.size() + stamp_bytes + counter_digits + 2) return {};
  if (name.substr(0, base.size()) != base || name[base.size()] != '.') return {};
  auto const suffix = name.substr(base.size() + 1);
  auto const digits = suffix.substr(stamp_bytes + 1);
  bool const is_ours = all_digits(suffix.substr(0, 8)) && suffix[8] == 'T' &&
                       all_digits(suffix.substr(9, 6)) && suffix[15] == 'Z' &&
                       suffix[stamp_bytes] == '.' && all_digits(digits) &&
                       digits.size() <= most_digits;
  if (!is_ours) return {};
  Suffix found{std::string(suffix.substr(0, stamp_bytes)), 0, std::string(digits)};
  std::from_chars(digits.data(), digits.data() + digits.size(), found.number);
  return found;
}

/// Of all files that were put aside, the oldest first.
std::vector<Suffix> names_aside(std::string const& path) {
  auto const slash = path.rfind('/');
  std::string const base = slash == std::string::npos ? path : path.substr(slash + 1);
  std::vector<Suffix> found;
  DIR* const entries = opendir(directory_of(path).c_str());
  if (entries == nullptr) return found;
  while (dirent const* const entry = readdir(entries)) {
    if (auto suffix = suffix_of(entry->d_name, base)) found.push_back(std::move(*suffix));
  }
  closedir(entries);
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace

std::string directory_of(std::string const& path) {
  auto const slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::error_code put_aside(std::string const& path, std::int64_t wall_ns) {
  // Past the newest there is, so that names tell the order even of files of one second and after
  // the clock was set back.
  std::string stamp = compact_stamp(wall_ns);
  std::uint64_t number = 1;
  auto const newest = names_aside(path);
  if (!newest.empty() && newest.back().stamp >= stamp) {
    stamp = newest.back().stamp;
    number = newest.back().number + 1;
  }
  std::string const prefix = path + '.' + stamp + '.';
  constexpr int most_tries = 1'000'000;
  for (int i = 0; i < most_tries; ++i, ++number) {
    int const problem = rename_to_free_name(path.c_str(), (prefix + digits_of(number)).c_str());
    if (problem == 0) return {};
    if (problem != EEXIST) return {problem, std::generic_category()};
  }
  return {EEXIST, std::generic_category()};
}

void delete_oldest(std::string const& path, std::size_t keep) {
  auto const aside = names_aside(path);
  for (std::size_t i = 0; i + keep < aside.size(); ++i) {
    unlink((path + '.' + aside[i].stamp + '.' + aside[i].digits).c_str());
  }
}

void sync_directory(std::string const& directory) noexcept {
  int const fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  ::close(fd);
}

}  // namespace netrun::llm::detail
