// SPDX-License-Identifier: MIT
// Coroutines of Asio: calls that overlap on one thread, one that runs out of time, one left behind.
//
// Output:
//   acme     success    1500 tokens  $0.007500
//   globex   success    2300 tokens  $0.008000
//   initech  cancelled     0 tokens  $0.000000
//   umbrella abandoned     0 tokens  $0.000000
#include <netrun/llm/telemetry.hpp>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <chrono>
#include <string>

using namespace netrun::llm;
using namespace std::chrono_literals;

namespace {

asio::awaitable<void> wait(std::chrono::milliseconds length) {
  asio::steady_timer timer(co_await asio::this_coro::executor, length);
  co_await timer.async_wait(asio::use_awaitable);
}

// Stands for the LLM client that you have.
struct Answer {
  std::string text;
  int input_tokens, output_tokens;
};
struct Client {
  std::chrono::milliseconds speed;
  int input_tokens, output_tokens;
  asio::awaitable<Answer> complete(std::string) const {
    co_await wait(speed);
    co_return Answer{"Bonjour", input_tokens, output_tokens};
  }
};

// The coroutine owns the client and the names: nothing here need outlive the call of this.
asio::awaitable<std::string> ask(Client client, std::string const& tenant) {
  return get_collector().track_async(
      {.provider = "openai", .model = "gpt-4o", .tenant_id = tenant},
      [client](RequestTracker& tracker) -> asio::awaitable<std::string> {
        auto answer = co_await client.complete("Translate to French: Hello");
        tracker.set_tokens(answer.input_tokens, answer.output_tokens);
        co_return answer.text;
      });
}

asio::awaitable<void> ask_with_time_limit(Client client, std::string tenant) {
  using namespace asio::experimental::awaitable_operators;
  co_await (ask(client, tenant) || wait(100ms));  // who is later is cancelled
}

}  // namespace

int main() {
  {
    asio::io_context context;
    asio::co_spawn(context, ask({20ms, 1'000, 500}, "acme"), asio::detached);
    asio::co_spawn(context, ask({60ms, 2'000, 300}, "globex"), asio::detached);
    asio::co_spawn(context, ask_with_time_limit({1h, 0, 0}, "initech"), asio::detached);
    asio::co_spawn(context, ask({1h, 0, 0}, "umbrella"), asio::detached);
    while (get_collector().size() < 3) context.run_one();
  }  // what still waits is destroyed with the context
  for (auto const& call : get_collector().snapshot()) {
    fmt::print("{:<8} {:<9} {:>5} tokens  ${:.6f}\n", call.tenant_id,
               call.error_type.value_or("success"), call.total_tokens, call.cost_usd);
  }
}
