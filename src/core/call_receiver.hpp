// SPDX-License-Identifier: MIT
// Running somebody else's code from a worker.
#pragma once

#include <netrun/llm/detail/utf8.hpp>
#include <netrun/llm/detail/worker.hpp>

#include <exception>
#include <mutex>
#include <string>
#include <thread>

namespace netrun::llm::detail {

/// Most bytes of an error's text that are kept.
inline constexpr std::size_t most_error_bytes = 1'000;

template <class Call>
bool Worker::call_receiver(std::unique_lock<std::mutex>& lock, Deadline until, std::string& error,
                           Call&& call) noexcept {
  calling_ = std::this_thread::get_id();
  call_until_ = until;
  lock.unlock();
  bool failed = false;
  try {
    call();
  } catch (std::exception const& thrown) {
    failed = true;
    try {
      if (char const* const text = thrown.what()) error = cut_utf8(text, most_error_bytes);
      if (error.empty()) error = "unnamed error";
    } catch (...) {  // no memory for the text; the failure counts all the same
    }
  } catch (...) {
    failed = true;
    error = "unknown type";  // short enough to need no memory
  }
  lock.lock();
  calling_ = {};
  // In the child of a fork within the call, another thread may be waiting for its end.
  signals_->wake.notify_all();
  return !failed;
}

}  // namespace netrun::llm::detail
