// SPDX-License-Identifier: MIT
// Random calls, directories that vanish, and disks that are full.
#pragma once

#include <netrun/llm/metrics.hpp>
#include <netrun/llm/request_view.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>

namespace netrun::llm::testing {

using Random = std::mt19937_64;

/// How wild the texts of random calls are.
enum class Texts {
  utf8,   ///< Any characters, control characters and quotes included.
  bytes,  ///< Any bytes.
};

std::string random_text(Random& random, Texts texts);
/// Any finite double: of all sizes, both zeros, subnormal ones, whole ones.
double random_double(Random& random);
std::uint64_t random_count(Random& random);
Clock::time_point random_time(Random& random);
Usd random_amount(Random& random);
/// Tag keys are unique, in any order.
LLMRequestMetrics random_call(Random& random, Texts texts = Texts::utf8);

/// A view of `call`, which must outlive it and `tags`, where its tags and attributes lie.
LLMRequestView view_of(LLMRequestMetrics const& call, std::vector<Tag>& tags);

/// A small call that prices nothing and has a stamp of its own.
LLMRequestMetrics plain_call(std::string request_id);

/// One for each character, which is its request id.
std::vector<LLMRequestMetrics> calls_named(std::string_view names);
/// Length of the line of such a call.
std::size_t line_size();

/// An empty directory of its own, deleted with all that is in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory();
  TemporaryDirectory(TemporaryDirectory const&) = delete;
  TemporaryDirectory& operator=(TemporaryDirectory const&) = delete;
  ~TemporaryDirectory();

  [[nodiscard]] std::string file(std::string_view name) const;
  /// Names of the files in it, sorted.
  [[nodiscard]] std::vector<std::string> names() const;

 private:
  std::string path_;
};

[[nodiscard]] std::string contents(std::string const& path);
void set_contents(std::string const& path, std::string_view text);
/// Request ids of all calls that JsonLinesReader finds.
[[nodiscard]] std::vector<std::string> ids_in(std::string const& path);

/// While it lives, a write past `bytes` in any file is cut short and the next one fails (EFBIG), as
/// on a disk that is full.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(std::uint64_t bytes);
  FileSizeLimit(FileSizeLimit const&) = delete;
  FileSizeLimit& operator=(FileSizeLimit const&) = delete;
  ~FileSizeLimit();

 private:
  rlimit before_{};
};

}  // namespace netrun::llm::testing
