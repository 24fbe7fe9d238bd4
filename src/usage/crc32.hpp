// SPDX-License-Identifier: MIT
// The checksum of frames.
#pragma once

#include <cstdint>
#include <string_view>

namespace netrun::llm::detail {

/// CRC-32 as in zlib, gzip and IEEE 802.3 (polynomial 0x04C11DB7, reflected). `before` is the
/// checksum of the bytes that come before `bytes`, 0 when there are none.
///
/// Example:
///   crc32("123456789")            // 0xCBF43926
///   crc32("6789", crc32("12345")) // the same
[[nodiscard]] std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0) noexcept;

}  // namespace netrun::llm::detail
