// SPDX-License-Identifier: MIT
// Reports as text for a terminal.
#include <netrun/llm/report.hpp>

#include <fmt/format.h>

#include <cerrno>
#include <cmath>
#include <iterator>
#include <string_view>
#include <system_error>

namespace netrun::llm {
namespace {

/// A name as it can be shown: what would control the terminal is made visible instead.
std::string shown(std::string_view name) {
  std::string text(name.empty() ? "(none)" : name);
  auto const byte_at = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (byte_at(i) < 0x20 || byte_at(i) == 0x7f) text[i] = '?';
    // U+0080 to U+009F; then marks that turn the direction of writing: U+200E, U+200F, U+202A to
    // U+202E, U+2066 to U+2069.
    if (byte_at(i) == 0xc2 && byte_at(i + 1) < 0xa0) text.replace(i, 2, "?");
    if (byte_at(i) != 0xe2) continue;
    auto const last = byte_at(i + 2);
    bool const turns = (byte_at(i + 1) == 0x80 &&
                        (last == 0x8e || last == 0x8f || (last >= 0xaa && last <= 0xae))) ||
                       (byte_at(i + 1) == 0x81 && last >= 0xa6 && last <= 0xa9);
    if (turns) text.replace(i, 3, "?");
  }
  return text;
}

std::string grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3) {
    text.insert(static_cast<std::size_t>(at), ",");
  }
  return text;
}

/// Cents where there are many of them; more decimals where a cent would be too coarse.
std::string money(double usd) {
  double const size = std::abs(usd);
  if (size >= 100 || size == 0) return fmt::format("${:.2f}", usd);
  return size >= 0.01 ? fmt::format("${:.4f}", usd) : fmt::format("${:.6f}", usd);
}
std::string money(Usd usd) { return money(usd.to_double()); }

template <class... Args>
void line(std::string& text, fmt::format_string<Args...> format, Args&&... args) {
  fmt::format_to(std::back_inserter(text), format, std::forward<Args>(args)...);
  text += '\n';
}

void append_unpriced(std::string& text, std::uint64_t unpriced) {
  if (unpriced > 0) line(text, "  {} calls without a price are not in it", grouped(unpriced));
}

void append_model(std::string& text, ModelCost const& model) {
  line(text, "  {} {}: {} ({:.1f} %), {} requests, {} each", shown(model.provider),
       shown(model.model), money(model.usage.exact_cost), model.share_percent,
       grouped(model.usage.requests), money(model.avg_cost));
  if (model.cache_read_percent > 0) {
    line(text, "    {:.1f} % of its input came from the prompt cache", model.cache_read_percent);
  }
  for (auto const& other : model.alternatives) {
    line(text, "    {} lists {:.1f} times cheaper: about {} less for the same tokens",
         shown(other.model), 1 / other.price_ratio, money(other.saving));
  }
}

void write(std::string const& text, std::FILE* file) {
  // Flushed, or an error would show too late, and a monitor in a pipe not at all.
  if (std::fwrite(text.data(), 1, text.size(), file) != text.size() || std::fflush(file) != 0) {
    throw std::system_error(errno, std::generic_category(), "cannot write the report");
  }
}

}  // namespace

std::string to_text(CostSample const& sample) {
  std::string text;
  line(text, "--- Cost monitor ---");
  line(text, "Last hour:         {}  ({} requests, {} failed)", money(sample.last_hour),
       grouped(sample.requests), grouped(sample.failed));
  append_unpriced(text, sample.unpriced);
  if (sample.since_last_ms.count() > 0) {
    line(text, "Last {:<12}  {}", fmt::format("{:.0f} s:", sample.since_last_ms.count() / 1'000),
         money(sample.since_last));
  }
  line(text, "Projected daily:   {}", money(sample.projected_daily));
  line(text, "Projected monthly: {}", money(sample.projected_monthly));
  for (auto const& [provider, usage] : sample.by_provider) {
    line(text, "  {}: {}, {} requests", shown(provider), money(usage.exact_cost),
         grouped(usage.requests));
  }
  return text;
}

std::string to_text(OptimizationReport const& report) {
  std::string text;
  line(text, "=== Cost optimisation report, last {} ===", shown(report.period));
  line(text, "{} for {} requests", money(report.total_cost), grouped(report.requests));
  append_unpriced(text, report.unpriced);
  line(text, "Dearest models:");
  for (auto const& model : report.dearest_models) append_model(text, model);
  line(text, "Latency: p50 {:.0f} ms, p95 {:.0f} ms, p99 {:.0f} ms", report.latency_p50,
       report.latency_p95, report.latency_p99);
  if (report.ttft_p95 > 0) line(text, "  first token: p95 {:.0f} ms", report.ttft_p95);
  if (report.high_latency) line(text, "  p95 is high: consider caching, or working in parallel");
  line(text, "Errors: {:.2f} %", report.error_percent);
  for (auto const& [type, count] : report.errors_by_type) {
    line(text, "  {}: {}", shown(type), grouped(count));
  }
  if (report.cached > 0) line(text, "Answered from the own cache: {}", grouped(report.cached));
  return text;
}

std::string to_text(TenantReport const& report) {
  std::string text;
  line(text, "=== Tenants, last {} ===", shown(report.period));
  for (auto const& [cost, share] : report.tenants) {
    line(text, "{:<16} {:>10} {:>5.1f} % {:>9} requests, {:>9} each, {:.1f} % successful",
         shown(cost.tenant_id), money(cost.total_cost), share, grouped(cost.requests),
         money(cost.avg_cost_per_request), cost.success_rate);
  }
  if (report.tenants_not_listed > 0) {
    line(text, "{:<16} {:>10}", fmt::format("{} more", grouped(report.tenants_not_listed)),
         money(report.cost_not_listed));
  }
  line(text, "{:<16} {:>10} {:>17} requests", "all", money(report.total_cost),
       grouped(report.requests));
  append_unpriced(text, report.unpriced);
  return text;
}

std::string to_text(OverheadReport const& report) {
  std::string text;
  line(text, "Overhead of a tracked call: {:.0f} ns ({:.6f} ms), {:.1f} times two clock reads",
       report.overhead_ns, report.overhead_ns / 1e6, report.times_clock_reads);
  line(text, "  {} calls; empty loop {:.1f} ns, two clock reads {:.1f} ns, tracked call {:.1f} ns",
       grouped(report.calls), report.empty_loop_ns, report.clock_reads_ns, report.tracked_call_ns);
  return text;
}

void print(CostSample const& sample, std::FILE* file) { write(to_text(sample), file); }
void print(OptimizationReport const& report, std::FILE* file) { write(to_text(report), file); }
void print(TenantReport const& report, std::FILE* file) { write(to_text(report), file); }
void print(OverheadReport const& report, std::FILE* file) { write(to_text(report), file); }

}  // namespace netrun::llm
