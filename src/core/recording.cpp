// SPDX-License-Identifier: MIT
// The caller's path: from the beginning of a call to its record in the log.
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/ids.hpp>
#include <netrun/llm/detail/request_fields.hpp>
#include <netrun/llm/detail/texts_view.hpp>
#include <netrun/llm/detail/utf8.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace netrun::llm::detail {
namespace {

constexpr std::uint16_t bit(Problem problem) noexcept {
  return static_cast<std::uint16_t>(problem);
}

constexpr std::int64_t second_ns = 1'000'000'000;

/// Copied, because compilers fill 120 bytes with zeros by an instruction that takes its time to
/// start.
constexpr TokenUsage no_usage{.source = UsageSource::absent};

/// A value that is none of the enumerators, as a cast may give, counts as the one that claims
/// least.
constexpr UsageSource known(UsageSource source) noexcept {
  return source <= UsageSource::estimated ? source : UsageSource::absent;
}
constexpr CostSource known(CostSource source) noexcept {
  return source <= CostSource::unpriced ? source : CostSource::automatic;
}

void set_text(PendingNumbers& call, CallTexts& texts, TextKind kind,
              std::string_view text) noexcept {
  if (!text.empty()) call.problems |= texts.set(kind, text);
}

void set_tenant(PendingNumbers& call, CallTexts& texts, std::string_view tenant) noexcept {
  call.tenant_size = 0;
  if (tenant.size() <= inline_tenant_bytes) {
    call.tenant_size = static_cast<std::uint8_t>(tenant.size());
    copy_short(call.tenant, tenant.data(), tenant.size());
  } else {
    call.problems |= texts.set(TextKind::tenant, tenant);
  }
}

void set_user(PendingNumbers& call, CallTexts& texts, std::string_view user) noexcept {
  call.user_size = 0;
  if (user.size() <= inline_user_bytes && is_utf8(user)) {
    call.user_size = static_cast<std::uint8_t>(user.size());
    copy_short(call.user, user.data(), user.size());
  } else {
    call.problems |= texts.set(TextKind::user, user);
  }
}

void set_durations(PendingNumbers& call, CallTexts& texts, LLMRequestMetrics const& m) noexcept {
  call.latency_ms = m.latency_ms;
  if (!is_duration(m.latency_ms)) {
    call.latency_ms = 0;
    call.problems |= bit(Problem::invalid_latency);
  }
  call.time_to_first_token_ms = m.time_to_first_token_ms.value_or(absent_ms);
  if (m.time_to_first_token_ms && !is_duration(*m.time_to_first_token_ms)) {
    call.time_to_first_token_ms = absent_ms;
    call.problems |= bit(Problem::invalid_latency);
  }
  if (m.time_per_output_token_ms) {
    call.problems |=
        texts.set_duration(TextKind::time_per_output_token, *m.time_per_output_token_ms);
  }
}

/// The texts of a finished call that are neither its names nor its tags.
void set_optional_texts(PendingNumbers& call, CallTexts& texts,
                        LLMRequestMetrics const& m) noexcept {
  auto const set = [&](TextKind kind, std::optional<std::string> const& text) {
    if (text) set_text(call, texts, kind, *text);
  };
  set(TextKind::endpoint, m.endpoint);
  set(TextKind::error_type, m.error_type);
  set(TextKind::error_message, m.error_message);
  set(TextKind::provider_request_id, m.provider_request_id);
  set(TextKind::parent_request_id, m.parent_request_id);
  set(TextKind::finish_reason, m.finish_reason);
}

/// A count in a record's 32 bits. When one does not fit, all counts go to the texts too.
std::uint32_t narrow(std::uint64_t count, bool& fits) noexcept {
  constexpr std::uint64_t most = std::numeric_limits<std::uint32_t>::max();
  fits &= count <= most;
  return static_cast<std::uint32_t>(std::min(count, most));
}

bool has_rare_counts(TokenUsage const& u) noexcept {
  return (u.cache_write_1h_tokens | u.citation_tokens | u.audio_input_tokens |
          u.audio_output_tokens | u.cached_audio_input_tokens | u.image_input_tokens |
          u.image_output_tokens | u.cached_image_input_tokens | u.video_input_tokens |
          u.video_output_tokens | u.billed_input_tokens | u.billed_output_tokens |
          u.web_search_requests) != 0;
}

BillingTerms terms_of(PricePlan const* plan, CallTexts const& texts) noexcept {
  BillingTerms terms;
  if (plan == nullptr) return terms;
  for (TextFields fields(texts.bytes()); fields.next();) {
    if (fields.kind() != TextKind::attribute) continue;
    auto const [attribute, value] = fields.tag();
    terms.add(*plan, attribute, value);
  }
  return terms;
}

}  // namespace

void Core::begin(PendingNumbers& call, CallTexts& texts, CallInfo const& info) noexcept {
  call.gate = &gate();
  call.gate_generation = gate().generation;
  call.usage = no_usage;
  call.time_to_first_token_ms = absent_ms;
  call.problems = 0;
  call.cost_source = CostSource::automatic;
  call.success = true;
  call.streaming = call.cached = call.has_exact_cost = call.has_attributes = false;
  call.time_source = clock_.source();
  call.route = names_->find_route(info.provider, info.model);
  if (call.route == nullptr) {
    call.problems |= texts.set(TextKind::provider, info.provider);
    call.problems |= texts.set(TextKind::model, info.model);
  }
  set_tenant(call, texts, info.tenant_id);
  set_user(call, texts, info.user_id);
  set_text(call, texts, TextKind::request_id, info.request_id);
  set_text(call, texts, TextKind::endpoint, info.endpoint);
  set_text(call, texts, TextKind::parent_request_id, info.parent_request_id);
  for (auto const& [key, value] : info.tags) call.problems |= texts.set_tag(key, value);
  call.start_steady_ns = steady_now_ns(clock_.source());
  call.start_wall_ns = clock_.at(call.start_steady_ns);
  Id const id = make_id(call.start_wall_ns);
  call.id_high = id.high;
  call.id_low = id.low;
}

void Core::begin(PendingNumbers& call, CallTexts& texts, LLMRequestMetrics const& m) noexcept {
  call.gate = &gate();
  call.gate_generation = gate().generation;
  call.problems = 0;
  call.usage = usage_of_call(m);
  call.success = m.success;
  call.streaming = m.streaming;
  call.cached = m.cached;
  set_durations(call, texts, m);
  call.cost_source = m.cost_source;
  call.manual_cost_usd = m.cost_usd;
  call.has_exact_cost = m.exact_cost && m.exact_cost->to_double() == m.cost_usd;
  call.exact_cost_picos = call.has_exact_cost ? m.exact_cost->picos() : 0;
  using std::chrono::nanoseconds;
  call.start_wall_ns =
      std::chrono::duration_cast<nanoseconds>(m.timestamp.time_since_epoch()).count();
  if (call.start_wall_ns < 0) {
    call.start_wall_ns = 0;
    call.problems |= bit(Problem::invalid_timestamp);
  } else if (call.start_wall_ns - second_ns > clock_.at(steady_now_ns(clock_.source()))) {
    call.problems |= bit(Problem::invalid_timestamp);
  }
  call.route = names_->find_route(m.provider, m.model);
  if (call.route == nullptr) {
    call.problems |= texts.set(TextKind::provider, m.provider);
    call.problems |= texts.set(TextKind::model, m.model);
  }
  set_tenant(call, texts, m.tenant_id);
  set_text(call, texts, TextKind::request_id, m.request_id);
  set_user(call, texts, m.user_id ? std::string_view(*m.user_id) : std::string_view());
  set_optional_texts(call, texts, m);
  for (auto const& [key, value] : m.tags) call.problems |= texts.set_tag(key, value);
  call.has_attributes = !m.attributes.empty();
  for (auto const& [key, value] : m.attributes) call.problems |= texts.set_attribute(key, value);
  Id const id = make_id(call.start_wall_ns);
  call.id_high = id.high;
  call.id_low = id.low;
}

bool Core::append(Shard& shard, PendingNumbers& call, CallTexts& texts) noexcept {
  if (shard.limit == 0) wake_shard(shard);
  bool wake = false;
  if (!log_.open(shard, wake)) return false;
  Record record;
  fill_record(record, call, texts);
  if (call.problems != 0) count_problems(call.problems);
  log_.push(shard, record, texts.bytes());
  return wake;
}

Route const& Core::resolve_route(PendingNumbers& call, CallTexts& texts,
                                 RoutePrice& price) noexcept {
  std::string_view const served = texts.empty() ? std::string_view() : texts.get(TextKind::model);
  if (call.route != nullptr && served.data() == nullptr) {
    price = call.route->price();
    return *call.route;
  }
  std::string_view provider = texts.get(TextKind::provider);
  if (provider.data() == nullptr && call.route != nullptr) provider = call.route->first();
  bool overflowed = false;
  Route const& route = names_->route(provider, served, overflowed);
  price = overflowed ? RoutePrice(names_->find_plan(provider, served)) : route.price();
  if (!overflowed) {
    texts.erase(TextKind::provider);
    texts.erase(TextKind::model);
  } else {
    call.problems |= bit(Problem::overflowed_name);
    if (call.route != nullptr) call.problems |= texts.set(TextKind::provider, call.route->first());
  }
  return route;
}

std::uint32_t Core::resolve_tenant(PendingNumbers& call, CallTexts& texts) noexcept {
  auto& tenants = names_->tenants();
  std::string_view name = texts.empty() ? std::string_view() : texts.get(TextKind::tenant);
  bool const in_texts = name.data() != nullptr;
  if (!in_texts) name = {call.tenant, call.tenant_size};
  auto const epoch = log_.epoch();
  auto hash = tenants.hash(name);
  auto slot = tenants.find(hash, name, epoch);
  if (slot != TenantTable::none) {
    if (in_texts) texts.erase(TextKind::tenant);
    return slot;
  }
  if (!in_texts && !is_utf8(name)) {
    call.problems |= texts.set(TextKind::tenant, name);
    name = texts.get(TextKind::tenant);
    hash = tenants.hash(name);
  }
  slot = tenants.insert(hash, name, epoch);
  if (slot != TenantTable::none) {
    texts.erase(TextKind::tenant);
    return slot;
  }
  call.problems |= bit(Problem::overflowed_name);
  if (texts.get(TextKind::tenant).data() == nullptr)
    call.problems |= texts.set(TextKind::tenant, name);
  return TenantTable::other;
}

void Core::fill_record(Record& record, PendingNumbers& call, CallTexts& texts) noexcept {
  call.usage.source = known(call.usage.source);
  RoutePrice price;
  Route const& route = resolve_route(call, texts, price);
  record.route = route.id;
  record.tenant = resolve_tenant(call, texts);
  record.start_ns = call.start_wall_ns;
  record.latency_ms = call.latency_ms;
  record.id_high = call.id_high;
  record.id_low = call.id_low;
  record.time_to_first_token_ms = call.time_to_first_token_ms;
  record.flags = static_cast<std::uint16_t>(
      (call.success ? RecordFlags::success : 0U) | (call.streaming ? RecordFlags::streaming : 0U) |
      (call.cached ? RecordFlags::cached : 0U) |
      static_cast<unsigned>(call.usage.source) << RecordFlags::usage_source_shift |
      static_cast<unsigned>(call.user_size) << RecordFlags::user_size_shift);
  copy_short(record.user, call.user, call.user_size);
  set_counts(record, call, texts);
  record.error = record.endpoint = 0;
  if (!call.success || !texts.empty()) set_names(record, call, texts);
  set_cost(record, call, texts, price);
}

void Core::set_counts(Record& record, PendingNumbers& call, CallTexts& texts) noexcept {
  bool fits = true;
  record.input = narrow(call.usage.input_tokens, fits);
  record.output = narrow(call.usage.output_tokens, fits);
  record.cache_read = narrow(call.usage.cache_read_tokens, fits);
  record.cache_write = narrow(call.usage.cache_write_tokens, fits);
  record.reasoning = narrow(call.usage.reasoning_tokens, fits);
  if (fits && !has_rare_counts(call.usage)) return;
  std::string_view const counts(reinterpret_cast<char const*>(&call.usage), sizeof call.usage);
  if (texts.set_bytes(TextKind::counts, counts)) {
    record.flags = static_cast<std::uint16_t>(record.flags | RecordFlags::counts);
  } else {
    call.problems |= bit(Problem::dropped_text);
  }
}

void Core::set_names(Record& record, PendingNumbers& call, CallTexts& texts) noexcept {
  auto const number = [&](TextKind kind, std::string_view name, auto const& intern) {
    bool overflowed = false;
    auto const id = intern(name, overflowed);
    if (overflowed) {
      call.problems |= bit(Problem::overflowed_name);
    } else {
      texts.erase(kind);
    }
    return id;
  };
  if (auto const endpoint = texts.get(TextKind::endpoint); endpoint.data() != nullptr) {
    record.endpoint = number(TextKind::endpoint, endpoint,
                             [&](auto name, bool& over) { return names_->endpoint(name, over); });
  }
  auto error = texts.get(TextKind::error_type);
  if (!call.success && error.empty()) error = "error";
  if (error.data() != nullptr) {
    record.error = number(TextKind::error_type, error,
                          [&](auto name, bool& over) { return names_->error(name, over); });
  }
}

void Core::set_cost(Record& record, PendingNumbers& call, CallTexts const& texts,
                    RoutePrice const& price) noexcept {
  auto const set = [&record](std::int64_t picos, CostSource source) {
    record.cost_picos = picos;
    record.flags = static_cast<std::uint16_t>(record.flags | static_cast<unsigned>(source)
                                                                 << RecordFlags::cost_source_shift);
  };
  CostSource source = known(call.cost_source);
  if (source == CostSource::automatic && !call.has_attributes &&
      price.is_plain(call.usage, call.start_wall_ns)) {
    auto const input = static_cast<std::int64_t>(call.usage.input_tokens);
    auto const output = static_cast<std::int64_t>(call.usage.output_tokens);
    set(input * price.plain_input_picos + output * price.plain_output_picos,
        call.usage.source == UsageSource::estimated ? CostSource::estimated
                                                    : CostSource::price_book);
    return;
  }
  Int128 picos = 0;
  if (source != CostSource::automatic && source != CostSource::unpriced) {
    if (call.has_exact_cost) {
      picos = call.exact_cost_picos;
    } else {
      picos = Usd::from_double(call.manual_cost_usd).picos();
    }
    if (picos < 0 || (!call.has_exact_cost && !std::isfinite(call.manual_cost_usd))) {
      call.problems |= bit(Problem::invalid_cost);
      source = CostSource::automatic;
      picos = 0;
    }
  }
  if (source == CostSource::automatic) {
    auto const terms = call.has_attributes ? terms_of(price.plan, texts) : BillingTerms{};
    auto const decided =
        decide_cost(price.plan, call.usage, call.start_wall_ns, terms, call.success);
    picos = decided.picos;
    source = decided.source;
    if (decided.parts_exceed_whole) call.problems |= bit(Problem::invalid_usage);
    if (decided.fee_undecided) call.problems |= bit(Problem::undecided_fee);
    if (decided.tier_unknown) call.problems |= bit(Problem::unpriced_tier);
  }
  constexpr Int128 most = std::numeric_limits<std::int64_t>::max();
  if (picos > most) {
    call.problems |= bit(Problem::invalid_cost);
    picos = most;
  }
  set(static_cast<std::int64_t>(picos), source);
}

}  // namespace netrun::llm::detail
