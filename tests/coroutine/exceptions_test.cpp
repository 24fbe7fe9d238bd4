// SPDX-License-Identifier: MIT
// track_async and exceptions: how they are named, and which of them are a cancellation.
#include "support/calls.hpp"
#include "support/catch.hpp"
#include "support/task.hpp"

#include <cerrno>
#include <exception>
#include <stdexcept>
#include <string>
#include <system_error>

using namespace netrun::llm;
using namespace netrun::llm::testing;

// What Boost throws, without Boost: the library knows it by its name.
namespace boost {
namespace system {
struct system_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};
}  // namespace system
template <class E>
struct wrapexcept : E {
  using E::E;
};
}  // namespace boost

namespace {

// As libraries call them, and what they say.
struct OperationCancelled : std::exception {
  [[nodiscard]] char const* what() const noexcept override { return "gave up"; }
};
struct operation_cancelled {};
struct NotOperationCancelled {};

/// The record of a call that throws `exception`.
template <class E>
LLMRequestMetrics call_that_throws(E exception) {
  TelemetryCollector collector;
  auto task = collector.track_async({.provider = "openai"}, [&](RequestTracker&) -> Task<int> {
    throw exception;
    co_return 0;
  });
  task.start();
  REQUIRE(task.done());
  CHECK_THROWS_AS(task.result(), E);
  return only_call(collector);
}

}  // namespace

TEST_CASE("track_async: an exception is recorded with its type and text and goes on") {
  auto const call = call_that_throws(std::invalid_argument("no such model"));
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "std::invalid_argument");
  CHECK(call.error_message == "no such model");
}

TEST_CASE("track_async: an exception that is no std::exception is recorded with its type") {
  CHECK(call_that_throws(42).error_type == "int");
  CHECK(call_that_throws(std::string("text")).error_type ==
        "std::basic_string<char, std::char_traits<char>, std::allocator<char> >");
}

TEST_CASE("track_async: a system_error of operation_canceled is a cancellation") {
  auto const call =
      call_that_throws(std::system_error(std::make_error_code(std::errc::operation_canceled)));
  CHECK_FALSE(call.success);
  CHECK(call.error_type == "cancelled");
  CHECK(call.error_message == "Operation canceled");
}

TEST_CASE("track_async: a cancellation in the words of the system is one too") {
  std::error_code const code(ECANCELED, std::system_category());
  CHECK(call_that_throws(std::system_error(code, "read")).error_type == "cancelled");
  CHECK(call_that_throws(std::system_error(code, "read")).error_message ==
        "read: Operation canceled");
}

TEST_CASE("track_async: another system_error is an error") {
  auto const call =
      call_that_throws(std::system_error(std::make_error_code(std::errc::connection_reset)));
  CHECK(call.error_type == "std::system_error");
}

TEST_CASE("track_async: types that are called a cancellation are one") {
  CHECK(call_that_throws(OperationCancelled()).error_type == "cancelled");
  CHECK(call_that_throws(OperationCancelled()).error_message == "gave up");
  CHECK(call_that_throws(operation_cancelled()).error_type == "cancelled");
  CHECK_FALSE(call_that_throws(operation_cancelled()).error_message.has_value());
  CHECK(call_that_throws(NotOperationCancelled()).error_type != "cancelled");
}

TEST_CASE("track_async: Boost's operation_aborted is a cancellation") {
  auto const* const text =
      GENERATE("Operation canceled", "read: Operation canceled", "Operation canceled [system:125]",
               "Operation canceled [system:125 at asio/steady_timer.hpp:350 in function 'wait']",
               "cancelled [generic:125]");
  CHECK(call_that_throws(boost::system::system_error(text)).error_type == "cancelled");
  CHECK(call_that_throws(boost::wrapexcept<boost::system::system_error>(text)).error_type ==
        "cancelled");
}

TEST_CASE("track_async: another error of Boost is an error") {
  auto const* const text =
      GENERATE("End of file [asio.misc:2]", "Broken pipe [system:32]", "unknown [system:1250]");
  CHECK(call_that_throws(boost::system::system_error(text)).error_type ==
        "boost::system::system_error");
}
