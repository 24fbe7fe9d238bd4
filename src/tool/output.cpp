// SPDX-License-Identifier: MIT
// Where a command writes to: standard output, with every failure noticed.
#include "tool/output.hpp"

#include "json/text.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace netrun::llm::tool {
namespace {

/// 0, or the error.
int write_all(int descriptor, std::string_view text) noexcept {
  while (!text.empty()) {
    auto const written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // somebody who shares it made it not block
      pollfd writable{.fd = descriptor, .events = POLLOUT, .revents = 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

void Output::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= buffer_bytes) flush();
}

void Output::flush() {
  auto const error = write_all(descriptor_, buffer_);
  buffer_.clear();
  if (error != 0) fail(error);
}

void Output::close() {
  flush();
  if (::close(descriptor_) != 0 && errno != EINTR && errno != EBADF) fail(errno);
}

bool Output::is_terminal() const noexcept { return ::isatty(descriptor_) == 1; }

void Output::fail(int error) {
  broken_pipe_ = error == EPIPE;
  throw std::system_error(error, std::generic_category(), "cannot write to " + name_);
}

void occupy_standard_descriptors() noexcept {
  for (int const descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) != -1) continue;
    // It gets this number, the lowest that is free, and the mode that any use of it fails with.
    if (::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY) == -1) return;
  }
}

void complain(std::string_view text) noexcept {
  try {
    constexpr std::size_t longest_line = 2'000;
    std::string lines = "netrun-llm: ";
    for (;;) {
      auto const end = text.find('\n');
      lines += detail::shortened(text.substr(0, end), longest_line) + "\n";
      if (end == std::string_view::npos) break;
      text.remove_prefix(end + 1);
    }
    write_all(STDERR_FILENO, lines);
  } catch (...) {
    write_all(STDERR_FILENO, "netrun-llm: out of memory\n");
  }
}

}  // namespace netrun::llm::tool
