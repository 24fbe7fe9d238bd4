// SPDX-License-Identifier: MIT
#include "workload/replay.hpp"

#include <array>

namespace workload {
namespace {

namespace llm = netrun::llm;

/// A call as it is tracked; refers to its arguments.
llm::CallInfo info_of(Call const& call, std::span<llm::Tag const> tags, bool anthropic) {
  return {.provider = call.model->provider,
          .model = call.model->name,
          .tenant_id = call.tenant,
          .user_id = call.user,
          .endpoint = anthropic ? "/v1/messages" : "/v1/chat/completions",
          .tags = tags};
}

std::array<llm::Tag, 1> tags_of(Call const& call) {
  return {{{"feature", call.kind == Kind::code ? "completion" : "assistant"}}};
}

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
               std::span<Call const> calls, Target const& target, unsigned threads)
    : collector_(collector), clock_(clock), calls_(calls), target_(target), running_(threads) {
  for (unsigned i = 0; i < threads; ++i) clients_.emplace_back(collector, target.limits);
  threads_.reserve(threads);
  for (auto& client : clients_) {
    threads_.emplace_back([this, &client] {
      work(client);
      running_.fetch_sub(1, std::memory_order_release);
    });
  }
}

void Replay::wait() {
  for (auto& thread : threads_) thread.join();
  threads_.clear();
  clients_.clear();  // closes their connections
}

void Replay::work(chat::Client& client) {
  for (;;) {
    auto const i = next_.fetch_add(1, std::memory_order_relaxed);
    if (i >= calls_.size()) return;
    Call const& call = calls_[i];
    clock_.wait_until(call.at);
    if (call.from_own_cache) {
      answer_from_own_cache(call);
    } else {
      send(client, call);
    }
  }
}

void Replay::send(chat::Client& client, Call const& call) {
  bool const code = call.kind == Kind::code;
  chat::Request request{
      .prompt = code ? "Write a C++ function that adds two numbers." : "Why do people measure?",
      .stream = call.streaming,
      .max_output_tokens = target_.max_output_tokens};
  if (target_.simulated) {
    request.headers.push_back(local_provider::simulation_header(call.tokens, call.outcome));
    if (call.outcome == local_provider::Outcome::silent) request.time_limit = target_.silent_limit;
  }
  bool const anthropic = call.model->provider == "anthropic";
  auto const tags = tags_of(call);
  client.ask(anthropic ? target_.anthropic : target_.openai, info_of(call, tags, anthropic),
             request);
}

void Replay::answer_from_own_cache(Call const& call) {
  auto const tags = tags_of(call);
  auto tracker = collector_.track_request(info_of(call, tags, call.model->provider == "anthropic"));
  clock_.wait_until(clock_.now() + call.own_cache_time);
  tracker.set_cached();
  tracker.set_tokens(0, 0);
  tracker.set_cost(0);
}

}  // namespace workload
