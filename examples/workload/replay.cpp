// SPDX-License-Identifier: MIT
#include "workload/replay.hpp"

#include <array>
#include <map>
#include <system_error>
#include <utility>

namespace workload {
namespace {

namespace llm = netrun::llm;

/// One thread's part of the replay.
class Worker {
 public:
  Worker(llm::TelemetryCollector& collector, ReplayClock const& clock, std::span<Call const> calls,
         std::size_t first, std::size_t step)
      : collector_(collector), clock_(clock), calls_(calls), next_(first), step_(step) {}

  void run() {
    while (next_ < calls_.size() || !open_.empty()) {
      bool const begins =
          next_ < calls_.size() && (open_.empty() || calls_[next_].at <= open_.begin()->first);
      if (begins) {
        clock_.wait_until(calls_[next_].at);
        begin(calls_[next_]);
        next_ += step_;
      } else {
        clock_.wait_until(open_.begin()->first);
        advance();
      }
    }
  }

 private:
  struct Open {
    llm::RequestTracker tracker;
    Call const* call;
    bool first_token_due;
  };

  void begin(Call const& call) {
    bool const code = call.kind == Kind::code;
    std::array<llm::Tag, 1> const tags{{{"feature", code ? "completion" : "assistant"}}};
    llm::CallInfo const info{.provider = call.model->provider,
                             .model = call.model->name,
                             .tenant_id = call.tenant,
                             .user_id = call.user,
                             .endpoint = code ? "/v1/completions" : "/v1/chat",
                             .tags = tags};
    if (call.outcome == Outcome::connection_lost) {
      lose_connection(call, info);
      return;
    }
    bool const streams = call.streaming && call.outcome == Outcome::answered;
    open_.emplace(call.at + (streams ? call.first_token : call.latency),
                  Open{collector_.track_request(info), &call, streams});
  }

  /// Such a call is over in a moment, so it is made in one piece, as blocking code would make it.
  void lose_connection(Call const& call, llm::CallInfo const& info) {
    try {
      collector_.track(info, [&](llm::RequestTracker&) {
        clock_.wait_until(call.at + call.latency);
        throw std::system_error(std::make_error_code(std::errc::connection_reset), "recv");
      });
    } catch (std::system_error const&) {  // the collector has it by now; a gateway would try again
    }
  }

  /// Does what is due next: the first token of a call, or its end.
  void advance() {
    auto const due = open_.begin();
    Open& open = due->second;
    if (open.first_token_due) {
      open.tracker.mark_first_token();
      open.first_token_due = false;
      open_.emplace(open.call->at + open.call->latency, std::move(open));
    } else {
      end(*open.call, open.tracker);
    }
    open_.erase(due);  // the end of a tracker that has not been moved away records its call
  }

  static void end(Call const& call, llm::RequestTracker& tracker) {
    switch (call.outcome) {
      case Outcome::answered:
        tracker.set_usage(call.usage);
        break;
      case Outcome::from_own_cache:
        tracker.set_cached();
        tracker.set_tokens(0, 0);
        tracker.set_cost(0);
        break;
      case Outcome::rate_limited:
        tracker.set_tokens(0, 0);  // refused, so nothing was used: that is known
        tracker.set_error("rate_limit", "429: requests per minute exceeded, retry in 20 s");
        break;
      case Outcome::timed_out:  // what the model did until then, nobody says
        tracker.set_error("timeout", "no answer within 30 s");
        break;
      case Outcome::filtered:
        tracker.set_tokens(call.usage.input_tokens, 0);
        tracker.set_error("content_filter", "the prompt was rejected by the content policy");
        break;
      case Outcome::connection_lost:
        break;
    }
  }

  llm::TelemetryCollector& collector_;
  ReplayClock const& clock_;
  std::span<Call const> calls_;
  std::size_t next_, step_;
  std::multimap<nanoseconds, Open> open_;  // by the moment of what happens next
};

}  // namespace

ReplayClock::ReplayClock(double speed, nanoseconds length)
    : speed_(speed), begin_(std::chrono::steady_clock::now()) {
  using std::chrono::duration_cast;
  auto const real = duration_cast<nanoseconds>(std::chrono::duration<double>(length) / speed);
  auto const wall = duration_cast<nanoseconds>(llm::Clock::now().time_since_epoch());
  wall_begin_ns_ = (wall + real - length).count();
}

std::int64_t ReplayClock::steady_ns() const noexcept {
  if (auto const at = stopped_at_ns_.load(std::memory_order_relaxed); at != 0) return at;
  std::chrono::duration<double, std::nano> const real = std::chrono::steady_clock::now() - begin_;
  return static_cast<std::int64_t>(real.count() * speed_);
}

std::int64_t ReplayClock::wall_ns() const noexcept { return wall_begin_ns_ + steady_ns(); }

void ReplayClock::wait_until(nanoseconds moment) const {
  std::chrono::duration<double, std::nano> const real(static_cast<double>(moment.count()) / speed_);
  std::this_thread::sleep_until(begin_ + std::chrono::duration_cast<nanoseconds>(real));
}

void ReplayClock::stop() noexcept { stopped_at_ns_.store(steady_ns(), std::memory_order_relaxed); }

Replay::Replay(llm::TelemetryCollector& collector, ReplayClock const& clock,
               std::span<Call const> calls, unsigned threads)
    : running_(threads) {
  threads_.reserve(threads);
  for (unsigned i = 0; i < threads; ++i) {
    threads_.emplace_back([this, &collector, &clock, calls, i, threads] {
      Worker(collector, clock, calls, i, threads).run();
      running_.fetch_sub(1, std::memory_order_release);
    });
  }
}

void Replay::wait() {
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace workload
