// SPDX-License-Identifier: MIT
// Opening files to append, and writing to what may be a pipe.
#pragma once

#include <cstdint>
#include <string>
#include <system_error>

#include <signal.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace netrun::llm::detail {

[[nodiscard]] std::error_code code_of(int problem) noexcept;
/// That of errno.
[[nodiscard]] std::error_code last_code() noexcept;

/// A descriptor to append to `path`, which is made if it is not there; below zero with errno. One
/// of a pipe that nobody reads fails (ENXIO).
[[nodiscard]] int open_to_append(char const* path) noexcept;

/// When a file was made, in nanoseconds since 1970; of its last change where nobody knows.
[[nodiscard]] std::int64_t birth_ns(int fd) noexcept;

/// `path` without links and from the root, so that it names the same file whatever becomes of them
/// and of the working directory; as it is when that cannot be told.
[[nodiscard]] std::string resolved(std::string const& path);

/// writev(), without the signal that ends a program when nobody reads a pipe.
[[nodiscard]] ssize_t write_pieces(int fd, iovec const* pieces, int count, bool regular) noexcept;

}  // namespace netrun::llm::detail
