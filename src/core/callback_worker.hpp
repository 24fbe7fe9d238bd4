// SPDX-License-Identifier: MIT
// A callback that is given one record after the other.
#pragma once

#include <netrun/llm/detail/worker.hpp>

namespace netrun::llm::detail {

class CallbackWorker final : public Worker {
 public:
  CallbackWorker(Core& core, WorkerSetup setup, ExportCallback callback)
      : Worker(core, std::move(setup)), callback_(std::move(callback)) {}

 private:
  void hand_over(TakenBatch& batch, std::uint64_t next) noexcept override;
  void drop_receiver() noexcept override;

  ExportCallback callback_;
};

}  // namespace netrun::llm::detail
