// SPDX-License-Identifier: MIT
// An exporter that is given batches, again and again until they are settled.
#pragma once

#include <netrun/llm/detail/retry.hpp>
#include <netrun/llm/detail/worker.hpp>

#include <memory>
#include <span>
#include <vector>

namespace netrun::llm::detail {

class ExporterWorker final : public Worker {
 public:
  ExporterWorker(Core& core, WorkerSetup setup, std::unique_ptr<Exporter> exporter,
                 ExporterOptions const& options);

 private:
  using Views = std::span<LLMRequestView const>;

  void hand_over(TakenBatch& batch, std::uint64_t next) noexcept override;
  bool flush_receiver(Deadline deadline) override;
  void shut_receiver_down(Deadline deadline) override;
  void receiver_after_fork() override;
  void drop_receiver() noexcept override;
  [[nodiscard]] CircuitState circuit(Deadline now) const noexcept override;

  [[nodiscard]] bool wait_for_turn(std::unique_lock<std::mutex>& lock) noexcept;
  [[nodiscard]] ExportResult attempt(std::unique_lock<std::mutex>& lock, Views views) noexcept;
  /// Accounts for a result; returns what is still to be delivered.
  [[nodiscard]] Views settle(Views views, ExportResult& result) noexcept;
  [[nodiscard]] Views settle_retry(Views views, ExportResult& result) noexcept;
  void note_handed_over(std::size_t count, std::size_t refused) noexcept;

  std::unique_ptr<Exporter> exporter_;  // the thread's, but for its end
  Retry retry_;
  bool is_last_attempt_ = false;       // it began after the end had
  std::vector<LLMRequestView> again_;  // what is left of a batch that was delivered in part
};

}  // namespace netrun::llm::detail
