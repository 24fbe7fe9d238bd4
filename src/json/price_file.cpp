// SPDX-License-Identifier: MIT
// Price files: from bytes to PriceData, or to a list of what is wrong.
#include "json/descriptor.hpp"
#include "json/price_keys.hpp"
#include "json/price_reader.hpp"
#include "json/text.hpp"
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/price_file.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace netrun::llm {
namespace detail {
namespace {

/// Reads what stands right in the file. Entries and providers that are no objects are left out.
class PriceFileReader {
 public:
  PriceFileReader(LinedJson const& document, PriceMistakes& mistakes)
      : mistakes_(mistakes), root_(document.root(), mistakes), places_{{document.root(), ""}} {}

  PriceData take() {
    static constexpr Field<PriceFileReader> fields[] = {
        {"schema", &read_schema},     {"currency", &read_currency}, {"unit", &read_unit},
        {"snapshot", &read_snapshot}, {"sources", &read_sources},   {"providers", &read_providers},
        {"models", &read_models}};
    read_fields(root_, *this, fields);
    if (!has_entries_ && mistakes_.none()) {
      root_.refuse("there are neither \"models\" nor \"providers\"");
    }
    check();
    return std::move(data_);
  }

 private:
  static void read_schema(Found const& found, PriceFileReader& /*self*/) {
    if (!found.is(JsonKind::number)) return;
    if (found.value().text() == std::to_string(price_schema)) return;
    found.refuse(shortened(found.value().text()) + " is not the schema that is read, which is " +
                 std::to_string(price_schema));
  }
  static void read_currency(Found const& found, PriceFileReader& /*self*/) {
    if (!found.is(JsonKind::string) || found.value().text() == price_currency) return;
    found.refuse('"' + shortened(found.value().text()) + "\" is not \"" +
                 std::string(price_currency) + '"');
  }
  static void read_unit(Found const& found, PriceFileReader& /*self*/) {
    if (!found.is(JsonKind::string) || found.value().text().starts_with(price_unit)) return;
    found.refuse('"' + shortened(found.value().text()) + "\" does not begin with \"" +
                 std::string(price_unit) + '"');
  }
  static void read_snapshot(Found const& found, PriceFileReader& self) {
    read(found, self.data_.snapshot);
  }
  static void read_sources(Found const& found, PriceFileReader& self) {
    if (!is_object(found)) return;
    for (auto const value : found.value()) {
      auto& [code, meaning] = self.data_.sources.emplace_back();
      code = value.key();
      read(Found(value, found), meaning);
    }
  }

  static void read_providers(Found const& found, PriceFileReader& self) {
    self.has_entries_ = true;
    if (!is_object(found) || !found.has_room()) return;
    for (auto const value : found.value()) {
      auto const number = self.enter(value, "provider " + shortened(value.key()));
      Found const here(value, self.mistakes_);
      if (here.is(JsonKind::object)) {
        auto& provider = self.data_.providers.emplace_back();
        provider.name = value.key();
        provider.line = number;
        read(here, provider);
      }
      self.leave();
    }
  }

  static void read_models(Found const& found, PriceFileReader& self) {
    self.has_entries_ = true;
    if (!found.is(JsonKind::array) || !found.has_room()) return;
    std::size_t index = 0;
    for (auto const value : found.value()) {
      auto const number = self.enter(value, name_of(value, index++));
      Found const here(value, self.mistakes_);
      if (here.is(JsonKind::object)) {
        auto& entry = self.data_.models.emplace_back();
        entry.line = number;
        read(here, entry);
      }
      self.leave();
    }
  }

  /// "openai/gpt-4o", or its place when a name is not there.
  static std::string name_of(LinedJson::Value entry, std::size_t index) {
    std::string_view provider, model;
    if (entry.kind() == JsonKind::object) {
      for (auto const field : entry) {
        if (field.kind() != JsonKind::string) continue;
        if (field.key() == "provider") provider = field.text();
        if (field.key() == "model") model = field.text();
      }
    }
    if (provider.empty() || model.empty()) return "models[" + std::to_string(index) + ']';
    return shortened(provider) + '/' + shortened(model);
  }

  /// Until the data are whole, the line of an entry is its number, by which the value of each
  /// mistake is found, however many entries stand on one line.
  std::size_t enter(LinedJson::Value value, std::string where) {
    auto const number = places_.size();
    mistakes_.enter(number, where);
    places_.push_back({value, std::move(where)});
    return number;
  }
  void leave() { mistakes_.enter(0, ""); }

  /// Adds what the rules for all prices find.
  void check() {
    if (mistakes_.has_too_many_parts()) return;  // and so not all was read
    for (auto const& mistake : check_prices(data_, PriceScope::changes)) {
      auto const number = mistake.line;
      if (mistakes_.has(number, mistake.path)) continue;
      auto const& [value, where] = places_[number];
      mistakes_.enter(number, where);
      mistakes_.add(line_of(value, mistake.path), mistake.path, mistake.reason);
    }
    leave();
    for (auto& provider : data_.providers) provider.line = places_[provider.line].value.line();
    for (auto& entry : data_.models) entry.line = places_[entry.line].value.line();
  }

  /// The line of what `path` leads to from `value`, or of the last value on the way.
  static std::size_t line_of(LinedJson::Value value, std::string_view path) {
    while (!path.empty()) {
      auto const next = step(value, path);
      if (!next) break;
      value = *next;
    }
    return value.line();
  }

  /// Takes one step off `path`. Keys may hold points and brackets, so it is the object that tells
  /// where one ends.
  static std::optional<LinedJson::Value> step(LinedJson::Value value, std::string_view& path) {
    if (value.kind() == JsonKind::array) return element(value, path);
    for (auto const field : value) {
      auto const key = field.key().substr(0, max_name_bytes);
      if (key.empty() || !path.starts_with(key)) continue;
      auto rest = path.substr(key.size());
      if (!rest.empty() && rest.front() != '.' && rest.front() != '[') continue;
      if (rest.starts_with('.')) rest.remove_prefix(1);
      path = rest;
      return field;
    }
    return std::nullopt;
  }

  /// The same for a list, of which a path says "[12]".
  static std::optional<LinedJson::Value> element(LinedJson::Value list, std::string_view& path) {
    if (!path.starts_with('[')) return std::nullopt;
    std::size_t index = 0;
    auto const [end, problem] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
    if (problem != std::errc()) return std::nullopt;
    path.remove_prefix(std::min(path.size(), static_cast<std::size_t>(end - path.data()) + 1));
    if (path.starts_with('.')) path.remove_prefix(1);
    for (auto const value : list) {
      if (index-- == 0) return value;
    }
    return std::nullopt;
  }

  /// The file itself, an entry, a provider.
  struct Place {
    LinedJson::Value value;
    std::string where;
  };

  PriceMistakes& mistakes_;
  Found root_;
  std::vector<Place> places_;  ///< By their numbers.
  PriceData data_{};
  bool has_entries_ = false;
};

class File {
 public:
  explicit File(char const* path) noexcept {
    do {
      fd_ = ::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    } while (fd_ < 0 && errno == EINTR);
  }
  File(File const&) = delete;  // it owns a descriptor
  File& operator=(File const&) = delete;
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

std::string too_large(std::string const& size) {
  return "the file is " + size + " bytes long, and a price file has at most " +
         std::to_string(max_price_file_bytes);
}

/// Everything in a file, or why not. Of what has no size (a pipe, a device) no more is read than a
/// price file may have.
std::string read_file(std::filesystem::path const& path, std::string& problem) {
  auto const fail = [&](char const* doing) {
    problem = std::string("the file cannot be ") + doing + ": " + last_code().message();
    return std::string();
  };
  File const file(path.c_str());
  if (file.fd() < 0) return fail("opened");
  struct stat status {};
  if (fstat(file.fd(), &status) != 0) return fail("examined");
  if (S_ISDIR(status.st_mode)) {
    problem = "it is a directory";
    return {};
  }
  auto const size = S_ISREG(status.st_mode) ? static_cast<std::uint64_t>(status.st_size) : 0;
  if (size > max_price_file_bytes) {
    problem = too_large(std::to_string(size));
    return {};
  }
  constexpr std::size_t piece = 65'536;
  std::string text;
  text.reserve(static_cast<std::size_t>(size) + piece);
  for (;;) {
    auto const before = text.size();
    text.resize(before + piece);
    auto const got = ::read(file.fd(), text.data() + before, piece);
    text.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got == 0) return text;
    if (got < 0 && errno != EINTR) return fail("read");
    if (text.size() > max_price_file_bytes) {
      problem = too_large("more than " + std::to_string(max_price_file_bytes));
      return {};
    }
  }
}

PriceData read_prices(std::filesystem::path const& file, std::vector<PriceMistake>& mistakes) {
  std::string problem;
  auto const text = read_file(file, problem);
  if (problem.empty()) return parse_prices(text, mistakes);
  mistakes.push_back({.reason = std::move(problem)});
  return {};
}

std::string summary_of(std::string const& file, std::vector<PriceMistake> const& mistakes) {
  constexpr std::size_t listed = 10;
  std::string text = "prices in \"" + shortened(file, max_name_bytes) + "\": ";
  for (std::size_t i = 0; i < std::min(mistakes.size(), listed); ++i) {
    if (i > 0) text += '\n';
    text += mistakes[i].to_string();
  }
  if (mistakes.size() > listed) {
    text += "\nand " + std::to_string(mistakes.size() - listed) + " more";
  }
  return text;
}

}  // namespace
}  // namespace detail

PriceFileError::PriceFileError(std::string const& file, std::vector<PriceMistake> mistakes)
    : std::runtime_error(detail::summary_of(file, mistakes)), mistakes_(std::move(mistakes)) {}

PriceData parse_prices(std::string_view text, std::vector<PriceMistake>& mistakes) {
  if (text.size() > max_price_file_bytes) {
    mistakes.push_back({.reason = detail::too_large(std::to_string(text.size()))});
    return {};
  }
  detail::LinedJson document;
  detail::LinedJsonError error;
  if (!document.parse(text, error)) {
    mistakes.push_back({.line = error.line, .reason = std::move(error.reason)});
    return {};
  }
  detail::PriceMistakes found(mistakes);
  auto data = detail::PriceFileReader(document, found).take();
  found.sort();
  return found.none() ? data : PriceData{};
}

PriceData load_prices(std::filesystem::path const& file) {
  std::vector<PriceMistake> mistakes;
  auto data = detail::read_prices(file, mistakes);
  if (!mistakes.empty()) throw PriceFileError(file.string(), std::move(mistakes));
  return data;
}

std::vector<PriceMistake> check_price_file(std::filesystem::path const& file) {
  std::vector<PriceMistake> mistakes;
  static_cast<void>(detail::read_prices(file, mistakes));
  return mistakes;
}

}  // namespace netrun::llm
