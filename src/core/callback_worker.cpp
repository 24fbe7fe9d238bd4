// SPDX-License-Identifier: MIT
// A callback that is given one record after the other.
#include "core/callback_worker.hpp"

#include "core/call_receiver.hpp"
#include <netrun/llm/detail/deadline.hpp>

#include <algorithm>

namespace netrun::llm::detail {

void CallbackWorker::hand_over(TakenBatch& batch, std::uint64_t next) noexcept {
  std::unique_lock lock(mutex_);
  auto const run = run_;
  for (std::size_t i = 0; i < batch.views().size(); ++i) {
    auto const ticket = batch.ticket(i);
    if (!goes_on() || ticket >= end_) return;
    std::string error;
    auto const until = deadline_after(attempt_timeout_);
    bool const succeeded =
        call_receiver(lock, until, error, [&] { callback_(batch.views()[i].to_metrics()); });
    if (run_ != run) return;
    dropped_.lapped += ticket - cursor_;
    cursor_ = ticket + 1;
    ++account_.attempts;
    ++account_.delivered;
    if (succeeded) {
      account_.last_success = netrun::llm::Clock::now();
    } else {
      ++account_.failed;
      note_error(error);
    }
    if (std::chrono::steady_clock::now() > until) ++account_.timeouts;
  }
  auto const end = std::min(next, end_);
  if (end <= cursor_) return;
  dropped_.lapped += end - cursor_;
  cursor_ = end;
}

void CallbackWorker::drop_receiver() noexcept {
  ExportCallback gone;  // destroyed without our lock: what it holds may do anything
  std::lock_guard const guard(mutex_);
  gone.swap(callback_);
}

}  // namespace netrun::llm::detail
