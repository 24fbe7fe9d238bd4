// SPDX-License-Identifier: MIT
// The bytes of a file or of standard input, piece by piece.
#include "tool/byte_source.hpp"

#include <cerrno>
#include <cstddef>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace netrun::llm::tool {
namespace {

constexpr std::size_t buffer_bytes = 65'536;

}  // namespace

ByteSource::ByteSource(std::string const& path)
    : name_(path == "-" ? "standard input" : path),
      descriptor_(STDIN_FILENO),
      buffer_(buffer_bytes, '\0') {
  if (path == "-") return;
  do {
    descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) fail("open");
}

ByteSource::~ByteSource() {
  if (descriptor_ != STDIN_FILENO) ::close(descriptor_);
}

std::string_view ByteSource::next() {
  for (;;) {
    auto const got = ::read(descriptor_, buffer_.data(), buffer_.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read");
    return {buffer_.data(), static_cast<std::size_t>(got)};
  }
}

void ByteSource::fail(char const* doing) const {
  throw std::system_error(errno, std::generic_category(),
                          "cannot " + std::string(doing) + " \"" + name_ + "\"");
}

}  // namespace netrun::llm::tool
