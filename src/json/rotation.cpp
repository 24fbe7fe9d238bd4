// SPDX-License-Identifier: MIT
// Names of files that were put aside.
#include "json/rotation.hpp"

#include <netrun/llm/timestamp.hpp>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <string_view>
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

/// What put_aside() has added to the name of the file `base`; empty for other names.
std::string_view suffix_of(std::string_view name, std::string_view base) noexcept {
  if (name.size() < base.size() + stamp_bytes + counter_digits + 2) return {};
  if (name.substr(0, base.size()) != base || name[base.size()] != '.') return {};
  auto const suffix = name.substr(base.size() + 1);
  bool const is_ours = all_digits(suffix.substr(0, 8)) && suffix[8] == 'T' &&
                       all_digits(suffix.substr(9, 6)) && suffix[15] == 'Z' &&
                       suffix[stamp_bytes] == '.' && all_digits(suffix.substr(stamp_bytes + 1));
  return is_ours ? suffix : std::string_view{};
}

}  // namespace

std::string directory_of(std::string const& path) {
  auto const slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::error_code put_aside(std::string const& path, std::int64_t wall_ns) {
  std::string const prefix = path + '.' + compact_stamp(wall_ns) + '.';
  constexpr int most = 1'000'000;
  for (int i = 1; i < most; ++i) {
    std::string number = std::to_string(i);
    number.insert(0, counter_digits - number.size(), '0');
    int const problem = rename_to_free_name(path.c_str(), (prefix + number).c_str());
    if (problem == 0) return {};
    if (problem != EEXIST) return {problem, std::generic_category()};
  }
  return {EEXIST, std::generic_category()};
}

void delete_oldest(std::string const& path, std::size_t keep) {
  std::string const directory = directory_of(path);
  auto const slash = path.rfind('/');
  std::string const base = slash == std::string::npos ? path : path.substr(slash + 1);
  DIR* const entries = opendir(directory.c_str());
  if (entries == nullptr) return;
  std::vector<std::string> suffixes;
  while (dirent const* const entry = readdir(entries)) {
    auto const suffix = suffix_of(entry->d_name, base);
    if (!suffix.empty()) suffixes.emplace_back(suffix);
  }
  closedir(entries);
  if (suffixes.size() <= keep) return;
  // Stamps and counters have fixed widths, so their order as texts is that of their ages.
  std::sort(suffixes.begin(), suffixes.end());
  suffixes.resize(suffixes.size() - keep);
  for (auto const& suffix : suffixes) unlink((path + '.' + suffix).c_str());
}

void sync_directory(std::string const& directory) noexcept {
  int const fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  fsync(fd);
  ::close(fd);
}

}  // namespace netrun::llm::detail
