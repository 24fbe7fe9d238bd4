// SPDX-License-Identifier: MIT
// What is recorded of a call over HTTP is what the wire said.
#include "support.hpp"
#include "support/catch.hpp"

#include <array>
#include <new>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace netrun::llm;
using namespace netrun::llm::testing;
using chat::Protocol;
using local_provider::LocalProvider;
using local_provider::Outcome;
using local_provider::Tokens;

namespace {

constexpr Tokens some_tokens{.input = 374, .output = 44, .cache_read = 128, .reasoning = 0};

Tokens tokens_of(LLMRequestMetrics const& call) {
  return {.input = call.input_tokens,
          .output = call.output_tokens,
          .cache_read = call.cache_read_tokens,
          .cache_write = call.cache_write_tokens,
          .reasoning = call.reasoning_tokens};
}

Protocol any_protocol() { return GENERATE(Protocol::openai, Protocol::anthropic); }

}  // namespace

TEST_CASE("http: a plain answer is recorded with the counts that the provider sent", "[http]") {
  auto const protocol = any_protocol();
  LocalProvider const provider(quick());
  auto const [answer, record] =
      make_call(provider, protocol, request_of(some_tokens, Outcome::answered, false));
  CHECK(answer.error == "");
  CHECK(record.success);
  CHECK(record.usage_source == UsageSource::reported);
  CHECK((tokens_of(record) == some_tokens));
  CHECK((provider.counts().told == some_tokens));
  CHECK(record.cost_source == CostSource::price_book);
  CHECK(record.model == model_of(protocol));
  CHECK(record.provider == (protocol == Protocol::openai ? "openai" : "anthropic"));
  CHECK_FALSE(record.streaming);
  CHECK_FALSE(record.time_to_first_token_ms);
}

TEST_CASE("http: a stream is recorded with the counts that the provider sent", "[http]") {
  auto const protocol = any_protocol();
  LocalProvider const provider(quick());
  auto const [answer, record] =
      make_call(provider, protocol, request_of(some_tokens, Outcome::answered, true));
  CHECK(answer.error == "");
  CHECK(record.success);
  CHECK(record.usage_source == UsageSource::reported);
  CHECK((tokens_of(record) == some_tokens));
  CHECK(record.cost_source == CostSource::price_book);
  CHECK(record.streaming);
  REQUIRE(record.time_to_first_token_ms);
  CHECK(*record.time_to_first_token_ms <= record.latency_ms);
}

TEST_CASE("http: plain and streamed answers have the same text", "[http]") {
  auto const protocol = any_protocol();
  LocalProvider const provider(quick());
  auto const plain =
      make_call(provider, protocol, request_of(some_tokens, Outcome::answered, false));
  auto const streamed =
      make_call(provider, protocol, request_of(some_tokens, Outcome::answered, true));
  CHECK(plain.answer.text.starts_with("All of this was made up"));
  CHECK(streamed.answer.text == plain.answer.text);
}

TEST_CASE("http: the pieces of a stream make up its text", "[http]") {
  LocalProvider const provider(quick());
  TelemetryCollector collector;
  chat::Client client(collector);
  std::string pieces;
  auto const answer = client.ask(endpoint_of(provider, Protocol::openai), {.model = "gpt-4o"},
                                 request_of(some_tokens, Outcome::answered, true),
                                 [&](std::string_view piece) { pieces += piece; });
  CHECK(answer.text != "");
  CHECK(pieces == answer.text);
}

// Both streams begin with events that have no content, sent when the input is read; the first token
// comes after the hidden ones.
TEST_CASE("http: the first token is the first with content", "[http]") {
  auto const protocol = any_protocol();
  local_provider::Options options{.speed = 1, .pace = {.overhead_ms = 1, .output_per_s = 200}};
  LocalProvider const provider(options);
  Tokens const tokens{.input = 9, .output = 30, .reasoning = 20};
  auto const [answer, record] =
      make_call(provider, protocol, request_of(tokens, Outcome::answered, true));
  REQUIRE(record.time_to_first_token_ms);
  // The provider's delays differ from its pace, down to 0.8 of it.
  CHECK(*record.time_to_first_token_ms >= 0.8 * (1 + 21 * 5.0));
}

TEST_CASE("http: too many requests are a failure without tokens and without cost", "[http]") {
  auto const protocol = any_protocol();
  bool const stream = GENERATE(false, true);
  LocalProvider const provider(quick());
  auto const [answer, record] =
      make_call(provider, protocol, request_of(some_tokens, Outcome::rate_limited, stream));
  CHECK(answer.info.http_status == 429);
  CHECK_THAT(answer.error, Catch::Matchers::ContainsSubstring("rate_limit_error"));
  CHECK_FALSE(record.success);
  CHECK(record.error_type == "rate_limit_error");
  CHECK(record.usage_source == UsageSource::absent);
  CHECK(record.cost_usd == 0);
}

TEST_CASE("http: an error of the server is a failure of its type", "[http]") {
  auto const protocol = any_protocol();
  bool const stream = GENERATE(false, true);
  LocalProvider const provider(quick());
  auto const [answer, record] =
      make_call(provider, protocol, request_of(some_tokens, Outcome::server_error, stream));
  CHECK(answer.info.http_status == 500);
  CHECK_FALSE(record.success);
  CHECK(record.error_type == (protocol == Protocol::openai ? "server_error" : "api_error"));
}

TEST_CASE("http: a stream of OpenAI's kind that is cut has no counts", "[http]") {
  LocalProvider const provider(quick());
  auto const [answer, record] =
      make_call(provider, Protocol::openai, request_of(some_tokens, Outcome::cut, true));
  CHECK(answer.error != "");
  CHECK_FALSE(record.success);
  CHECK(record.error_type == "connection");
  CHECK(record.usage_source == UsageSource::absent);
  CHECK(record.time_to_first_token_ms);
  CHECK_FALSE(answer.info.complete);
}

// Its first event has the input; what was put out by then is all that is known of the output.
TEST_CASE("http: a stream of Anthropic's kind that is cut keeps what it told", "[http]") {
  LocalProvider const provider(quick());
  auto const [answer, record] =
      make_call(provider, Protocol::anthropic, request_of(some_tokens, Outcome::cut, true));
  CHECK(record.error_type == "connection");
  CHECK(record.usage_source == UsageSource::estimated);
  CHECK(record.input_tokens == some_tokens.input);
  CHECK(record.output_tokens == 1);
  CHECK((tokens_of(record) == provider.counts().told));
}

TEST_CASE("http: a plain answer that is cut has no counts", "[http]") {
  auto const protocol = any_protocol();
  LocalProvider const provider(quick());
  auto const [answer, record] =
      make_call(provider, protocol, request_of(some_tokens, Outcome::cut, false));
  CHECK_FALSE(record.success);
  CHECK(record.error_type == "connection");
  CHECK(record.usage_source == UsageSource::absent);
}

TEST_CASE("http: a call that takes too long is a timeout", "[http]") {
  auto const protocol = any_protocol();
  bool const stream = GENERATE(false, true);
  LocalProvider const provider(quick());
  auto const [answer, record] =
      make_call(provider, protocol, request_of(some_tokens, Outcome::silent, stream),
                {.total = std::chrono::milliseconds(150)});
  CHECK(answer.error != "");
  CHECK_FALSE(record.success);
  CHECK(record.error_type == "timeout");
  CHECK(record.usage_source == UsageSource::absent);
  CHECK(record.latency_ms >= 150);
}

TEST_CASE("http: an answer that nobody waits for any more is not counted as one", "[http]") {
  auto const protocol = any_protocol();
  auto options = quick();
  options.speed = 0.001;  // an answer would take minutes
  LocalProvider provider(options);
  auto request = request_of(some_tokens, Outcome::answered, false);
  request.time_limit = std::chrono::milliseconds(150);
  auto const [answer, record] = make_call(provider, protocol, request);
  CHECK(record.error_type == "timeout");
  provider.stop();  // ends the delay of the answer
  CHECK(provider.counts().answered == 0);
  CHECK(provider.counts().gone == 1);
  CHECK((provider.counts().told == Tokens{}));
}

TEST_CASE("http: where nobody listens the connection fails", "[http]") {
  LocalProvider provider(quick());
  provider.stop();
  auto const [answer, record] =
      make_call(provider, Protocol::openai, request_of(some_tokens, Outcome::answered, false));
  CHECK(answer.error != "");
  CHECK(record.error_type == "connection");
  CHECK(record.cost_source == CostSource::manual);
  CHECK(record.cost_usd == 0);
}

TEST_CASE("http: an address that is not of the web is refused, and costs nothing", "[http]") {
  TelemetryCollector collector;
  chat::Client client(collector);
  auto const answer = client.ask(chat::make_endpoint(Protocol::openai, "file:///", ""),
                                 {.model = "gpt-4o"}, {.prompt = "Hello"});
  CHECK(answer.text == "");
  auto const records = collector.snapshot();
  REQUIRE(records.size() == 1);
  CHECK(records.front().error_type == "invalid_url");
  CHECK(records.front().cost_source == CostSource::manual);
}

TEST_CASE("http: an error without a message is its type alone", "[http]") {
  LocalProvider const provider(quick());
  TelemetryCollector collector;
  chat::Client client(collector);
  auto const answer = client.ask(
      chat::make_endpoint(Protocol::openai, provider.anthropic_base_url() + "/nowhere", ""),
      {.model = "gpt-4o"}, {.prompt = "Hello"});
  CHECK(answer.info.http_status == 404);
  CHECK(answer.error == "not_found");
}

TEST_CASE("http: a taker of text that throws ends its call, not the program", "[http]") {
  LocalProvider const provider(quick());
  TelemetryCollector collector;
  chat::Client client(collector);
  auto const answer = client.ask(endpoint_of(provider, Protocol::openai), {.model = "gpt-4o"},
                                 request_of(some_tokens, Outcome::answered, true),
                                 [](std::string_view) { throw std::bad_alloc(); });
  CHECK(answer.error != "");
  auto const records = collector.snapshot();
  REQUIRE(records.size() == 1);
  CHECK(records.front().error_type == "client_error");
}

TEST_CASE("http: what is no request is refused, and recorded as such", "[http]") {
  auto const protocol = any_protocol();
  LocalProvider const provider(quick());
  auto const [answer, record] =
      make_call(provider, protocol, {.prompt = "Hello", .headers = {"x-simulate: in=many"}});
  CHECK(answer.info.http_status == 400);
  CHECK(record.error_type == "invalid_request_error");
  CHECK(provider.counts().refused == 1);
}

TEST_CASE("http: a client serves one call after the other, after failures too", "[http]") {
  LocalProvider const provider(quick());
  TelemetryCollector collector;
  chat::Client client(collector);
  for (auto const outcome : {Outcome::answered, Outcome::cut, Outcome::answered,
                             Outcome::rate_limited, Outcome::answered}) {
    for (auto const protocol : {Protocol::openai, Protocol::anthropic}) {
      client.ask(endpoint_of(provider, protocol), {.model = model_of(protocol)},
                 request_of(some_tokens, outcome, true));
    }
  }
  auto const stats = collector.get_stats("1h");
  CHECK(stats.successful_requests == 6);
  CHECK(stats.failed_requests == 4);
  CHECK(provider.counts().requests == 10);
}

namespace {

/// Random calls by one thread.
void make_calls(LocalProvider const& provider, TelemetryCollector& collector, unsigned seed) {
  std::mt19937 random(seed);
  auto const below = [&](std::uint32_t bound) { return random() % bound; };
  constexpr std::array outcomes{Outcome::answered, Outcome::answered,     Outcome::answered,
                                Outcome::answered, Outcome::rate_limited, Outcome::server_error,
                                Outcome::cut};
  chat::Client client(collector);
  for (int i = 0; i < 60; ++i) {
    auto const protocol = below(2) == 0 ? Protocol::openai : Protocol::anthropic;
    bool const anthropic = protocol == Protocol::anthropic;
    Tokens tokens{.input = 1 + below(5'000), .output = 1 + below(300)};
    tokens.cache_read = below(static_cast<std::uint32_t>(tokens.input));
    if (anthropic) {
      tokens.cache_write = below(static_cast<std::uint32_t>(tokens.input - tokens.cache_read + 1));
    }
    tokens.reasoning = below(static_cast<std::uint32_t>(tokens.output));
    client.ask(endpoint_of(provider, protocol), {.model = model_of(protocol)},
               request_of(tokens, outcomes[below(outcomes.size())], below(2) == 0));
  }
}

}  // namespace

TEST_CASE("http: over many calls of many threads both sides count the same", "[http]") {
  LocalProvider provider(quick());
  TelemetryCollector collector;
  std::vector<std::thread> threads;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&, seed] { make_calls(provider, collector, seed); });
  }
  for (auto& thread : threads) thread.join();
  provider.stop();

  auto const counts = provider.counts();
  auto const stats = collector.get_stats("1h");
  auto const errors = [&](char const* type) {
    auto const found = stats.errors_by_type.find(type);
    return found == stats.errors_by_type.end() ? 0 : found->second;
  };
  CHECK(counts.requests == 240);
  CHECK(stats.total_requests == counts.requests);
  CHECK(stats.successful_requests == counts.answered);
  CHECK(errors("rate_limit_error") == counts.rate_limited);
  CHECK(errors("server_error") + errors("api_error") == counts.server_errors);
  CHECK(errors("connection") == counts.cut);
  CHECK(stats.total_input_tokens == counts.told.input);
  CHECK(stats.total_output_tokens == counts.told.output);
  CHECK(stats.total_cache_read_tokens == counts.told.cache_read);
  CHECK(stats.total_cache_write_tokens == counts.told.cache_write);
  CHECK(stats.total_reasoning_tokens == counts.told.reasoning);
}
