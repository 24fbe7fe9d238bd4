// SPDX-License-Identifier: MIT
// How files of lines are written: when they are rotated and when they are safe.
#pragma once

#include <netrun/llm/time.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

namespace netrun::llm {

/// When a file is made safe against a crash of the system (fdatasync). A crash of the program alone
/// loses nothing that was written.
enum class SyncPolicy : std::uint8_t {
  never,     ///< Left to the system, but for flush(), rotation.
  interval,  ///< With a write, when the last time was sync_interval ago; and at the end.
  every_write,
};

/// How a file of lines is written. Values below zero are refused with std::invalid_argument.
///
/// A file is opened to append, made with mode 0600 (owner only: it tells who asked what) less the
/// umask, and not passed on to other programs. Links are followed once, when it is opened: what
/// they and the working directory become later changes nothing. What is no regular file, such as a
/// pipe, is written as it is: nothing below holds for it, and when nobody reads it that is an error
/// (ENXIO when it is opened, EPIPE later) and no signal.
///
/// Several processes may append to one file. Each holds flock() while it looks at the end and
/// writes whole lines, so it meets no half of another's line, and ends the one that a killed
/// process has left. A lock that does not come free is waited for a second, and then ten
/// milliseconds a write; then, as on file systems without locks, writing goes on without it (a
/// large row of CSV that is being written may pass for torn) and rotation waits. A child of fork()
/// opens the file for itself.
///
/// Rotation renames "calls.jsonl" to "calls.jsonl.20260101T120000Z.000001" (UTC), or to what
/// follows the newest name there is when that is not in the past: names give the order even when
/// the clock was set back, and no file is ever overwritten. Its data are made safe before.
/// Processes that share a file agree by the lock on who does it; the others notice at their next
/// write that the name means another file, as they do when some other program moves it away (what
/// is written at that very moment goes to the end of the old file), and follow. When a file cannot
/// be rotated, writing goes on in it.
struct LineFileOptions {
  /// Size in bytes that a file is not to exceed, whoever writes to it; a single longer line does.
  /// Each process goes by its own options, and counts on from where a rotation has failed it. 0:
  /// any size.
  std::uint64_t max_bytes = 0;
  /// Age at which a file with lines is put aside by the next write; counted from its birth, or,
  /// with a time_source, from when it was opened. 0: any age.
  std::chrono::milliseconds max_age{0};
  /// Most files that were put aside and are kept; the oldest are deleted. 0: all.
  std::size_t max_files = 0;
  SyncPolicy sync = SyncPolicy::interval;
  std::chrono::milliseconds sync_interval{500};
  /// For ages, intervals and names; null: the clocks of the system. Must outlive the writer.
  TimeSource const* time_source = nullptr;
};

/// A file could not be opened, written or made safe. what() names the file and the reason.
class LineFileError : public std::system_error {
 public:
  LineFileError(std::error_code code, std::string const& doing, std::size_t written = 0)
      : std::system_error(code, doing), written_(written) {}

  /// How many of the calls that were to be written, from the first, are whole in the file, but for
  /// the end of the last line perhaps, which the next write or flush() adds. They are not to be
  /// written again.
  [[nodiscard]] std::size_t written() const noexcept { return written_; }

 private:
  std::size_t written_;
};

}  // namespace netrun::llm
