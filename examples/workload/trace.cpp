// SPDX-License-Identifier: MIT
#include "workload/trace.hpp"

#include "workload/random.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <fstream>
#include <string_view>
#include <tuple>

namespace workload {
namespace {

struct File {
  char const* name;
  Kind kind;
};
constexpr std::array files{File{"azure_conv_2023.csv", Kind::conversation},
                           File{"azure_code_2023.csv", Kind::code}};

/// A whole number that fills `text`; false when it is anything else.
bool read_number(std::string_view text, std::uint64_t& value) {
  auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

/// "2023-11-16 18:17:03.9799600" as time since 1970; false when it is anything else.
bool read_stamp(std::string_view text, nanoseconds& stamp) {
  constexpr std::string_view shape = "dddd-dd-dd dd:dd:dd.";
  constexpr std::size_t most_digits = 9;
  if (text.size() <= shape.size() || text.size() > shape.size() + most_digits) return false;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != 'd' && shape[i] != text[i]) return false;
  }
  std::string const fraction = fmt::format("{:0<9}", text.substr(shape.size()));
  std::array const parts{text.substr(0, 4),         text.substr(5, 2),  text.substr(8, 2),
                         text.substr(11, 2),        text.substr(14, 2), text.substr(17, 2),
                         std::string_view(fraction)};
  std::array<std::uint64_t, parts.size()> n{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!read_number(parts[i], n[i])) return false;
  }
  namespace chr = std::chrono;
  chr::year_month_day const day{chr::year(static_cast<int>(n[0])),
                                chr::month(static_cast<unsigned>(n[1])),
                                chr::day(static_cast<unsigned>(n[2]))};
  if (!day.ok() || n[3] > 23 || n[4] > 59 || n[5] > 60) return false;
  stamp = chr::sys_days{day}.time_since_epoch() + chr::hours(n[3]) + chr::minutes(n[4]) +
          chr::seconds(n[5]) + nanoseconds(n[6]);
  return true;
}

bool read_row(std::string_view line, Request& request) {
  auto const first = line.find(',');
  auto const second = line.find(',', first + 1);
  if (first == line.npos || second == line.npos) return false;
  return read_stamp(line.substr(0, first), request.at) &&
         read_number(line.substr(first + 1, second - first - 1), request.context_tokens) &&
         read_number(line.substr(second + 1), request.generated_tokens);
}

void read_file(std::filesystem::path const& path, Kind kind, std::vector<Request>& requests) {
  constexpr std::string_view header = "TIMESTAMP,ContextTokens,GeneratedTokens";
  std::ifstream in(path);
  if (!in) throw InputError(fmt::format("cannot read the trace file {}", path.string()));
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number == 1) {
      if (line == header) continue;
      throw InputError(
          fmt::format("{}:1: the header is \"{}\", expected \"{}\"", path.string(), line, header));
    }
    Request request{.kind = kind};
    if (!read_row(line, request)) {
      throw InputError(
          fmt::format("{}:{}: cannot read \"{}\"; expected a row such as \"2023-11-16 "
                      "18:17:03.9799600,4808,10\"",
                      path.string(), number, line));
    }
    requests.push_back(request);
  }
}

/// Values at the quantiles below; what lies between is interpolated.
using Quantiles = std::array<double, 8>;
constexpr Quantiles at_share{0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1};

struct Published {
  Kind kind;
  double requests, minutes;  ///< The whole trace.
  Quantiles context, generated;
};
constexpr std::array published{Published{Kind::conversation,
                                         19'366,
                                         58,
                                         {2, 181, 396, 1'020, 1'189, 4'083, 4'142, 14'050},
                                         {7, 41, 85, 129, 395, 451, 601, 1'000}},
                               Published{Kind::code,
                                         8'819,
                                         57,
                                         {3, 75, 578, 1'469, 2'744, 7'302, 7'436, 7'437},
                                         {1, 6, 9, 13, 24, 90, 249, 1'899}}};

std::uint64_t draw(Quantiles const& values, Random& random) {
  double const share = random.unit();
  std::size_t i = 1;
  while (share > at_share[i]) ++i;
  double const within = (share - at_share[i - 1]) / (at_share[i] - at_share[i - 1]);
  return static_cast<std::uint64_t>(values[i - 1] + (values[i] - values[i - 1]) * within);
}

void generate_kind(Published const& source, nanoseconds length, Random& random,
                   std::vector<Request>& requests) {
  // Bursts: most gaps are much shorter than the mean, a few make up for them.
  constexpr double short_share = 0.9, short_gap = 0.4;
  constexpr double long_gap = (1 - short_share * short_gap) / (1 - short_share);
  double const mean_ns = source.minutes * 60e9 / source.requests;
  double at = 0;
  for (;;) {
    at += random.exponential(mean_ns * (random.chance(short_share) ? short_gap : long_gap));
    if (at >= static_cast<double>(length.count())) return;
    requests.push_back({.at = nanoseconds(static_cast<std::int64_t>(at)),
                        .kind = source.kind,
                        .context_tokens = draw(source.context, random),
                        .generated_tokens = draw(source.generated, random)});
  }
}

/// Requests of one moment are in an order too, so that the plan is the same in every run.
void sort_by_arrival(std::vector<Request>& requests) {
  auto const key = [](Request const& request) {
    return std::tuple(request.at, request.kind, request.context_tokens, request.generated_tokens);
  };
  std::sort(requests.begin(), requests.end(),
            [&](Request const& a, Request const& b) { return key(a) < key(b); });
}

}  // namespace

bool has_trace(std::filesystem::path const& directory) {
  return std::all_of(files.begin(), files.end(), [&](File const& file) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(directory / file.name, ignored);
  });
}

std::vector<Request> read_trace(std::filesystem::path const& directory, nanoseconds length) {
  std::vector<Request> requests;
  for (auto const& file : files) read_file(directory / file.name, file.kind, requests);
  if (requests.empty()) throw InputError(fmt::format("no requests in {}", directory.string()));
  sort_by_arrival(requests);
  auto const begin = requests.front().at;
  std::erase_if(requests, [&](Request const& request) { return request.at - begin >= length; });
  for (auto& request : requests) request.at -= begin;
  return requests;
}

std::vector<Request> generate_requests(nanoseconds length, std::uint64_t seed) {
  Random random(seed);
  std::vector<Request> requests;
  for (auto const& source : published) generate_kind(source, length, random, requests);
  sort_by_arrival(requests);
  return requests;
}

}  // namespace workload
