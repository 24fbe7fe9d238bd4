// SPDX-License-Identifier: MIT
// Request ids: UUIDv7, made without a system call.
#pragma once

#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

struct Id {
  std::uint64_t high = 0, low = 0;
};

/// A new UUIDv7 (RFC 9562, section 5.7) with the given time and 74 random bits. Each thread draws
/// from a stream of its own; the streams begin at random numbers of the system, read once per
/// process, and anew after a fork.
[[nodiscard]] Id make_id(std::int64_t wall_ns) noexcept;

/// Writes the usual 36 characters to `to` and returns a view of them.
std::string_view write_id_text(char* to, std::uint64_t high, std::uint64_t low) noexcept;

/// Makes the calling thread, the only one of a forked child, and all later ones begin new streams.
void restart_ids_in_child() noexcept;

}  // namespace netrun::llm::detail
