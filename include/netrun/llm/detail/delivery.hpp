// SPDX-License-Identifier: MIT
// All callbacks and exporters of one collector.
#pragma once

#include <netrun/llm/diagnostics.hpp>
#include <netrun/llm/exporter.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace netrun::llm::detail {

class Core;
class Worker;

class Delivery {
 public:
  Delivery(Core& core, std::chrono::milliseconds interval,
           std::chrono::milliseconds remove_timeout);
  Delivery(Delivery const&) = delete;
  Delivery& operator=(Delivery const&) = delete;
  ~Delivery();

  /// Throws std::invalid_argument when the callback is empty.
  CallbackHandle add(ExportCallback callback);
  /// The same, from a given ticket on.
  CallbackHandle add(ExportCallback callback, std::uint64_t first_ticket);
  /// Throws std::invalid_argument when there is no exporter or an option is out of range.
  ExporterHandle add(std::unique_ptr<Exporter> exporter, ExporterOptions const& options);
  /// Ends a reader at the newest record; returns the ticket from which on another can take over.
  std::uint64_t end_at_newest(CallbackHandle const& handle) noexcept;
  /// Sets how long records may wait for callbacks, and how long remove() waits for any reader.
  void set_times(std::chrono::milliseconds interval,
                 std::chrono::milliseconds remove_timeout) noexcept;
  /// Has the threads look whether there are enough records for a batch. True while one of them is
  /// late, so that it should have a moment before anything is folded.
  bool poke() noexcept;
  [[nodiscard]] bool flush(std::chrono::nanoseconds timeout);
  /// Takes a reader out of use that first gets what it is to have; both by `deadline`.
  void retire(CallbackHandle const& handle, Deadline deadline) noexcept;
  /// Hands over what there is until `drain_until`, and leaves threads behind that have not ended at
  /// `deadline`.
  void shut_down(Deadline drain_until, Deadline deadline) noexcept;
  [[nodiscard]] std::vector<ExportStats> stats() const;
  /// Threads left behind by all collectors.
  [[nodiscard]] static std::uint64_t left_behind() noexcept;

  void before_fork();
  void after_fork_in_parent();
  void after_fork_in_child();
  /// Starts the threads that are not running. Counts a failure in the core.
  void start_threads() noexcept;

 private:
  using Workers = std::vector<std::shared_ptr<Worker>>;
  CallbackHandle insert(std::shared_ptr<Worker> worker);
  void start(Worker& worker) noexcept;
  void sweep() noexcept;
  [[nodiscard]] Workers workers() const;

  Core& core_;
  mutable std::mutex mutex_;  // guards the rest; taken before those of the workers
  Workers workers_, callbacks_;
  std::chrono::milliseconds interval_, remove_timeout_;
  bool shut_down_ = false;
  std::uint64_t callbacks_added_ = 0;
};

}  // namespace netrun::llm::detail
