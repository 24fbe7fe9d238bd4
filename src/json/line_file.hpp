// SPDX-License-Identifier: MIT
// A file that whole lines are appended to, by several processes if need be.
#pragma once

#include "json/file_lock.hpp"
#include <netrun/llm/line_file.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <sys/types.h>

namespace netrun::llm::detail {

/// Records to be written together. A record may contain line feeds (CSV), so their ends are kept.
struct LineBatch {
  std::string text{};
  std::vector<std::size_t> ends{};

  void clear() noexcept {
    text.clear();
    ends.clear();
  }
  [[nodiscard]] std::size_t begin_of(std::size_t i) const noexcept {
    return i == 0 ? 0 : ends[i - 1];
  }
};

/// What is special about the lines of a file.
enum class LineKind : std::uint8_t {
  json,  ///< Every '\n' ends a record.
  csv,   ///< One between quotes does not.
};

/// Compared in milliseconds: the longest of them are more nanoseconds than 64 bits hold.
[[nodiscard]] inline bool has_passed(std::chrono::milliseconds length, std::int64_t since_ns,
                                     std::int64_t now_ns) noexcept {
  return (now_ns - since_ns) / 1'000'000 >= length.count();
}

/// Thread safety: none; its owner sees to that.
class LineFile {
 public:
  /// Opens the file. `header` begins each new one. Throws LineFileError and std::invalid_argument.
  LineFile(std::string path, LineFileOptions options, LineKind kind, std::string header);
  LineFile(LineFile const&) = delete;  // it owns a descriptor
  LineFile& operator=(LineFile const&) = delete;
  ~LineFile();

  struct Result {
    std::size_t written = 0;  ///< Records that are whole in the file.
    std::error_code error{};  ///< Why not all of them are, or why they are not safe.
    char const* doing = "";   ///< What failed.
  };
  /// Writes the records from `first` on; does not throw but for std::bad_alloc.
  Result append(LineBatch const& batch);
  /// Makes safe what was written.
  std::error_code sync();
  void close() noexcept;
  /// Gives up the descriptor that a fork has left, and opens the file for this process.
  void reopen_after_fork() noexcept;

  [[nodiscard]] std::string const& path() const noexcept { return path_; }
  /// A code as an error that names the file.
  [[nodiscard]] LineFileError error(Result const& result) const;

 private:
  struct Id {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(Id const&, Id const&) = default;
  };

  /// While it lives, other processes keep away from the end of the file.
  class Turn {
   public:
    explicit Turn(LineFile& file) noexcept : file_(file), ours_(!file.lock_.held()) {}
    Turn(Turn const&) = delete;  // one end for one turn
    Turn& operator=(Turn const&) = delete;
    ~Turn() {
      if (ours_) file_.lock_.release();
    }

   private:
    LineFile& file_;
    bool ours_;
  };

  /// Opens what the name means now. The present descriptor stays when that fails.
  std::error_code open();
  /// Sees to it that the descriptor is that of the name, locked, and learns how its file ends. With
  /// `next_bytes` rotates it when that is due.
  std::error_code begin_turn(std::optional<std::size_t> next_bytes);
  /// Looks at what stands behind `from`, where the file was known.
  void look_at_end(std::uint64_t from, std::uint64_t size);
  /// True when the file begins with another line than the header.
  [[nodiscard]] bool is_foreign();
  /// Appends records [first, last), in one system call unless that stops half-way.
  std::error_code put(LineBatch const& batch, std::size_t first, std::size_t last,
                      std::size_t& written);
  std::size_t account(LineBatch const& batch, std::size_t first, std::size_t last,
                      std::size_t prefix, std::size_t header, std::size_t bytes);
  /// Empties a file whose header got out only in part.
  void take_back_header(std::size_t bytes);
  /// How many records go into the present file with one write.
  [[nodiscard]] std::size_t records_that_fit(LineBatch const& batch, std::size_t first) const;
  /// Writes what is owed, in the turn of this process.
  std::error_code pay() noexcept;
  /// The same in a turn of its own, if somebody else has not done it.
  void end_torn_line() noexcept;
  std::error_code make_safe() noexcept;
  /// True in the child of a fork that has the descriptor of its parent.
  [[nodiscard]] bool is_inherited() const noexcept;
  /// Leaves that to the parent.
  void abandon() noexcept;

  [[nodiscard]] bool rotation_is_due(std::size_t next_bytes) const;
  /// Puts the file aside; when it cannot, writing goes on in it.
  bool rotate();
  std::error_code set_aside();
  void postpone_rotation() noexcept;
  [[nodiscard]] std::int64_t wall_ns() const noexcept;
  [[nodiscard]] std::int64_t steady_ns() const noexcept;

  std::string path_;    ///< As it was given.
  std::string target_;  ///< The same without links, once it is known.
  LineFileOptions options_;
  LineKind kind_;
  std::string header_;
  int fd_ = -1;
  pid_t opened_by_ = 0;
  FileLock lock_{};
  Id id_{};
  bool header_checked_ = false;
  bool regular_ = false;
  std::uint64_t size_ = 0;     ///< Where the file ended when we last knew.
  std::string owed_{};         ///< What ends the torn line at the end of the file.
  std::int64_t begun_ns_ = 0;  ///< Wall time from which the file's age counts.
  std::int64_t synced_ns_ = 0;
  bool unsynced_ = false;
  std::uint64_t rotation_base_ = 0;  ///< Size from which max_bytes counts, after a failed rotation.
};

}  // namespace netrun::llm::detail
