// SPDX-License-Identifier: MIT
// Request ids: UUIDv7, made without a system call.
#include <netrun/llm/detail/hash.hpp>
#include <netrun/llm/detail/ids.hpp>

#include <atomic>
#include <chrono>
#include <random>

namespace netrun::llm::detail {
namespace {

std::uint64_t random_word() noexcept {
  try {
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
  } catch (...) {
    // No source of random numbers: the time and an address still differ between processes.
    auto const now = std::chrono::steady_clock::now().time_since_epoch().count();
    return mix(static_cast<std::uint64_t>(now), reinterpret_cast<std::uintptr_t>(&now) | 1U);
  }
}

/// Where the streams of this process begin; changed by fork only, when one thread is there.
struct Origin {
  std::atomic<std::uint64_t> high{random_word()}, low{random_word()};
  std::atomic<std::uint64_t> streams{0};
};
Origin& origin() noexcept {
  static Origin start;
  return start;
}

/// Two counters that never stand still, mixed: passes as random for ids, in a few instructions.
struct Stream {
  std::uint64_t state, key;

  Stream() noexcept { restart(); }
  void restart() noexcept {
    auto const number = origin().streams.fetch_add(1, std::memory_order_relaxed);
    state = mix(origin().high.load(std::memory_order_relaxed) + number, hash_secret_b);
    key = mix(origin().low.load(std::memory_order_relaxed) ^ number, hash_secret_a) | 1;
  }
  std::uint64_t next() noexcept {
    state += hash_secret_a;
    return mix(state ^ key, state + hash_secret_b);
  }
};

Stream& stream() noexcept {
  thread_local Stream own;
  return own;
}

}  // namespace

std::uint64_t process_seed() noexcept {
  static std::uint64_t const seed = random_word();
  return seed;
}

Id make_id(std::int64_t wall_ns) noexcept {
  constexpr std::int64_t ns_per_ms = 1'000'000;
  auto const ms = static_cast<std::uint64_t>(wall_ns / ns_per_ms) & 0xffff'ffff'ffffU;
  Stream& own = stream();
  return {ms << 16 | 0x7000U | (own.next() & 0xfffU),
          std::uint64_t{1} << 63 | (own.next() & 0x3fff'ffff'ffff'ffffU)};
}

std::string_view write_id_text(char* to, std::uint64_t high, std::uint64_t low) noexcept {
  constexpr char digits[] = "0123456789abcdef";
  char* at = to;
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) *at++ = '-';
    auto const word = nibble < 16 ? high : low;
    *at++ = digits[word >> (60 - nibble % 16 * 4) & 0xfU];
  }
  return {to, at};
}

void restart_ids_in_child() noexcept {
  origin().high.store(random_word(), std::memory_order_relaxed);
  origin().low.store(random_word(), std::memory_order_relaxed);
  stream().restart();
}

}  // namespace netrun::llm::detail
