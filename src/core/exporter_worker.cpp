// SPDX-License-Identifier: MIT
// An exporter that is given batches, again and again until they are settled.
#include "core/exporter_worker.hpp"

#include "core/call_receiver.hpp"
#include <netrun/llm/detail/deadline.hpp>
#include <netrun/llm/detail/hash.hpp>

#include <algorithm>

namespace netrun::llm::detail {

ExporterWorker::ExporterWorker(Core& core, WorkerSetup setup, std::unique_ptr<Exporter> exporter,
                               ExporterOptions const& options)
    : Worker(core, std::move(setup)),
      exporter_(std::move(exporter)),
      retry_(options, process_seed() ^ reinterpret_cast<std::uintptr_t>(this)) {}

void ExporterWorker::hand_over(TakenBatch& batch, std::uint64_t next) noexcept {
  std::unique_lock lock(mutex_);
  auto const run = run_;
  Views views = batch.views();
  resolved_ = next - cursor_ - views.size();
  dropped_.lapped += resolved_;
  retry_.begin_batch();
  while (!views.empty()) {
    if (!wait_for_turn(lock)) return;
    auto result = attempt(lock, views);
    if (run_ != run) return;
    views = settle(views, result);
  }
  cursor_ = next;
  resolved_ = 0;
}

bool ExporterWorker::wait_for_turn(std::unique_lock<std::mutex>& lock) noexcept {
  while (goes_on()) {
    // An end that has begun cuts the pause short: one more attempt is better than none.
    if (ending_ || std::chrono::steady_clock::now() >= retry_.not_before()) return true;
    signals_->wake.wait_until(lock, retry_.not_before());
  }
  return false;
}

ExportResult ExporterWorker::attempt(std::unique_lock<std::mutex>& lock, Views views) noexcept {
  auto deadline = deadline_after(attempt_timeout_);
  is_last_attempt_ = ending_;
  if (ending_) deadline = std::min(deadline, end_deadline_);
  retry_.attempt(std::chrono::steady_clock::now());
  auto const number = retry_.tried();
  ++account_.attempts;
  if (number > 1) ++account_.retries;
  ExportResult result;
  std::string error;
  bool const returned = call_receiver(lock, deadline, error, [&] {
    result = exporter_->export_batch(ExportBatch(views, deadline, number));
  });
  if (std::chrono::steady_clock::now() > deadline) ++account_.timeouts;
  if (returned) return result;
  result = {};
  result.outcome = ExportResult::Outcome::retry;
  result.reason.swap(error);
  return result;
}

void ExporterWorker::note_handed_over(std::size_t count, std::size_t refused) noexcept {
  refused = std::min(refused, count);
  dropped_.refused += refused;
  account_.delivered += count - refused;
  resolved_ += count;
  if (count > refused) account_.last_success = netrun::llm::Clock::now();
}

ExporterWorker::Views ExporterWorker::settle(Views views, ExportResult& result) noexcept {
  if (result.reason.size() > most_error_bytes) {
    result.reason.resize(cut_utf8(result.reason, most_error_bytes).size());
    result.reason.shrink_to_fit();
  }
  if (result.outcome == ExportResult::Outcome::retry) return settle_retry(views, result);
  bool const delivered = result.outcome == ExportResult::Outcome::delivered;
  note_handed_over(views.size(), delivered ? result.refused : views.size());
  if (!delivered || !result.reason.empty()) note_error(result.reason);
  retry_.succeeded();
  return {};
}

ExporterWorker::Views ExporterWorker::settle_retry(Views views, ExportResult& result) noexcept {
  ++account_.failed;
  note_error(result.reason);
  bool progressed = false;
  auto& indexes = result.retry_indexes;
  std::erase_if(indexes, [&](std::size_t index) { return index >= views.size(); });
  std::sort(indexes.begin(), indexes.end());
  indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
  if (!indexes.empty() && indexes.size() < views.size()) {
    try {
      std::vector<LLMRequestView> some;
      some.reserve(indexes.size());
      for (auto const index : indexes) some.push_back(views[index]);
      note_handed_over(views.size() - some.size(), result.refused);
      progressed = true;
      again_.swap(some);
      views = again_;
    } catch (...) {  // no memory: all of them again, which is allowed
    }
  }
  auto const now = std::chrono::steady_clock::now();
  bool may_retry = true;
  if (progressed) {
    retry_.progressed(now, result.retry_after);
  } else {
    may_retry = retry_.failed(now, result.retry_after);
  }
  if (is_last_attempt_) {
    gives_up_ = true;
  } else if (!may_retry && !ending_) {
    dropped_.retry_limit += views.size();
    resolved_ += views.size();
    return {};
  }
  return views;
}

bool ExporterWorker::flush_receiver(Deadline deadline) { return exporter_->flush(deadline); }

void ExporterWorker::shut_receiver_down(Deadline deadline) { exporter_->shutdown(deadline); }

void ExporterWorker::receiver_after_fork() {
  if (exporter_ != nullptr) exporter_->after_fork();  // null: removed before the fork
}

void ExporterWorker::drop_receiver() noexcept {
  std::unique_ptr<Exporter> gone;
  {
    std::lock_guard const guard(mutex_);
    gone.swap(exporter_);
  }
}

CircuitState ExporterWorker::circuit(Deadline now) const noexcept { return retry_.circuit(now); }

}  // namespace netrun::llm::detail
