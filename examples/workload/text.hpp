// SPDX-License-Identifier: MIT
// Figures as people read them.
#pragma once

#include <fmt/color.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace workload {

/// 1234567 as "1,234,567".
inline std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (auto at = digits.size(); at > 3;) digits.insert(at -= 3, 1, ',');
  return digits;
}

/// An amount with cents, or with as many decimals as it takes to see two digits of it.
inline std::string money(double usd) {
  if (usd < 0) return "-" + money(-usd);
  if (usd == 0) return "$0";
  if (usd < 0.995) {
    int const zeros = static_cast<int>(std::floor(-std::log10(usd)));
    return fmt::format("${:.{}f}", usd, std::clamp(zeros + 2, 2, 12));
  }
  if (usd >= 999.5) return "$" + grouped(static_cast<std::uint64_t>(std::llround(usd)));
  auto const cents = static_cast<std::uint64_t>(std::llround(usd * 100));
  return fmt::format("${}.{:02}", grouped(cents / 100), cents % 100);
}

/// For columns: always the same decimals, so that the points stand below each other.
inline std::string money_cell(double usd, int decimals) {
  return usd == 0 ? "free" : fmt::format("${:.{}f}", usd, decimals);
}

/// 812 tokens, 8,120, 81.2 k, 8.12 M.
inline std::string short_count(std::uint64_t value) {
  if (value < 10'000) return grouped(value);
  double const thousands = static_cast<double>(value) / 1e3;
  if (thousands < 999.5) return fmt::format("{:.{}f} k", thousands, thousands < 100 ? 1 : 0);
  return fmt::format("{:.2f} M", thousands / 1e3);
}

/// A length of time, given in milliseconds.
inline std::string duration_text(double ms) {
  if (ms < 9.95) return fmt::format("{:.1f} ms", ms);
  if (ms < 999.5) return fmt::format("{:.0f} ms", ms);
  return fmt::format("{:.2f} s", ms / 1e3);
}

/// "20:05", given in seconds.
inline std::string minutes_text(double seconds) {
  auto const whole = static_cast<std::int64_t>(std::max(0.0, seconds));
  return fmt::format("{:02}:{:02}", whole / 60, whole % 60);
}

/// "20 minutes", "58:20 minutes", "45 seconds", given in seconds.
inline std::string length_text(double seconds) {
  double const minutes = seconds / 60;
  if (minutes < 1) return fmt::format("{} second{}", seconds, seconds == 1 ? "" : "s");
  if (minutes != std::floor(minutes)) return minutes_text(seconds) + " minutes";
  return fmt::format("{} minute{}", minutes, minutes == 1 ? "" : "s");
}

inline double percent(double part, double whole) { return whole > 0 ? part / whole * 100 : 0; }
inline double percent(std::uint64_t part, std::uint64_t whole) {
  return percent(static_cast<double>(part), static_cast<double>(whole));
}

/// A bar of eighths of a character, `width` columns when the share is 1.
inline std::string bar(double share, std::size_t width) {
  constexpr std::string_view eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  double const bounded = std::clamp(share, 0.0, 1.0);
  auto const units =
      static_cast<std::size_t>(std::lround(bounded * static_cast<double>(width * 8)));
  std::string text;
  for (std::size_t i = 0; i < units / 8; ++i) text += "█";
  text += eighths[units % 8];
  return text;
}

/// How headings and warnings look; plain where the output is not a terminal.
struct Style {
  fmt::text_style heading{}, warning{}, faint{};

  static Style of_terminal() {
    return {.heading = fmt::emphasis::bold,
            .warning = fmt::emphasis::bold | fmt::fg(fmt::terminal_color::yellow),
            .faint = fmt::emphasis::faint};
  }
};

}  // namespace workload
