// SPDX-License-Identifier: MIT
// The first section of the report: where the money went.
#include "workload/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace workload {
namespace {

namespace llm = netrun::llm;

llm::TokenUsage usage_of(llm::LLMRequestMetrics const& record) {
  return {.input_tokens = record.input_tokens,
          .output_tokens = record.output_tokens,
          .cache_read_tokens = record.cache_read_tokens,
          .cache_write_tokens = record.cache_write_tokens,
          .reasoning_tokens = record.reasoning_tokens};
}

void print_line(std::string_view label, std::string_view figure, std::string_view text,
                fmt::text_style const& style = {}) {
  fmt::print(style, "  {:<13}{:>9}   {}", label, figure, text);
  fmt::print("\n");
}

}  // namespace

void Report::print_money() const {
  constexpr double seconds_per_day = 86'400;
  print_heading("MONEY");
  double const total = stats_.total_cost_usd;
  double const per_day = total / seconds_ * seconds_per_day;
  print_line("spent", money(total),
             fmt::format("in {}, {} a call", length_text(seconds_),
                         money(total / static_cast<double>(stats_.total_requests))));
  print_line("at this rate", money(per_day),
             fmt::format("a day, {} in 30 days", money(per_day * 30)));
  print_saved();
  print_unpriced();
  print_shares("provider", stats_.by_provider, 10);
  print_shares("model", stats_.by_model, 12);
  print_shares("tenant", stats_.by_tenant, 7);
  print_busiest();
}

/// Both figures compare with the same calls at the price book's prices without the cache.
void Report::print_saved() const {
  auto const& book = llm::PriceBook::builtin();
  llm::Usd by_prompt_cache, by_own_cache;
  for (auto const& record : records_) {
    if (record.cost_source != llm::CostSource::price_book || !record.exact_cost) continue;
    auto usage = usage_of(record);
    usage.cache_read_tokens = usage.cache_write_tokens = 0;
    auto const quote = book.price(record.provider, record.model, usage, record.timestamp);
    if (quote.priced) by_prompt_cache += quote.cost - *record.exact_cost;
  }
  for (auto const& call : calls_) {
    if (!call.from_own_cache) continue;
    auto const& tokens = call.tokens;
    llm::TokenUsage const usage{.input_tokens = tokens.input,
                                .output_tokens = tokens.output,
                                .cache_read_tokens = tokens.cache_read,
                                .cache_write_tokens = tokens.cache_write,
                                .reasoning_tokens = tokens.reasoning};
    auto const quote = book.price(call.model->provider, call.model->name, usage, stats_.period_end);
    if (quote.priced) by_own_cache += quote.cost;
  }
  print_line("saved", money(by_prompt_cache.to_double()),
             "by the providers' prompt caches, net of what writing to them costs");
  print_line("", money(by_own_cache.to_double()),
             fmt::format("by your own cache, which answered {} calls ({:.1f} %)",
                         grouped(stats_.cached_requests),
                         percent(stats_.cached_requests, stats_.total_requests)));
}

void Report::print_unpriced() const {
  if (stats_.unpriced_requests == 0) return;
  struct Count {
    std::uint64_t calls = 0, tokens = 0;
  };
  std::map<std::string, Count> by_model;
  std::uint64_t silent = 0;
  for (auto const& record : records_) {
    if (record.cost_source != llm::CostSource::unpriced) continue;
    auto const name = record.provider + '/' + record.model;
    if (record.usage_source == llm::UsageSource::absent || !without_price_.contains(name)) {
      ++silent;
      continue;
    }
    ++by_model[name].calls;
    by_model[name].tokens += record.total_tokens;
  }
  print_line("unpriced", grouped(stats_.unpriced_requests),
             "calls whose cost nobody knows; the sums here lack it", style_.warning);
  for (auto const& [name, count] : by_model) {
    print_line("", grouped(count.calls),
               fmt::format("to {} ({} tokens), which is not in the price book", name,
                           short_count(count.tokens)));
  }
  if (silent > 0) {
    print_line("", grouped(silent), "did not say what they used");
  }
}

std::string Report::cost_cell(std::string_view name, double cost, int decimals) const {
  return cost == 0 && names_without_price_.contains(name) ? "unknown" : money_cell(cost, decimals);
}

void Report::print_share(std::string_view name, llm::UsageBreakdown const& row) const {
  constexpr std::size_t bar_width = 16;
  double const share = percent(row.cost, stats_.total_cost_usd);
  double const per_call = row.cost / static_cast<double>(row.requests);
  bool const nothing_came = row.cost == 0 && row.failed == row.requests;
  auto const cell = [&](double cost, int decimals) {
    return nothing_came ? std::string("-") : cost_cell(name, cost, decimals);
  };
  fmt::print("  {:<22}{:>8}{:>10}{:>10}  {:<{}} {:>5.1f} %{:>12}{:>8.1f} %\n", name,
             grouped(row.requests), short_count(row.tokens),
             cell(row.cost, stats_.total_cost_usd < 10 ? 4 : 2), bar(share / 100, bar_width),
             bar_width, share, cell(per_call, 5), percent(row.failed, row.requests));
}

void Report::print_shares(std::string_view title, Rows const& rows, std::size_t most) const {
  std::vector<Rows::const_pointer> sorted;
  for (auto const& row : rows) sorted.push_back(&row);
  std::sort(sorted.begin(), sorted.end(), [](auto const* a, auto const* b) {
    if (a->second.exact_cost != b->second.exact_cost) {
      return a->second.exact_cost > b->second.exact_cost;
    }
    return a->first < b->first;
  });
  fmt::print("\n");
  fmt::print(style_.faint, "  {:<22}{:>8}{:>10}{:>10}  {:<24}{:>12}{:>10}", title, "calls",
             "tokens", "cost", "share of the money", "per call", "failed");
  fmt::print("\n");
  llm::UsageBreakdown rest;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    auto const& [name, row] = *sorted[i];
    if (i < most) {
      print_share(name, row);
      continue;
    }
    rest.requests += row.requests;
    rest.tokens += row.tokens;
    rest.failed += row.failed;
    rest.cost += row.cost;
  }
  if (rest.requests > 0) print_share(fmt::format("{} more", sorted.size() - most), rest);
}

void Report::print_busiest() const {
  std::vector<Rows::const_pointer> sorted;
  for (auto const& row : stats_.by_tenant) sorted.push_back(&row);
  auto const shown = std::min<std::size_t>(sorted.size(), 3);
  std::partial_sort(
      sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(shown), sorted.end(),
      [](auto const* a, auto const* b) { return a->second.requests > b->second.requests; });
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) {
    auto const& [name, row] = *sorted[i];
    text += fmt::format("{}{} {:.1f}", i == 0 ? "" : ", ", name,
                        static_cast<double>(row.requests) / seconds_ * 60);
  }
  fmt::print("\n  busiest tenants, calls a minute: {}\n", text);
}

}  // namespace workload
