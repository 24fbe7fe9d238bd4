// SPDX-License-Identifier: MIT
// Time zones: finding their files, and what their clocks show.
#include "core/tz_file.hpp"
#include "core/tz_rule.hpp"
#include <netrun/llm/detail/time_zone.hpp>
#include <netrun/llm/detail/utf8.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace netrun::llm::detail {

/// The time line cut where the offset changes. A yearly rule is written out for a little more than
/// 400 years, after which the calendar repeats itself to the second, weekdays included.
struct TimeZone::Data {
  std::string name;
  std::vector<std::int64_t> changes;  ///< Ascending; of two at one moment the second counts.
  std::vector<std::int64_t> offsets;  ///< Before the first change, and from each of them on.
  /// From here on the same happens as so many seconds before; never without a rule.
  std::int64_t repeats_from = std::numeric_limits<std::int64_t>::max();

  [[nodiscard]] std::size_t piece_of(std::int64_t utc_s) const noexcept {
    auto const after = std::upper_bound(changes.begin(), changes.end(), utc_s);
    return static_cast<std::size_t>(after - changes.begin());
  }
  /// What to take from a time to come to one that is written out and has the same offset. It can be
  /// more than the time itself, so it needs the 64th bit.
  [[nodiscard]] std::uint64_t repeated_s(std::int64_t time_s) const noexcept;
};

namespace {

constexpr std::int64_t cycle_s = std::int64_t{146'097} * 86'400;  // 400 years

[[noreturn]] void reject(std::string_view name, std::string_view reason) {
  constexpr std::size_t most_quoted = 80;
  std::string message = "not a time zone: \"";
  message += cut_utf8(name, most_quoted);
  message += name.size() > most_quoted ? "...\" (" : "\" (";
  message += reason;
  message += ')';
  throw std::invalid_argument(message);
}

bool is_safe(std::string_view name) noexcept {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
  return !name.empty() && name.size() <= 255 && name.front() != '/' && name.back() != '/' &&
         name.find_first_not_of(allowed) == std::string_view::npos;
}

class Descriptor {
 public:
  /// A pipe of this name must not make us wait for its other end.
  explicit Descriptor(std::string const& path) noexcept
      : number_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  Descriptor(Descriptor const&) = delete;
  Descriptor& operator=(Descriptor const&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] bool is_file() const noexcept {
    struct stat facts {};
    return number_ >= 0 && ::fstat(number_, &facts) == 0 && S_ISREG(facts.st_mode);
  }
  /// What `read` returns.
  [[nodiscard]] ssize_t read(std::array<char, 8192>& buffer) const noexcept {
    ssize_t size = 0;
    do {
      size = ::read(number_, buffer.data(), buffer.size());
    } while (size < 0 && errno == EINTR);
    return size;
  }

 private:
  int number_;
};

/// Every database has UTC under one of these names.
bool is_database(std::string const& directory) {
  return ::access((directory + "/UTC").c_str(), F_OK) == 0 ||
         ::access((directory + "/Etc/UTC").c_str(), F_OK) == 0;
}

std::string read_file(std::string_view name) {
  char const* const set = std::getenv("TZDIR");
  std::string const directory = set == nullptr || *set == '\0' ? "/usr/share/zoneinfo" : set;
  Descriptor const file(directory + '/' + std::string(name));
  if (!file.is_file()) {
    if (is_database(directory)) reject(name, "there is no such file in " + directory);
    reject(name, "there is no time zone database in " + directory +
                     "; systems have it in a package tzdata, or set TZDIR");
  }
  std::string bytes;
  std::array<char, 8192> buffer{};
  ssize_t size = 0;
  while (bytes.size() <= max_tz_file_bytes && (size = file.read(buffer)) > 0) {
    bytes.append(buffer.data(), static_cast<std::size_t>(size));
  }
  if (size < 0) reject(name, "its file in " + directory + " cannot be read");
  return bytes;
}

struct Change {
  std::int64_t at_s;
  bool to_daylight;
  std::int64_t offset_s;
};

/// The changes of the years around `from_s` and of 402 after it, in order.
std::vector<Change> changes_by(TzRule const& rule, std::int64_t from_s) {
  // A year of the calendar is never more than a day from a mean one, and a change can lie eight
  // days outside of its year.
  constexpr std::int64_t mean_year_s = cycle_s / 400;
  std::int64_t const first_year = 1970 + from_s / mean_year_s - 3;
  constexpr std::int64_t years = 408;
  std::vector<Change> changes;
  changes.reserve(2 * years);
  for (auto year = first_year; year < first_year + years; ++year) {
    changes.push_back({rule.daylight_ends(year), false, rule.standard_s});
    changes.push_back({rule.daylight_begins(year), true, rule.daylight_s});
  }
  // Of two at the same moment daylight saving wins: it is how a zone says that it always has it.
  std::sort(changes.begin(), changes.end(), [](Change const& a, Change const& b) {
    return a.at_s < b.at_s || (a.at_s == b.at_s && a.to_daylight < b.to_daylight);
  });
  return changes;
}

/// The rule decides from the last change on, or always if there is none.
void continue_by(TzRule const& rule, TimeZone::Data& data) {
  if (!rule.has_daylight) {
    data.offsets.back() = rule.standard_s;
    return;
  }
  constexpr std::int64_t year_1601_s = -11'644'473'600;  // before the first moment of Clock
  auto const from_s =
      data.changes.empty() ? year_1601_s : std::max(data.changes.back(), year_1601_s);
  auto const changes = changes_by(rule, from_s);
  auto next = std::find_if(changes.begin(), changes.end(),
                           [&](Change const& change) { return change.at_s > from_s; });
  data.offsets.back() = std::prev(next)->offset_s;
  constexpr std::int64_t year_s = std::int64_t{366} * 86'400;
  data.repeats_from = from_s + cycle_s + year_s;
  // A year more than is looked at, for times are also searched a little after what was asked for.
  auto const end_s = data.repeats_from + year_s;
  for (; next != changes.end() && next->at_s < end_s; ++next) {
    data.changes.push_back(next->at_s);
    data.offsets.push_back(next->offset_s);
  }
}

/// Takes out changes of nothing but a name.
void merge(TimeZone::Data& data) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < data.changes.size(); ++i) {
    if (data.offsets[i + 1] == data.offsets[kept]) continue;
    data.changes[kept] = data.changes[i];
    data.offsets[++kept] = data.offsets[i + 1];
  }
  data.changes.resize(kept);
  data.offsets.resize(kept + 1);
}

std::int64_t minus(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b < 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}

std::int64_t unrepeated(std::int64_t time_s, std::uint64_t repeated_s) noexcept {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time_s) - repeated_s);
}

}  // namespace

std::uint64_t TimeZone::Data::repeated_s(std::int64_t time_s) const noexcept {
  if (time_s < repeats_from) return 0;
  auto const cycles = (time_s - repeats_from) / cycle_s + 1;
  return static_cast<std::uint64_t>(cycles) * static_cast<std::uint64_t>(cycle_s);
}

TimeZone::TimeZone(std::string_view name) {
  if (name == "UTC") return;
  if (!is_safe(name)) reject(name, "a name such as Europe/Berlin is needed");
  *this = from_bytes(name, read_file(name));
}

TimeZone TimeZone::from_bytes(std::string_view name, std::string_view bytes) {
  auto data = std::make_shared<Data>();
  try {
    auto file = parse_tz_file(bytes);
    data->name = name;
    data->changes = std::move(file.changes);
    data->offsets = std::move(file.offsets);
    if (!file.footer.empty()) continue_by(parse_tz_rule(file.footer), *data);
  } catch (std::invalid_argument const& error) {
    reject(name, std::string("its file cannot be used: ") + error.what());
  }
  merge(*data);
  TimeZone zone;
  zone.data_ = std::move(data);
  return zone;
}

std::string_view TimeZone::name() const noexcept {
  return data_ == nullptr ? std::string_view("UTC") : std::string_view(data_->name);
}

std::int64_t TimeZone::offset_at(std::int64_t utc_s) const noexcept {
  if (data_ == nullptr) return 0;
  return data_->offsets[data_->piece_of(unrepeated(utc_s, data_->repeated_s(utc_s)))];
}

std::int64_t TimeZone::to_utc(std::int64_t local_s) const noexcept {
  if (data_ == nullptr) return local_s;
  auto const& data = *data_;
  auto const repeated_s = data.repeated_s(local_s);
  auto const wanted_s = unrepeated(local_s, repeated_s);
  // No clock is so far ahead that it shows the time before this moment.
  auto piece = data.piece_of(minus(wanted_s, max_utc_offset_s));
  auto found_s = minus(wanted_s, data.offsets[piece]);
  for (; piece < data.changes.size() && found_s >= data.changes[piece]; ++piece) {
    // Within this piece the clock does not come so far. If the next begins later than the time that
    // it would show, it was put forward over it.
    found_s = std::max(minus(wanted_s, data.offsets[piece + 1]), data.changes[piece]);
  }
  std::int64_t utc_s = 0;
  bool const is_beyond = __builtin_add_overflow(found_s, repeated_s, &utc_s);
  return is_beyond ? std::numeric_limits<std::int64_t>::max() : utc_s;
}

}  // namespace netrun::llm::detail
