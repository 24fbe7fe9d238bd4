// SPDX-License-Identifier: MIT
// What a call costs: disjoint buckets of tokens, each times one rate.
#include <netrun/llm/price_book.hpp>

#include <chrono>

namespace netrun::llm {
namespace {

constexpr std::int64_t day_ns = 86'400'000'000'000;
constexpr std::int64_t hour_ns = 3'600'000'000'000;

constexpr std::int64_t floor_div(std::int64_t value, std::int64_t by) noexcept {
  return value / by - (value % by < 0 ? 1 : 0);
}

PriceRow const& row_for_day(PriceEntry entry, std::int64_t day) noexcept {
  PriceRow const* row = &entry.front();
  for (auto const& later : entry) {
    if (later.from_day <= day) row = &later;
  }
  return *row;
}

/// Beijing is eight hours ahead of UTC all year; 1970-01-01 was a Thursday.
bool is_beijing_weekday(std::int64_t wall_ns) noexcept {
  auto const day = floor_div(wall_ns + 8 * hour_ns, day_ns);
  auto const from_monday = (day + 3) - floor_div(day + 3, 7) * 7;
  return from_monday < 5;
}

void overlay(TokenRates& rates, TokenRates const& named) noexcept {
  constexpr std::int64_t TokenRates::*members[] = {
      &TokenRates::input,          &TokenRates::output,
      &TokenRates::cache_read,     &TokenRates::cache_write,
      &TokenRates::cache_write_1h, &TokenRates::audio_input,
      &TokenRates::audio_output,   &TokenRates::cached_audio_input,
      &TokenRates::image_input,    &TokenRates::image_output,
      &TokenRates::reasoning,      &TokenRates::citation};
  for (auto const member : members) {
    if (named.*member != TokenRates::unnamed) rates.*member = named.*member;
  }
}

constexpr std::int64_t named_or(std::int64_t rate, std::int64_t fallback) noexcept {
  return rate == TokenRates::unnamed ? fallback : rate;
}

TokenRates rates_for(PriceRow const& row, UInt128 whole_input, std::int64_t wall_ns) noexcept {
  TokenRates rates = row.rates;
  if (row.peak_hours != 0 && is_beijing_weekday(wall_ns)) {
    auto const hour = (wall_ns - floor_div(wall_ns, day_ns) * day_ns) / hour_ns;
    if ((row.peak_hours >> hour & 1U) != 0) overlay(rates, row.peak_rates);
  }
  if (row.tier_above_tokens != 0 && whole_input > row.tier_above_tokens) {
    overlay(rates, row.tier_rates);
  }
  rates.input = named_or(rates.input, 0);
  rates.output = named_or(rates.output, 0);
  rates.cache_read = named_or(rates.cache_read, rates.input);
  rates.cache_write = named_or(rates.cache_write, rates.input);
  rates.cache_write_1h = named_or(rates.cache_write_1h, rates.cache_write);
  rates.audio_input = named_or(rates.audio_input, rates.input);
  rates.audio_output = named_or(rates.audio_output, rates.output);
  rates.cached_audio_input = named_or(rates.cached_audio_input, rates.cache_read);
  rates.image_input = named_or(rates.image_input, rates.input);
  rates.image_output = named_or(rates.image_output, rates.output);
  rates.reasoning = named_or(rates.reasoning, rates.output);
  rates.citation = named_or(rates.citation, rates.output);
  return rates;
}

/// The parts of a usage that no other part is in; negative where parts exceed their whole.
struct Buckets {
  Int128 text_input, cache_read, cached_audio, cache_write, cache_write_1h, audio_input,
      image_input;
  Int128 text_output, audio_output, image_output, reasoning, citation;
};

Buckets split(TokenUsage const& usage) noexcept {
  Int128 const input =
      usage.billed_input_tokens != 0 ? usage.billed_input_tokens : usage.input_tokens;
  Int128 const output =
      usage.billed_output_tokens != 0 ? usage.billed_output_tokens : usage.output_tokens;
  Buckets b{};
  b.cached_audio = usage.cached_audio_input_tokens;
  b.audio_input = static_cast<Int128>(usage.audio_input_tokens) - b.cached_audio;
  b.cache_read = static_cast<Int128>(usage.cache_read_tokens) - b.cached_audio;
  b.cache_write_1h = usage.cache_write_1h_tokens;
  b.cache_write = static_cast<Int128>(usage.cache_write_tokens) - b.cache_write_1h;
  b.image_input = usage.image_input_tokens;
  b.text_input =
      input - usage.cache_read_tokens - usage.cache_write_tokens - b.audio_input - b.image_input;
  b.audio_output = usage.audio_output_tokens;
  b.image_output = usage.image_output_tokens;
  b.reasoning = usage.reasoning_tokens;
  b.citation = usage.citation_tokens;
  b.text_output = output - b.audio_output - b.image_output - b.reasoning - b.citation;
  return b;
}

std::string_view problem_of(Buckets const& b) noexcept {
  if (b.cache_read < 0) return "cached_audio_input_tokens exceed cache_read_tokens";
  if (b.audio_input < 0) return "cached_audio_input_tokens exceed audio_input_tokens";
  if (b.cache_write < 0) return "cache_write_1h_tokens exceed cache_write_tokens";
  if (b.text_input < 0) return "cached, audio and image tokens exceed input_tokens";
  if (b.text_output < 0) return "reasoning, audio, image and citation tokens exceed output_tokens";
  return {};
}

}  // namespace

PriceQuote price_call(PriceEntry entry, TokenUsage const& usage, std::int64_t wall_ns) noexcept {
  PriceQuote quote;
  Buckets const b = split(usage);
  quote.problem = problem_of(b);
  quote.invalid_usage = !quote.problem.empty();
  if (quote.invalid_usage) return quote;
  if (entry.empty()) {
    quote.problem = "the price book has no such model";
    return quote;
  }
  if (usage.source == UsageSource::absent) {
    quote.problem = "nobody said how many tokens were used";
    return quote;
  }
  PriceRow const& row = row_for_day(entry, floor_div(wall_ns, day_ns));
  if (row.rates.input == TokenRates::unnamed && row.rates.output == TokenRates::unnamed) {
    quote.problem = "the price book names no price of this model";
    return quote;
  }
  Int128 const whole_input = b.text_input + b.cache_read + b.cached_audio + b.cache_write +
                             b.cache_write_1h + b.audio_input + b.image_input;
  TokenRates const rates = rates_for(row, static_cast<UInt128>(whole_input), wall_ns);
  Int128 const picos = b.text_input * rates.input + b.cache_read * rates.cache_read +
                       b.cached_audio * rates.cached_audio_input +
                       b.cache_write * rates.cache_write + b.cache_write_1h * rates.cache_write_1h +
                       b.audio_input * rates.audio_input + b.image_input * rates.image_input +
                       b.text_output * rates.output + b.audio_output * rates.audio_output +
                       b.image_output * rates.image_output + b.reasoning * rates.reasoning +
                       b.citation * rates.citation +
                       static_cast<Int128>(usage.web_search_requests) * row.web_search_picos;
  quote.cost = Usd::from_picos(picos);
  quote.priced = true;
  quote.model = row.model;
  return quote;
}

}  // namespace netrun::llm
