// SPDX-License-Identifier: MIT
// Names of files that were put aside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

namespace netrun::llm::detail {

/// The directory that a file lies in.
[[nodiscard]] std::string directory_of(std::string const& path);

/// Renames `path` to "<path>.20260101T120000Z.000001", or to the name that follows the newest of
/// those there are, if that one's stamp is not in the past; never replaces a file.
std::error_code put_aside(std::string const& path, std::int64_t wall_ns);

/// Deletes the oldest files that put_aside() has made of `path`, but for `keep` of them.
void delete_oldest(std::string const& path, std::size_t keep);

/// Makes new names in a directory safe; what cannot be done is left.
void sync_directory(std::string const& directory) noexcept;

}  // namespace netrun::llm::detail
