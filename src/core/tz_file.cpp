// SPDX-License-Identifier: MIT
// Reading a TZif file: a header and a block of data with 32 bits, and again with 64, and a rule.
#include "core/tz_file.hpp"

#include <stdexcept>
#include <string>

namespace netrun::llm::detail {
namespace {

[[noreturn]] void fail(std::string_view reason) {
  throw std::invalid_argument(std::string(reason));
}

/// Takes bytes from the left, most significant first.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) noexcept : rest_(bytes) {}

  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) fail("it ends too early");
    auto const taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  unsigned take_byte() { return static_cast<unsigned char>(take(1).front()); }
  /// A number of `size` bytes in two's complement.
  std::int64_t take_number(std::size_t size) {
    auto const bytes = take(size);
    // Negative if the first bit is set: then everything to the left is ones.
    auto value = static_cast<unsigned char>(bytes.front()) >= 0x80 ? ~std::uint64_t{0} : 0;
    for (char const c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
  }

 private:
  std::string_view rest_;
};

struct Header {
  char version = '\0';
  std::size_t utc_flags = 0;
  std::size_t standard_flags = 0;
  std::size_t leap_seconds = 0;
  std::size_t changes = 0;
  std::size_t types = 0;
  std::size_t name_bytes = 0;

  [[nodiscard]] bool has_second_block() const noexcept { return version >= '2'; }
  /// No count is above max_tz_file_bytes, so nothing here overflows.
  [[nodiscard]] std::size_t block_size(std::size_t time_size) const noexcept {
    return changes * (time_size + 1) + types * 6 + name_bytes + leap_seconds * (time_size + 4) +
           standard_flags + utc_flags;
  }
};

Header take_header(Bytes& in) {
  constexpr std::size_t reserved = 15;
  if (in.take(4) != "TZif") fail("it does not begin with TZif");
  Header header;
  header.version = in.take(1).front();
  if (header.version != '\0' && (header.version < '2' || header.version > '9')) {
    fail("it has an unknown version");
  }
  in.take(reserved);
  for (auto* const count : {&header.utc_flags, &header.standard_flags, &header.leap_seconds,
                            &header.changes, &header.types, &header.name_bytes}) {
    auto const number = in.take_number(4);
    if (number < 0 || number > static_cast<std::int64_t>(max_tz_file_bytes)) {
      fail("it ends too early");
    }
    *count = static_cast<std::size_t>(number);
  }
  return header;
}

void check(Header const& header) {
  auto const flags_fit = [&](std::size_t flags) { return flags == 0 || flags == header.types; };
  if (header.types == 0 || header.types > 256 || header.name_bytes == 0 ||
      !flags_fit(header.utc_flags) || !flags_fit(header.standard_flags)) {
    fail("its counts contradict each other");
  }
  // Its changes are not where a clock without leap seconds, such as ours, would see them.
  if (header.leap_seconds != 0) fail("it counts leap seconds, which the system's clock does not");
}

std::vector<std::int64_t> take_changes(Bytes& in, std::size_t count, std::size_t time_size) {
  constexpr std::int64_t limit = std::int64_t{1} << 59;  // before that was the big bang
  std::vector<std::int64_t> changes(count);
  for (std::size_t i = 0; i < count; ++i) {
    changes[i] = in.take_number(time_size);
    if (changes[i] < -limit || changes[i] > limit) fail("it has a change out of range");
    if (i > 0 && changes[i] <= changes[i - 1]) fail("its changes are not in order");
  }
  return changes;
}

std::vector<std::int64_t> take_types(Bytes& in, Header const& header) {
  std::vector<std::int64_t> offsets(header.types);
  for (auto& offset : offsets) {
    offset = in.take_number(4);
    if (offset <= -max_utc_offset_s || offset >= max_utc_offset_s) {
      fail("it has an offset out of range");
    }
    if (in.take_byte() > 1) fail("it has a flag that is neither 0 nor 1");
    if (in.take_byte() >= header.name_bytes) fail("it has a name out of range");
  }
  return offsets;
}

TzFile take_block(Bytes& in, Header const& header, std::size_t time_size) {
  check(header);
  Bytes block(in.take(header.block_size(time_size)));
  TzFile file;
  file.changes = take_changes(block, header.changes, time_size);
  auto const types = block.take(header.changes);
  auto const offsets = take_types(block, header);
  file.offsets.reserve(header.changes + 1);
  file.offsets.push_back(offsets.front());
  for (char const c : types) {
    auto const type = static_cast<unsigned char>(c);
    if (type >= offsets.size()) fail("it has a type out of range");
    file.offsets.push_back(offsets[type]);
  }
  return file;
}

}  // namespace

TzFile parse_tz_file(std::string_view bytes) {
  if (bytes.size() > max_tz_file_bytes) fail("it is too long");
  Bytes in(bytes);
  auto header = take_header(in);
  if (!header.has_second_block()) return take_block(in, header, 4);
  in.take(header.block_size(4));
  header = take_header(in);
  if (!header.has_second_block()) fail("its two headers contradict each other");
  auto file = take_block(in, header, 8);
  if (in.take(1) != "\n") fail("it has no rule after its data");
  auto const end = in.rest().find('\n');
  if (end == std::string_view::npos) fail("it ends too early");
  file.footer = in.rest().substr(0, end);
  return file;
}

}  // namespace netrun::llm::detail
