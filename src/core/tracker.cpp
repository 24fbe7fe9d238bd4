// SPDX-License-Identifier: MIT
// RequestTracker: the parts that are not inline.
#include "core/commit.hpp"
#include "core/thrown.hpp"
#include <netrun/llm/detail/core.hpp>
#include <netrun/llm/detail/ids.hpp>
#include <netrun/llm/detail/texts_view.hpp>
#include <netrun/llm/tracker.hpp>

#include <cmath>
#include <exception>

namespace netrun::llm {
namespace {

constexpr std::uint16_t bit(detail::Problem problem) noexcept {
  return static_cast<std::uint16_t>(problem);
}

/// Whether a call and the calls that the provider made on its behalf have such a text in common.
constexpr bool is_shared(detail::TextKind kind) noexcept {
  using detail::TextKind;
  return kind == TextKind::provider || kind == TextKind::model || kind == TextKind::tenant ||
         kind == TextKind::user || kind == TextKind::endpoint || kind == TextKind::tag ||
         kind == TextKind::attribute || kind == TextKind::provider_request_id;
}

/// What `texts` has for a sub-call. Returns problems as bits.
std::uint16_t copy_shared(detail::CallTexts& to, detail::CallTexts const& texts) noexcept {
  std::uint16_t problems = 0;
  for (detail::TextFields fields(texts.bytes()); fields.next();) {
    if (is_shared(fields.kind()) && !to.copy_field(fields.kind(), fields.text()))
      problems |= bit(detail::Problem::dropped_text);
  }
  return problems;
}

}  // namespace

namespace detail {

void commit(PendingNumbers& call, CallTexts& texts) noexcept {
  Gate& gate = *call.gate;
  call.gate = nullptr;
  bool wake = false;
  Shard& shard = lock_shard(gate);
  if (shard.generation == call.gate_generation) wake = shard.core->append(shard, call, texts);
  shard.lock.unlock();
  if (wake) {
    gate.fold_signal.fetch_add(1, std::memory_order_release);
    gate.fold_signal.notify_one();
  }
}

}  // namespace detail

RequestTracker::RequestTracker(detail::Core& core, CallInfo const& call) noexcept {
  core.begin(call_, texts_, call);
  call_.uncaught_exceptions = std::uncaught_exceptions();
}

RequestTracker& RequestTracker::operator=(RequestTracker&& other) noexcept {
  if (this == &other) return *this;
  if (active()) end_of_scope();
  call_ = other.call_;
  texts_ = std::move(other.texts_);
  other.call_.gate = nullptr;
  return *this;
}

void RequestTracker::end_of_scope() noexcept {
  if (call_.success && std::uncaught_exceptions() > call_.uncaught_exceptions)
    set_error("exception");
  finish();
}

void RequestTracker::finish() noexcept {
  if (!active()) return;
  call_.latency_ms = elapsed().count();
  detail::commit(call_, texts_);
}

Milliseconds RequestTracker::elapsed() const noexcept {
  if (!active()) return {};
  auto const duration_ns = detail::steady_now_ns(call_.time_source) - call_.start_steady_ns;
  return Milliseconds(static_cast<double>(duration_ns > 0 ? duration_ns : 0) / 1e6);
}

void RequestTracker::record_sub_call(SubCallInfo const& call) noexcept {
  if (!active()) return;
  detail::PendingNumbers numbers = call_;
  numbers.usage = call.usage;
  numbers.latency_ms = elapsed().count();
  numbers.time_to_first_token_ms = detail::absent_ms;
  numbers.cost_source = CostSource::automatic;
  numbers.success = true;
  numbers.cached = numbers.has_exact_cost = false;
  detail::Id const id = detail::make_id(numbers.start_wall_ns);
  numbers.id_high = id.high;
  numbers.id_low = id.low;
  detail::CallTexts texts;
  numbers.problems = copy_shared(texts, texts_);
  char id_text[36];
  auto parent = texts_.get(detail::TextKind::request_id);
  if (parent.data() == nullptr) {
    parent = detail::write_id_text(id_text, call_.id_high, call_.id_low);
  }
  numbers.problems |= texts.set(detail::TextKind::parent_request_id, parent);
  if (!call.model.empty()) numbers.problems |= texts.set(detail::TextKind::model, call.model);
  if (!call.kind.empty()) numbers.problems |= texts.set_tag("sub_call", call.kind);
  detail::commit(numbers, texts);
}

void RequestTracker::mark_first_token() noexcept {
  if (!active()) return;
  call_.streaming = true;
  if (!std::isnan(call_.time_to_first_token_ms)) return;
  call_.time_to_first_token_ms = elapsed().count();
}

void RequestTracker::set_cost(double usd, CostSource source) noexcept {
  if (source == CostSource::unpriced && is_priced()) return;
  if (!std::isfinite(usd) || usd < 0) {
    call_.problems |= bit(detail::Problem::invalid_cost);
    return;
  }
  call_.manual_cost_usd = usd;
  call_.has_exact_cost = false;
  call_.cost_source = source;
}

void RequestTracker::set_cost(Usd cost, CostSource source) noexcept {
  if (source == CostSource::unpriced && is_priced()) return;
  if (cost < Usd{}) {
    call_.problems |= bit(detail::Problem::invalid_cost);
    return;
  }
  call_.exact_cost_picos = cost.picos();
  call_.has_exact_cost = true;
  call_.cost_source = source;
}

void RequestTracker::set_error(NameView type, NameView message) noexcept {
  if (!active()) return;
  call_.success = false;
  call_.problems |=
      texts_.set(detail::TextKind::error_type, type.empty() ? NameView("error") : type);
  texts_.erase(detail::TextKind::error_message);
  if (!message.empty()) call_.problems |= texts_.set(detail::TextKind::error_message, message);
}

void RequestTracker::set_model(NameView served) noexcept {
  if (active() && !served.empty()) call_.problems |= texts_.set(detail::TextKind::model, served);
}

void RequestTracker::set_provider_request_id(NameView id) noexcept {
  if (active() && !id.empty())
    call_.problems |= texts_.set(detail::TextKind::provider_request_id, id);
}

void RequestTracker::set_finish_reason(NameView reason) noexcept {
  if (active() && !reason.empty())
    call_.problems |= texts_.set(detail::TextKind::finish_reason, reason);
}

void RequestTracker::set_time_per_output_token(Milliseconds time) noexcept {
  if (active())
    call_.problems |= texts_.set_duration(detail::TextKind::time_per_output_token, time.count());
}

void RequestTracker::set_tag(NameView key, NameView value) noexcept {
  if (active()) call_.problems |= texts_.set_tag(key, value);
}

void RequestTracker::set_attribute(NameView key, NameView value) noexcept {
  if (!active() || key.empty()) return;
  call_.problems |= texts_.set_attribute(key, value);
  call_.has_attributes = true;
}

void RequestTracker::set_error_from_current_exception() noexcept {
  if (!active()) return;
  try {
    detail::Thrown const thrown = detail::thrown_now();
    set_error(thrown.type, thrown.message);
  } catch (...) {
    set_error("exception");  // no memory for the name
  }
}

void RequestTracker::restart() noexcept {
  if (!active()) return;
  auto const now_ns = detail::steady_now_ns(call_.time_source);
  auto const waited_ns = now_ns - call_.start_steady_ns;
  call_.start_steady_ns = now_ns;
  call_.start_wall_ns += waited_ns;
  if (waited_ns < 1'000'000'000) return;
  // The wall clock may have been set, or the machine suspended, meanwhile.
  detail::Shard& shard = detail::lock_shard(*call_.gate);
  if (shard.generation == call_.gate_generation)
    call_.start_wall_ns = shard.core->clock().at(now_ns);
  shard.lock.unlock();
}

}  // namespace netrun::llm
