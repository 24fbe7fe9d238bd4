// SPDX-License-Identifier: MIT
// RequestTracker: times one call and records it when it leaves its scope.
#pragma once

#include <netrun/llm/detail/pending_call.hpp>
#include <netrun/llm/metrics.hpp>
#include <netrun/llm/name_view.hpp>
#include <netrun/llm/time.hpp>
#include <netrun/llm/tokens.hpp>
#include <netrun/llm/usd.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>

namespace netrun::llm {

class TelemetryCollector;

namespace detail {
class AsyncCall;
class Core;

/// A count of tokens from any arithmetic type. Sets bits of Problem for what it had to mend.
template <class T>
[[nodiscard]] constexpr std::uint64_t to_token_count(T value, std::uint16_t& problems) noexcept {
  constexpr auto highest = std::numeric_limits<std::uint64_t>::max();
  if constexpr (std::is_floating_point_v<T>) {
    if (!(value >= T{0})) {  // also not a number
      problems |= static_cast<std::uint16_t>(Problem::negative_tokens);
      return 0;
    }
    if (value >= static_cast<T>(18446744073709551616.0L)) {
      problems |= static_cast<std::uint16_t>(Problem::saturated_tokens);
      return highest;
    }
  } else {
    if constexpr (std::is_signed_v<T>) {
      if (value < T{0}) {
        problems |= static_cast<std::uint16_t>(Problem::negative_tokens);
        return 0;
      }
    }
    if constexpr (sizeof(T) > sizeof(std::uint64_t)) {  // __int128, where the compiler counts it in
      if (value > static_cast<T>(highest)) {
        problems |= static_cast<std::uint16_t>(Problem::saturated_tokens);
        return highest;
      }
    }
  }
  return static_cast<std::uint64_t>(value);
}
}  // namespace detail

/// Times one call, from its making to the end of its scope, and records it once: as a success,
/// unless an exception is leaving the scope (error_type "exception") or set_error was called. The
/// type of an exception in flight cannot be learnt here; TelemetryCollector::track records it.
///
/// Nothing here throws, allocates for ordinary texts, makes a system call or waits.
///
/// Thread safety: one thread at a time; it may be finished on another thread than it was made on.
/// Lifetime: may outlive its collector; then it records nothing. A moved-from tracker is inert.
///
/// Example:
///   auto tracker = collector.track_request("anthropic", "claude-sonnet-4-5", "acme");
///   auto answer = client.complete(prompt);
///   tracker.set_tokens(answer.input_tokens, answer.output_tokens);
class [[nodiscard]] RequestTracker {
 public:
  RequestTracker(RequestTracker const&) = delete;  // a call is recorded once
  RequestTracker& operator=(RequestTracker const&) = delete;
  RequestTracker(RequestTracker&& other) noexcept
      : call_(other.call_), texts_(std::move(other.texts_)) {
    other.call_.gate = nullptr;
  }
  /// Finishes the call that it held, then takes over the other.
  RequestTracker& operator=(RequestTracker&& other) noexcept;
  ~RequestTracker() {
    if (active()) end_of_scope();
  }

  /// Sets input and output tokens, of any arithmetic type. Negative or not a number counts as 0,
  /// too large as 2^64 - 1, both visible in Diagnostics; fractions are cut. The other parts of the
  /// usage stay.
  template <class I, class O>
  requires(std::is_arithmetic_v<I>&& std::is_arithmetic_v<O>) void set_tokens(I input,
                                                                              O output) noexcept {
    call_.usage.input_tokens = detail::to_token_count(input, call_.problems);
    call_.usage.output_tokens = detail::to_token_count(output, call_.problems);
    call_.usage.source = UsageSource::reported;
    forget_unknown_cost();
  }

  /// Sets all token counts, and where they come from.
  void set_usage(TokenUsage const& usage) noexcept {
    call_.usage = usage;
    forget_unknown_cost();
  }

  /// Says that the answer came from the caller's own cache. A flag only: set_cost(0) makes it free.
  void set_cached(bool cached = true) noexcept { call_.cached = cached; }

  /// Says that the answer was streamed and, when it is known, the time from the start of the call
  /// to its first token, of any duration type. Negative or not finite counts as absent, visible in
  /// Diagnostics.
  void set_streaming(std::optional<Milliseconds> time_to_first_token = {}) noexcept {
    call_.streaming = true;
    if (!time_to_first_token) return;
    double const ms = time_to_first_token->count();
    if (detail::is_duration(ms)) {
      call_.time_to_first_token_ms = ms;
    } else {
      call_.problems |= static_cast<std::uint16_t>(detail::Problem::invalid_latency);
    }
  }

  /// Says that the first token has come now. Only the first call counts, and only when
  /// set_streaming gave no time before.
  void mark_first_token() noexcept;

  /// Sets the time from the first token to the last, divided by output tokens - 1, of any duration
  /// type. Negative or not finite changes nothing, visible in Diagnostics.
  void set_time_per_output_token(Milliseconds time) noexcept;

  /// Sets the cost in USD; zero stays zero, the price book is not asked. Negative or not finite is
  /// not taken: the call is priced as if nothing had been set, and it shows in Diagnostics.
  void set_cost(double usd) noexcept { set_cost(usd, CostSource::manual); }
  /// As above, and where the figure comes from: manual, provider_reported or estimated. With
  /// unpriced the amount is not looked at: nobody knows what the call cost, unless a cost or counts
  /// are set, before or after.
  void set_cost(double usd, CostSource source) noexcept;
  /// The exact form.
  void set_cost(Usd cost, CostSource source = CostSource::manual) noexcept;

  /// Makes the call a failure of this type ("rate_limit", "TimeoutError"); an empty type becomes
  /// "error". A later call replaces both texts.
  void set_error(NameView type, NameView message = {}) noexcept;

  /// The model that really served the call, when it is not the one asked for: names and prices the
  /// call. Empty changes nothing.
  void set_model(NameView served) noexcept;

  /// The provider's own id of the response, kept beside request_id. Empty changes nothing.
  void set_provider_request_id(NameView id) noexcept;

  /// Why the provider stopped, in its own words ("stop", "max_tokens"); those of several choices
  /// joined with ",". Empty changes nothing.
  void set_finish_reason(NameView reason) noexcept;

  /// Marks the call; the same key again replaces the value. An empty key is ignored.
  void set_tag(NameView key, NameView value) noexcept;

  /// Says what the provider says that bears on the price, as in its response: "service_tier" (the
  /// tier that served the call, not the one asked for), "inference_geo", "speed",
  /// "search_context_size", or "batch" = "true"; see PriceBook. Kept with the call. The same key
  /// again replaces the value; an empty key is ignored.
  void set_attribute(NameView key, NameView value) noexcept;
  void set_service_tier(NameView served) noexcept { set_attribute("service_tier", served); }

  /// Records at once a call that the provider made on behalf of this one and bills apart from it.
  ///
  /// It has a new request id, this call's as parent_request_id, and what was set so far of this
  /// call's provider, tenant, user, endpoint, tags, billing attributes, provider_request_id and
  /// streaming flag. It is a success, priced by the price book. Its latency is the time from the
  /// start of this call until now, for it ended by now at the latest: providers do not say how long
  /// it took, and 0 would pull percentiles down. It stays recorded when this call is discarded.
  ///
  /// Example:
  ///   tracker.record_sub_call({.model = "claude-haiku-4-5", .kind = "compaction", .usage =
  ///   usage});
  void record_sub_call(SubCallInfo const& call) noexcept;

  /// Time since the call began; 0 on a tracker that is inert or finished.
  [[nodiscard]] Milliseconds elapsed() const noexcept;

  /// Ends the call now and records it; what follows on this tracker has no effect. Idempotent.
  void finish() noexcept;

  /// Ends the call without a record. Idempotent.
  void discard() noexcept { call_.gate = nullptr; }

 private:
  friend class TelemetryCollector;
  friend class detail::AsyncCall;
  RequestTracker(detail::Core& core, CallInfo const& call) noexcept;

  [[nodiscard]] bool active() const noexcept { return call_.gate != nullptr; }
  [[nodiscard]] bool is_priced() const noexcept {
    return call_.cost_source != CostSource::automatic || call_.usage.source != UsageSource::absent;
  }
  /// With counts the cost of a call is no longer unknown.
  void forget_unknown_cost() noexcept {
    if (call_.cost_source == CostSource::unpriced) call_.cost_source = CostSource::automatic;
  }
  void end_of_scope() noexcept;
  void set_error_from_current_exception() noexcept;
  /// Moves the start of the call to now.
  void restart() noexcept;

  detail::PendingNumbers call_;
  detail::CallTexts texts_;
};

}  // namespace netrun::llm
