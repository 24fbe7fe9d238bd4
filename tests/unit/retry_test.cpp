// SPDX-License-Identifier: MIT
// Backoff and circuit breaker, on a clock that is only numbers.
#include "support/catch.hpp"
#include <netrun/llm/detail/retry.hpp>

#include <stdexcept>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::detail;
using namespace std::chrono_literals;

namespace {

ExporterOptions const options{.retry_delay = 100ms,
                              .retry_max_delay = 1'000ms,
                              .retry_limit = 10s,
                              .circuit_failures = 4,
                              .circuit_pause = 5s};
Deadline const start{1h};

/// Pauses after failures that follow each other as soon as they may.
std::vector<std::chrono::nanoseconds> pauses(Retry& retry, int count) {
  std::vector<std::chrono::nanoseconds> all;
  auto now = start;
  for (int i = 0; i < count; ++i) {
    retry.attempt(now);
    (void)retry.failed(now, {});
    all.push_back(retry.not_before() - now);
    now = retry.not_before();
  }
  return all;
}

}  // namespace

TEST_CASE("retry: each pause is between a half and the whole of twice the one before") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Retry retry({.retry_delay = 100ms, .retry_max_delay = 1'000ms, .circuit_failures = 100}, seed);
    std::chrono::milliseconds whole = 100ms;
    for (auto const pause : pauses(retry, 8)) {
      CHECK(pause >= whole / 2);
      CHECK(pause <= whole);
      whole = std::min<std::chrono::milliseconds>(whole * 2, 1'000ms);
    }
  }
}

TEST_CASE("retry: two exporters do not wait for the same time") {
  Retry one(options, 1);
  Retry other(options, 2);
  CHECK(pauses(one, 3) != pauses(other, 3));
}

TEST_CASE("retry: a receiver that asks for a longer pause gets it") {
  Retry retry(options, 1);
  retry.attempt(start);
  CHECK(retry.failed(start, 7s));
  CHECK(retry.not_before() == start + 7s);
}

TEST_CASE("retry: a receiver that asks for a shorter pause does not shorten ours") {
  Retry retry(options, 1);
  retry.attempt(start);
  CHECK(retry.failed(start, 0ms));
  CHECK(retry.not_before() >= start + 50ms);
}

TEST_CASE("retry: a receiver that asks for a day stops the exporter for an hour at most") {
  Retry retry(options, 1);
  retry.attempt(start);
  CHECK_FALSE(retry.failed(start, 24h));
  CHECK(retry.not_before() == start + 1h);
}

TEST_CASE("retry: a batch is given up when its next attempt would come after the limit") {
  Retry retry(options, 1);
  retry.begin_batch();
  retry.attempt(start);
  CHECK(retry.failed(start, {}));
  retry.attempt(start + 9'000ms);
  CHECK(retry.failed(start + 9'000ms, {}));
  retry.attempt(start + 9'900ms);
  CHECK_FALSE(retry.failed(start + 9'900ms, {}));
}

TEST_CASE("retry: the limit of the next batch begins with its own first attempt") {
  Retry retry(options, 1);
  retry.begin_batch();
  retry.attempt(start);
  CHECK_FALSE(retry.failed(start + 10s, {}));
  retry.begin_batch();
  retry.attempt(start + 20s);
  CHECK(retry.failed(start + 20s, {}));
  CHECK(retry.tried() == 1);
}

TEST_CASE("retry: a receiver that asks for a pause in the past gets ours") {
  Retry retry(options, 1);
  retry.attempt(start);
  CHECK(retry.failed(start, std::chrono::milliseconds::min()));
  CHECK(retry.not_before() >= start + 50ms);
  CHECK(retry.not_before() <= start + 100ms);
}

TEST_CASE("retry: progress begins limit and pauses anew and leaves the circuit closed") {
  Retry retry(options, 1);
  retry.begin_batch();
  auto now = start;
  for (int i = 0; i < 20; ++i) {
    retry.attempt(now);
    retry.progressed(now, {});
    CHECK(retry.not_before() <= now + 100ms);
    CHECK(retry.circuit(now) == CircuitState::closed);
    now += 9s;
  }
  retry.attempt(now);
  CHECK(retry.failed(now, {}));
}

TEST_CASE("retry: a limit of 0 allows one attempt") {
  Retry retry({.retry_limit = 0ms}, 1);
  retry.attempt(start);
  CHECK_FALSE(retry.failed(start, {}));
}

TEST_CASE("circuit: opens after so many failures in a row whatever the batch") {
  Retry retry(options, 1);
  for (int i = 0; i < 4; ++i) {
    CHECK(retry.circuit(start) == CircuitState::closed);
    retry.begin_batch();
    retry.attempt(start);
    (void)retry.failed(start, {});
  }
  CHECK(retry.circuit(start) == CircuitState::open);
  CHECK(retry.not_before() == start + 5s);
}

TEST_CASE("circuit: is half open when the pause is over and opens again at a failure") {
  Retry retry(options, 1);
  auto const times = pauses(retry, 4);
  auto const later = retry.not_before();
  CHECK(retry.circuit(later - 1ns) == CircuitState::open);
  CHECK(retry.circuit(later) == CircuitState::half_open);
  retry.attempt(later);
  (void)retry.failed(later, {});
  CHECK(retry.circuit(later) == CircuitState::open);
  CHECK(retry.not_before() == later + 5s);
}

TEST_CASE("circuit: closes at a success and the pauses begin anew") {
  Retry retry(options, 1);
  (void)pauses(retry, 6);
  retry.succeeded();
  CHECK(retry.circuit(start) == CircuitState::closed);
  CHECK(retry.not_before() <= start);
  retry.begin_batch();
  retry.attempt(start);
  CHECK(retry.failed(start, {}));
  CHECK(retry.not_before() <= start + 100ms);
}

TEST_CASE("exporter options: a value out of range is refused and quoted") {
  auto const refuses = [](ExporterOptions const& wrong, std::string const& text) {
    CHECK_THROWS_WITH(check_options(wrong), Catch::Matchers::ContainsSubstring(text));
    CHECK_THROWS_AS(check_options(wrong), std::invalid_argument);
  };
  refuses({.max_batch_size = 0}, "max_batch_size must be from 1 to 100000, got 0");
  refuses({.max_batch_size = 100'001}, "got 100001");
  refuses({.max_batch_delay = 0ms}, "max_batch_delay must be at least 1 ms, got 0 ms");
  refuses({.attempt_timeout = -5ms}, "attempt_timeout must be at least 1 ms, got -5 ms");
  refuses({.retry_delay = 0ms}, "retry_delay");
  refuses({.retry_max_delay = 0ms}, "retry_max_delay");
  refuses({.retry_limit = -1ms}, "retry_limit must be at least 0 ms");
  refuses({.circuit_failures = 0}, "circuit_failures");
  refuses({.circuit_pause = 0ms}, "circuit_pause");
  CHECK_NOTHROW(check_options({}));
}

TEST_CASE("exporter options: pauses without end can be computed with") {
  Retry retry({.retry_delay = std::chrono::milliseconds::max(),
               .retry_max_delay = std::chrono::milliseconds::max(),
               .retry_limit = std::chrono::milliseconds::max(),
               .circuit_failures = 1,
               .circuit_pause = std::chrono::milliseconds::max()},
              1);
  retry.attempt(start);
  CHECK(retry.failed(start, std::chrono::milliseconds::max()));
  CHECK(retry.not_before() > start + 24h);
  CHECK(retry.circuit(start) == CircuitState::open);
}
