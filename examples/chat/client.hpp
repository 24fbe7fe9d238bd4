// SPDX-License-Identifier: MIT
// A small chat client over libcurl whose calls are tracked: a pattern for wrapping your own.
#pragma once

#include "chat/endpoint.hpp"
#include <netrun/llm/response_reader.hpp>
#include <netrun/llm/telemetry.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

/// Time limits of a call.
struct Limits {
  std::chrono::milliseconds connect{10'000};  ///< Until the connection is there.
  std::chrono::milliseconds total{600'000};   ///< Until the answer is complete.
};

struct Request {
  std::string_view prompt;
  bool stream = false;
  std::uint64_t max_output_tokens = 0;  ///< 0: as many as the model likes (Anthropic: 4,096).
  std::vector<std::string> headers{};   ///< Further ones, as "Name: value".
  /// Until the answer is complete; absent: as all calls of the client.
  std::optional<std::chrono::milliseconds> time_limit{};
};

struct Answer {
  std::string text;
  std::string error;               ///< Why the call failed; empty when it did not.
  netrun::llm::ResponseInfo info;  ///< What the response said: tokens, model and more.
};

/// Asks models, and has every call recorded.
///
/// Thread safety: one thread at a time. Give every thread a client of its own: it keeps its
/// connections open between calls.
/// Lifetime: the collector must outlive it.
class Client {
 public:
  /// Throws std::runtime_error when libcurl has no handle to give.
  explicit Client(netrun::llm::TelemetryCollector& collector, Limits limits = {});

  /// Asks, and waits for the answer. `call` says which model, and for whom; an empty provider
  /// becomes that of the endpoint. Of a stream `on_text` is given each piece as it comes; when it
  /// throws, the call fails as client_error. One attempt, one record: whoever tries again calls
  /// this again.
  Answer ask(Endpoint const& endpoint, netrun::llm::CallInfo call, Request const& request,
             std::function<void(std::string_view)> on_text = {});

 private:
  struct Free {
    void operator()(void* curl) const noexcept;
  };
  netrun::llm::TelemetryCollector& collector_;
  Limits limits_;
  std::unique_ptr<void, Free> curl_;  // CURL is another name for void
};

}  // namespace chat
