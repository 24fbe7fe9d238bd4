// SPDX-License-Identifier: MIT
// What a call costs: disjoint buckets of tokens, each times one rate.
#include <netrun/llm/detail/price_plan.hpp>

#include <algorithm>

namespace netrun::llm::detail {
namespace {

constexpr std::int64_t minute_ns = 60'000'000'000;
constexpr std::int64_t hour_ns = 60 * minute_ns;
constexpr std::int64_t day_ns = 24 * hour_ns;

constexpr std::int64_t floor_div(std::int64_t value, std::int64_t by) noexcept {
  return value / by - (value % by < 0 ? 1 : 0);
}

constexpr std::size_t at(TokenKind kind) noexcept { return static_cast<std::size_t>(kind); }

/// Number of the window that is open, plus one; 0: none.
std::size_t open_window(PlanPeriod const& period, std::int64_t wall_ns) noexcept {
  auto const minute = (wall_ns - floor_div(wall_ns, day_ns) * day_ns) / minute_ns;
  // Beijing is eight hours ahead of UTC all year; 1970-01-01 was a Thursday.
  auto const day = floor_div(floor_div(wall_ns, hour_ns) + 8, 24) + 3;
  auto const weekday = day - floor_div(day, 7) * 7;
  for (auto const& window : period.windows) {
    if ((window.days >> weekday & 1U) == 0) continue;
    bool const after_start = minute >= window.from_minute;
    bool const before_end = minute < window.to_minute;
    bool const is_open = window.from_minute < window.to_minute ? after_start && before_end
                                                               : after_start || before_end;
    if (is_open) return window.group + std::size_t{1};
  }
  return 0;
}

/// Whether there is nothing but text, fresh or cached, and reasoning: most calls.
bool is_text(TokenUsage const& u) noexcept {
  return (u.citation_tokens | u.audio_input_tokens | u.audio_output_tokens |
          u.cached_audio_input_tokens | u.image_input_tokens | u.image_output_tokens |
          u.billed_input_tokens | u.billed_output_tokens | u.cached_image_input_tokens |
          u.video_input_tokens | u.video_output_tokens) == 0;
}

/// Takes parts out of a whole one by one; remembers when there was not enough.
class Whole {
 public:
  explicit Whole(std::uint64_t tokens) noexcept : rest_(tokens) {}
  Whole& take(std::uint64_t part) noexcept {
    is_short_ |= part > rest_;
    rest_ -= part;
    return *this;
  }
  [[nodiscard]] std::uint64_t rest() const noexcept { return rest_; }
  [[nodiscard]] bool is_short() const noexcept { return is_short_; }

 private:
  std::uint64_t rest_;
  bool is_short_ = false;
};

/// A sum of tokens times rates: in units of rates.per_pico.
struct TokenCost {
  Int128 amount = 0;
  bool has_no_rate = false;

  void add(std::uint64_t tokens, std::int64_t rate) noexcept {
    has_no_rate |= rate < 0 && tokens != 0;
    amount += static_cast<Int128>(tokens) * rate;
  }
};

TokenCost cost_of(TokenBuckets const& buckets, RateSet const& set) noexcept {
  TokenCost cost;
  for (std::size_t kind = 0; kind < token_kind_count; ++kind) {
    cost.add(buckets.tokens[kind], set.rates[kind]);
  }
  return cost;
}

/// The same in picodollars for text alone whose parts do not exceed their wholes, by rates that are
/// all there: without the way through buckets.
Int128 plain_cost_of_text(TokenUsage const& u, RateSet const& set) noexcept {
  auto const cost = [&](TokenKind kind, std::uint64_t tokens) {
    return static_cast<Int128>(tokens) * set.rates[at(kind)];
  };
  Int128 sum = cost(TokenKind::input, u.input_tokens - u.cache_read_tokens - u.cache_write_tokens) +
               cost(TokenKind::output, u.output_tokens - u.reasoning_tokens);
  if ((u.cache_read_tokens | u.cache_write_tokens | u.reasoning_tokens) == 0) return sum;
  sum += cost(TokenKind::cache_read, u.cache_read_tokens) +
         cost(TokenKind::cache_write, u.cache_write_tokens - u.cache_write_1h_tokens) +
         cost(TokenKind::cache_write_1h, u.cache_write_1h_tokens) +
         cost(TokenKind::reasoning, u.reasoning_tokens);
  return sum;
}

bool is_unknown(ServiceTier tier, RateChoice const& choice) noexcept {
  return tier != ServiceTier::standard && choice.slot == 0;
}

bool is_plausible_text(TokenUsage const& u) noexcept {
  return is_text(u) && u.source != UsageSource::absent && u.cache_read_tokens <= u.input_tokens &&
         u.cache_write_tokens <= u.input_tokens - u.cache_read_tokens &&
         u.cache_write_1h_tokens <= u.cache_write_tokens && u.reasoning_tokens <= u.output_tokens;
}

struct Fees {
  Int128 picos = 0;
  bool undecided = false;
};

Fees fees_of(PlanPeriod const& period, TokenUsage const& usage, SearchContext size) noexcept {
  Fees fees;
  auto const by_size = static_cast<std::size_t>(size);
  if (period.has_request_fee) {
    // Who does not name the size may not have searched at all.
    bool const decided = size != SearchContext::unknown && period.request_fee[by_size] >= 0;
    if (decided) fees.picos += period.request_fee[by_size];
    fees.undecided |= !decided;
  }
  if (usage.web_search_requests != 0) {
    auto const fee = period.search_fee[by_size];
    if (fee >= 0) fees.picos += static_cast<Int128>(usage.web_search_requests) * fee;
    fees.undecided |= fee < 0;
  }
  return fees;
}

/// `amount / by` to the nearest whole, half to even; `amount` is not negative.
Int128 rounded(Int128 amount, Int128 by) noexcept {
  Int128 quotient = amount / by;
  Int128 const twice = (amount - quotient * by) * 2;
  if (twice > by || (twice == by && quotient % 2 != 0)) ++quotient;
  return quotient;
}

/// Multipliers on the tokens, fees beside them, discount and margin on all; then one rounding.
/// False when it is more than 128 bits hold.
bool finish(PricePlan const& plan, RateSet const& set, BillingTerms const& terms, Int128 tokens,
            Int128 fee_picos, Usd& cost) noexcept {
  auto const multiply = [](Int128& product, Int128 by) {
    return !__builtin_mul_overflow(product, by, &product);
  };
  Int128 denominator = terms.denominator;
  Int128 total = tokens;
  bool const fits = !terms.too_large && multiply(denominator, set.per_pico) &&
                    multiply(total, terms.numerator) && multiply(fee_picos, denominator) &&
                    !__builtin_add_overflow(total, fee_picos, &total) &&
                    multiply(total, plan.adjustment.numerator) &&
                    multiply(denominator, plan.adjustment.denominator);
  if (!fits) return false;
  cost = Usd::from_picos(rounded(total, denominator));
  return true;
}

/// Whether `text` is this word in lower case, whatever its own.
bool is_word(std::string_view text, std::string_view lower_case) noexcept {
  auto const same = [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  };
  return std::equal(text.begin(), text.end(), lower_case.begin(), lower_case.end(), same);
}

void refuse(PriceQuote& quote, PriceProblem problem, std::string_view explanation) noexcept {
  quote.problem = problem;
  quote.explanation = explanation;
}

bool is_usable(TokenUsage const& usage, TokenBuckets const& buckets, PriceQuote& quote) noexcept {
  if (!buckets.problem.empty()) {
    refuse(quote, PriceProblem::parts_exceed_whole, buckets.problem);
  } else if (usage.source == UsageSource::absent) {
    refuse(quote, PriceProblem::absent_usage, "nobody said how many tokens were used");
  }
  return quote.problem == PriceProblem::none;
}

/// From the tokens to the price of the call.
void add_up(PricePlan const& plan, RateChoice const& choice, TokenUsage const& usage,
            BillingTerms const& terms, TokenCost const& tokens, PriceQuote& quote) noexcept {
  if (tokens.has_no_rate) {
    refuse(quote, PriceProblem::no_rate,
           "the price book names no price for a kind of token that was used");
    return;
  }
  quote.tier_unknown = is_unknown(terms.tier, choice);
  Fees fees;
  if (choice.period->has_request_fee || usage.web_search_requests != 0) {
    fees = fees_of(*choice.period, usage, terms.search_context);
    quote.fee_undecided = fees.undecided;
  }
  if (choice.set->per_pico == 1 && !terms.multiplied && !plan.is_adjusted) {
    quote.cost = Usd::from_picos(tokens.amount + fees.picos);
  } else if (!finish(plan, *choice.set, terms, tokens.amount, fees.picos, quote.cost)) {
    refuse(quote, PriceProblem::too_large,
           "the cost, or the product of its factors, is more than can be counted");
    return;
  }
  quote.priced = true;
}

void refuse_early(PriceQuote& quote) noexcept {
  refuse(quote, PriceProblem::not_in_force, "the first price of this model begins later");
}

/// A call with tokens of any kind. Apart, for the buckets take longer to clear than text to price.
[[gnu::noinline]] void price_all_kinds(PricePlan const& plan, TokenUsage const& usage,
                                       std::int64_t wall_ns, BillingTerms const& terms,
                                       PriceQuote& quote) noexcept {
  TokenBuckets const buckets = split_tokens(usage);
  if (!is_usable(usage, buckets, quote)) return;
  auto const choice = choose_rates(plan, buckets.whole_input, wall_ns, terms.tier);
  if (choice.period == nullptr) {
    refuse_early(quote);
    return;
  }
  add_up(plan, choice, usage, terms, cost_of(buckets, *choice.set), quote);
}

}  // namespace

TokenBuckets split_tokens(TokenUsage const& u) noexcept {
  TokenBuckets b;
  auto const set = [&b](TokenKind kind, std::uint64_t tokens) { b.tokens[at(kind)] = tokens; };
  b.whole_input = u.billed_input_tokens != 0 ? u.billed_input_tokens : u.input_tokens;
  Whole cache_read(u.cache_read_tokens);
  cache_read.take(u.cached_audio_input_tokens).take(u.cached_image_input_tokens);
  Whole audio(u.audio_input_tokens);
  audio.take(u.cached_audio_input_tokens);
  Whole image(u.image_input_tokens);
  image.take(u.cached_image_input_tokens);
  Whole cache_write(u.cache_write_tokens);
  cache_write.take(u.cache_write_1h_tokens);
  Whole input(b.whole_input);
  input.take(u.cache_read_tokens).take(u.cache_write_tokens);
  Whole output(u.billed_output_tokens != 0 ? u.billed_output_tokens : u.output_tokens);
  output.take(u.audio_output_tokens).take(u.image_output_tokens).take(u.video_output_tokens);
  output.take(u.reasoning_tokens).take(u.citation_tokens);
  if (cache_read.is_short()) {
    b.problem = "cached audio and image tokens exceed cache_read_tokens";
  } else if (audio.is_short()) {
    b.problem = "cached_audio_input_tokens exceed audio_input_tokens";
  } else if (image.is_short()) {
    b.problem = "cached_image_input_tokens exceed image_input_tokens";
  } else if (cache_write.is_short()) {
    b.problem = "cache_write_1h_tokens exceed cache_write_tokens";
  } else if (input.take(audio.rest()).take(image.rest()).take(u.video_input_tokens).is_short()) {
    b.problem = "cached, audio, image and video tokens exceed input_tokens";
  } else if (output.is_short()) {
    b.problem = "reasoning, audio, image, video and citation tokens exceed output_tokens";
  }
  set(TokenKind::input, input.rest());
  set(TokenKind::cache_read, cache_read.rest());
  set(TokenKind::cached_audio_input, u.cached_audio_input_tokens);
  set(TokenKind::cached_image_input, u.cached_image_input_tokens);
  set(TokenKind::cache_write, cache_write.rest());
  set(TokenKind::cache_write_1h, u.cache_write_1h_tokens);
  set(TokenKind::audio_input, audio.rest());
  set(TokenKind::image_input, image.rest());
  set(TokenKind::video_input, u.video_input_tokens);
  set(TokenKind::output, output.rest());
  set(TokenKind::audio_output, u.audio_output_tokens);
  set(TokenKind::image_output, u.image_output_tokens);
  set(TokenKind::video_output, u.video_output_tokens);
  set(TokenKind::reasoning, u.reasoning_tokens);
  set(TokenKind::citation, u.citation_tokens);
  return b;
}

RateChoice choose_rates(PricePlan const& plan, std::uint64_t whole_input, std::int64_t wall_ns,
                        ServiceTier tier) noexcept {
  RateChoice choice;
  for (auto const& period : plan.periods) {
    if (period.from_ns <= wall_ns) choice.period = &period;
  }
  if (choice.period == nullptr) return choice;
  PlanPeriod const& period = *choice.period;
  if (!period.windows.empty()) choice.window = open_window(period, wall_ns);
  for (auto const above : period.tiers) {
    choice.tier += static_cast<std::size_t>(whole_input > above);
  }
  choice.slot = period.service_slots[static_cast<std::size_t>(tier)];
  auto const row = choice.window * (period.tiers.size() + 1) + choice.tier;
  choice.set = period.sets.data() + row * period.slots + choice.slot;
  return choice;
}

PriceQuote price_call(PricePlan const& plan, TokenUsage const& usage, std::int64_t wall_ns,
                      BillingTerms const& terms) noexcept {
  // One object, returned everywhere, so that it is made where the caller wants it.
  PriceQuote quote{.provider = plan.provider, .model = plan.model};
  if (!is_plausible_text(usage)) {
    price_all_kinds(plan, usage, wall_ns, terms, quote);
    return quote;
  }
  auto const choice = choose_rates(plan, usage.input_tokens, wall_ns, terms.tier);
  if (choice.period == nullptr) {
    refuse_early(quote);
    return quote;
  }
  bool const is_plain = choice.set->is_plain && !terms.multiplied && !plan.is_adjusted &&
                        !choice.period->has_request_fee && usage.web_search_requests == 0;
  if (is_plain) {
    quote.cost = Usd::from_picos(plain_cost_of_text(usage, *choice.set));
    quote.tier_unknown = is_unknown(terms.tier, choice);
    quote.priced = true;
    return quote;
  }
  add_up(plan, choice, usage, terms, cost_of(split_tokens(usage), *choice.set), quote);
  return quote;
}

PriceQuote quote_without_plan(TokenUsage const& usage, bool provider_known) noexcept {
  PriceQuote quote;
  TokenBuckets const buckets = split_tokens(usage);
  if (!buckets.problem.empty()) {
    refuse(quote, PriceProblem::parts_exceed_whole, buckets.problem);
  } else if (provider_known) {
    refuse(quote, PriceProblem::unknown_model, "the price book has no such model");
  } else {
    refuse(quote, PriceProblem::unknown_provider, "the price book has no such provider");
  }
  return quote;
}

DecidedCost decide_cost(PricePlan const* plan, TokenUsage const& usage, std::int64_t wall_ns,
                        BillingTerms const& terms, bool success) noexcept {
  PriceQuote const quote =
      plan != nullptr ? price_call(*plan, usage, wall_ns, terms) : quote_without_plan(usage, true);
  if (quote.priced) {
    return {.picos = quote.cost.picos(),
            .source = usage.source == UsageSource::estimated ? CostSource::estimated
                                                             : CostSource::price_book,
            .fee_undecided = quote.fee_undecided,
            .tier_unknown = quote.tier_unknown};
  }
  bool const is_refusal = !success && quote.problem == PriceProblem::absent_usage;
  return {.source = is_refusal ? CostSource::price_book : CostSource::unpriced,
          .parts_exceed_whole = quote.problem == PriceProblem::parts_exceed_whole};
}

void BillingTerms::add(PricePlan const& plan, std::string_view attribute,
                       std::string_view value) noexcept {
  if (attribute == "service_tier") {
    for (auto const known : {ServiceTier::flex, ServiceTier::priority, ServiceTier::batch}) {
      // A batch job stays one whatever tier stands beside it.
      if (is_word(value, to_string(known)) && tier != ServiceTier::batch) tier = known;
    }
  } else if (attribute == "batch") {
    if (is_word(value, "true") || value == "1") tier = ServiceTier::batch;
  } else if (attribute == "search_context_size") {
    search_context = is_word(value, "low")      ? SearchContext::low
                     : is_word(value, "medium") ? SearchContext::medium
                     : is_word(value, "high")   ? SearchContext::high
                                                : SearchContext::unknown;
  }
  for (auto const& multiplier : plan.multipliers) {
    if (multiplier.attribute != attribute || multiplier.value != value) continue;
    multiplied = true;
    too_large |= __builtin_mul_overflow(numerator, static_cast<Int128>(multiplier.ratio.numerator),
                                        &numerator) ||
                 __builtin_mul_overflow(
                     denominator, static_cast<Int128>(multiplier.ratio.denominator), &denominator);
  }
}

}  // namespace netrun::llm::detail
